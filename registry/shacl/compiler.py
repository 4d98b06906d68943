"""From the nodes of a shapes graph to compiled shapes, each once; what is not understood is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial

from registry.rdf.terms import Iri, Term, is_blank
from registry.rdf.vocabulary import DASH, RDF_TYPE, SH
from registry.shacl.constraints import nested_shapes as shapes
from registry.shacl.constraints import sets
from registry.shacl.constraints import single_values as values
from registry.shacl.constraints.components import Parameter, SparqlReader
from registry.shacl.constraints.constraint import Constraint
from registry.shacl.paths import Path, Predicate, read_path
from registry.shacl.reports.graph import Severity, Violation
from registry.shacl.shape import Head, Shape
from registry.shacl.shapes_graph import ShapesGraph
from registry.shacl.sparql.queries import When
from registry.shacl.targets import Targets
from registry.shacl.terms import LISTS_OF_SHAPES, NEEDED_BY, ONCE, PATH_ONLY, TAKING_SHAPES

DEEPEST = 50
MOST_READS = 10_000
"""Shapes within each other, and what a shape may look at: far more than anyone needs, far less than what hurts."""

UNIQUE_VALUE = DASH + "uniqueValueForClass"
_SEVERITIES = {SH + severity.value: severity for severity in Severity if severity is not Severity.CUSTOM}


class Compiler:
    """Compiles shapes on demand; problems are noted in the shapes graph."""

    def __init__(self, given: ShapesGraph) -> None:
        self._given = given
        self._compiled: dict[Iri, Shape] = {}
        self._heights: dict[Iri, int] = {}
        self._open: dict[Iri, int] = {}
        self._audits: dict[Iri, Shape] = {}
        self._sparql = SparqlReader(given)
        self.quads = self._sparql.quads

    def shape(self, node: Iri) -> Shape:
        """The compiled form of a shape. One that is part of itself is refused: SHACL 3.4.3 gives it no meaning."""
        if node in self._open:
            self._given.refuse(node, "is part of itself: recursive shapes have no agreed meaning")
            return self._nothing(node)
        if node not in self._compiled:
            self._open[node] = 1
            self._compiled[node] = self._compile(node)
            self._heights[node] = self._open.pop(node)
        if self._open:
            self._rise(next(reversed(self._open)), self._heights[node] + 1)
        return self._compiled[node]

    def audit(self, node: Iri) -> Shape:
        """What audits check of a shape beyond what writes are held to; often nothing."""
        self.shape(node)
        return self._audits.get(node) or self._nothing(node)

    def parts(self, node: Iri) -> Iterator[Iri]:
        """The shapes that run when a shape does: those of its properties, and those that decide for it."""
        given = self._given
        if given.is_off(node):
            return
        for name in TAKING_SHAPES:
            values = [value for value in given.values(node, name) if isinstance(value, str)]
            yield from (value for value in values if name == "property" or self._may_decide(value))
        for name in LISTS_OF_SHAPES:
            with suppress(ValueError):
                for members in given.lists(node, name):
                    operands = [member for member in members if isinstance(member, str)]
                    yield from operands if all(map(self._may_decide, operands)) else ()

    def _may_decide(self, node: Iri) -> bool:
        return node not in self._given.incomplete and not self.audit(node).says_anything

    def _rise(self, node: Iri, height: int) -> None:
        if self._open[node] < height:
            self._open[node] = height
            if height == DEEPEST + 1:
                self._given.refuse(node, f"has shapes within each other, more than {DEEPEST} deep")

    def _nothing(self, node: Iri) -> Shape:
        return Shape(Head(node, self._given.public_name(node)))

    def _compile(self, node: Iri) -> Shape:
        given, head, path = self._given, Head(node, self._given.public_name(node)), None
        constraints: list[Constraint] = []
        properties: list[Shape] = []
        self._refuse_misuse(node)
        with given.refusing(node):
            head = self._head(node)
        with given.refusing(node):
            if given.flag(node, "deactivated"):
                return Shape(head)
        with given.refusing(node):
            path = next((read_path(given.graph, found) for found in given.values(node, "path")), None)
        for name, read in self._components(node, path).items():
            with given.refusing(node):
                constraints.extend(read() if given.values(node, name) else ())
        with given.refusing(node):
            properties.extend(self._properties(node))
        if any(found.head.node in given.incomplete for found in properties):
            given.incomplete.add(node)
        asked = list(self._queries(node, path))
        in_audits = [constraint for when, constraint in asked if when is When.IN_AUDITS]
        constraints.extend(constraint for when, constraint in asked if when is When.ON_WRITES)
        inner = [self.audit(found.head.node) for found in properties]
        shape = Shape(head, path, constraints, properties)
        with given.refusing(node):
            if self._sparql.when(node) is When.IN_AUDITS:
                # All of it waits for an audit: what stands in it and what is in the shapes for its values.
                self._audits[node] = Shape(head, path, [*constraints, *in_audits], [*properties, *inner])
                return Shape(head)
        self._audits[node] = Shape(head, path, in_audits, inner)
        if len(shape.reads) > MOST_READS:
            given.refuse(node, f"looks at more than {MOST_READS:,} kinds of statements around a node")
            return Shape(head)
        return shape

    def _queries(self, node: Iri, path: Path | None) -> Iterator[tuple[When, Constraint]]:
        """The constraints that queries decide: sh:sparql, and the components that the shapes graph declares."""
        given = self._given
        with given.refusing(node):
            yield from self._sparql.constraints(node, path)
        for component in self._sparql.components:
            if component.is_stated_by(given.outgoing(node)):
                with given.refusing(node):
                    for parameter in component.parameters:
                        self._check_parameter(node, parameter)
                    yield from self._sparql.of_component(component, node, path)
        for predicate, reason in self._sparql.unread(node):
            given.refuse(node, f"states <{predicate}>, {reason}")

    def _check_parameter(self, node: Iri, parameter: Parameter) -> None:
        """Hold what a shape states to what the declaration of a parameter asks. Raises ValueError."""
        found: list[Violation] = []
        self.shape(parameter.node).check(self._given, node, found)
        for violation in found:
            raise ValueError(f"states <{parameter.predicate}>, which {violation.message}")

    def _refuse_misuse(self, node: Iri) -> None:
        """Refuse what each parameter alone does not show (the syntax rules of SHACL, appendix A)."""
        given = self._given
        has_path = bool(given.values(node, "path"))
        for name in sorted(ONCE):
            if len(given.values(node, name)) > 1:
                given.refuse(node, f"says sh:{name} more than once")
        for name, needed in NEEDED_BY.items():
            # The suite holds that a node shape may have the parameters of a qualified shape (node/qualified-001).
            means_something = has_path or needed != "qualifiedValueShape"
            if given.values(node, name) and not given.values(node, needed) and means_something:
                given.refuse(node, f"says sh:{name} without sh:{needed}")
        for name in sorted(PATH_ONLY):
            if given.values(node, name) and not has_path:
                given.refuse(node, f"says sh:{name} without sh:path")
        types = given.graph.objects(node, RDF_TYPE)
        if has_path and SH + "NodeShape" in types:
            given.refuse(node, "is a sh:NodeShape, but has a sh:path")
        if not has_path and SH + "PropertyShape" in types:
            given.refuse(node, "is a sh:PropertyShape, but has no sh:path")

    def _head(self, node: Iri) -> Head:
        given = self._given
        default = next(iter(given.values(node, "defaultValue")), None)
        head = Head(node, given.public_name(node), wordings=given.wordings(node), default=default)
        for severity in given.iris(node, "severity"):
            if severity.startswith(SH) and severity not in _SEVERITIES:
                raise ValueError(f"says sh:severity sh:{severity.removeprefix(SH)}, which SHACL does not define")
            if severity not in _SEVERITIES:
                return head._replace(severity=Severity.CUSTOM, custom_severity=severity)
            return head._replace(severity=_SEVERITIES[severity])
        return head

    def _components(self, node: Iri, path: Path | None) -> Mapping[str, Callable[[], Iterable[Constraint]]]:
        """How to compile each parameter: SHACL Core, section 4 by section, and what we add to it."""
        given = self._given
        return {
            "class": lambda: map(values.of_class, given.iris(node, "class")),
            "datatype": lambda: map(values.of_datatype, given.iris(node, "datatype")),
            "nodeKind": lambda: map(values.of_node_kind, given.iris(node, "nodeKind")),
            "minCount": lambda: map(sets.of_min_count, given.counts(node, "minCount")),
            "maxCount": lambda: map(sets.of_max_count, given.counts(node, "maxCount")),
            **{name: partial(self._bounds, node, name) for name in values.BOUNDS},
            "minLength": lambda: map(values.of_min_length, given.counts(node, "minLength")),
            "maxLength": lambda: map(values.of_max_length, given.counts(node, "maxLength")),
            "pattern": lambda: self._patterns(node),
            "languageIn": lambda: map(values.of_languages, given.text_lists(node, "languageIn")),
            "uniqueLang": lambda: self._unique_languages(node),
            "equals": lambda: map(sets.of_equals, given.iris(node, "equals")),
            "disjoint": lambda: map(sets.of_disjoint, given.iris(node, "disjoint")),
            "lessThan": lambda: map(sets.of_less_than, given.iris(node, "lessThan")),
            "lessThanOrEquals": lambda: map(sets.of_less_than_or_equals, given.iris(node, "lessThanOrEquals")),
            "not": lambda: map(shapes.of_not, self._shapes(node, "not")),
            "and": lambda: map(shapes.of_and, self._shape_lists(node, "and")),
            "or": lambda: map(shapes.of_or, self._shape_lists(node, "or")),
            "xone": lambda: map(shapes.of_xone, self._shape_lists(node, "xone")),
            "node": lambda: map(shapes.of_node, self._node_shapes(node)),
            "qualifiedValueShape": lambda: self._qualified(node),
            "closed": lambda: self._closed(node),
            "hasValue": lambda: map(sets.of_value, given.values(node, "hasValue")),
            "in": lambda: map(values.of_members, given.lists(node, "in")),
            UNIQUE_VALUE: lambda: self._unique_values(node, path),
        }

    def _bounds(self, node: Iri, name: str) -> Iterator[Constraint]:
        return (values.of_bound(name, bound) for bound in self._given.literals(node, name))

    def _patterns(self, node: Iri) -> Iterator[Constraint]:
        flags = "".join(self._given.texts(node, "flags"))
        return (values.of_pattern(pattern, flags) for pattern in self._given.texts(node, "pattern"))

    def _unique_languages(self, node: Iri) -> Iterator[Constraint]:
        # The suite holds that the term true alone switches it on, and that "1" is well-formed (uniqueLang-002).
        if self._given.flag(node, "uniqueLang", ("true", "false", "1", "0")):
            yield sets.of_unique_language()

    def _unique_values(self, node: Iri, path: Path | None) -> Iterator[Constraint]:
        for class_iri in self._given.iris(node, UNIQUE_VALUE):
            if not isinstance(path, Predicate):
                raise ValueError("says dash:uniqueValueForClass without a sh:path of one predicate")
            yield sets.of_unique_value(class_iri, path.iri)

    def _properties(self, node: Iri) -> Iterator[Shape]:
        for inner in self._given.shape_nodes(node, "property"):
            if not self._given.values(inner, "path"):
                raise ValueError(f"names {self._given.shown(inner)} by sh:property, which has no sh:path")
            yield self.shape(inner)

    def _node_shapes(self, node: Iri) -> Iterator[Shape]:
        for inner in self._given.shape_nodes(node, "node"):
            if self._given.values(inner, "path"):
                raise ValueError(f"names {self._given.shown(inner)} by sh:node, which is a property shape")
            yield self._operand(inner, "node")

    def _shapes(self, node: Iri, name: str) -> Iterator[Shape]:
        return (self._operand(inner, name) for inner in self._given.values(node, name))

    def _shape_lists(self, node: Iri, name: str) -> Iterator[Sequence[Shape]]:
        for members in self._given.lists(node, name):
            yield [self._operand(member, name) for member in members]

    def _operand(self, term: Term, name: str) -> Shape:
        """A shape that decides what another one says. Raises ValueError for what is none, or waits for an audit."""
        inner = self._given.shape_node(term, name)
        self.shape(inner)
        if inner in self._given.incomplete:
            raise ValueError(f"names {self._given.shown(inner)} by sh:{name}, of which not all is enforced here")
        if self.audit(inner).says_anything:
            raise ValueError(f"names {self._given.shown(inner)} by sh:{name}, which is checked in audits only")
        return self.shape(inner)

    def _qualified(self, node: Iri) -> Iterator[Constraint]:
        given = self._given
        least, most = given.counts(node, "qualifiedMinCount"), given.counts(node, "qualifiedMaxCount")
        if not least and not most:
            raise ValueError("says sh:qualifiedValueShape without sh:qualifiedMinCount or sh:qualifiedMaxCount")
        for inner in given.shape_nodes(node, "qualifiedValueShape"):
            disjoint = given.flag(node, "qualifiedValueShapesDisjoint")
            name = "qualifiedValueShape"
            siblings = [self._operand(beside, name) for beside in self._siblings(node, inner)] if disjoint else []
            own = self._operand(inner, name)
            yield from shapes.of_qualified(own, siblings, next(iter(least), None), next(iter(most), None))

    def _siblings(self, node: Iri, own: Iri) -> Iterable[Iri]:
        """The sibling shapes of SHACL 4.7.3: other qualified value shapes of the property shapes beside this one."""
        given = self._given
        return dict.fromkeys(
            qualified
            for parent in given.graph.sources(node, SH + "property")
            for beside in given.shape_nodes(parent, "property")
            for qualified in given.shape_nodes(beside, "qualifiedValueShape")
            if qualified != own
        )

    def _closed(self, node: Iri) -> Iterator[Constraint]:
        given = self._given
        ignored = {iri for members in given.iri_lists(node, "ignoredProperties") for iri in members}
        paths = {path for inner in given.shape_nodes(node, "property") for path in given.values(inner, "path")}
        if given.flag(node, "closed"):
            yield shapes.of_closed(frozenset({p for p in paths if isinstance(p, str) and not is_blank(p)} | ignored))


def read_targets(given: ShapesGraph, node: Iri) -> Targets:
    """What a shape targets (SHACL 2.1.3); problems are noted."""
    targets = Targets()
    for name, found in (
        ("targetClass", targets.classes),
        ("targetSubjectsOf", targets.subjects_of),
        ("targetObjectsOf", targets.objects_of),
    ):
        with given.refusing(node):
            found.extend(given.iris(node, name))
    targets.nodes.extend(given.values(node, "targetNode"))
    if any(is_blank(target) for target in targets.nodes):
        given.refuse(node, "has a blank node for sh:targetNode")
    if given.is_implicit_target(node):
        # No node can say that it is a member of a class without a name.
        if is_blank(node):
            given.refuse(node, "is a shape and a class at once, and needs an IRI for that")
        elif node not in targets.classes:
            targets.classes.append(node)
    return targets
