"""From a shapes graph to compiled shapes: everything is understood, or refused with the place and the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from registry.errors import OntologyRejected
from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Iri, Literal, Term, is_blank
from registry.rdf.vocabulary import DASH, RDF_LANG_STRING, RDF_TYPE, SH, XSD_BOOLEAN, XSD_INTEGER
from registry.shacl import constraints as one
from registry.shacl import sets
from registry.shacl.constraints import Anchor, Constraint, Offence, Read, Test
from registry.shacl.graph import Graph
from registry.shacl.paths import Path, Predicate, read_path, text, walk
from registry.shacl.reads import reads_of_path, under
from registry.shacl.report import Severity, Violation

_BOUNDS = ("minExclusive", "minInclusive", "maxExclusive", "maxInclusive")
_OF_VALUES = ("class", "datatype", "nodeKind", *_BOUNDS, "minLength", "maxLength", "pattern", "languageIn", "in")
_PATH_ONLY = ("minCount", "maxCount", "uniqueLang", "lessThan", "lessThanOrEquals", "qualifiedValueShape")
_ONCE = (
    "datatype", "nodeKind", "minCount", "maxCount", *_BOUNDS, "minLength", "maxLength", "languageIn", "uniqueLang",
    "in", "qualifiedMinCount", "qualifiedMaxCount", "severity", "deactivated", "closed", "ignoredProperties", "flags",
)  # fmt: skip
_SHAPES_IN = ("node", "property", "not", "qualifiedValueShape")
_LISTS_OF_SHAPES = ("and", "or", "xone")
CONSTRAINT_PARAMETERS = frozenset(
    SH + name
    for name in (*_OF_VALUES, *_PATH_ONLY, "equals", "disjoint", *_SHAPES_IN, *_LISTS_OF_SHAPES, "closed", "hasValue")
)
TARGETS = frozenset(SH + name for name in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf"))
_UNDERSTOOD = (
    CONSTRAINT_PARAMETERS
    | TARGETS
    | {SH + name for name in (*_ONCE, "path", "message", "qualifiedValueShapesDisjoint")}
    | {SH + name for name in ("name", "description", "order", "group", "defaultValue")}
)
_EXTENSIONS = frozenset(
    [SH + name for name in ("sparql", "select", "ask", "construct", "update", "validator", "nodeValidator")]
    + [SH + name for name in ("propertyValidator", "parameter", "rule", "target", "js", "jsLibrary", "expression")]
    + [SH + name for name in ("ConstraintComponent", "SPARQLConstraint", "SPARQLTarget", "SPARQLTargetType")]
    + [SH + name for name in ("Function", "SPARQLFunction", "JSFunction", "TripleRule", "SPARQLRule")]
)
"""Terms that change the meaning of shapes wherever they stand; elsewhere SHACL's words may be data like any other."""
_SEVERITIES = {SH + severity.value: severity for severity in Severity if severity is not Severity.CUSTOM}


@dataclass(slots=True)
class CompiledShape:
    """One shape, ready to run.

    ``reads`` is all that checking a node against it looks at, from that node; ``own_reads`` leaves out what only its
    property shapes look at.
    """

    node: Iri
    name: Iri
    path: Path | None
    severity: Severity
    custom_severity: Iri | None
    messages: Sequence[Literal]
    constraints: Sequence[Constraint] = ()
    properties: Sequence[CompiledShape] = ()
    own_reads: tuple[Read, ...] = ()
    reads: tuple[Read, ...] = ()
    _walk: Callable[[Graph, Term], Sequence[Term]] = field(default=lambda graph, node: (node,))
    _path_text: str = ""

    def __post_init__(self) -> None:
        if self.path is not None:
            self._walk = walk(self.path)
            self._path_text = text(self.path)

    def check(self, graph: Graph, focus: Term, found: list[Violation]) -> None:
        """Append every result of this shape at a focus node, those of its property shapes included."""
        values = self._walk(graph, focus)
        self.check_own(graph, focus, values, found)
        for shape in self.properties:
            for value in values:
                shape.check(graph, value, found)

    def check_own(self, graph: Graph, focus: Term, values: Sequence[Term], found: list[Violation]) -> None:
        """Append the results of the shape's own constraints, without those of its property shapes."""
        for constraint in self.constraints:
            found.extend(self._violation(constraint, focus, o) for o in constraint.search(graph, focus, values))

    def _violation(self, constraint: Constraint, focus: Term, offence: Offence) -> Violation:
        return Violation(
            focus=focus if offence.focus is None else offence.focus,
            path=self._path_text if offence.path is None else offence.path,
            value=offence.value,
            message=self.messages[0].lexical if self.messages else constraint.advice,
            severity=self.severity,
            component=constraint.component,
            shape=self.name,
            custom_severity=self.custom_severity,
        )

    def conforms(self, graph: Graph, node: Term) -> bool:
        """Whether the shape has no result at a node (SHACL 3.4.2: of any severity)."""
        found: list[Violation] = []
        self.check(graph, node, found)
        return not found


class Compiler:
    """Compiles each shape of a graph once; ``problems`` collects what is not understood."""

    def __init__(self, shapes: MemoryGraph, origin: Callable[[Iri], str] | None = None) -> None:
        self.shapes = shapes
        self.problems: list[str] = []
        self._origin = origin or (lambda iri: "")
        self._compiled: dict[Iri, CompiledShape | None] = {}

    def refuse(self, node: Iri, reason: str) -> None:
        """Note what is not understood, with the place of the nearest named shape."""
        name = self._named(node)
        place = self._origin(name)
        self.problems.append(f"{place}: <{name}> {reason}" if place else f"<{name}> {reason}")

    def refuse_extensions(self) -> None:
        """Refuse components, functions, targets and rules that shapes define in SPARQL or JavaScript."""
        for subject, predicate, target in self.shapes:
            for term in (predicate, target if predicate == RDF_TYPE else None):
                if term in _EXTENSIONS and isinstance(term, str):
                    self._refuse_term(subject, term)

    def _refuse_term(self, node: Iri, term: Iri) -> None:
        self.refuse(node, f"says sh:{term.removeprefix(SH)}, which is not enforced here")

    def shape(self, node: Iri) -> CompiledShape:
        """The compiled form of a shape; recursion is refused (SHACL 3.4.3 leaves it to the engine)."""
        if node in self._compiled:
            done = self._compiled[node]
            if done is None:
                self.refuse(node, "is part of itself: recursive shapes have no agreed meaning")
                return self._blank(node)
            return done
        self._compiled[node] = None
        done = self._compile(node)
        self._compiled[node] = done
        return done

    def finish(self) -> None:
        """Raise OntologyRejected with everything that was not understood."""
        if self.problems:
            findings = list(dict.fromkeys(self.problems))
            first = findings[0] + (f" (and {len(findings) - 1} more)" if len(findings) > 1 else "")
            raise OntologyRejected(f"the shapes are not understood: {first}", findings)

    def _blank(self, node: Iri) -> CompiledShape:
        return CompiledShape(node, self._named(node), None, Severity.VIOLATION, None, ())

    def _named(self, node: Iri) -> Iri:
        """The node itself or the nearest shape with an IRI that it is part of."""
        waiting, seen = [node], set()
        while waiting:
            current = waiting.pop(0)
            if not current.startswith("_:"):
                return current
            if current not in seen:
                seen.add(current)
                waiting.extend(subject for subject, _, target in self.shapes if target == current)
        return node

    def _compile(self, node: Iri) -> CompiledShape:
        stated = self.shapes.outgoing(node)
        for predicate in stated:
            if predicate.startswith(SH) and predicate not in _UNDERSTOOD:
                self._refuse_term(node, predicate)
        for name in _ONCE:
            if len(stated.get(SH + name, ())) > 1:
                self.refuse(node, f"says sh:{name} more than once")
        shape = self._blank(node)
        self._read_head(shape, node)
        if self._flag(node, "deactivated"):
            return self._blank(node)
        try:
            path = self.shapes.objects(node, SH + "path")
            if len(path) > 1:
                raise ValueError("says sh:path more than once")
            if path:
                shape.path = read_path(self.shapes, path[0])
                shape.__post_init__()
            shape.constraints = self._constraints(node, shape.path)
            shape.properties = [self.shape(self._shape_node(p)) for p in self.shapes.objects(node, SH + "property")]
            for inner in shape.properties:
                if inner.path is None and SH + "path" not in self.shapes.outgoing(inner.node):
                    raise ValueError(f"names {inner.name} by sh:property, which has no sh:path")
        except ValueError as error:
            self.refuse(node, f"{error}")
        _note_reads(shape)
        return shape

    def _read_head(self, shape: CompiledShape, node: Iri) -> None:
        messages = [m for m in self.shapes.objects(node, SH + "message") if isinstance(m, Literal)]
        if len(messages) != len(self.shapes.objects(node, SH + "message")):
            self.refuse(node, "has a sh:message that is no text")
        shape.messages = sorted(messages, key=lambda m: (m.language.lower() not in ("", "en"), m.language))
        severity = self.shapes.value(node, SH + "severity")
        if isinstance(severity, Literal) or (severity is not None and is_blank(severity)):
            self.refuse(node, "has a sh:severity that is no IRI")
        elif severity is not None:
            shape.severity = _SEVERITIES.get(severity, Severity.CUSTOM)
            shape.custom_severity = severity if shape.severity is Severity.CUSTOM else None

    def _constraints(self, node: Iri, path: Path | None) -> Sequence[Constraint]:
        stated = self.shapes.outgoing(node)
        if path is None:
            for name in _PATH_ONLY:
                if SH + name in stated:
                    raise ValueError(f"says sh:{name} without a sh:path")
        found: list[Constraint] = []
        found.extend(self._of_values(node))
        found.extend(self._of_sets(node))
        found.extend(self._of_shapes(node))
        for class_iri in self._iris(node, DASH + "uniqueValueForClass"):
            if not isinstance(path, Predicate):
                raise ValueError("says dash:uniqueValueForClass without a path of one predicate")
            found.append(sets.of_unique_value(class_iri, path.iri))
        return found

    def _of_values(self, node: Iri) -> Iterable[Constraint]:
        for class_iri in self._iris(node, SH + "class"):
            yield one.of_class(class_iri)
        for datatype in self._iris(node, SH + "datatype"):
            yield one.of_datatype(datatype)
        for kind in self._iris(node, SH + "nodeKind"):
            yield one.of_node_kind(kind)
        for name in _BOUNDS:
            for bound in self._literals(node, name):
                yield one.of_bound(name, bound)
        for name in ("minLength", "maxLength"):
            for length in self._counts(node, name):
                yield one.of_length(name, length)
        flags = "".join(literal.lexical for literal in self._literals(node, "flags"))
        for pattern in self._literals(node, "pattern"):
            yield one.of_pattern(pattern.lexical, flags)
        for head in self.shapes.objects(node, SH + "languageIn"):
            yield one.of_languages([m.lexical for m in self.shapes.items(head) if isinstance(m, Literal)])
        for head in self.shapes.objects(node, SH + "in"):
            yield one.of_members(self.shapes.items(head))

    def _of_sets(self, node: Iri) -> Iterable[Constraint]:
        for count in self._counts(node, "minCount"):
            yield sets.of_min_count(count)
        for count in self._counts(node, "maxCount"):
            yield sets.of_max_count(count)
        if self._flag(node, "uniqueLang"):
            yield sets.of_unique_language()
        for predicate in self._iris(node, SH + "equals"):
            yield sets.of_equals(predicate)
        for predicate in self._iris(node, SH + "disjoint"):
            yield sets.of_disjoint(predicate)
        for name in ("lessThan", "lessThanOrEquals"):
            for predicate in self._iris(node, SH + name):
                yield sets.of_less_than(name, predicate)
        for wanted in self.shapes.objects(node, SH + "hasValue"):
            yield sets.of_value(wanted)
        if self._flag(node, "closed"):
            yield sets.of_closed(self._allowed(node))

    def _of_shapes(self, node: Iri) -> Iterable[Constraint]:
        for target in self.shapes.objects(node, SH + "node"):
            inner = self.shape(self._shape_node(target))
            yield one.each("Node", f"must conform to {inner.name}", inner.conforms, inner.reads)
        for target in self.shapes.objects(node, SH + "not"):
            inner = self.shape(self._shape_node(target))
            yield one.each("Not", f"must not conform to {inner.name}", _negated(inner.conforms), inner.reads)
        for name, words, test in (("and", "every", _all), ("or", "at least one", _any), ("xone", "exactly one", _one)):
            for head in self.shapes.objects(node, SH + name):
                members = [self.shape(self._shape_node(member)) for member in self.shapes.items(head)]
                reads = tuple(read for member in members for read in member.reads)
                tests = [member.conforms for member in members]
                advice = f"must conform to {words} of the {len(members)} given shapes"
                yield one.each(name.capitalize(), advice, test(tests), reads)
        yield from self._qualified(node)

    def _qualified(self, node: Iri) -> Iterable[Constraint]:
        least, most = self._counts(node, "qualifiedMinCount"), self._counts(node, "qualifiedMaxCount")
        for target in self.shapes.objects(node, SH + "qualifiedValueShape"):
            inner = self.shape(self._shape_node(target))
            siblings: list[CompiledShape] = []
            if self._flag(node, "qualifiedValueShapesDisjoint"):
                siblings = [self.shape(sibling) for sibling in self._siblings(node, target)]
            reads = tuple(read for shape in (inner, *siblings) for read in shape.reads)
            yield from sets.of_qualified(
                inner.conforms,
                [s.conforms for s in siblings],
                least[0] if least else 0,
                most[0] if most else None,
                reads,
            )

    def _siblings(self, node: Iri, own: Term) -> Sequence[Iri]:
        """The sibling shapes of SHACL 4.7.3: other qualified value shapes of the property shapes beside this one."""
        found = [
            qualified
            for parent in self.shapes.sources(node, SH + "property")
            for beside in self.shapes.objects(parent, SH + "property")
            if isinstance(beside, str)
            for qualified in self.shapes.objects(beside, SH + "qualifiedValueShape")
            if qualified != own and isinstance(qualified, str)
        ]
        return list(dict.fromkeys(found))

    def _allowed(self, node: Iri) -> frozenset[Iri]:
        allowed = {p for head in self.shapes.objects(node, SH + "ignoredProperties") for p in self.shapes.items(head)}
        for inner in self.shapes.objects(node, SH + "property"):
            path = self.shapes.value(inner, SH + "path") if isinstance(inner, str) else None
            if path is not None and not is_blank(path):
                allowed.add(path)
        return frozenset(term for term in allowed if isinstance(term, str))

    def _shape_node(self, term: Term) -> Iri:
        if not isinstance(term, str):
            raise ValueError(f"names the literal {term.lexical!r} where a shape must stand")
        if not self.shapes.outgoing(term):
            raise ValueError(f"names <{term}> as a shape, but nothing is said of it")
        return term

    def _iris(self, node: Iri, predicate: Iri) -> Sequence[Iri]:
        values = self.shapes.objects(node, predicate)
        for value in values:
            if not isinstance(value, str) or is_blank(value):
                raise ValueError(f"needs an IRI for <{predicate}>")
        return [value for value in values if isinstance(value, str)]

    def _literals(self, node: Iri, name: str) -> Sequence[Literal]:
        values = self.shapes.objects(node, SH + name)
        for value in values:
            if not isinstance(value, Literal) or value.datatype == RDF_LANG_STRING:
                raise ValueError(f"needs a literal without a language for sh:{name}")
        return [value for value in values if isinstance(value, Literal)]

    def _counts(self, node: Iri, name: str) -> Sequence[int]:
        found = []
        for literal in self._literals(node, name):
            if literal.datatype != XSD_INTEGER or not literal.lexical.lstrip("+").isdecimal():
                raise ValueError(f"needs an xsd:integer of 0 or more for sh:{name}, not {literal.lexical!r}")
            found.append(int(literal.lexical))
        return found

    def _flag(self, node: Iri, name: str) -> bool:
        value = self.shapes.value(node, SH + name)
        if value is None:
            return False
        if not isinstance(value, Literal) or value.datatype != XSD_BOOLEAN:
            self.refuse(node, f"needs true or false for sh:{name}")
            return False
        # The suite holds that only the word switches a flag on (core/property/uniqueLang-002).
        return value.lexical == "true"


def is_shape_type(shapes: MemoryGraph, node: Iri) -> bool:
    """Whether a node says that it is a shape."""
    return any(t in (SH + "NodeShape", SH + "PropertyShape") for t in shapes.objects(node, RDF_TYPE))


def _note_reads(shape: CompiledShape) -> None:
    own: list[Read] = [] if shape.path is None else list(reads_of_path(shape.path))
    prefix: tuple[Path, ...] = () if shape.path is None else (shape.path,)
    for constraint in shape.constraints:
        own.extend(under(prefix if constraint.anchor is Anchor.VALUE else (), constraint.reads))
    of_properties = [read for inner in shape.properties for read in under(prefix, inner.reads)]
    shape.own_reads = tuple(dict.fromkeys(own))
    shape.reads = tuple(dict.fromkeys((*own, *of_properties)))


def _negated(test: Test) -> Test:
    return lambda graph, value: not test(graph, value)


def _all(tests: Sequence[Test]) -> Test:
    return lambda graph, value: all(test(graph, value) for test in tests)


def _any(tests: Sequence[Test]) -> Test:
    return lambda graph, value: any(test(graph, value) for test in tests)


def _one(tests: Sequence[Test]) -> Test:
    return lambda graph, value: sum(1 for test in tests if test(graph, value)) == 1
