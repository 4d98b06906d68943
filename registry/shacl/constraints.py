"""What a compiled constraint is, and the constraints that look at one value at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from registry.rdf.terms import Iri, Literal, Term, is_blank, local_name
from registry.rdf.vocabulary import RDF_LANG_STRING, RDF_TYPE, SH, XSD_STRING
from registry.shacl.graph import Graph
from registry.shacl.paths import Path
from registry.shacl.values import compare, in_language, is_well_formed


class Way(Enum):
    """Which end of a statement a read starts from."""

    OUT = "out"
    IN = "in"


class Anchor(Enum):
    """Where a constraint's own reads start: at the focus node, or at each value node."""

    FOCUS = "focus"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Read:
    """Checking looks at the statements of ``predicate`` (any, for None) at the nodes that ``prefix`` leads to."""

    prefix: tuple[Path, ...]
    predicate: Iri | None
    way: Way = Way.OUT


@dataclass(frozen=True, slots=True)
class Offence:
    """A value that breaks a constraint; ``focus`` and ``path`` are set only where they differ from the shape's."""

    value: Term | None
    focus: Term | None = None
    path: str | None = None


Test: TypeAlias = Callable[[Graph, Term], bool]
Search: TypeAlias = Callable[[Graph, Term, Sequence[Term]], Iterable[Offence]]


@dataclass(frozen=True, slots=True)
class Constraint:
    """One compiled constraint: how to find what breaks it, and what that search reads besides the value nodes."""

    component: Iri
    advice: str
    search: Search
    anchor: Anchor = Anchor.VALUE
    reads: tuple[Read, ...] = ()


def each(component: str, advice: str, test: Test, reads: tuple[Read, ...] = ()) -> Constraint:
    """A constraint that every value node must pass by itself."""

    def search(graph: Graph, focus: Term, values: Sequence[Term]) -> Iterable[Offence]:
        return [Offence(value) for value in values if not test(graph, value)]

    return Constraint(f"{SH}{component}ConstraintComponent", advice, search, Anchor.VALUE, reads)


def lexical(term: Term) -> str | None:
    """What length and pattern look at: a literal's text, an IRI; None for a blank node, which always fails."""
    if isinstance(term, Literal):
        return term.lexical
    return None if is_blank(term) else term


def of_class(class_iri: Iri) -> Constraint:
    """sh:class (SHACL 4.1.1), with the classes below it."""

    def test(graph: Graph, value: Term) -> bool:
        if not isinstance(value, str):
            return False
        types = graph.outgoing(value).get(RDF_TYPE, ())
        return any(type(t) is str and (t == class_iri or class_iri in graph.superclasses(t)) for t in types)

    return each("Class", f"must be a {local_name(class_iri)}", test, (Read((), RDF_TYPE),))


def of_datatype(datatype: Iri) -> Constraint:
    """sh:datatype (SHACL 4.1.2): the datatype, and a lexical form that is one of it."""
    advice = f"must be a well-formed {local_name(datatype)}"
    if datatype in (RDF_LANG_STRING, XSD_STRING):
        return each("Datatype", advice, lambda graph, value: isinstance(value, Literal) and value.datatype == datatype)
    return each(
        "Datatype",
        advice,
        lambda graph, value: isinstance(value, Literal) and value.datatype == datatype and is_well_formed(value),
    )


_NODE_KINDS = {
    "IRI": ("iri",),
    "BlankNode": ("blank",),
    "Literal": ("literal",),
    "BlankNodeOrIRI": ("blank", "iri"),
    "BlankNodeOrLiteral": ("blank", "literal"),
    "IRIOrLiteral": ("iri", "literal"),
}


def of_node_kind(kind: Iri) -> Constraint:
    """sh:nodeKind (SHACL 4.1.3). Raises ValueError for an unknown kind."""
    name = kind.removeprefix(SH)
    if name not in _NODE_KINDS:
        raise ValueError(f"there is no node kind <{kind}>")
    allowed = _NODE_KINDS[name]

    def test(graph: Graph, value: Term) -> bool:
        return ("literal" if isinstance(value, Literal) else "blank" if is_blank(value) else "iri") in allowed

    return each("NodeKind", f"must be {name}", test)


_BOUNDS = {
    "minInclusive": ((0, 1), "at least"),
    "minExclusive": ((1,), "more than"),
    "maxInclusive": ((-1, 0), "at most"),
    "maxExclusive": ((-1,), "less than"),
}


def of_bound(name: str, bound: Literal) -> Constraint:
    """sh:minInclusive and its three siblings (SHACL 4.3); what cannot be compared fails."""
    allowed, words = _BOUNDS[name]
    component = name[0].upper() + name[1:]
    return each(component, f"must be {words} {bound.lexical}", lambda graph, value: compare(value, bound) in allowed)


def of_length(name: str, length: int) -> Constraint:
    """sh:minLength and sh:maxLength (SHACL 4.4.1, 4.4.2), in characters."""
    least = name == "minLength"

    def test(graph: Graph, value: Term) -> bool:
        text = lexical(value)
        return text is not None and (len(text) >= length if least else len(text) <= length)

    words = "at least" if least else "at most"
    return each(name[0].upper() + name[1:], f"must have {words} {length} characters", test)


_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}


def of_pattern(pattern: str, flags: str) -> Constraint:
    """sh:pattern (SHACL 4.4.3) in the regular expressions that XPath and Python share.

    Raises ValueError for a flag or a construct that Python does not read as XPath does.
    """
    bits = 0
    for flag in flags:
        if flag == "q":
            pattern = re.escape(pattern)
        elif flag not in _FLAGS:
            raise ValueError(f"there is no regular expression flag {flag!r}")
        else:
            bits |= _FLAGS[flag]
    if re.search(r"(?<!\\)(?:\\\\)*(?:\\[pPiIcC]|\[[^\]]*-\[|\(\?[^:])", pattern) and "q" not in flags:
        raise ValueError(f"the pattern {pattern!r} uses what Python's regular expressions read differently")
    try:
        matcher = re.compile(pattern, bits).search
    except re.error as error:
        raise ValueError(f"the pattern {pattern!r} is no regular expression: {error}") from error

    def test(graph: Graph, value: Term) -> bool:
        text = lexical(value)
        return text is not None and matcher(text) is not None

    return each("Pattern", f"must match {pattern}", test)


def of_languages(ranges: Sequence[str]) -> Constraint:
    """sh:languageIn (SHACL 4.4.4)."""

    def test(graph: Graph, value: Term) -> bool:
        return isinstance(value, Literal) and any(in_language(value.language, wanted) for wanted in ranges)

    return each("LanguageIn", f"must be in one of the languages {', '.join(ranges)}", test)


def of_members(members: Sequence[Term]) -> Constraint:
    """sh:in (SHACL 4.8.3): one of these very terms."""
    allowed = frozenset(members)
    shown = ", ".join(member.lexical if isinstance(member, Literal) else local_name(member) for member in members[:12])
    return each("In", f"must be one of {shown}{' …' if len(members) > 12 else ''}", lambda g, value: value in allowed)
