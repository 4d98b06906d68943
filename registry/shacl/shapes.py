"""The shapes of a release, compiled: what they target, what a write can affect, and the checks that decide it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from registry.errors import BadInput, TooLarge
from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Iri, Term
from registry.shacl.compiler import Compiler, read_targets
from registry.shacl.graph import Delta, Graph, WholeGraph
from registry.shacl.neighbourhood import Neighbourhood, Sample
from registry.shacl.queries import ShapesQuads
from registry.shacl.query_data import Whole, whole_data
from registry.shacl.report import Violation
from registry.shacl.shape import Shape
from registry.shacl.shapes_graph import ShapesGraph
from registry.shacl.suspects import SuspectIndex, Suspects
from registry.shacl.targets import HasValueTarget, TargetIndex, Targets
from registry.shacl.triggers import Sign, triggers

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

    def __init__(self, shapes: Mapping[Iri, Shape], targets: Mapping[Iri, Targets], audits: Audits) -> None:
        self._shapes = shapes
        self._audits = audits
        self._targets = {node: found for node, found in targets.items() if found and shapes[node].says_anything}
        self._target_index: TargetIndex[Unit] = TargetIndex()
        self._suspect_index: SuspectIndex[Unit] = SuspectIndex(self._target_index)
        for node, found in self._targets.items():
            for unit in _units(shapes[node]):
                self._target_index.note(unit, found)
                part = unit.part
                self._suspect_index.note(
                    unit, triggers(unit.shape, ()) if part is None else triggers(part, part.properties)
                )

    def __len__(self) -> int:
        return len(self._shapes)

    def __contains__(self, shape: Iri) -> bool:
        """Whether a write can be held to a shape: to all of one that audits alone check, it cannot."""
        return shape in self._shapes and (self._shapes[shape].says_anything or shape not in self._audits)

    def targeting(self, graph: Graph, focus: Term) -> Iterator[Unit]:
        """The units that a node is a target of."""
        return self._target_index.of(graph, focus)

    def new_results(self, before: Graph, after: Graph, delta: Delta) -> list[Violation]:
        """The results that stand after a delta and did not before it, of every shape and every focus node.

        What a delta cannot have broken is never looked at. A result that already stood, of the same part of the same
        shape and with the same `Violation.key`, is none of the delta's. Of very many results, some are given.

        Raises the TooLarge of a graph that will not list all who point at a node, where some of them do not settle it.
        """
        earlier, later = Neighbourhood(before), Neighbourhood(after)
        try:
            suspects = self._suspects(earlier, later, delta)
        except TooLarge:
            # Too many nodes may be concerned to look at all of them, but a few of them may settle that it is refused.
            suspects = self._suspects(Sample(earlier), Sample(later), delta)
            found = self._news(earlier, later, suspects)
            if not any(violation.severity.refuses for violation in found):
                raise
            return found
        return self._news(earlier, later, suspects)

    def _suspects(self, earlier: Graph, later: Graph, delta: Delta) -> Suspects[Unit]:
        newcomers = self._newcomers(earlier, delta)
        suspects: Suspects[Unit] = {node: dict.fromkeys(self.targeting(later, node)) for node in newcomers}
        for statement in delta.added:
            for node, units in self._target_index.touched_by(later, statement):
                if node not in newcomers:
                    stood = set(self._target_index.among(units, earlier, node))
                    suspects.setdefault(node, {}).update((unit, None) for unit in units if unit not in stood)
        for sign, statements in ((Sign.REMOVED, delta.removed), (Sign.ADDED, delta.added)):
            for statement in statements:
                self._suspect_index.add(earlier, later, sign, statement, newcomers, suspects)
        return suspects

    def _news(self, earlier: Graph, later: Graph, suspects: Suspects[Unit]) -> list[Violation]:
        found: list[Violation] = []
        for focus, units in suspects.items():
            for unit in self._target_index.among(units, later, focus):
                found.extend(self._new(earlier, later, focus, unit))
        return found

    def _newcomers(self, before: Graph, delta: Delta) -> dict[Iri, None]:
        """The nodes that a delta brings into being: nothing was said of them, and nothing led to them."""
        said = dict.fromkeys(subject for subject, _, _ in delta.added)
        return {node: None for node in said if not before.outgoing(node) and not before.is_pointed_at(node)}

    def _new(self, before: Graph, after: Graph, focus: Term, unit: Unit) -> list[Violation]:
        found: list[Violation] = []
        unit.check(after, focus, found)
        if not found or unit not in set(self._target_index.among((unit,), before, focus)):
            return found
        stood: list[Violation] = []
        unit.check(before, focus, stood)
        keys = {violation.key() for violation in stood}
        return [violation for violation in found if violation.key() not in keys]

    def check_focus(self, graph: Graph, focus: Term) -> list[Violation]:
        """The results of every shape that targets a node."""
        near = Neighbourhood(graph)
        found: list[Violation] = []
        for unit in self.targeting(near, focus):
            unit.check(near, focus, found)
        return found

    def check_shape(self, graph: Graph, focus: Term, shape: Iri) -> list[Violation]:
        """The results of one shape at a node, whatever it targets: guards. Raises BadInput for an unknown shape."""
        if shape not in self:
            raise BadInput(f"there is no shape <{shape}>", argument="shape")
        found: list[Violation] = []
        self._shapes[shape].check(Neighbourhood(graph), focus, found)
        return found

    def validate(self, graph: WholeGraph) -> Iterator[Violation]:
        """Every result in a whole graph, shape by shape, then what only audits check."""
        for node, targets in self._targets.items():
            for focus in targets.listed(graph):
                found: list[Violation] = []
                self._shapes[node].check(Neighbourhood(graph), focus, found)
                yield from found
        yield from self._audits.results(graph)

    def targeted_classes(self) -> frozenset[Iri]:
        """The classes that some shape names as its target."""
        return frozenset(class_iri for targets in self._targets.values() for class_iri in targets.classes)


class Audits:
    """The shapes that only whole graphs are held to, since their queries look at more than a write's surroundings."""

    def __init__(self, shapes: Mapping[Iri, Shape], targets: Mapping[Iri, Targets], quads: ShapesQuads) -> None:
        self._shapes = {node: shape for node, shape in shapes.items() if shape.says_anything}
        self._targets = targets
        self._quads = quads

    def __contains__(self, shape: Iri) -> bool:
        return shape in self._shapes

    def results(self, graph: WholeGraph) -> Iterator[Violation]:
        """Their results in a whole graph, which is read once into a store if there are any."""
        data = lru_cache(maxsize=1)(lambda: whole_data(graph, self._quads()))
        for node, shape in self._shapes.items():
            for focus in self._targets[node].listed(graph):
                found: list[Violation] = []
                shape.check(Whole(graph, data), focus, found)
                yield from found


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
    given.refuse_stray_queries()
    given.finish()
    audits = Audits({node: compiler.audit(node) for node in compiled}, targets, compiler.quads)
    return Shapes(compiled, targets, audits)
