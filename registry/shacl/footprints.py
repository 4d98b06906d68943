"""What checking a node looks at, worked out once; and from a changed statement back to everyone who looks at it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, NamedTuple, TypeVar

from registry.rdf.terms import Iri, Statement, Term
from registry.shacl.graph import Graph
from registry.shacl.paths import Alternative, Chain, Inverse, Path, Predicate, Repeat, Walk, inverse, walk


class Way(Enum):
    """Which end of a statement a read starts from."""

    OUT = "out"
    IN = "in"


class Read(NamedTuple):
    """Checking looks at the statements of ``predicate`` (any, for None) at the nodes that ``prefix`` leads to."""

    prefix: tuple[Path, ...]
    predicate: Iri | None
    way: Way = Way.OUT


def reads_of_path(path: Path, prefix: tuple[Path, ...] = ()) -> Iterator[Read]:
    """Every statement that walking a path may use, as reads from the node where the walk starts."""
    match path:
        case Predicate(iri):
            yield Read(prefix, iri)
        case Inverse(Predicate(iri)):
            yield Read(prefix, iri, Way.IN)
        case Inverse(inner):
            yield from reads_of_path(inverse(inner), prefix)
        case Chain(steps):
            for index, step in enumerate(steps):
                yield from reads_of_path(step, (*prefix, *steps[:index]))
        case Alternative(options):
            for option in options:
                yield from reads_of_path(option, prefix)
        case Repeat(inner, "?"):
            yield from reads_of_path(inner, prefix)
        case Repeat(inner, _):
            yield from reads_of_path(inner, (*prefix, Repeat(inner, "*")))


def under(prefix: tuple[Path, ...], reads: Iterable[Read]) -> Iterator[Read]:
    """The reads of something that is checked at the nodes a prefix leads to."""
    return (Read((*prefix, *read.prefix), read.predicate, read.way) for read in reads)


Reader = TypeVar("Reader")


@dataclass(slots=True)
class _Trail(Generic[Reader]):
    """The readers that reach a statement in the same way; ``back`` leads from its near end to their focus nodes."""

    way: Way
    back: Walk | None
    readers: dict[Reader, None] = field(default_factory=dict)


class Footprints(Generic[Reader]):
    """Who reads what. Readers are any hashable values; each is noted with its reads from a focus node."""

    def __init__(self) -> None:
        self._trails: dict[Iri | None, dict[tuple[Way, tuple[Path, ...]], _Trail[Reader]]] = {None: {}}

    def note(self, reader: Reader, reads: Iterable[Read]) -> None:
        """Note what a reader looks at."""
        for read in reads:
            trails = self._trails.setdefault(read.predicate, {})
            key = (read.way, read.prefix)
            if key not in trails:
                trails[key] = _Trail(read.way, walk(inverse(Chain(read.prefix))) if read.prefix else None)
            trails[key].readers[reader] = None

    def readers(self, graph: Graph, statement: Statement) -> Iterator[tuple[Term, Mapping[Reader, None]]]:
        """The focus nodes from which a changed statement may be read, with their readers; a superset.

        ``graph`` is the state after the change. Walking back in it suffices: where a chain led to the changed
        statement through others that changed too, the part before the first of those still stands, and that first
        one is in the delta itself.
        """
        subject, predicate, target = statement
        for trails in (self._trails.get(predicate), self._trails[None]):
            for trail in trails.values() if trails else ():
                start: Term = subject if trail.way is Way.OUT else target
                focuses: Sequence[Term] = (start,) if trail.back is None else trail.back(graph, start)
                for focus in focuses:
                    yield focus, trail.readers
