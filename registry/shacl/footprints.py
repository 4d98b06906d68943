"""What checking a node looks at, worked out once per shape, as reads from the focus node."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple

from registry.rdf.terms import Iri
from registry.shacl.paths import Alternative, Chain, Inverse, Path, Predicate, Repeat, inverse


class Way(Enum):
    """Which end of a statement a read starts from."""

    OUT = "out"
    IN = "in"


class Read(NamedTuple):
    """Checking looks at the statements of ``predicate`` (any, for None) at the nodes that ``prefix`` leads to."""

    prefix: tuple[Path, ...]
    predicate: Iri | None
    way: Way = Way.OUT


class Edge(NamedTuple):
    """One kind of statement that walking a path may use: how to get to it, and how the path goes on behind it."""

    prefix: tuple[Path, ...]
    predicate: Iri
    way: Way
    rest: tuple[Path, ...]


def edges_of_path(path: Path, prefix: tuple[Path, ...] = (), rest: tuple[Path, ...] = ()) -> Iterator[Edge]:
    """Every kind of statement that walking a path may use."""
    match path:
        case Predicate(iri):
            yield Edge(prefix, iri, Way.OUT, rest)
        case Inverse(Predicate(iri)):
            yield Edge(prefix, iri, Way.IN, rest)
        case Inverse(inner):
            yield from edges_of_path(inverse(inner), prefix, rest)
        case Chain(steps):
            for index, step in enumerate(steps):
                yield from edges_of_path(step, (*prefix, *steps[:index]), (*steps[index + 1 :], *rest))
        case Alternative(options):
            for option in options:
                yield from edges_of_path(option, prefix, rest)
        case Repeat(inner, "?"):
            yield from edges_of_path(inner, prefix, rest)
        case Repeat(inner, _):
            again = Repeat(inner, "*")
            yield from edges_of_path(inner, (*prefix, again), (again, *rest))


def reads_of_path(path: Path, prefix: tuple[Path, ...] = ()) -> Iterator[Read]:
    """Every statement that walking a path may use, as reads from the node where the walk starts."""
    return (Read(edge.prefix, edge.predicate, edge.way) for edge in edges_of_path(path, prefix))


def under(prefix: tuple[Path, ...], reads: Iterable[Read]) -> Iterator[Read]:
    """The reads of something that is checked at the nodes a prefix leads to."""
    return (Read((*prefix, *read.prefix), read.predicate, read.way) for read in reads)
