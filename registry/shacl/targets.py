"""Which nodes a shape is for (SHACL 2.1.3), asked from a node, from a changed statement, and of a whole graph."""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from registry.rdf.terms import Iri, Statement, Term
from registry.rdf.vocabulary import RDF_TYPE
from registry.shacl.graph import Graph, WholeGraph


class HasValueTarget(NamedTuple):
    """A node is a target if it has this value for this predicate: how templates reach their twins."""

    predicate: Iri
    value: Term


@dataclass(slots=True, eq=False)
class Targets:
    """The targets of one shape; several add up."""

    classes: list[Iri] = field(default_factory=list)
    nodes: list[Term] = field(default_factory=list)
    subjects_of: list[Iri] = field(default_factory=list)
    objects_of: list[Iri] = field(default_factory=list)
    values: list[HasValueTarget] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.classes) or self.beyond_classes

    @property
    def beyond_classes(self) -> bool:
        """Whether a node can be a target for another reason than its classes."""
        return bool(self.nodes or self.subjects_of or self.objects_of or self.values)

    def hit_beyond_classes(self, graph: Graph, node: Term) -> bool:
        """Whether a node is a target for another reason than its classes."""
        if node in self.nodes:
            return True
        if isinstance(node, str) and (self.subjects_of or self.values):
            says = graph.outgoing(node)
            if any(predicate in says for predicate in self.subjects_of):
                return True
            if any(value in says.get(predicate, ()) for predicate, value in self.values):
                return True
        return any(graph.sources(node, predicate, 1) for predicate in self.objects_of)

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


Part = TypeVar("Part", bound=Hashable)
"""Whatever is run for a target: the index only hands it back."""

TYPE_SETS = 4_096
"""So many combinations of classes are remembered; data with more of them is checked a little slower."""


class ByClass(dict[Part, None]):
    """The parts for the members of some classes. There is one object for one set of parts, so that it can be a key."""

    __hash__ = object.__hash__  # type: ignore[assignment]
    __eq__ = object.__eq__


class TargetIndex(Generic[Part]):
    """Finds the parts that a node is a target of, and those that a changed statement concerns."""

    def __init__(self) -> None:
        self._by_class: dict[Iri, dict[Part, None]] = {}
        self._by_subject: dict[Iri, dict[Part, None]] = {}
        self._by_object: dict[Iri, dict[Part, None]] = {}
        self._by_value: dict[tuple[Iri, Term], dict[Part, None]] = {}
        self._named: dict[Term, dict[Part, None]] = {}
        self._beyond_classes: dict[Part, Targets] = {}
        self._of_classes = lru_cache(maxsize=TYPE_SETS)(self._parts_of_classes)
        self._of_nothing: ByClass[Part] = ByClass()
        self._telling = {RDF_TYPE}

    def note(self, part: Part, targets: Targets) -> None:
        """Note what a part is for. All parts are noted before the first question."""
        for class_iri in targets.classes:
            self._by_class.setdefault(class_iri, {})[part] = None
        for predicate in targets.subjects_of:
            self._by_subject.setdefault(predicate, {})[part] = None
        for predicate in targets.objects_of:
            self._by_object.setdefault(predicate, {})[part] = None
        for node in targets.nodes:
            self._named.setdefault(node, {})[part] = None
        for value in targets.values:
            self._by_value.setdefault(value, {})[part] = None
        if targets.beyond_classes:
            self._beyond_classes[part] = targets
        self._telling.update(targets.subjects_of, targets.objects_of, (predicate for predicate, _ in targets.values))

    @property
    def named(self) -> Mapping[Term, Mapping[Part, None]]:
        """The nodes that targets name, with the parts that are for them."""
        return self._named

    def led_to(self, graph: Graph, subject: Iri) -> Iterator[tuple[Term, Mapping[Part, None]]]:
        """The values that a subject leads to as the first to do so, each with the parts it is a target of therefore.

        Over all subjects every such value comes once, as long as `Graph.sources` tells the same ones first.
        """
        says = graph.outgoing(subject) if self._by_object else {}
        led = dict.fromkeys(value for predicate in self._by_object for value in says.get(predicate, ()))
        for value in led:
            firsts = {predicate: graph.sources(value, predicate, 1) for predicate in sorted(self._by_object)}
            leading = [predicate for predicate, sources in firsts.items() if sources]
            if firsts[leading[0]][0] == subject:
                yield value, {part: None for predicate in leading for part in self._by_object[predicate]}

    def of(self, graph: Graph, node: Term) -> Iterable[Part]:
        """Every part that a node is a target of, each once."""
        by_class = self.by_classes_of(graph, node)
        beyond = self._beyond_classes_of(graph, node) if self._beyond_classes else None
        return {**by_class, **beyond} if beyond else by_class

    def among(self, parts: Iterable[Part], graph: Graph, node: Term) -> Iterator[Part]:
        """Those of some parts that a node is a target of."""
        by_class = self.by_classes_of(graph, node)
        for part in parts:
            otherwise = self._beyond_classes.get(part)
            if part in by_class or (otherwise is not None and otherwise.hit_beyond_classes(graph, node)):
                yield part

    def is_for(self, part: Part, graph: Graph, node: Term) -> bool:
        """Whether a node is a target of a part."""
        return any(True for _ in self.among((part,), graph, node))

    def may_be_for(self, part: Part, by_class: ByClass[Part]) -> bool:
        """Whether a part may be for a node of which only the classes are known."""
        return part in by_class or part in self._beyond_classes

    def other_reason(self, part: Part, by_class: ByClass[Part]) -> Targets | None:
        """What else can make a node a target of a part; None where its classes do."""
        return None if part in by_class else self._beyond_classes.get(part)

    @property
    def telling(self) -> Container[Iri]:
        """The predicates whose statements make targets."""
        return self._telling

    def touched_by(self, graph: Graph, statement: Statement) -> Iterator[tuple[Term, Mapping[Part, None]]]:
        """The nodes that a changed statement may make targets or not, with the parts that are for them."""
        subject, predicate, value = statement
        if predicate in self._by_subject:
            yield subject, self._by_subject[predicate]
        if predicate in self._by_object:
            yield value, self._by_object[predicate]
        if (predicate, value) in self._by_value:
            yield subject, self._by_value[predicate, value]
        if predicate == RDF_TYPE and isinstance(value, str):
            yield subject, self._of_classes((graph.superclasses(value),))

    def by_classes_of(self, graph: Graph, node: Term) -> ByClass[Part]:
        """The parts that a node is a target of because of its classes."""
        types = graph.outgoing(node).get(RDF_TYPE) if type(node) is str else None
        if not types:
            return self._of_nothing
        if len(types) == 1 and type(types[0]) is str:
            return self._of_classes((graph.superclasses(types[0]),))
        return self._of_classes(tuple([graph.superclasses(found) for found in types if type(found) is str]))

    def _beyond_classes_of(self, graph: Graph, node: Term) -> Mapping[Part, None]:
        found = dict(self._named.get(node, {}))
        if isinstance(node, str) and (self._by_subject or self._by_value):
            says = graph.outgoing(node)
            for predicate, parts in self._by_subject.items():
                if predicate in says:
                    found.update(parts)
            for (predicate, value), parts in self._by_value.items():
                if predicate in says and value in says[predicate]:
                    found.update(parts)
        for predicate, parts in self._by_object.items():
            if graph.sources(node, predicate, 1):
                found.update(parts)
        return found

    def _parts_of_classes(self, above: tuple[frozenset[Iri], ...]) -> ByClass[Part]:
        """The parts for the members of some classes, each given with the classes above it."""
        classes = dict.fromkeys(class_iri for of_type in above for class_iri in sorted(of_type))
        return ByClass({part: None for class_iri in classes for part in self._by_class.get(class_iri, ())})
