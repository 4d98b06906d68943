"""What a property is for: whether it takes links or literals, and which classes it belongs to.

A property says so in the active model. Of the vocabularies that every model may use without loading them, their own
definitions say it: RDF Schema 1.1 (section 5.4), OWL 2, SKOS (sections 5, 6 and 7) and the DCMI terms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import NamedTuple

from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Iri, Term, is_blank
from registry.rdf.vocabulary import (
    DCTERMS,
    OWL,
    RDF,
    RDF_TYPE,
    RDFS,
    RDFS_SUB_PROPERTY_OF,
    SKOS,
    XSD,
)


class Takes(Enum):
    """What values a property has."""

    ANYTHING = "anything"
    LINKS = "links"
    LITERALS = "literals"


class Usage(NamedTuple):
    """What is known of the use of a property.

    ``is_known`` says that the model declares it, ``is_link`` that what it leads to has to be there. A subject has to
    be of a class of each member of ``within``; ``domains`` names these as they were declared.
    """

    takes: Takes = Takes.ANYTHING
    is_known: bool = False
    is_link: bool = False
    within: tuple[frozenset[Iri], ...] = ()
    domains: tuple[Iri, ...] = ()


class Declared(NamedTuple):
    """What the ontologies of a model say of properties, as far as their use depends on it."""

    graph: MemoryGraph
    known: Iterable[Iri]
    links: frozenset[Iri]
    own: frozenset[Iri]
    """Annotation properties that are ours to say the use of."""
    subclasses: Callable[[Iri], frozenset[Iri]]


TEXTS = frozenset(
    {RDFS + "label", RDFS + "comment", OWL + "versionInfo", SKOS + "notation"}
    | {SKOS + name for name in ("prefLabel", "altLabel", "hiddenLabel")}
    | {
        DCTERMS + name
        for name in (
            "alternative", "available", "bibliographicCitation", "created", "date", "dateAccepted", "dateCopyrighted",
            "dateSubmitted", "identifier", "issued", "modified", "title", "valid",
        )
    }
)  # fmt: skip
"""Properties of vocabularies that need not be loaded, whose own definitions give them literals only."""

_OPEN = frozenset({RDFS + "seeAlso", RDFS + "isDefinedBy"})
"""Annotation properties that lead to resources by their own definition."""

_OBJECT, _DATATYPE, _ANNOTATION = (OWL + kind + "Property" for kind in ("Object", "Datatype", "Annotation"))
_DOMAIN, _RANGE = RDFS + "domain", RDFS + "range"
_EVERYTHING = frozenset({OWL + "Thing", RDFS + "Resource"})
_LITERAL_RANGES = frozenset({RDFS + "Literal", RDF + "langString", RDF + "PlainLiteral", RDFS + "Datatype"})


def usages(declared: Declared) -> Mapping[Iri, Usage]:
    """The use of every property that the model or a standard vocabulary speaks of."""
    found = {iri: Usage(Takes.LITERALS) for iri in TEXTS}
    for iri in declared.known:
        within, domains = _within(declared, iri)
        found[iri] = Usage(_takes(declared, iri), True, iri in declared.links, within, domains)
    found[RDF_TYPE] = Usage(Takes.LINKS, True)
    return found


def _takes(declared: Declared, iri: Iri) -> Takes:
    """One that is declared to be of several kinds is free, since nobody can say which one is meant."""
    kinds = {kind for kind in (_OBJECT, _DATATYPE, _ANNOTATION) if kind in declared.graph.objects(iri, RDF_TYPE)}
    if kinds == {_OBJECT}:
        return Takes.LINKS
    if kinds == {_DATATYPE}:
        return Takes.LITERALS
    if kinds <= {_ANNOTATION} and _is_text(declared, iri):
        return Takes.LITERALS
    return Takes.ANYTHING


def _is_text(declared: Declared, iri: Iri) -> bool:
    """Whether an annotation is a text: its range or that of one above it says so, or ours says nothing else."""
    above, waiting = {iri}, [iri]
    while waiting:
        for wider in declared.graph.objects(waiting.pop(), RDFS_SUB_PROPERTY_OF):
            if isinstance(wider, str) and wider not in above:
                above.add(wider)
                waiting.append(wider)
    if above & TEXTS:
        return True
    ranges = [found for wider in above for found in declared.graph.objects(wider, _RANGE)]
    if ranges:
        return all(_is_datatype(declared, found) for found in ranges)
    return iri in declared.own and above.isdisjoint(_OPEN)


def _is_datatype(declared: Declared, found: Term) -> bool:
    return isinstance(found, str) and (
        found.startswith(XSD)
        or found in _LITERAL_RANGES
        or RDFS + "Datatype" in declared.graph.objects(found, RDF_TYPE)
    )


def _within(declared: Declared, iri: Iri) -> tuple[tuple[frozenset[Iri], ...], tuple[Iri, ...]]:
    """The classes of each domain with those below them; a domain that is no class and no union of some is passed."""
    within, names = list[frozenset[Iri]](), list[Iri]()
    for domain in declared.graph.objects(iri, _DOMAIN):
        classes = _classes(declared.graph, domain)
        if classes and _EVERYTHING.isdisjoint(classes):
            within.append(frozenset(below for found in classes for below in declared.subclasses(found)))
            names += classes
    return tuple(within), tuple(names)


def _classes(graph: MemoryGraph, domain: Term) -> list[Iri]:
    if not isinstance(domain, str):
        return []
    if not is_blank(domain):
        return [domain]
    head = graph.value(domain, OWL + "unionOf")
    try:
        members = graph.items(head) if head is not None else ()
    except ValueError:
        return []
    named = [member for member in members if isinstance(member, str) and not is_blank(member)]
    return named if len(named) == len(members) else []
