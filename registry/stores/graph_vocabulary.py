"""The words that the graph in Neo4j uses: which label a class has, which relationship type a property."""

from __future__ import annotations

from typing import Protocol

from registry.rdf.terms import Iri

NODE_LABEL = "_Node"
"""Every resource has it."""

INTERNAL_LABELS = {
    "_Archive": "{kind}",
    "_Counter": "{id}",
    "_Entry": "{position}",
    "_Gone": "{iri}",
    "_Key": "{key}",
    "_Place": "{iri}",
    "_Touch": "{position}",
    "_Words": "{words}",
}
"""What the record keeps beside the resources, and what such a node is called in Browser."""


class Vocabulary(Protocol):
    """The names that were issued, as the record writes them."""

    def label(self, iri: Iri) -> str:
        """The label of a class."""

    def relationship_type(self, iri: Iri) -> str:
        """The relationship type of an object property."""

    def property_key(self, iri: Iri) -> str:
        """The key under which a node has the values of a property."""
