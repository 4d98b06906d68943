"""The words of the graph for those who write queries and styles: names that were issued, and those that would be."""

from __future__ import annotations

from collections.abc import Mapping

from registry.rdf.terms import Iri
from registry.stores.neo4j.naming import Name, Names


class Words:
    """Labels and relationship types of a model's terms, also of those that nobody has used yet."""

    def __init__(self, issued: Names, known: Mapping[Iri, str]) -> None:
        """``known`` holds the short names of the model, from which new names are made."""
        self._names = issued.copy()
        self._names.issue(sorted(known), known)

    def label(self, iri: Iri) -> str:
        """The label of a class."""
        return self._name(iri).name

    def relationship_type(self, iri: Iri) -> str:
        """The relationship type of an object property."""
        return self._name(iri).type

    def property_key(self, iri: Iri) -> str:
        """The key under which a node has the values of a property."""
        return self._name(iri).name

    def _name(self, iri: Iri) -> Name:
        found = self._names.get(iri)
        assert found is not None, iri
        return found
