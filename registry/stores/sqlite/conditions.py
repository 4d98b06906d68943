"""Conditions as SQL on the number of a resource: every value is a parameter, every name is fixed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

import orjson

from registry import share
from registry.domain.find import (
    AllOf,
    Among,
    AnyOf,
    Compare,
    Condition,
    Direction,
    Linked,
    Named,
    Not,
    OfClass,
    Operator,
    Text,
    Within,
)
from registry.errors import BadInput
from registry.rdf.terms import Iri, Literal
from registry.rdf.vocabulary import RDF_TYPE
from registry.stores.encoding import as_list
from registry.stores.ordering import LONGEST_KEY, TEXT, SortKey, beyond, sort_key, text_key
from registry.stores.sqlite.words import text_test

_SIGNS = {Operator.LESS: "<", Operator.AT_MOST: "<=", Operator.GREATER: ">", Operator.AT_LEAST: ">="}
_NOTHING = "0"
_ANYTHING = "1"


class Conditions:
    """Puts SQL together and collects its parameters. Names of the graph are looked up once, as numbers.

    What has words or lies in a box is a set, made once for a question; for those conditions that are ``common``, each
    row is asked by itself instead. The unary plus keeps SQLite from trying every member of a set in turn, which within
    a link it would do for each resource.
    """

    def __init__(self, connection: sqlite3.Connection, common: frozenset[Condition] = frozenset()) -> None:
        self._common = common
        self.values: dict[str, Any] = {}
        self._connection = connection
        self._known: dict[Iri, int | None] = {}
        self._count = count(1)

    def value(self, value: Any) -> str:
        """A parameter."""
        name = f"v{next(self._count)}"
        self.values[name] = value
        return f":{name}"

    def alias(self) -> str:
        """A table name that no other part of the text uses."""
        return f"t{next(self._count)}"

    def number(self, iri: Iri) -> int | None:
        """The number of an IRI, None for one that the record has never seen."""
        if iri not in self._known:
            row = self._connection.execute("SELECT id FROM node WHERE iri = ?", (iri,)).fetchone()
            self._known[iri] = row[0] if row else None
        return self._known[iri]

    def numbers(self, iris: Iterable[Iri]) -> Sequence[int]:
        """The numbers of those IRIs that have one."""
        rows = self._connection.execute(share.query("sql", "node-ids"), {"iris": as_list(list(iris))})
        return sorted(row[1] for row in rows)

    def among(self, numbers: Sequence[int]) -> str:
        """A list of numbers of any length, as one parameter."""
        return f"(SELECT value FROM json_each({self.value(orjson.dumps(numbers).decode())}))"

    def holds(self, where: Condition, row: str) -> str:
        """SQL that is true where the condition holds for the resource whose number ``row`` is."""
        match where:
            case OfClass(classes):
                return self._has_link(row, self.number(RDF_TYPE), self.numbers(classes))
            case Among(iris):
                return f"+{row} IN {self.among(self.numbers(iris))}"
            case Named():
                name = f"(SELECT name FROM node WHERE id = {row})"
                return self.named(where, name)
            case Compare():
                return self._compare(where, row)
            case Linked(predicate, direction, inner):
                return self._linked(self.number(predicate), direction, inner, row)
            case Text():
                return self._has_words(where, row)
            case Within():
                return self._lies_in(where, row)
            case AllOf(conditions):
                # SQLite tries them in this order, and reading a text is dear beside looking into an index.
                ordered = sorted(conditions, key=reads_texts)
                return joined(" AND ", [self.holds(inner, row) for inner in ordered], _ANYTHING)
            case AnyOf(conditions):
                return joined(" OR ", [self.holds(inner, row) for inner in conditions], _NOTHING)
            case Not(inner):
                return f"NOT {self.holds(inner, row)}"

    def named(self, where: Named, name: str) -> str:
        """SQL that compares a name."""
        if where.operator is Operator.PREFIX:
            return self._begins(name, where.values[0])
        if where.operator in (Operator.EQUAL, Operator.IN):
            return f"{name} IN ({', '.join(self.value(text_key(wanted)) for wanted in where.values)})"
        raise BadInput(f"a name cannot be compared with {where.operator.value}", argument="filter")

    def compared(self, operator: Operator, literals: Sequence[Literal], row: str) -> str:
        """SQL that compares the kind and the key of a row with those of literals."""
        if operator is Operator.EXISTS:
            return _ANYTHING
        if operator is Operator.PREFIX:
            texts = [literal.lexical for literal in literals]
            begins = joined(" OR ", [self._begins(f"{row}.key", text) for text in texts], _NOTHING)
            return f"({row}.kind = {TEXT:d} AND {begins})"
        keys = [sort_key(literal) for literal in literals]
        if operator in (Operator.EQUAL, Operator.IN):
            return self._equals(keys, row)
        sign = _SIGNS[operator]
        tests = [f"({row}.kind = {key.kind:d} AND {row}.key {sign} {self.value(key.key)})" for key in keys]
        return joined(" OR ", tests, _NOTHING)

    def found(self, words: str) -> str:
        """SQL for the numbers of what has all these words or their beginnings; search operators are plain text."""
        return f"SELECT rowid FROM words WHERE words MATCH {self.value(search_of(words))}"

    def inside(self, box: Within) -> str:
        """SQL for the numbers of what lies in a box. The tree holds rounded boxes, so the exact place decides."""
        spans = [(box.west, box.east)] if box.west <= box.east else [(box.west, 180.0), (-180.0, box.east)]
        south, north = self.value(box.south), self.value(box.north)
        tests = [
            f"SELECT id FROM place WHERE north >= {south} AND south <= {north} AND east >= {west} AND west <= {east} "
            f"AND latitude BETWEEN {south} AND {north} AND longitude BETWEEN {west} AND {east}"
            for west, east in ((self.value(west), self.value(east)) for west, east in spans)
        ]
        return " UNION ".join(tests)

    def _has_words(self, where: Text, row: str) -> str:
        if where in self._common:
            alias, search = self.alias(), self.value(search_of(where.words))
            probe = f"EXISTS (SELECT 1 FROM words WHERE rowid = {row} AND words MATCH {search})"
            test = text_test(where.words, f"{alias}.c0", probe, self.value)
            if test is not None:
                return f"EXISTS (SELECT 1 FROM words_content {alias} WHERE {alias}.id = {row} AND {test})"
        return f"+{row} IN ({self.found(where.words)})"

    def _lies_in(self, box: Within, row: str) -> str:
        if box not in self._common:
            return f"+{row} IN ({self.inside(box)})"
        alias = self.alias()
        south, north, west, east = map(self.value, (box.south, box.north, box.west, box.east))
        at = f"{alias}.longitude"
        across = f"{at} BETWEEN {west} AND {east}"
        if box.west > box.east:
            across = f"({at} BETWEEN {west} AND 180.0 OR {at} BETWEEN -180.0 AND {east})"
        return (
            f"EXISTS (SELECT 1 FROM place {alias} WHERE {alias}.id = {row} "
            f"AND {alias}.latitude BETWEEN {south} AND {north} AND {across})"
        )

    def exceed(self, text: str, most: int) -> bool:
        """Whether a query, written with the values collected here, has more than so many rows."""
        past = f"{text} LIMIT 1 OFFSET {self.value(most)}"
        return self._connection.execute(past, self.values).fetchone() is not None

    def _compare(self, where: Compare, row: str) -> str:
        if where.operator is Operator.NOT_EQUAL:
            return f"NOT {self._compare(Compare(where.predicate, Operator.EQUAL, where.values), row)}"
        if where.operator is Operator.ABSENT:
            return f"NOT {self._compare(Compare(where.predicate, Operator.EXISTS), row)}"
        predicate = self.number(where.predicate)
        if predicate is None:
            return _NOTHING
        literals = [value for value in where.values if isinstance(value, Literal)]
        targets = [value for value in where.values if isinstance(value, str)]
        parts = []
        if literals or where.operator is Operator.EXISTS:
            alias = self.alias()
            parts.append(
                f"EXISTS (SELECT 1 FROM value {alias} WHERE {alias}.id = {row} AND {alias}.predicate = "
                f"{self.value(predicate)} AND {self.compared(where.operator, literals, alias)})"
            )
        if where.operator is Operator.EXISTS:
            parts.append(self._has_link(row, predicate, None))
        elif targets and where.operator in (Operator.EQUAL, Operator.IN):
            parts.append(self._has_link(row, predicate, self.numbers(targets)))
        return joined(" OR ", parts, _NOTHING)

    def _has_link(self, row: str, predicate: int | None, targets: Sequence[int] | None) -> str:
        if predicate is None:
            return _NOTHING
        alias = self.alias()
        # The unary plus keeps SQLite from trying every target in turn: a resource has few links, a class many others.
        ends = "" if targets is None else f" AND +{alias}.object IN {self.among(targets)}"
        return (
            f"EXISTS (SELECT 1 FROM link {alias} WHERE {alias}.subject = {row} "
            f"AND {alias}.predicate = {self.value(predicate)}{ends})"
        )

    def _linked(self, predicate: int | None, direction: Direction, inner: Condition, row: str) -> str:
        if predicate is None:
            return _NOTHING
        link, other = self.alias(), self.alias()
        here, there = ("subject", "object") if direction is Direction.OUT else ("object", "subject")
        return (
            f"EXISTS (SELECT 1 FROM link {link} CROSS JOIN node {other} ON {other}.id = {link}.{there} "
            f"WHERE {link}.{here} = {row} AND {link}.predicate = {self.value(predicate)} "
            f"AND {other}.name IS NOT NULL AND {self.holds(inner, f'{other}.id')})"
        )

    def _begins(self, column: str, prefix: str) -> str:
        if len(prefix) > LONGEST_KEY:
            raise BadInput(f"a beginning has at most {LONGEST_KEY:,} characters", argument="filter")
        end = beyond(prefix)
        least = f"{column} >= {self.value(prefix)}"
        return least if end is None else f"({least} AND {column} < {self.value(end)})"

    def _equals(self, keys: Sequence[SortKey], row: str) -> str:
        by_kind: dict[int, list[str]] = {}
        for key in dict.fromkeys(keys):
            by_kind.setdefault(key.kind, []).append(self.value(key.key))
        tests = [f"({row}.kind = {kind:d} AND {row}.key IN ({', '.join(wanted)}))" for kind, wanted in by_kind.items()]
        return joined(" OR ", tests, _NOTHING)


def reads_texts(where: Condition) -> bool:
    """Whether some part of a condition is about words."""
    match where:
        case Text():
            return True
        case AllOf(conditions) | AnyOf(conditions):
            return any(map(reads_texts, conditions))
        case Not(inner) | Linked(_, _, inner):
            return reads_texts(inner)
    return False


def search_of(words: str) -> str:
    """Words or their beginnings, as the search index wants them; it ends a text at a NUL."""
    quoted = ['"' + word.replace('"', '""') + '"*' for word in words.replace("\0", " ").split()]
    return " ".join(quoted) or '""'


def joined(word: str, parts: Sequence[str], empty: str) -> str:
    """Parts in brackets, or what none of them mean."""
    return f"({word.join(parts)})" if parts else empty
