"""A resource as it is read: its outgoing statements and its revision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from registry.rdf.terms import Iri, Literal, Statement, Term, local_name
from registry.rdf.vocabulary import RDF_TYPE, RDFS_LABEL, SKOS_PREF_LABEL

NOTHING: Mapping[Iri, Sequence[Term]] = MappingProxyType({})
NAME_PROPERTIES = (RDFS_LABEL, SKOS_PREF_LABEL)


@dataclass(frozen=True, slots=True)
class Resource:
    """Any node of the graph that has an IRI and says something.

    ``revision`` counts the writes that touched it, from 1. ``created_at`` and ``updated_at`` are xsd:dateTime
    texts in UTC. ``statements`` maps a predicate to its values, in the order they were added.
    """

    iri: Iri
    statements: Mapping[Iri, Sequence[Term]]
    revision: int = 0
    created_at: str = ""
    updated_at: str = ""

    def values(self, predicate: Iri) -> Sequence[Term]:
        """The values of a predicate, none for one that is not stated."""
        return self.statements.get(predicate, ())

    def value(self, predicate: Iri) -> Term | None:
        """The first value of a predicate, or None."""
        return next(iter(self.values(predicate)), None)

    @property
    def classes(self) -> Sequence[Iri]:
        """The asserted types."""
        return [term for term in self.values(RDF_TYPE) if isinstance(term, str)]

    @property
    def name(self) -> str:
        """What to call it: an English or untagged label, any label, or the local name of its IRI."""
        labels = [term for predicate in NAME_PROPERTIES for term in self.values(predicate) if isinstance(term, Literal)]
        labels.sort(key=lambda label: label.language not in ("", "en"))
        return labels[0].lexical if labels else local_name(self.iri)

    def triples(self) -> Iterator[Statement]:
        """Its statements, one by one."""
        for predicate, values in self.statements.items():
            for value in values:
                yield self.iri, predicate, value
