"""One compiled shape: what it finds wrong with a node, and what it reads to find out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from registry.rdf.languages import wording
from registry.rdf.terms import Iri, Literal, Term, local_name
from registry.rdf.vocabulary import SH
from registry.shacl import budget
from registry.shacl.constraints.constraint import Anchor, Breaks, Constraint, Offence, Test
from registry.shacl.footprints import Read, reads_of_path, under
from registry.shacl.graph import Graph
from registry.shacl.paths import Chain, Path, Predicate, text, walk
from registry.shacl.reports.graph import Demand, Severity, Violation


class Head(NamedTuple):
    """What a shape says of its results.

    ``node`` is the shape's own node, ``name`` the IRI of the nearest named shape: itself, or one that it is part of.
    ``default`` is its sh:defaultValue, which SHACL has for forms and suggestions have for missing values.
    """

    node: Iri
    name: Iri
    severity: Severity = Severity.VIOLATION
    custom_severity: Iri | None = None
    wordings: tuple[Literal, ...] = ()
    default: Term | None = None

    @property
    def message(self) -> str | None:
        """The English wording, one without a language, or any."""
        return wording(self.wordings)


class Shape:
    """A shape, ready to run. A node shape looks at the focus node itself, a property shape at what its path reaches.

    ``reads`` is all that checking a node against it looks at, from that node.
    """

    __slots__ = (
        "_demands", "_message", "_walk", "_with_values", "_without_values", "constraints", "head", "path", "path_text",
        "properties", "reads",
    )  # fmt: skip

    def __init__(
        self,
        head: Head,
        path: Path | None = None,
        constraints: Sequence[Constraint] = (),
        properties: Sequence[Shape] = (),
    ) -> None:
        self.head = head
        self.path = path
        self.properties = tuple(shape for shape in properties if shape.says_anything)
        inner = (read for shape in self.properties for read in under(_steps(path), shape.reads))
        self.reads: tuple[Read, ...] = tuple(dict.fromkeys((*_own_reads(path, constraints), *inner)))
        self.constraints = tuple(constraints)
        self._with_values = tuple((found, _test(found)) for found in constraints)
        self._without_values = tuple((found, None) for found in constraints if not found.breaks.needs_values)
        self._demands = tuple(Demand(found.component, found.given) for found in constraints if found.given)
        if head.default is not None:
            self._demands += (Demand(SH + "defaultValue", (head.default,)),)
        self._message = head.message
        self.path_text = "" if path is None else text(path)
        self._walk = walk(path) if path is not None else lambda graph, node: (node,)

    @property
    def says_anything(self) -> bool:
        """Whether any node could fail: not so for a shape that is switched off or only names targets."""
        return bool(self.constraints or self.properties)

    @property
    def only_with(self) -> Iri | None:
        """The predicate without which every node passes, where there is one: the path begins with it."""
        first = self.path.steps[0] if isinstance(self.path, Chain) else self.path
        return first.iri if isinstance(first, Predicate) and not self._without_values else None

    @property
    def has_own_constraints(self) -> bool:
        """Whether there are constraints besides the property shapes."""
        return bool(self.constraints)

    @property
    def described(self) -> str:
        """The shape in a few words, for the advice of shapes that use it."""
        if self.head.node == self.head.name:
            return local_name(self.head.name)
        return f"“{self._message}”" if self._message else f"a shape given in {local_name(self.head.name)}"

    def check(self, graph: Graph, focus: Term, found: list[Violation]) -> None:
        """Append every result at a focus node, those of the property shapes included."""
        values = self._walk(graph, focus)
        if values or self._without_values:
            self._check_values(graph, focus, values, found)
        if self.properties:
            budget.spend(len(self.properties) * len(values))
            for shape in self.properties:
                for value in values:
                    shape.check(graph, value, found)

    def check_own(self, graph: Graph, focus: Term, found: list[Violation]) -> None:
        """Append the results of the shape's own constraints, without those of its property shapes."""
        self._check_values(graph, focus, self._walk(graph, focus), found)

    def conforms(self, graph: Graph, node: Term) -> bool:
        """Whether the shape has no result at a node, of whatever severity (SHACL 3.4.2)."""
        budget.spend(1)
        values = self._walk(graph, node)
        for constraint, test in self._with_values if values else self._without_values:
            if test is not None:
                for value in values:
                    if not test(graph, value):
                        return False
            elif constraint.search(graph, node, values):
                return False
        return all(shape.conforms(graph, value) for shape in self.properties for value in values)

    def _check_values(self, graph: Graph, focus: Term, values: Sequence[Term], found: list[Violation]) -> None:
        for constraint, test in self._with_values if values else self._without_values:
            if test is not None:
                # Nearly every value passes, so what is wrong is only put together once one does not.
                for value in values:
                    if not test(graph, value):
                        break
                else:
                    continue
            if offences := constraint.search(graph, focus, values):
                found.extend(self._violation(constraint, focus, offence) for offence in offences)

    def _violation(self, constraint: Constraint, focus: Term, offence: Offence) -> Violation:
        return Violation(
            focus=focus,
            path=self.path_text if offence.path is None else offence.path,
            value=offence.value,
            message=(wording(offence.wordings) if offence.wordings else self._message) or constraint.advice,
            severity=self.head.severity,
            component=constraint.component,
            shape=self.head.name,
            custom_severity=self.head.custom_severity,
            wordings=offence.wordings or self.head.wordings,
            demands=self._demands,
            constraint=constraint.node,
        )


def _test(constraint: Constraint) -> Test | None:
    """How to ask a value node by itself, where a constraint is nothing but that."""
    return constraint.holds if constraint.breaks is Breaks.BY_VALUE else None


def _steps(path: Path | None) -> tuple[Path, ...]:
    return () if path is None else (path,)


def _own_reads(path: Path | None, constraints: Iterable[Constraint]) -> Iterator[Read]:
    if path is not None:
        yield from reads_of_path(path)
    for constraint in constraints:
        yield from under(_steps(path) if constraint.anchor is Anchor.VALUE else (), constraint.reads)
