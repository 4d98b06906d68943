"""A resource as it is read: its outgoing statements and its revision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from registry.rdf.languages import chosen
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
        """What to call it where nobody says in which language: its `label`, or the local name of its IRI."""
        label = self.label()
        return local_name(self.iri) if label is None else label[1].lexical

    def label(self, languages: Sequence[str] = ()) -> tuple[Iri, Literal] | None:
        """The label that a reader of these languages sees, the most wanted first, with its property.

        Without one of theirs: the English one, else one without a language, else the first by language. Which it is
        does not hang on the order in which labels were stated.
        """
        other: tuple[Iri, Literal] | None = None
        stated: list[tuple[Iri, Literal]] = []
        for predicate in NAME_PROPERTIES:
            plain: tuple[Iri, Literal] | None = None
            for term in self.statements.get(predicate, ()):
                if isinstance(term, Literal):
                    found = predicate, term
                    if languages:
                        stated.append(found)
                    elif term.language == "en":
                        return found
                    elif not term.language:
                        plain = plain or found
                    elif other is None or term.language < other[1].language:
                        other = found
            if plain is not None:
                return plain
        if not languages:
            return other
        wanted = chosen([term for _, term in stated], languages)
        return next((found for found in stated if found[1] is wanted), None) or self.label()

    @property
    def has_languages(self) -> bool:
        """Whether some label is in a language, so that readers may see different names."""
        labels = (term for predicate in NAME_PROPERTIES for term in self.statements.get(predicate, ()))
        return any(isinstance(term, Literal) and term.language for term in labels)

    def triples(self) -> Iterator[Statement]:
        """Its statements, one by one."""
        for predicate, values in self.statements.items():
            for value in values:
                yield self.iri, predicate, value
