"""The data that a constraint's query runs over: the statements that its reads name, or for audits all there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from itertools import chain

import pyoxigraph as ox

from registry.bounded_cache import counted
from registry.errors import TooLarge
from registry.rdf.oxigraph import from_oxigraph, quad, to_oxigraph
from registry.rdf.terms import Iri, Literal, Statement, Term
from registry.rdf.vocabulary import RDF_TYPE, RDFS_SUB_CLASS_OF, XSD_STRING
from registry.shacl.footprints import Read, Way
from registry.shacl.graph import Graph, WholeGraph
from registry.shacl.paths import Chain, Walk, walk

MOST_STATEMENTS = 20_000
"""How many statements one query may look at on the way of a write: more would hold up every other write."""

SHAPES_GRAPH = ox.NamedNode("urn:x-shacl:shapesGraph")
_PRESENCE = ox.NamedNode("urn:x-shacl:present")


class Data:
    """Statements in a store that a query can ask, which gives terms back as the graph has them.

    The store keeps numbers and times as values, so that ``"01"^^xsd:integer`` comes out of it as ``1``.
    """

    def __init__(self, store: ox.Store, statements: Iterable[Statement]) -> None:
        self.store = store
        self._statements = statements

    @cached_property
    def spellings(self) -> Mapping[Term, Mapping[Literal, None]]:
        found: dict[Term, dict[Literal, None]] = {}
        for _, _, target in self._statements:
            if isinstance(target, Literal):
                found.setdefault(_kept(target), {})[target] = None
        return found


def originals(term: Term, values: Sequence[Term], data: Data) -> Sequence[Term]:
    """The terms that a store gives back as this one: value nodes of the shape, or else any of the data, or itself."""
    if not isinstance(term, Literal) or term.datatype == XSD_STRING or term.language:
        return (term,)
    own = tuple(value for value in values if isinstance(value, Literal) and _kept(value) == term)
    return own or tuple(data.spellings.get(term, (term,)))


@partial(counted, "literals in constraints")
@lru_cache(maxsize=16_384)
def _kept(literal: Literal) -> Term:
    """A literal as a store gives it back."""
    store = ox.Store()
    store.add(ox.Quad(_PRESENCE, _PRESENCE, to_oxigraph(literal)))
    (found,) = store
    assert isinstance(found.object, ox.Literal)
    return from_oxigraph(found.object)


class Gatherer:
    """Collects what some reads name from one start."""

    def __init__(self, reads: Iterable[Read]) -> None:
        ordered = sorted(reads, key=lambda read: len(read.prefix))
        self._steps: list[tuple[Walk | None, Iri | None, Way]] = [
            (walk(Chain(read.prefix)) if read.prefix else None, read.predicate, read.way) for read in ordered
        ]
        self.asks_hierarchy = any(read.predicate == RDFS_SUB_CLASS_OF for read in ordered)

    def gather(self, graph: Graph, start: Term, found: dict[Statement, None]) -> None:
        """Add the statements. Raises TooLarge where they are more than one query may look at."""
        near = _Bounded(graph, start, self.asks_hierarchy)
        for steps, predicate, way in self._steps:
            for node in (start,) if steps is None else steps(near, start):
                if way is Way.IN and predicate is not None:
                    found.update(((source, predicate, node), None) for source in near.sources(node, predicate))
                elif isinstance(node, str):
                    said = near.outgoing(node)
                    for asked in said if predicate is None else (predicate,):
                        found.update(((node, asked, target), None) for target in said.get(asked, ()))


class _Bounded:
    """A graph that tells the class hierarchy as statements and ends with TooLarge when too much was read of it."""

    def __init__(self, graph: Graph, start: Term, tells_hierarchy: bool) -> None:
        self._graph = graph
        self._start = start
        self._tells_hierarchy = tells_hierarchy
        self._seen: dict[Iri, Mapping[Iri, Sequence[Term]]] = {}
        self._left = MOST_STATEMENTS
        self.superclasses = graph.superclasses
        self.is_pointed_at = graph.is_pointed_at

    def outgoing(self, node: Iri) -> Mapping[Iri, Sequence[Term]]:
        """What a node says, the classes above it included."""
        said = self._seen.get(node)
        if said is None:
            said = self._graph.outgoing(node)
            if self._tells_hierarchy:
                above = tuple(sorted(self._graph.superclasses(node) - {node}))
                said = {**said, RDFS_SUB_CLASS_OF: above} if above else said
            self._seen[node] = said
            self._spend(1 + sum(map(len, said.values())))
        return said

    def sources(self, target: Term, predicate: Iri, limit: int | None = None) -> Sequence[Iri]:
        """Who points at a term with a predicate."""
        found = self._graph.sources(target, predicate, MOST_STATEMENTS + 1)
        self._spend(len(found))
        return found

    def _spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise TooLarge(
                f"a SPARQL constraint would look at more than {MOST_STATEMENTS:,} statements around {self._start}",
                limit=MOST_STATEMENTS,
            )


def data_of(statements: Mapping[Statement, None], present: Iterable[Term], shapes: Sequence[ox.Quad]) -> Data:
    """A store of some statements. ``present`` are terms that paths of no steps must find, whatever is said of them."""
    store = ox.Store()
    store.extend(chain(map(quad, statements), shapes))
    for term in present:
        store.add(ox.Quad(_PRESENCE, _PRESENCE, to_oxigraph(term)))
    return Data(store, statements)


def whole_data(graph: WholeGraph, shapes: Sequence[ox.Quad]) -> Data:
    """All of a graph in a store, with the model, the class hierarchy of the classes in use, and the shapes."""
    store = ox.Store()
    store.bulk_extend(chain(map(quad, chain(graph, graph.model(), _hierarchy(graph))), shapes))
    return Data(store, graph)


def _hierarchy(graph: WholeGraph) -> Iterator[Statement]:
    classes = {found for _, predicate, found in graph if predicate == RDF_TYPE and isinstance(found, str)}
    for class_iri in frozenset[Iri]().union(*map(graph.superclasses, classes)):
        for above in graph.superclasses(class_iri) - {class_iri}:
            yield class_iri, RDFS_SUB_CLASS_OF, above
