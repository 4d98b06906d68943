"""What one check reads of a graph, read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from registry.rdf.terms import Iri, Term
from registry.shacl import budget
from registry.shacl.graph import Graph

_READING = 20
"""Steps of the budget that reading from a store is worth."""


class Neighbourhood:
    """A graph that remembers what was read of it, for as long as one check lasts: shapes ask again and again."""

    __slots__ = ("_graph", "_outgoing", "_sources", "is_pointed_at", "superclasses")

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._outgoing: dict[Iri, Mapping[Iri, Sequence[Term]]] = {}
        self._sources: dict[tuple[Term, Iri, int | None], Sequence[Iri]] = {}
        self.superclasses = graph.superclasses
        self.is_pointed_at = graph.is_pointed_at

    def outgoing(self, node: Iri) -> Mapping[Iri, Sequence[Term]]:
        """What a node says, by predicate."""
        found = self._outgoing.get(node)
        if found is None:
            budget.spend(_READING)
            found = self._outgoing[node] = self._graph.outgoing(node)
        return found

    def sources(self, target: Term, predicate: Iri, limit: int | None = None) -> Sequence[Iri]:
        """Who points at a term with a predicate."""
        asked = (target, predicate, limit)
        found = self._sources.get(asked)
        if found is None:
            budget.spend(_READING)
            found = self._sources[asked] = self._graph.sources(target, predicate, limit)
        return found


SAMPLED = 100


class Sample:
    """A graph that shows only some of those who point at a node, so that a hub can be looked at: `SAMPLED` of them."""

    __slots__ = ("_graph", "is_pointed_at", "outgoing", "superclasses")

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.outgoing = graph.outgoing
        self.superclasses = graph.superclasses
        self.is_pointed_at = graph.is_pointed_at

    def sources(self, target: Term, predicate: Iri, limit: int | None = None) -> Sequence[Iri]:
        """Some of those who point at a term with a predicate."""
        return self._graph.sources(target, predicate, SAMPLED if limit is None else limit)
