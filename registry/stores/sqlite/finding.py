"""From a `Find` to SQL: every value is a parameter, and every order has an index behind it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import orjson

from registry.domain.find import (
    AllOf,
    Among,
    AnyOf,
    Compare,
    Condition,
    Direction,
    Find,
    Key,
    Linked,
    Named,
    Not,
    OfClass,
    Operator,
    Order,
    Sort,
    Text,
    Within,
)
from registry.errors import BadInput
from registry.rdf.terms import Literal
from registry.stores.sqlite.documents import SortKey, sort_key

_SIGNS = {Operator.LESS: "<", Operator.AT_MOST: "<=", Operator.GREATER: ">", Operator.AT_LEAST: ">="}
_COLUMNS = {Key.NAME: "name", Key.CREATED: "created_at", Key.UPDATED: "updated_at", Key.IRI: "iri"}
_END = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL text and its values. Each row is an IRI and the sort key that a cursor carries."""

    text: str
    values: dict[str, Any]


class _Builder:
    """Collects parameters while the text is put together."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self._numbers = count(1)

    def value(self, value: Any) -> str:
        """A parameter for a value."""
        name = f"v{next(self._numbers)}"
        self.values[name] = value
        return f":{name}"

    def alias(self) -> str:
        """A table name that no other part of the text uses."""
        return f"t{next(self._numbers)}"

    def node(self, iri: str) -> str:
        """The number of an IRI; unknown ones have none and match nothing."""
        return f"(SELECT id FROM node WHERE iri = {self.value(iri)})"

    def among(self, values: Sequence[Any]) -> str:
        """A list of any length as one parameter."""
        return f"(SELECT value FROM json_each({self.value(orjson.dumps(values).decode())}))"

    def condition(self, where: Condition, row: str) -> str:
        """The condition on a row of ``node`` as SQL."""
        match where:
            case OfClass(classes):
                alias = self.alias()
                return (
                    f"EXISTS (SELECT 1 FROM member {alias} WHERE {alias}.class IN "
                    f"(SELECT id FROM node WHERE iri IN {self.among(sorted(classes))}) "
                    f"AND {alias}.name = {row}.name AND {alias}.iri = {row}.iri)"
                )
            case Among(iris):
                return f"{row}.iri IN {self.among(sorted(iris))}"
            case Named(operator, values):
                return self._named(operator, values, row)
            case Compare():
                return self._compare(where, row)
            case Linked(predicate, direction, inner):
                return self._linked(predicate, direction, inner, row)
            case Text(words):
                return f"{row}.id IN (SELECT rowid FROM words WHERE words MATCH {self.value(_matching(words))})"
            case Within():
                return self._within(where, row)
            case AllOf(conditions):
                return _joined(" AND ", [self.condition(inner, row) for inner in conditions], "1")
            case AnyOf(conditions):
                return _joined(" OR ", [self.condition(inner, row) for inner in conditions], "0")
            case Not(inner):
                return f"NOT {self.condition(inner, row)}"

    def _named(self, operator: Operator, values: Sequence[str], row: str) -> str:
        if operator is Operator.PREFIX:
            low = values[0]
            return f"({row}.name >= {self.value(low)} AND {row}.name < {self.value(low + _END)})"
        if operator in (Operator.EQUAL, Operator.IN):
            return f"{row}.name IN {self.among(values)}"
        raise BadInput(f"a name cannot be compared with {operator.value}", argument="filter")

    def _compare(self, where: Compare, row: str) -> str:
        if where.operator in (Operator.NOT_EQUAL, Operator.ABSENT):
            positive = Operator.EQUAL if where.operator is Operator.NOT_EQUAL else Operator.EXISTS
            return f"NOT {self._compare(Compare(where.predicate, positive, where.values), row)}"
        literals = [value for value in where.values if isinstance(value, Literal)]
        targets = [value for value in where.values if isinstance(value, str)]
        parts = []
        if literals or where.operator is Operator.EXISTS:
            alias = self.alias()
            test = self._key_test(where.operator, literals, alias)
            predicate = self.node(where.predicate)
            parts.append(
                f"EXISTS (SELECT 1 FROM value {alias} WHERE {alias}.predicate = {predicate} "
                f"AND {alias}.iri = {row}.iri AND {test})"
            )
        if targets or where.operator is Operator.EXISTS:
            alias = self.alias()
            ends = f"{alias}.object IN (SELECT id FROM node WHERE iri IN {self.among(targets)})" if targets else "1"
            parts.append(
                f"EXISTS (SELECT 1 FROM link {alias} WHERE {alias}.subject = {row}.id "
                f"AND {alias}.predicate = {self.node(where.predicate)} AND {ends})"
            )
        return _joined(" OR ", parts, "0")

    def _key_test(self, operator: Operator, literals: Sequence[Literal], alias: str) -> str:
        if operator is Operator.EXISTS:
            return "1"
        keys = [sort_key(literal) for literal in literals]
        if operator is Operator.PREFIX:
            low = literals[0].lexical
            return f"({alias}.kind = 3 AND {alias}.key >= {self.value(low)} AND {alias}.key < {self.value(low + _END)})"
        sign = _SIGNS.get(operator, "=")
        tests = [f"({alias}.kind = {key.kind:d} AND {alias}.key {sign} {self.value(key.key)})" for key in keys]
        return _joined(" OR ", tests, "0")

    def _linked(self, predicate: str, direction: Direction, inner: Condition, row: str) -> str:
        link, other = self.alias(), self.alias()
        here, there = ("subject", "object") if direction is Direction.OUT else ("object", "subject")
        return (
            f"EXISTS (SELECT 1 FROM link {link} JOIN node {other} ON {other}.id = {link}.{there} "
            f"WHERE {link}.{here} = {row}.id AND {link}.predicate = {self.node(predicate)} "
            f"AND {self.condition(inner, other)})"
        )

    def _within(self, box: Within, row: str) -> str:
        spans = [(box.west, box.east)] if box.west <= box.east else [(box.west, 180.0), (-180.0, box.east)]
        tests = [
            f"(south >= {self.value(box.south)} AND north <= {self.value(box.north)} "
            f"AND west >= {self.value(west)} AND east <= {self.value(east)})"
            for west, east in spans
        ]
        return f"{row}.id IN (SELECT id FROM place WHERE {_joined(' OR ', tests, '0')})"


def _joined(word: str, parts: Sequence[str], empty: str) -> str:
    return "(" + word.join(parts) + ")" if parts else empty


def _matching(words: str) -> str:
    """The words, each or its beginning, as full-text search reads them; its operators count as plain text."""
    quoted = ['"' + word.replace('"', '""') + '"*' for word in words.split()]
    return " ".join(quoted) or '""'


def counting(find: Find) -> Statement:
    """How many match in all."""
    builder = _Builder()
    where = builder.condition(find.where, "n")
    return Statement(f"SELECT count(*) FROM node n WHERE n.document IS NOT NULL AND {where}", builder.values)


def paging(find: Find) -> Sequence[Callable[[int], Statement]]:
    """The page as one statement, or two where resources without the sort key follow those with it.

    Each is made for how many rows it may still give.
    """
    after = read_cursor(find)
    by = find.order.by
    if isinstance(by, Key):
        return [lambda limit: _by_column(find, by, after, limit)]
    having = [] if after is not None and after[0] is None else [lambda limit: _by_value(find, by, after, limit)]
    start = after if after is not None and after[0] is None else None
    return [*having, lambda limit: _without_value(find, by, start, limit)]


def _by_column(find: Find, by: Key, after: list[Any] | None, limit: int) -> Statement:
    builder = _Builder()
    classes = find.where.classes if isinstance(find.where, OfClass) else None
    if by is Key.NAME and classes is not None:
        return _by_member(find.order, sorted(classes), after, limit)
    column = _COLUMNS[by]
    way, sign = ("ASC", ">") if find.order.sort is Sort.ASCENDING else ("DESC", "<")
    where = builder.condition(find.where, "n")
    start = "1"
    if after is not None:
        start = f"(n.{column}, n.iri) {sign} ({builder.value(after[1])}, {builder.value(after[2])})"
    text = (
        f"SELECT n.iri, 0, n.{column} FROM node n WHERE n.document IS NOT NULL AND {start} AND {where} "
        f"ORDER BY n.{column} {way}, n.iri {way} LIMIT {builder.value(limit)}"
    )
    return Statement(text, builder.values)


def _by_member(order: Order, classes: Sequence[str], after: list[Any] | None, limit: int) -> Statement:
    """A list of some classes by name: one ordered walk for each class, merged, so that page and depth cost the same."""
    builder = _Builder()
    way, sign = ("ASC", ">") if order.sort is Sort.ASCENDING else ("DESC", "<")
    parts = []
    for class_iri in classes:
        start = ""
        if after is not None:
            start = f" AND (name, iri) {sign} ({builder.value(after[1])}, {builder.value(after[2])})"
        parts.append(
            f"SELECT iri, name FROM (SELECT iri, name FROM member WHERE class = {builder.node(class_iri)}{start} "
            f"ORDER BY name {way}, iri {way} LIMIT {builder.value(limit)})"
        )
    union = " UNION ".join(parts)
    text = f"SELECT iri, 0, name FROM ({union}) ORDER BY name {way}, iri {way} LIMIT {builder.value(limit)}"
    return Statement(text, builder.values)


def _by_value(find: Find, by: str, after: list[Any] | None, limit: int) -> Statement:
    builder = _Builder()
    way, sign = ("ASC", ">") if find.order.sort is Sort.ASCENDING else ("DESC", "<")
    where = builder.condition(find.where, "n")
    start = "1"
    if after is not None:
        start = f"(o.kind, o.key, o.iri) {sign} ({', '.join(builder.value(part) for part in after)})"
    text = (
        f"SELECT n.iri, o.kind, o.key FROM value o CROSS JOIN node n ON n.iri = o.iri "
        f"WHERE o.predicate = {builder.node(by)} AND o.least = 1 AND {start} AND {where} "
        f"ORDER BY o.kind {way}, o.key {way}, o.iri {way} LIMIT {builder.value(limit)}"
    )
    return Statement(text, builder.values)


def _without_value(find: Find, by: str, after: list[Any] | None, limit: int) -> Statement:
    builder = _Builder()
    where = builder.condition(find.where, "n")
    start = "1" if after is None else f"n.iri > {builder.value(after[2])}"
    text = (
        f"SELECT n.iri, NULL, NULL FROM node n WHERE n.document IS NOT NULL AND {start} AND {where} "
        f"AND NOT EXISTS (SELECT 1 FROM value o WHERE o.predicate = {builder.node(by)} AND o.iri = n.iri) "
        f"ORDER BY n.iri LIMIT {builder.value(limit)}"
    )
    return Statement(text, builder.values)


def write_cursor(order: Order, key: SortKey | tuple[Any, Any], iri: str) -> str:
    """An opaque cursor: the place of a row in its order, and which order that is."""
    return base64.urlsafe_b64encode(orjson.dumps([_fingerprint(order), key[0], key[1], iri])).decode().rstrip("=")


def read_cursor(find: Find) -> list[Any] | None:
    """Kind, key and IRI of the row a page starts behind. Raises BadInput for a cursor of another order."""
    if find.after is None:
        return None
    try:
        padded = find.after + "=" * (-len(find.after) % 4)
        fingerprint, kind, key, iri = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        fits = fingerprint == _fingerprint(find.order) and isinstance(iri, str)
        fits = fits and isinstance(kind, int | None) and isinstance(key, str | float | int | None)
    except (ValueError, TypeError) as error:
        raise BadInput("the cursor is none that a page gave", argument="after") from error
    if not fits:
        raise BadInput("the cursor belongs to a list in another order", argument="after")
    return [kind, key, iri]


def _fingerprint(order: Order) -> str:
    by = order.by.value if isinstance(order.by, Key) else f"<{order.by}>"
    return hashlib.sha256(f"{by} {order.sort.value}".encode()).hexdigest()[:12]
