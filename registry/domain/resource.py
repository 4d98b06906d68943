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
        values = self.statements.get(predicate)
        return values[0] if values else None

    @property
    def classes(self) -> Sequence[Iri]:
        """The asserted types."""
        return [term for term in self.statements.get(RDF_TYPE, ()) if type(term) is str]

    @property
    def name(self) -> str:
        """What to call it: an English or untagged label, any label, or the local name of its IRI."""
        any_label: Literal | None = None
        for predicate in NAME_PROPERTIES:
            for term in self.statements.get(predicate, ()):
                if isinstance(term, Literal):
                    if term.language in ("", "en"):
                        return term.lexical
                    any_label = any_label or term
        return local_name(self.iri) if any_label is None else any_label.lexical

    def triples(self) -> Iterator[Statement]:
        """Its statements, one by one."""
        for predicate, values in self.statements.items():
            for value in values:
                yield self.iri, predicate, value
