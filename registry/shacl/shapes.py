"""The shapes of a release, compiled: what they target, what a write can affect, and the checks that decide it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter
from typing import NamedTuple

from registry.errors import BadInput, ShapesTooCostly, TooLarge
from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Iri, Term
from registry.rdf.vocabulary import RDF_TYPE
from registry.shacl.compiler import Compiler, read_targets
from registry.shacl.dormancy import NOTHING_UNCHECKED, Unchecked, dormant, passed_over
from registry.shacl.footprints import Way
from registry.shacl.graph import Delta, Graph, SubjectGraph, WholeGraph
from registry.shacl.neighbourhood import Neighbourhood, Sample
from registry.shacl.paths import Inverse, Predicate, mentions
from registry.shacl.reports.graph import Violation
from registry.shacl.reports.outline import Outline, read_outline
from registry.shacl.shape import Shape
from registry.shacl.shapes_graph import ShapesGraph
from registry.shacl.sparql.data import whole_data
from registry.shacl.sparql.queries import ShapesQuads
from registry.shacl.sparql.whole import Whole
from registry.shacl.suspects import SuspectIndex, Suspects
from registry.shacl.targets import HasValueTarget, TargetIndex, Targets
from registry.shacl.times import Times
from registry.shacl.triggers import Sign, triggers

__all__ = ["HasValueTarget", "Shapes", "Unit", "compile_shapes"]


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """The least that is run again: a targeted shape's own constraints, or one of its property shapes.

    Where there is a predicate that ``only_with`` names, nodes that say nothing with it pass.
    """

    shape: Shape
    part: Shape | None
    only_with: Iri | None
    check: Callable[[Graph, Term, list[Violation]], None]
    """Appends the results of this part at a focus node. Raises ShapesTooCostly, naming the shape."""


def asked(units: Iterable[Unit], says: Container[Iri]) -> list[Unit]:
    """Those of some units that a node can fail which says something with these predicates."""
    return [unit for unit in units if unit.only_with is None or unit.only_with in says]


class Shapes:
    """All shapes of a release. Built by `compile_shapes`; safe to share between threads.

    ``units`` are all parts of all shapes, each with what it is for. ``outline`` says what they ask of each class,
    ``left_out`` what foreign shapes say and is not understood, ``unchecked`` what is understood and never runs,
    ``no_longer_read`` what an earlier version understood and this one leaves out.
    """

    def __init__(
        self,
        shapes: Mapping[Iri, Shape],
        targets: Mapping[Iri, Targets],
        audits: Audits,
        outline: Outline,
        left_out: Sequence[str] = (),
        unchecked: Unchecked = NOTHING_UNCHECKED,
        no_longer_read: Sequence[str] = (),
    ) -> None:
        self._shapes = shapes
        self._audits = audits
        self.outline = outline
        self.left_out = left_out
        self.unchecked = unchecked
        self.no_longer_read = no_longer_read
        self._targets = {node: found for node, found in targets.items() if found and shapes[node].says_anything}
        self._target_index: TargetIndex[Unit] = TargetIndex()
        self._suspect_index: SuspectIndex[Unit] = SuspectIndex(self._target_index, lambda unit: unit.shape.head.name)
        self.units = tuple((unit, found) for node, found in self._targets.items() for unit in _units(shapes[node]))
        self._looks_at_types = any(
            any(mentions(step, RDF_TYPE) for step in read.prefix) for unit, _ in self.units for read in unit.shape.reads
        )
        for unit, found in self.units:
            self._target_index.note(unit, found)
            part = unit.part
            self._suspect_index.note(
                unit, triggers(unit.shape, ()) if part is None else triggers(part, part.properties)
            )
        self.backwards = _backwards(self._targets.values(), map(shapes.__getitem__, self._targets))

    def __len__(self) -> int:
        return len(self._shapes)

    def __contains__(self, shape: Iri) -> bool:
        """Whether a write can be held to a shape: to all of one that audits alone check, it cannot."""
        return shape in self._shapes and (self._shapes[shape].says_anything or shape not in self._audits)

    def targeting(self, graph: Graph, focus: Term) -> Iterable[Unit]:
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
        targets, newcomers = self._target_index, self._newcomers(earlier, delta)
        suspects: Suspects[Unit] = {}
        for newcomer in newcomers:
            says = later.outgoing(newcomer)
            suspects[newcomer] = dict.fromkeys(asked(targets.of(later, newcomer), says))
        for statement in delta.added:
            if statement[1] not in targets.telling:
                continue
            for node, units in targets.touched_by(later, statement):
                if node not in newcomers:
                    stood = set(targets.among(units, earlier, node))
                    gained = (unit for unit in targets.among(units, later, node) if unit not in stood)
                    suspects.setdefault(node, {}).update(dict.fromkeys(gained))
        self._suspect_index.add(earlier, later, Sign.REMOVED, delta.removed, newcomers, suspects)
        self._suspect_index.add(earlier, later, Sign.ADDED, delta.added, newcomers, suspects)
        return suspects

    def _news(self, earlier: Graph, later: Graph, suspects: Suspects[Unit]) -> list[Violation]:
        news: list[Violation] = []
        found: list[Violation] = []
        for focus, units in suspects.items():
            for unit in units:
                unit.check(later, focus, found)
                if found:
                    news.extend(self._unless_they_stood(earlier, focus, unit, found))
                    found = []
        return news

    def _newcomers(self, before: Graph, delta: Delta) -> dict[Iri, None]:
        """The nodes that a delta brings into being: nothing was said of them, and nothing led to them."""
        said = dict.fromkeys(subject for subject, _, _ in delta.added)
        new = [node for node in said if not before.outgoing(node) and not before.is_pointed_at(node)]
        if self._looks_at_types:
            new = [node for node in new if not before.sources(node, RDF_TYPE, 1)]
        return dict.fromkeys(new)

    def _unless_they_stood(self, before: Graph, focus: Term, unit: Unit, found: list[Violation]) -> Iterable[Violation]:
        if not self._target_index.is_for(unit, before, focus):
            return found
        stood: list[Violation] = []
        unit.check(before, focus, stood)
        keys = {violation.key() for violation in stood}
        return [violation for violation in found if violation.key() not in keys]

    def check_focus(self, graph: Graph, focus: Term, times: Times | None = None) -> list[Violation]:
        """The results of every shape that targets a node; ``times`` notes how long each took."""
        near = Neighbourhood(graph)
        found: list[Violation] = []
        _run(self.targeting(near, focus), near, focus, found, times)
        return found

    def check_shape(self, graph: Graph, focus: Term, shape: Iri) -> list[Violation]:
        """The results of one shape at a node, whatever it targets: guards. Raises BadInput for an unknown shape."""
        if shape not in self:
            raise BadInput(f"there is no shape <{shape}>", argument="shape")
        found: list[Violation] = []
        self._shapes[shape].check(Neighbourhood(graph), focus, found)
        return found

    def check_origins(self, graph: Graph, focus: Term, shape: Iri, path: str) -> list[Violation]:
        """The results at a node of the own constraints of every shape that a violation of this shape can come from."""
        near = Neighbourhood(graph)
        found: list[Violation] = []
        for candidate in self._shapes.values():
            if candidate.head.name == shape and candidate.path_text in ("", path):
                candidate.check_own(near, focus, found)
        return found

    def validate(self, graph: WholeGraph) -> Iterator[Violation]:
        """Every result in a whole graph, shape by shape, then what only audits check."""
        yield from self.held_results(graph)
        yield from self.audit(graph)

    def held_results(self, graph: WholeGraph) -> Iterator[Violation]:
        """Every result in a whole graph of what writes are held to."""
        for node, targets in self._targets.items():
            for focus in targets.listed(graph):
                found: list[Violation] = []
                self._shapes[node].check(Neighbourhood(graph), focus, found)
                yield from found

    @property
    def has_audits(self) -> bool:
        """Whether some shapes are checked by audits only."""
        return bool(self._audits)

    def audit(self, graph: WholeGraph) -> Iterator[Violation]:
        """The results of what only audits check: queries that look at more than what is around a node."""
        return self._audits.results(graph)

    def check_subject(self, graph: SubjectGraph, subject: Iri, times: Times | None = None) -> list[Violation]:
        """The results at a subject, and at the values it leads to that are no subjects and no other answers for.

        Together with `check_named`, these are for all subjects the results of `validate`, each once. ``times`` notes
        how long each shape took.
        """
        found: list[Violation] = []
        _run(asked(self.targeting(graph, subject), graph.outgoing(subject)), graph, subject, found, times)
        for value, units in self._target_index.led_to(graph, subject):
            if not graph.is_subject(value):
                named = self._target_index.named.get(value, {})
                _run((unit for unit in units if unit not in named), graph, value, found, times)
        return found

    def check_named(self, graph: SubjectGraph) -> list[Violation]:
        """The results at the nodes that targets name and that are no subjects: literals, and what is not there."""
        found: list[Violation] = []
        for node, units in self._target_index.named.items():
            if not graph.is_subject(node):
                near = Neighbourhood(graph)
                for unit in units:
                    unit.check(near, node, found)
        return found

    def targeted_classes(self) -> frozenset[Iri]:
        """The classes that some shape names as its target."""
        return frozenset(class_iri for targets in self._targets.values() for class_iri in targets.classes)


class Backwards(NamedTuple):
    """Where it is asked who points at what: worth reading for many nodes at once.

    ``at_focus`` are the predicates by which a focus node is pointed at, ``at_values`` those by which the values of
    another predicate, given first, are. From those that point with ``gone_on_from``, checks go on reading.
    """

    at_focus: frozenset[Iri]
    at_values: frozenset[tuple[Iri, Iri]]
    gone_on_from: frozenset[Iri]


def _backwards(targets: Iterable[Targets], shapes: Iterable[Shape]) -> Backwards:
    at_focus = {predicate for found in targets for predicate in found.objects_of}
    at_values, gone_on_from = set(), set()
    for shape in shapes:
        for read in shape.reads:
            if read.way is Way.IN and read.predicate is not None:
                match read.prefix:
                    case ():
                        at_focus.add(read.predicate)
                    case (Predicate(iri),):
                        at_values.add((iri, read.predicate))
            for step in read.prefix:
                match step:
                    case Inverse(Predicate(iri)):
                        gone_on_from.add(iri)
    return Backwards(frozenset(at_focus), frozenset(at_values), frozenset(gone_on_from))


class Audits:
    """The shapes that only whole graphs are held to, since their queries look at more than a write's surroundings."""

    def __init__(self, shapes: Mapping[Iri, Shape], targets: Mapping[Iri, Targets], quads: ShapesQuads) -> None:
        self._shapes = {node: shape for node, shape in shapes.items() if shape.says_anything}
        self._targets = targets
        self._quads = quads

    def __bool__(self) -> bool:
        return bool(self._shapes)

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


def _run(units: Iterable[Unit], graph: Graph, focus: Term, found: list[Violation], times: Times | None) -> None:
    """Append the results of some units at a node."""
    if times is None:
        for unit in units:
            unit.check(graph, focus, found)
        return
    began = perf_counter()
    for unit in units:
        try:
            unit.check(graph, focus, found)
        finally:
            # A check that took longer than it may is the one that somebody wants to know of.
            began = times.note((unit.part or unit.shape).head.name, began)


def _units(shape: Shape) -> Iterator[Unit]:
    if shape.path is not None:
        yield Unit(shape, shape, shape.only_with, _blaming(shape, shape.check))
        return
    if shape.has_own_constraints:
        yield Unit(shape, None, None, _blaming(shape, shape.check_own))
    for part in shape.properties:
        yield Unit(shape, part, part.only_with, _blaming(shape, part.check))


def _blaming(
    shape: Shape, check: Callable[[Graph, Term, list[Violation]], None]
) -> Callable[[Graph, Term, list[Violation]], None]:
    def checked(graph: Graph, focus: Term, found: list[Violation]) -> None:
        try:
            check(graph, focus, found)
        except ShapesTooCostly as error:
            error.blame(shape.head.name)
            raise

    return checked


def compile_shapes(
    shapes: MemoryGraph,
    *,
    origin: Callable[[Iri], str] | None = None,
    extra_targets: Mapping[Iri, Sequence[HasValueTarget]] | None = None,
    foreign: Container[Iri] = frozenset(),
    ontologies: MemoryGraph | None = None,
    asked_for: Collection[Iri] = frozenset(),
    accepted: Container[Iri] = frozenset(),
) -> Shapes:
    """Compile a shapes graph. ``origin`` gives ``file:line`` for a term, for errors.

    ``ontologies`` tell which shapes are classes, beside the shapes graph itself; ``asked_for`` are shapes that run for
    another reason than a target.

    Raises OntologyRejected, listing everything that is not understood: nothing is skipped. Of ``foreign`` nodes, which
    nobody here can mend, it is left out, and `Shapes.left_out` tells what; of ``accepted`` nodes, which decided writes
    under an earlier version, `Shapes.no_longer_read` does.
    """
    given = ShapesGraph(shapes, origin, foreign, ontologies, accepted)
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
    unchecked = Unchecked(
        tuple(dormant(given, compiler.parts, targets, asked_for)),
        tuple(passed_over(given)) if ontologies is not None else (),
    )
    outline, gone = read_outline(given, compiled, targets), tuple(dict.fromkeys(given.no_longer_read))
    return Shapes(compiled, targets, audits, outline, given.left_out(), unchecked, gone)
