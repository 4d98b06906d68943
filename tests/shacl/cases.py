"""Random shapes, graphs and changes: the whole of SHACL Core on a handful of terms, so that they meet often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from registry.rdf.terms import Iri, Literal, Statement, Term, boolean, text
from registry.rdf.vocabulary import (
    DASH,
    RDF_FIRST,
    RDF_LANG_STRING,
    RDF_NIL,
    RDF_REST,
    RDF_TYPE,
    RDFS_CLASS,
    RDFS_SUB_CLASS_OF,
    SH,
    SKOLEM,
    XSD,
    XSD_INTEGER,
)
from registry.shacl.shapes import HasValueTarget
from tests.shacl.query_cases import draw_ask, draw_select
from tests.shacl.whole import E

PREDICATES = [E + name for name in "pqr"]
CLASSES = [E + name for name in "ABC"]
HIERARCHY: list[Statement] = [(E + "B", RDFS_SUB_CLASS_OF, E + "A")]
NAMED = [f"{E}n{number}" for number in range(5)]
BLANK = [f"{SKOLEM}b{number}" for number in range(2)]
PLAIN: list[Literal] = [
    *(Literal(str(number), XSD_INTEGER) for number in range(5)),
    Literal("1.5", XSD + "decimal"),
    Literal("1.0E0", XSD + "double"),
    boolean(True),
    Literal("2020-01-01T00:00:00Z", XSD + "dateTime"),
    Literal("2020-05-05", XSD + "date"),
    *(text(word) for word in ("x", "xy", "n1")),
    *(text(word, language) for word, language in (("x", "en"), ("y", "en"), ("y", "de"), ("z", "en-us"))),
]
TRICKY = [
    Literal(lexical, XSD + datatype)
    for lexical, datatype in (
        ("01", "integer"), ("+1", "integer"), ("abc", "integer"), ("1.0", "decimal"), ("1", "decimal"),
        ("1", "boolean"), ("NaN", "double"), ("INF", "double"), ("300", "byte"), ("1", "int"), ("1e0", "float"),
        ("2020-01-01T00:00:00+01:00", "dateTime"), ("2020-01-01T00:00:00", "dateTime"), ("2020-13-01", "date"),
        ("2020-01-01T24:00:00Z", "dateTime"), ("24:00:00", "time"), ("P1D", "duration"), ("P1M", "duration"),
    )
] + [Literal("x", E + "datatype"), text(""), text("a\nb"), text("a\n"), text("é")]  # fmt: skip

SIMPLE = [literal for literal in PLAIN if literal.datatype.removeprefix(XSD) not in ("dateTime", "date", "boolean")]
"""Of two of these, an engine that compares texts where it should give up still finds what SPARQL finds."""

TARGET_NODES: list[Term] = [*NAMED, PLAIN[0]]


@dataclass(frozen=True)
class Scope:
    """What may be drawn. The defaults are everything; an oracle with faults gets less."""

    complex_inverses: bool = True
    orders: bool = True
    extensions: bool = True
    tricky: bool = True
    empty_texts: bool = True
    closed_values: bool = True
    """Whether property shapes may be closed: what their value nodes say, then."""
    left_out: frozenset[Literal] = frozenset()
    """Literals that nothing has."""
    queries: bool = True


class Case:
    """A shapes graph being drawn, with the means to draw data for it."""

    def __init__(self, seed: int, scope: Scope | None = None) -> None:
        self.random = Random(seed)
        self.scope = scope or Scope()
        self.shapes: list[Statement] = []
        self.extra_targets: dict[Iri, list[HasValueTarget]] = {}
        self._labels = 0

    def draw_shapes(self) -> Case:
        """Draw one to three targeted shapes."""
        for number in range(self.random.choice([1, 1, 2, 3])):
            self._root(f"{E}S{number}")
        return self

    def draw_component(self, kind: str, path: str) -> Case:
        """Draw one property shape for the class A, with constraints of one kind and a path of one kind."""
        shape, inner = E + "S", self._blank()
        self._say(shape, "targetClass", CLASSES[0])
        self._say(shape, "property", inner)
        self._say(inner, "path", self.path_of_kind(path))
        self.state(kind, inner)
        return self

    def statement(self) -> Statement:
        """A statement that data may have."""
        subject = self.random.choice(NAMED + BLANK)
        if self.random.random() < 0.3:
            return subject, RDF_TYPE, self.random.choice(CLASSES)
        return subject, self.random.choice(PREDICATES), self._value(NAMED + BLANK)

    def _value(self, nodes: Sequence[Iri] = NAMED) -> Term:
        """A term; shapes name no blank nodes, since those of another document are others."""
        return self.random.choice(nodes) if self.random.random() < 0.55 else self._literal()

    def _literal(self) -> Literal:
        while True:
            tricky = self.scope.tricky and self.random.random() < 0.4
            drawn = self.random.choice(TRICKY if tricky else PLAIN if self.scope.orders else SIMPLE)
            if drawn not in self.scope.left_out:
                return drawn

    def _say(self, node: Iri, name: str, value: str | Literal) -> None:
        self.shapes.append((node, name if ":" in name else SH + name, value))

    def _blank(self) -> Iri:
        self._labels += 1
        return f"_:s{self._labels}"

    def _list(self, members: Sequence[Term]) -> Iri:
        head = RDF_NIL
        for member in reversed(members):
            rest, head = head, self._blank()
            self.shapes += [(head, RDF_FIRST, member), (head, RDF_REST, rest)]
        return head

    def _root(self, shape: Iri) -> None:
        choose = self.random.choice
        for _ in range(choose([1, 1, 2])):
            match choose(["class", "class", "node", "subjects", "objects", "implicit", "value"]):
                case "class":
                    self._say(shape, "targetClass", choose(CLASSES))
                case "node":
                    self._say(shape, "targetNode", choose(TARGET_NODES))
                case "subjects":
                    self._say(shape, "targetSubjectsOf", choose(PREDICATES))
                case "objects":
                    self._say(shape, "targetObjectsOf", choose(PREDICATES))
                case "implicit":
                    self.shapes += [(shape, RDF_TYPE, RDFS_CLASS), (shape, RDF_TYPE, SH + "NodeShape")]
                case "value" if self.scope.extensions:
                    self.extra_targets.setdefault(shape, []).append(HasValueTarget(choose(PREDICATES), self._value()))
                case _:
                    self._say(shape, "targetSubjectsOf", choose(PREDICATES))
        implicit = (shape, RDF_TYPE, SH + "NodeShape") in self.shapes
        if self.random.random() < 0.3 and not implicit:
            self._property_shape(shape, 0)
        elif self.random.random() < 0.4:
            self._constraints(shape, 0, of_property=False)
        else:
            for _ in range(choose([1, 2])):
                self._say(shape, "property", self._property_shape(self._blank(), 0))
        if self.random.random() < 0.1:
            self._say(shape, "severity", choose([SH + "Warning", SH + "Info"]))

    def _property_shape(self, shape: Iri, depth: int) -> Iri:
        path = self.path()
        self._say(shape, "path", path)
        self._constraints(shape, depth, of_property=True)
        if self.random.random() < 0.05:
            self._say(shape, "deactivated", boolean(True))
        if self.scope.extensions and path in PREDICATES and self.random.random() < 0.1:
            self.state("unique", shape)
        return shape

    def _node_shape(self, depth: int) -> Iri:
        shape = self._blank()
        self._constraints(shape, depth, of_property=False)
        return shape

    def _any_shape(self, depth: int) -> Iri:
        return self._node_shape(depth) if self.random.random() < 0.6 else self._property_shape(self._blank(), depth)

    def path(self, depth: int = 0) -> Iri:
        """A path of any kind, as a node of the shapes graph."""
        chance = self.random.random()
        if depth > 1 or chance < 0.45:
            return self.random.choice(PREDICATES)
        if chance >= 0.75:
            kind = self.random.choice(["alternativePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath"])
            several = kind == "alternativePath"
            inner = self._list([self.path(depth + 1), self.path(depth + 1)]) if several else self.path(depth + 1)
        elif chance >= 0.6:
            return self._list([self.path(depth + 1), self.path(depth + 1)])
        else:
            kind = "inversePath"
            inner = self.path(depth + 1) if self.scope.complex_inverses else self.random.choice(PREDICATES)
        return self._path_node(kind, inner)

    def path_of_kind(self, kind: str) -> Iri:
        """One of the kinds of path that break incremental validators."""
        p, q = PREDICATES[:2]
        match kind:
            case "predicate":
                return p
            case "sequence":
                return self._list([p, q])
            case "alternative":
                return self._path_node("alternativePath", self._list([p, q]))
            case "inverse of sequence":
                return self._path_node("inversePath", self._list([p, q]))
            case "sequence of repeats":
                return self._list([self._path_node("zeroOrMorePath", p), self._path_node("zeroOrOnePath", q)])
            case "inverse in sequence":
                return self._list([self._path_node("inversePath", p), q])
        return self._path_node(kind, p)

    def _path_node(self, kind: str, inner: Iri) -> Iri:
        node = self._blank()
        self._say(node, kind, inner)
        return node

    def _constraints(self, shape: Iri, depth: int, *, of_property: bool) -> None:
        kinds = self._kinds(depth, of_property)
        drawn = [self.random.choice(kinds) for _ in range(self.random.choice([1, 1, 2, 3]))]
        for index, kind in enumerate(drawn):
            if kind in REPEATABLE or kind not in drawn[:index]:
                self.state(kind, shape, depth)

    def _kinds(self, depth: int, of_property: bool) -> list[str]:
        kinds = [*OF_ANY, *OF_SETS, "class"]
        kinds += OF_QUERIES if self.scope.queries and self.random.random() < 0.2 else []
        if of_property:
            kinds += [*OF_PROPERTY, "minCount", "maxCount"]
            kinds += OF_ORDER if self.scope.orders else []
        if depth < 2:
            kinds += [*OF_SHAPES, "property"]
            kinds += ["closed"] if self.scope.closed_values or not of_property else []
            kinds += ["qualified", "qualified"] if of_property else []
        return kinds

    def state(self, kind: str, shape: Iri, depth: int = 0) -> None:
        """State constraints of one kind at a shape."""
        choose = self.random.choice
        match kind:
            case "class":
                self._say(shape, kind, choose(CLASSES))
            case "nodeKind":
                self._say(shape, kind, SH + choose(NODE_KINDS))
            case "datatype":
                self._say(shape, kind, choose(DATATYPES))
            case "bounds":
                for name in self.random.sample(["minInclusive", "maxInclusive", "minExclusive", "maxExclusive"], 2):
                    self._say(
                        shape, name, choose(ORDERED if self.scope.orders and self.random.random() < 0.5 else PLAIN[:6])
                    )
            case "lengths":
                self._say(shape, "minLength", number(choose([0, 1, 2] if self.scope.empty_texts else [1, 2])))
                self._say(shape, "maxLength", number(choose([1, 2, 30])))
            case "pattern":
                self._say(shape, kind, text(choose(["[0-2]$", "^x", "X", "n", "^http", "^$"])))
                if self.random.random() < 0.3:
                    self._say(shape, "flags", text("i"))
            case "languageIn":
                self._say(shape, kind, self._list([text(tag) for tag in choose([["en"], ["de", "en"], ["en-US"]])]))
            case "uniqueLang":
                self._say(shape, kind, boolean(True))
            case "equals" | "disjoint" | "lessThan" | "lessThanOrEquals":
                self._say(shape, kind, choose(PREDICATES))
            case "in":
                self._say(shape, kind, self._list([self._value() for _ in range(choose([1, 4]))]))
            case "hasValue":
                self._say(shape, kind, self._value())
            case "minCount" | "maxCount":
                self._say(shape, kind, number(choose([0, 1, 1, 2])))
            case "not":
                self._say(shape, kind, self._any_shape(depth + 1))
            case "and" | "or" | "xone":
                self._say(shape, kind, self._list([self._any_shape(depth + 1) for _ in range(choose([1, 2, 2, 3]))]))
            case "node":
                self._say(shape, kind, self._node_shape(depth + 1))
            case "property":
                self._say(shape, kind, self._property_shape(self._blank(), depth + 1))
            case "qualified":
                self._qualified(shape, depth)
            case "closed":
                self._say(shape, kind, boolean(True))
                ignored = choose([[RDF_TYPE], [RDF_TYPE, PREDICATES[0]], []])
                self._say(shape, "ignoredProperties", self._list(ignored))
            case "sparql":
                self._sparql(shape)
            case "ask":
                self._ask(shape)
            case "unique":
                self._say(shape, DASH + "uniqueValueForClass", choose(CLASSES))

    def _sparql(self, shape: Iri) -> None:
        has_path = any(subject == shape and predicate == SH + "path" for subject, predicate, _ in self.shapes)
        node = self._blank()
        self._say(shape, "sparql", node)
        self._say(node, "select", text(draw_select(self.random, "path" if has_path else None)))
        if self.random.random() < 0.3:
            self._say(node, "message", text("{?value} of {$this}"))

    def _ask(self, shape: Iri) -> None:
        """A component of the shape's own, so that each has another query."""
        component, parameter, validator = f"{E}K{self._labels}", self._blank(), self._blank()
        self.shapes.append((component, RDF_TYPE, SH + "ConstraintComponent"))
        self._say(component, "parameter", parameter)
        self._say(parameter, "path", f"{component}/limit")
        self._say(component, "validator", validator)
        self._say(validator, "ask", text(draw_ask(self.random)))
        self.shapes.append((shape, f"{component}/limit", self._value()))

    def _qualified(self, shape: Iri, depth: int) -> None:
        self._say(shape, "qualifiedValueShape", self._any_shape(depth + 1))
        for name in self.random.choice([["Min"], ["Max"], ["Min", "Max"]]):
            self._say(shape, f"qualified{name}Count", number(self.random.choice([0, 1, 1, 2])))
        if self.random.random() < 0.3:
            self._say(shape, "qualifiedValueShapesDisjoint", boolean(True))


def number(value: int) -> Literal:
    return Literal(str(value), XSD_INTEGER)


NODE_KINDS = ["IRI", "Literal", "IRIOrLiteral", "BlankNode", "BlankNodeOrIRI", "BlankNodeOrLiteral"]
DATATYPES = [RDF_LANG_STRING] + [XSD + name for name in ["integer", "string", "decimal", "dateTime", "boolean", "byte"]]
ORDERED = [literal for literal in PLAIN if literal.datatype != RDF_LANG_STRING]
OF_ANY = ["class", "nodeKind", "datatype", "bounds", "lengths", "pattern", "languageIn", "in"]
OF_SETS = ["equals", "disjoint", "hasValue"]
OF_PROPERTY = ["minCount", "maxCount", "uniqueLang"]
OF_ORDER = ["lessThan", "lessThanOrEquals"]
OF_QUERIES = ["sparql", "ask"]
OF_SHAPES = ["not", "and", "or", "xone", "node", "property"]
COMPONENTS = [*OF_ANY, *OF_SETS, *OF_PROPERTY, *OF_ORDER, *OF_SHAPES, "qualified", "closed", *OF_QUERIES]
PATHS = [
    "predicate", "sequence", "alternative", "inversePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath",
    "inverse of sequence", "sequence of repeats", "inverse in sequence",
]  # fmt: skip
REPEATABLE = {"class", *OF_SETS, *OF_ORDER, *OF_SHAPES, *OF_QUERIES}
