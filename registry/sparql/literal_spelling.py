"""How Oxigraph spells a literal: it keeps numbers, times and the like as values and writes each in one way."""

from __future__ import annotations

from functools import lru_cache

import pyoxigraph as ox

from registry.rdf.oxigraph import to_oxigraph
from registry.rdf.terms import Literal
from registry.rdf.vocabulary import XSD_STRING

_ANY = ox.NamedNode("urn:any")


class Spelling:
    """Asks a store in memory, because only a store rewrites: ``"01"^^xsd:byte`` comes back as ``1``. Single thread."""

    def __init__(self) -> None:
        self._scratch = ox.Store()
        self.canonical = lru_cache(maxsize=16_384)(self._canonical)

    def same(self, one: Literal, other: Literal) -> bool:
        """Whether two literals are one for Oxigraph."""
        if one == other:
            return True
        if XSD_STRING in (one.datatype, other.datatype):
            return False
        return self.canonical(one) == self.canonical(other)

    def _canonical(self, literal: Literal) -> ox.Literal:
        quad = ox.Quad(_ANY, _ANY, to_oxigraph(literal))
        self._scratch.add(quad)
        stored = next(iter(self._scratch))
        self._scratch.remove(stored)
        assert isinstance(stored.object, ox.Literal)
        return stored.object
