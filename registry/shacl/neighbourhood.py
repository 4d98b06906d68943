"""What one check reads of a graph, read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from registry.rdf.terms import Iri, Term
from registry.shacl.graph import Graph


class Neighbourhood:
    """A graph that remembers what was read of it, for as long as one check lasts: shapes ask again and again."""

    __slots__ = ("_graph", "_outgoing", "_sources", "superclasses")

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._outgoing: dict[Iri, Mapping[Iri, Sequence[Term]]] = {}
        self._sources: dict[tuple[Term, Iri], Sequence[Iri]] = {}
        self.superclasses = graph.superclasses

    def outgoing(self, node: Iri) -> Mapping[Iri, Sequence[Term]]:
        """What a node says, by predicate."""
        found = self._outgoing.get(node)
        if found is None:
            found = self._outgoing[node] = self._graph.outgoing(node)
        return found

    def sources(self, target: Term, predicate: Iri) -> Sequence[Iri]:
        """Who points at a term with a predicate."""
        found = self._sources.get((target, predicate))
        if found is None:
            found = self._sources[target, predicate] = self._graph.sources(target, predicate)
        return found
