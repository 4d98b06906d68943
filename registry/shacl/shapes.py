"""The shapes of a release, compiled: what they target, what a write can affect, and the checks that decide it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from registry.errors import BadInput
from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Iri, Literal, Term, is_blank
from registry.rdf.vocabulary import OWL_CLASS, RDF_TYPE, RDFS_CLASS, SH
from registry.shacl.compiler import CONSTRAINT_PARAMETERS, TARGETS, CompiledShape, Compiler, is_shape_type
from registry.shacl.constraints import Way
from registry.shacl.graph import Delta, Graph, WholeGraph
from registry.shacl.paths import Chain, Walk, inverse, walk
from registry.shacl.report import Violation


class HasValueTarget(NamedTuple):
    """A node is a target if it has this value for this predicate: how templates reach their twins."""

    predicate: Iri
    value: Term


@dataclass(slots=True)
class Targets:
    """Which nodes a shape is for (SHACL 2.1.3); several kinds add up."""

    classes: list[Iri] = field(default_factory=list)
    nodes: list[Term] = field(default_factory=list)
    subjects_of: list[Iri] = field(default_factory=list)
    objects_of: list[Iri] = field(default_factory=list)
    values: list[HasValueTarget] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.classes or self.nodes or self.subjects_of or self.objects_of or self.values)

    def lookups(self) -> Iterator[tuple[str, object]]:
        """What a new statement is looked up by, to find the shapes it brings a target to."""
        yield from (("class", class_iri) for class_iri in self.classes)
        yield from (("subject", predicate) for predicate in self.subjects_of)
        yield from (("object", predicate) for predicate in self.objects_of)
        yield from (("value", value) for value in self.values)

    def hit(self, graph: Graph, node: Term) -> bool:
        """Whether a node is a target in this graph."""
        if node in self.nodes:
            return True
        if any(graph.sources(node, predicate) for predicate in self.objects_of):
            return True
        if not isinstance(node, str):
            return False
        says = graph.outgoing(node)
        if any(predicate in says for predicate in self.subjects_of):
            return True
        if any(value in says.get(predicate, ()) for predicate, value in self.values):
            return True
        types = says.get(RDF_TYPE, ()) if self.classes else ()
        return any(type(t) is str and not graph.superclasses(t).isdisjoint(self.classes) for t in types)

    def listed(self, graph: WholeGraph) -> Iterable[Term]:
        """Every target in a whole graph, each once."""
        found: dict[Term, None] = dict.fromkeys(self.nodes)
        for class_iri in self.classes:
            found.update(dict.fromkeys(graph.instances(class_iri)))
        for predicate in self.subjects_of:
            found.update(dict.fromkeys(graph.subjects_of(predicate)))
        for predicate in self.objects_of:
            found.update(dict.fromkeys(graph.objects_of(predicate)))
        for predicate, value in self.values:
            found.update(dict.fromkeys(graph.sources(value, predicate)))
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """The least that is run again: a targeted shape's own constraints, or one of its property shapes."""

    shape: CompiledShape
    targets: Targets
    part: CompiledShape | None

    def check(self, graph: Graph, focus: Term, found: list[Violation]) -> None:
        """Append the results of this part at a focus node."""
        if self.part is None:
            self.shape.check_own(graph, focus, (focus,), found)
        else:
            self.part.check(graph, focus, found)


class _Trace(NamedTuple):
    """From a changed statement back to the focus nodes whose check reads it."""

    unit: Unit
    way: Way
    back: Walk | None


class Shapes:
    """All shapes of a release. Built by `compile_shapes`; safe to share between threads."""

    def __init__(self, compiled: Mapping[Iri, CompiledShape], targets: Mapping[Iri, Targets]) -> None:
        self._shapes = compiled
        self._targets = {node: found for node, found in targets.items() if found and node in compiled}
        self.units: list[Unit] = []
        self._traces: dict[Iri | None, list[_Trace]] = {}
        self._by_target: dict[tuple[str, object], list[Unit]] = {}
        for node, found in self._targets.items():
            self._add_units(compiled[node], found)

    def __len__(self) -> int:
        return len(self._shapes)

    def __contains__(self, shape: Iri) -> bool:
        return shape in self._shapes

    def _add_units(self, shape: CompiledShape, targets: Targets) -> None:
        parts: list[CompiledShape | None] = [shape]
        if shape.path is None:
            parts = [*shape.properties, *([None] if shape.constraints else [])]
        for part in parts:
            unit = Unit(shape, targets, part)
            self.units.append(unit)
            for key in targets.lookups():
                self._by_target.setdefault(key, []).append(unit)
            for read in shape.own_reads if part is None else part.reads:
                back = walk(inverse(Chain(read.prefix))) if read.prefix else None
                self._traces.setdefault(read.predicate, []).append(_Trace(unit, read.way, back))

    def candidates(self, graph: Graph, delta: Delta) -> Mapping[tuple[Unit, Term], None]:
        """Every (unit, focus node) whose results a delta can change; ``graph`` is the state after it.

        Walking back in the state after the delta suffices: of a chain that led to a changed statement, the part
        before the first changed one still stands.
        """
        found: dict[tuple[Unit, Term], None] = {}
        anything = self._traces.get(None, ())
        for statement in (*delta.removed, *delta.added):
            subject, predicate, target = statement
            for unit, way, back in (*self._traces.get(predicate, ()), *anything):
                start = subject if way is Way.OUT else target
                for focus in (start,) if back is None else back(graph, start):
                    found[unit, focus] = None
        for subject, predicate, target in delta.added:
            for key in _target_keys(graph, predicate, target):
                found.update(dict.fromkeys((unit, subject) for unit in self._by_target.get(key, ())))
            for unit in self._by_target.get(("object", predicate), ()):
                found[unit, target] = None
        return found

    def check(self, graph: Graph, delta: Delta) -> list[Violation]:
        """The results of everything a delta can affect, its neighbours included; ``graph`` is the state after it."""
        found: list[Violation] = []
        hits: dict[tuple[int, Term], bool] = {}
        for unit, focus in self.candidates(graph, delta):
            key = (id(unit.targets), focus)
            if key not in hits:
                hits[key] = unit.targets.hit(graph, focus)
            if hits[key]:
                unit.check(graph, focus, found)
        return found

    def check_focus(self, graph: Graph, focus: Term) -> list[Violation]:
        """The results of every shape that targets a node."""
        found: list[Violation] = []
        for node, targets in self._targets.items():
            if targets.hit(graph, focus):
                self._shapes[node].check(graph, focus, found)
        return found

    def check_shape(self, graph: Graph, focus: Term, shape: Iri) -> list[Violation]:
        """The results of one shape at a node, whatever it targets: guards. Raises BadInput for an unknown shape."""
        if shape not in self._shapes:
            raise BadInput(f"there is no shape <{shape}>", argument="shape")
        found: list[Violation] = []
        self._shapes[shape].check(graph, focus, found)
        return found

    def validate(self, graph: WholeGraph) -> Iterator[Violation]:
        """Every result in a whole graph, shape by shape."""
        for node, targets in self._targets.items():
            for focus in targets.listed(graph):
                found: list[Violation] = []
                self._shapes[node].check(graph, focus, found)
                yield from found

    def targeted_classes(self) -> frozenset[Iri]:
        """The classes that some shape names as its target."""
        return frozenset(class_iri for targets in self._targets.values() for class_iri in targets.classes)


def _target_keys(graph: Graph, predicate: Iri, target: Term) -> Iterable[tuple[str, object]]:
    """What a new statement may make its subject a target of."""
    yield "subject", predicate
    yield "value", HasValueTarget(predicate, target)
    if predicate == RDF_TYPE and isinstance(target, str):
        for class_iri in graph.superclasses(target):
            yield "class", class_iri


def compile_shapes(
    shapes: MemoryGraph,
    *,
    origin: Callable[[Iri], str] | None = None,
    extra_targets: Mapping[Iri, Sequence[HasValueTarget]] | None = None,
) -> Shapes:
    """Compile a shapes graph. ``origin`` gives ``file:line`` for a term, for errors.

    Raises OntologyRejected, listing everything that is not understood: nothing is skipped.
    """
    compiler = Compiler(shapes, origin)
    nodes = list(dict.fromkeys(_shape_nodes(shapes)))
    targets = {node: _targets(compiler, node) for node in nodes}
    for shape, extra in (extra_targets or {}).items():
        if shape not in targets:
            compiler.refuse(shape, "is named as the shape of a template, but nothing is said of it")
        else:
            targets[shape].values.extend(extra)
    compiler.refuse_extensions()
    compiled = {node: compiler.shape(node) for node in nodes}
    compiler.finish()
    return Shapes(compiled, targets)


def _shape_nodes(shapes: MemoryGraph) -> Iterator[Iri]:
    for node in shapes.subjects():
        stated = shapes.outgoing(node)
        if (
            is_shape_type(shapes, node)
            or not TARGETS.isdisjoint(stated)
            or not CONSTRAINT_PARAMETERS.isdisjoint(stated)
        ):
            yield node


def _targets(compiler: Compiler, node: Iri) -> Targets:
    targets = Targets()
    for name, found in (
        ("targetClass", targets.classes),
        ("targetSubjectsOf", targets.subjects_of),
        ("targetObjectsOf", targets.objects_of),
    ):
        for term in compiler.shapes.objects(node, SH + name):
            if isinstance(term, Literal) or is_blank(term):
                compiler.refuse(node, f"needs an IRI for sh:{name}")
            else:
                found.append(term)
    targets.nodes.extend(compiler.shapes.objects(node, SH + "targetNode"))
    types = compiler.shapes.objects(node, RDF_TYPE)
    if (OWL_CLASS in types or RDFS_CLASS in types) and is_shape_type(compiler.shapes, node):
        targets.classes.append(node)
    return targets
