"""How much work a query can be at most, from the number of statements with each predicate: before it is asked.

Every plan of an engine joins what the triple patterns match, so that no intermediate result has more rows than the
product of what they match has. Texts that grow, and regular expressions, are counted too. The bound is coarse and
proven; what is below it runs at once, and what is not runs where it can be stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from math import prod
from typing import TypeAlias

from registry.rdf.terms import Iri, Literal, Statement
from registry.shacl.constraints import patterns
from registry.shacl.paths import Alternative, Chain, Inverse, Path, Predicate, Repeat
from registry.shacl.sparql.algebra import Node, Triple, path_of

Counts: TypeAlias = Mapping[Iri | None, int]
"""Statements by predicate; those of None are all of them."""

Rows: TypeAlias = Callable[[Counts], int]

_UNKNOWN = 10**9
"""For what cannot be bounded: more than anything may be that runs at once."""


class Estimate:
    """What a query can cost over some statements. ``depth`` is how many patterns multiply."""

    def __init__(self, algebra: Node) -> None:
        self._rows, self.depth = _rows(algebra)
        self._growth = prod(_growths(algebra))
        self._regex_steps = sum(_regex_steps(algebra))
        self._gathers_text = any(found.name == "Aggregate_GroupConcat" for found in _nodes(algebra))
        self.looks_at_text = self._growth > 1 or self._regex_steps > 0 or self._gathers_text

    def steps(self, statements: Mapping[Statement, None], others: int) -> int:
        """A bound on the work, in rows that an engine makes. ``others`` are statements that are not among these."""
        total = len(statements) + others
        if not self.looks_at_text and (total + 1) ** self.depth <= 1_000:
            return 1_000
        counts: Counter[Iri | None] = Counter(predicate for _, predicate, _ in statements)
        if others:
            counts = Counter({predicate: count + others for predicate, count in counts.items()})
            rows = self._rows(_WithDefault(counts, others, total))
        else:
            counts[None] = total
            rows = self._rows(counts)
        if not self.looks_at_text:
            return rows
        longest = max((len(o.lexical) if isinstance(o, Literal) else len(o) for _, _, o in statements), default=0) + 100
        grown = longest * self._growth * (rows if self._gathers_text else 1)
        return rows * (1 + grown // 1_000 + grown * self._regex_steps // 100)


class _WithDefault(dict[Iri | None, int]):
    def __init__(self, counts: Counts, default: int, total: int) -> None:
        super().__init__({**counts, None: total})
        self._default = default

    def __missing__(self, predicate: Iri | None) -> int:
        return self._default


def _rows(part: object) -> tuple[Rows, int]:
    """A bound on the rows of a part of the algebra, and how many patterns multiply in it."""
    from rdflib.plugins.sparql.parserutils import CompValue

    if isinstance(part, CompValue):
        if part.name == "BGP":
            return _product([_of_triple(triple) for triple in part.triples])
        inner = [_rows(value) for name, value in part.items() if name != "_vars"]
        return _sum(inner) if part.name == "Union" else _product(inner)
    if isinstance(part, list | tuple):
        return _product([_rows(inner) for inner in part])
    return _one, 0


def _one(counts: Counts) -> int:
    return 1


def _product(parts: Iterable[tuple[Rows, int]]) -> tuple[Rows, int]:
    several = [(rows, depth) for rows, depth in parts if depth]
    if len(several) <= 1:
        return several[0] if several else (_one, 0)
    functions = [rows for rows, _ in several]
    return lambda counts: prod(max(1, rows(counts)) for rows in functions), sum(depth for _, depth in several)


def _sum(parts: Iterable[tuple[Rows, int]]) -> tuple[Rows, int]:
    several = list(parts)
    functions = [rows for rows, _ in several]
    depth = max((depth for _, depth in several), default=0) + 1
    return lambda counts: sum(max(1, rows(counts)) for rows in functions), depth


def _of_triple(triple: Triple) -> tuple[Rows, int]:
    from rdflib import paths
    from rdflib.term import Variable

    _, predicate, _ = triple
    if isinstance(predicate, Variable | paths.NegatedPath):
        return lambda counts: counts[None], 1
    path = path_of(predicate)
    return (lambda counts: _UNKNOWN, 8) if path is None else _of_path(path)


def _of_path(path: Path) -> tuple[Rows, int]:
    match path:
        case Predicate(iri):
            return lambda counts: counts[iri], 1
        case Inverse(inner):
            return _of_path(inner)
        case Chain(steps):
            return _product([_of_path(step) for step in steps])
        case Alternative(options):
            return _sum([_of_path(option) for option in options])
        case Repeat(inner, _):
            rows, depth = _of_path(inner)
            # From every node there can be, a walk over every step there is.
            return lambda counts: (2 * counts[None] + 1) * (rows(counts) + 1), depth + 2


def _nodes(part: object) -> Iterable[Node]:
    from rdflib.plugins.sparql.parserutils import CompValue

    if isinstance(part, CompValue):
        yield part
        for name, inner in part.items():
            if name != "_vars":
                yield from _nodes(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from _nodes(inner)


def _growths(algebra: Node) -> Iterable[int]:
    """How many times longer each function can make a text."""
    from rdflib.term import Literal as Constant

    for found in _nodes(algebra):
        match found.name:
            case "Builtin_CONCAT":
                yield max(1, len(found.arg))
            case "Builtin_REPLACE":
                yield len(found.replacement) + 1 if isinstance(found.replacement, Constant) else _UNKNOWN
            case "Builtin_ENCODE_FOR_URI":
                yield 9


def _regex_steps(algebra: Node) -> Iterable[int]:
    """How many steps each regular expression takes for a character, at most."""
    from rdflib.term import Literal as Constant

    for found in _nodes(algebra):
        if found.name in ("Builtin_REGEX", "Builtin_REPLACE"):
            try:
                assert isinstance(found.pattern, Constant)
                yield patterns.read(str(found.pattern), str(found.flags or "")).size
            except (AssertionError, ValueError):
                yield _UNKNOWN
