"""The words of a model, made from its short names in the simplest way that a property graph allows."""

from __future__ import annotations

from dataclasses import dataclass

from registry.ontology.names import Names
from registry.rdf.terms import Iri


@dataclass(frozen=True)
class PlainWords:
    """Labels are the names, relationship types the names in capitals."""

    names: Names

    def label(self, iri: Iri) -> str:
        return self.names.name(iri)

    def relationship_type(self, iri: Iri) -> str:
        return self.names.name(iri).upper()
