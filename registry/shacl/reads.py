"""What checking a node looks at, worked out once per shape from paths and constraints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from registry.shacl.constraints import Read, Way
from registry.shacl.paths import Alternative, Chain, Inverse, Path, Predicate, Repeat, inverse


def reads_of_path(path: Path, prefix: tuple[Path, ...] = ()) -> Iterable[Read]:
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


def under(prefix: tuple[Path, ...], reads: Sequence[Read]) -> Iterable[Read]:
    """The reads of something that is checked at the nodes a prefix leads to."""
    return (Read((*prefix, *read.prefix), read.predicate, read.way) for read in reads)
