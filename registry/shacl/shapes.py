"""The shapes of a release, compiled: what they target, what a write can affect, and the checks that decide it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from registry.errors import BadInput
from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Iri, Term
from registry.shacl.compiler import Compiler, read_targets
from registry.shacl.footprints import Footprints
from registry.shacl.graph import Delta, Graph, WholeGraph
from registry.shacl.neighbourhood import Neighbourhood
from registry.shacl.report import Violation
from registry.shacl.shape import Shape
from registry.shacl.shapes_graph import ShapesGraph
from registry.shacl.targets import HasValueTarget, TargetIndex, Targets

__all__ = ["HasValueTarget", "Shapes", "Unit", "compile_shapes"]


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """The least that is run again: a targeted shape's own constraints, or one of its property shapes."""

    shape: Shape
    part: Shape | None

    def check(self, graph: Graph, focus: Term, found: list[Violation]) -> None:
        """Append the results of this part at a focus node."""
        if self.part is None:
            self.shape.check_own(graph, focus, found)
        else:
            self.part.check(graph, focus, found)


class Shapes:
    """All shapes of a release. Built by `compile_shapes`; safe to share between threads."""

    def __init__(self, shapes: Mapping[Iri, Shape], targets: Mapping[Iri, Targets]) -> None:
        self._shapes = shapes
        self._targets = {node: found for node, found in targets.items() if found and shapes[node].says_anything}
        self._index: TargetIndex[Unit] = TargetIndex()
        self._footprints: Footprints[Unit] = Footprints()
        for node, found in self._targets.items():
            for unit in _units(shapes[node]):
                self._index.note(unit, found)
                self._footprints.note(unit, unit.shape.own_reads if unit.part is None else unit.part.reads)

    def __len__(self) -> int:
        return len(self._shapes)

    def __contains__(self, shape: Iri) -> bool:
        return shape in self._shapes

    def targeting(self, graph: Graph, focus: Term) -> Iterator[Unit]:
        """The units that a node is a target of."""
        return self._index.of(graph, focus)

    def candidates(self, graph: Graph, delta: Delta) -> Mapping[Term, Mapping[Unit, None]]:
        """The units whose results a delta can change, by focus node; a superset. ``graph`` is the state after it.

        Some are there because their node is a target no longer: they have no results now, and may have had.
        """
        found: dict[Term, dict[Unit, None]] = {}
        for statement in (*delta.removed, *delta.added):
            for focus, units in self._footprints.readers(graph, statement):
                found.setdefault(focus, {}).update(units)
            for focus, units in self._index.touched_by(graph, statement):
                found.setdefault(focus, {}).update(units)
        return found

    def check(self, graph: Graph, delta: Delta) -> list[Violation]:
        """The results of everything a delta can affect, its neighbours included; ``graph`` is the state after it."""
        near = Neighbourhood(graph)
        found: list[Violation] = []
        for focus, units in self.candidates(near, delta).items():
            for unit in self._index.among(units, near, focus):
                unit.check(near, focus, found)
        return found

    def check_focus(self, graph: Graph, focus: Term) -> list[Violation]:
        """The results of every shape that targets a node."""
        near = Neighbourhood(graph)
        found: list[Violation] = []
        for unit in self.targeting(near, focus):
            unit.check(near, focus, found)
        return found

    def check_shape(self, graph: Graph, focus: Term, shape: Iri) -> list[Violation]:
        """The results of one shape at a node, whatever it targets: guards. Raises BadInput for an unknown shape."""
        if shape not in self._shapes:
            raise BadInput(f"there is no shape <{shape}>", argument="shape")
        found: list[Violation] = []
        self._shapes[shape].check(Neighbourhood(graph), focus, found)
        return found

    def validate(self, graph: WholeGraph) -> Iterator[Violation]:
        """Every result in a whole graph, shape by shape."""
        for node, targets in self._targets.items():
            for focus in targets.listed(graph):
                found: list[Violation] = []
                self._shapes[node].check(Neighbourhood(graph), focus, found)
                yield from found

    def targeted_classes(self) -> frozenset[Iri]:
        """The classes that some shape names as its target."""
        return frozenset(class_iri for targets in self._targets.values() for class_iri in targets.classes)


def _units(shape: Shape) -> Iterator[Unit]:
    if shape.path is not None:
        yield Unit(shape, shape)
        return
    if shape.has_own_constraints:
        yield Unit(shape, None)
    for part in shape.properties:
        yield Unit(shape, part)


def compile_shapes(
    shapes: MemoryGraph,
    *,
    origin: Callable[[Iri], str] | None = None,
    extra_targets: Mapping[Iri, Sequence[HasValueTarget]] | None = None,
) -> Shapes:
    """Compile a shapes graph. ``origin`` gives ``file:line`` for a term, for errors.

    Raises OntologyRejected, listing everything that is not understood: nothing is skipped.
    """
    given = ShapesGraph(shapes, origin)
    given.refuse_unknown_terms()
    compiler = Compiler(given)
    compiled = {node: compiler.shape(node) for node in given.nodes()}
    targets = {node: read_targets(given, node) for node in compiled}
    for node, extra in (extra_targets or {}).items():
        if node in targets:
            targets[node].values.extend(extra)
        else:
            given.refuse(node, "is named as the shape of a template, but is no shape")
    given.finish()
    return Shapes(compiled, targets)
