"""What a changed statement can break, worked out once per shape: whom to ask first, and whose results may then be new.

A change that breaks nothing is told apart cheaply. The value nodes that it brings or alters are asked once, however
many focus nodes see them, and focus nodes are looked for only where one of the values fails.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, Protocol

from registry.rdf.terms import Iri, Term
from registry.shacl.constraints.constraint import Anchor, Breaks, Constraint, Test
from registry.shacl.footprints import Edge, Read, Way, edges_of_path
from registry.shacl.graph import Graph
from registry.shacl.paths import Chain, Inverse, Path, Predicate, Walk, inverse, walk
from registry.shacl.reports.graph import Violation
from registry.shacl.shape import Shape


class Sign(Enum):
    """Whether a statement came or went."""

    ADDED = "added"
    REMOVED = "removed"


class Key(NamedTuple):
    """Which changed statements a trigger is for: a predicate of None is any."""

    sign: Sign
    way: Way
    predicate: Iri | None


class Trigger(Protocol):
    """What a kind of changed statement means to a unit; near where the statement starts at the focus node itself."""

    @property
    def is_near(self) -> bool: ...

    def suspects(self, before: Graph, after: Graph, start: Term, end: Term) -> Iterable[Term]:
        """The focus nodes that may have a new result; ``start`` is the end of the statement that the read begins at.

        Walking back from it in the state after the change suffices: where a chain led to the changed statement
        through others that changed too, the part before the first of those still stands, and that first one is in
        the change itself.
        """


class Probe(NamedTuple):
    """A question to one value node whose answer does not depend on the focus node."""

    holds: Test
    faults: Callable[[Graph, Term], Collection[Hashable]]
    reads: Sequence[Read]

    def has_new_faults(self, before: Graph, after: Graph, value: Term) -> bool:
        """Whether something is wrong with a value node that was not wrong with it before."""
        return not self.holds(after, value) and not set(self.faults(after, value)) <= set(self.faults(before, value))


@dataclass(frozen=True, slots=True)
class Reach:
    """A new edge brings value nodes; each of them is asked."""

    back: Walk | None
    onward: Walk | None
    probes: tuple[Probe, ...]

    @property
    def is_near(self) -> bool:
        return self.back is None

    def suspects(self, before: Graph, after: Graph, start: Term, end: Term) -> Iterable[Term]:
        for value in _from(self.onward, after, end):
            for probe in self.probes:
                if not probe.holds(after, value):
                    return _from(self.back, after, start)
        return ()


@dataclass(frozen=True, slots=True)
class Alter:
    """What value nodes say, or what is around them, changed; each of them is asked whether that matters."""

    values: Walk | None
    focuses: Walk | None
    matters: Callable[[Graph, Graph, Term], bool]

    @property
    def is_near(self) -> bool:
        return self.values is None and self.focuses is None

    def suspects(self, before: Graph, after: Graph, start: Term, end: Term) -> Iterable[Term]:
        found: dict[Term, None] = {}
        for value in _from(self.values, after, start):
            if self.matters(before, after, value):
                found.update(dict.fromkeys(_from(self.focuses, after, value)))
        return found


@dataclass(frozen=True, slots=True)
class Recount:
    """The value nodes as a whole changed, or what they are compared with."""

    back: Walk | None
    walk: Walk
    constraints: tuple[Constraint, ...]
    onward: Walk | None = None
    """From ``start`` through the changed statement to value nodes; None where they say nothing of the whole."""

    @property
    def is_near(self) -> bool:
        return self.back is None

    def suspects(self, before: Graph, after: Graph, start: Term, end: Term) -> Iterable[Term]:
        if self.back is None:
            values = self.walk(after, start)
            for constraint in self.constraints:
                if constraint.search(after, start, values):
                    return (start,)
            return ()
        if self.onward is not None:
            some = self.onward(after, start)
            if all(found.suffices is not None and found.suffices(some) for found in self.constraints):
                return ()
        return self.back(after, start)


def triggers(shape: Shape, properties: Sequence[Shape]) -> Iterator[tuple[Key, Trigger]]:
    """Every trigger of a shape's constraints, and of property shapes for its value nodes."""
    probes = [*_probes(shape.constraints), *map(_nested, properties)]
    gatherers = [found for found in shape.constraints if found.breaks is not Breaks.BY_VALUE]
    if shape.path is not None:
        for edge in edges_of_path(shape.path):
            yield from _of_edge(edge, shape.path, probes, gatherers)
    focuses = None if shape.path is None else walk(inverse(shape.path))
    for probe in probes:
        for read in probe.reads:
            for sign in Sign:
                yield _key(sign, read), Alter(_back(read.prefix), focuses, probe.has_new_faults)
    for constraint in gatherers:
        yield from _of_reads(constraint, shape.path, focuses)


def _of_edge(
    edge: Edge, path: Path, probes: Sequence[Probe], gatherers: Sequence[Constraint]
) -> Iterator[tuple[Key, Trigger]]:
    back = _back(edge.prefix)
    if probes:
        yield _key(Sign.ADDED, edge), Reach(back, walk(Chain(edge.rest)) if edge.rest else None, tuple(probes))
    through = Predicate(edge.predicate) if edge.way is Way.OUT else Inverse(Predicate(edge.predicate))
    onward = walk(Chain((through, *edge.rest)))
    for sign in Sign:
        found = tuple(constraint for constraint in gatherers if _may_break(constraint, sign))
        if found:
            yield _key(sign, edge), Recount(back, _counted(path, found), found, onward)


def _of_reads(constraint: Constraint, path: Path | None, focuses: Walk | None) -> Iterator[tuple[Key, Trigger]]:
    """The triggers of what a constraint looks at besides the value nodes."""
    values = _from_focus if path is None else walk(path)
    for read in constraint.reads:
        # Where values are only compared with others, what went from those others has broken nothing.
        for sign in Sign if constraint.breaks is Breaks.BY_EITHER else (Sign.ADDED,):
            if constraint.anchor is Anchor.FOCUS:
                yield _key(sign, read), Recount(_back(read.prefix), values, (constraint,))
            else:
                yield _key(sign, read), Alter(_back(read.prefix), focuses, _turning(constraint.holds))


def _may_break(constraint: Constraint, sign: Sign) -> bool:
    harmless = Breaks.BY_FEWER if sign is Sign.ADDED else Breaks.BY_MORE
    return constraint.breaks is not harmless


def _probes(constraints: Iterable[Constraint]) -> Iterator[Probe]:
    for constraint in constraints:
        if constraint.breaks is Breaks.BY_VALUE:
            assert constraint.holds is not None
            yield Probe(constraint.holds, _offences(constraint), constraint.reads)


def _offences(constraint: Constraint) -> Callable[[Graph, Term], Collection[Hashable]]:
    return lambda graph, value: constraint.search(graph, value, (value,))


def _nested(shape: Shape) -> Probe:
    """A property shape for value nodes as a question to each of them."""

    def faults(graph: Graph, value: Term) -> Collection[Hashable]:
        found: list[Violation] = []
        shape.check(graph, value, found)
        return [violation.key() for violation in found]

    return Probe(shape.conforms, faults, shape.reads)


def _turning(holds: Test | None) -> Callable[[Graph, Graph, Term], bool]:
    if holds is None:
        return lambda before, after, value: True
    return lambda before, after, value: holds(before, value) is not holds(after, value)


def _counted(path: Path, constraints: Sequence[Constraint]) -> Walk:
    """A walk to the value nodes, of which no more are fetched than the constraints need where that can be told."""
    match path:
        case Inverse(Predicate(iri)) if all(found.enough is not None for found in constraints):
            enough = max(found.enough or 0 for found in constraints)
            return lambda graph, node: graph.sources(node, iri, enough)
    return walk(path)


def _key(sign: Sign, read: Read | Edge) -> Key:
    return Key(sign, read.way, read.predicate)


def _back(prefix: tuple[Path, ...]) -> Walk | None:
    return walk(inverse(Chain(prefix))) if prefix else None


def _from(steps: Walk | None, graph: Graph, node: Term) -> Sequence[Term]:
    return (node,) if steps is None else steps(graph, node)


def _from_focus(graph: Graph, node: Term) -> Sequence[Term]:
    return (node,)
