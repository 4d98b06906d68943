"""From a `Find` to a page: a few candidates are sorted, many resources are walked in the order of an index."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

import orjson

from registry.domain.find import (
    COUNTED_UP_TO,
    AllOf,
    AnyOf,
    Condition,
    Counting,
    Find,
    Key,
    Linked,
    Not,
    OfClass,
    Sort,
    Text,
    Within,
    is_counted_exactly,
)
from registry.errors import TooLarge
from registry.rdf.terms import Iri
from registry.rdf.vocabulary import RDF_TYPE
from registry.stores.cursor import Place, read_cursor
from registry.stores.ordering import IRI
from registry.stores.sqlite.budget import at_most
from registry.stores.sqlite.candidates import Candidates
from registry.stores.sqlite.conditions import Conditions

FEW = 2_000
"""So many candidates are sorted for each page; for more, walking an index finds a page sooner."""

FEW_WITHOUT = 20_000
"""The same where resources lack the property: no index has them together, so walking passes all the others."""

MANY = 2_000
"""Of more that have some words, or lie in a box, no set is made for a page before a walk was tried."""

TRIED_SECONDS = 0.005
"""So long a walk may look for a page among many matches; it takes a fraction where they stand here and there."""

COUNT_SECONDS = 1.0
"""Counting ends after so long with the number that is sure by then."""

_BOUNDS = (COUNTED_UP_TO // 100, COUNTED_UP_TO // 10, COUNTED_UP_TO)
"""Each is tried in turn, so that running out of time leaves the number before."""

NO_CLASSES: frozenset[Iri] = frozenset()
NOTHING_COMMON: frozenset[Condition] = frozenset()

_MOST_MERGED = 64
_COLUMNS = {Key.NAME: "name", Key.CREATED: "created_at", Key.UPDATED: "updated_at", Key.IRI: "iri"}


class Finding:
    """Answers one question on one connection, whose statements must all see the same commit."""

    def __init__(self, connection: sqlite3.Connection, find: Find) -> None:
        self._connection = connection
        self._find = find
        self._after = read_cursor(find)
        self._common = NOTHING_COMMON

    def places(self) -> Sequence[Place]:
        """The places of the page, and one more where another page follows. Raises TooLarge for one over its time."""
        common = self._common = self._common_parts(self._find.where)
        if common:
            try:
                return self._found(common, TRIED_SECONDS)
            except TooLarge:
                # Those that match stand together, at the far end of the order: a set passes the others faster.
                pass
        return self._found(NOTHING_COMMON, self._find.seconds)

    def _found(self, common: frozenset[Condition], seconds: float) -> Sequence[Place]:
        limit = self._find.first + 1
        found: list[Place] = []
        with at_most(self._connection, seconds):
            for sql, text in self._sections(common):
                text = f"{text} LIMIT {sql.value(limit - len(found))}"
                found.extend(Place(*row) for row in self._connection.execute(text, sql.values))
                if len(found) >= limit:
                    break
        return found

    def _common_parts(self, where: Condition) -> frozenset[Condition]:
        """The parts about words and boxes that so many match that making a set of them would be most of the work."""
        sql = Conditions(self._connection)
        match where:
            case Text(words):
                return frozenset([where] if sql.exceed(sql.found(words), MANY) else [])
            case Within():
                return frozenset([where] if sql.exceed(sql.inside(where), MANY) else [])
            case AllOf(conditions) | AnyOf(conditions):
                return NOTHING_COMMON.union(*map(self._common_parts, conditions))
            case Not(inner) | Linked(_, _, inner):
                return self._common_parts(inner)
        return NOTHING_COMMON

    def total(self) -> tuple[int | None, bool]:
        """How many match in all, where that was asked for, and whether that is all or a least number."""
        if self._find.counting is Counting.NONE:
            return None, True
        where = self._find.where
        few = Candidates(self._connection, FEW_WITHOUT).of(where)
        bounds: Sequence[int | None] = [None] if few is not None or is_counted_exactly(where) else _BOUNDS
        least = 0
        for bound in bounds:
            try:
                with at_most(self._connection, COUNT_SECONDS):
                    found = self._count(few, bound)
            except TooLarge:
                return least, False
            if bound is None or found <= bound:
                return found, True
            least = bound
        return least, False

    def _count(self, few: Sequence[int] | None, bound: int | None) -> int:
        """How many match, but no more than one over a bound."""
        sql = Conditions(self._connection)
        classes, rest = _of_classes(self._find.where)
        if few is None and classes:
            numbers = sql.numbers(classes)
            text = f"SELECT 1 FROM member m WHERE m.class IN {sql.among(numbers)} AND {sql.holds(rest, 'm.id')}"
            if len(numbers) > 1:
                # Who is of several of the classes is counted with the first.
                text += (
                    f" AND m.class = (SELECT min(l.object) FROM link l WHERE l.subject = m.id "
                    f"AND l.predicate = {sql.value(sql.number(RDF_TYPE))} AND +l.object IN {sql.among(numbers)})"
                )
        else:
            source = "node n" if few is None else f"{_candidates(sql, few)} CROSS JOIN node n ON n.id = c.value"
            text = f"SELECT 1 FROM {source} WHERE n.name IS NOT NULL AND {sql.holds(self._find.where, 'n.id')}"
        if bound is not None:
            text = f"{text} LIMIT {sql.value(bound + 1)}"
        total: int = self._connection.execute(f"SELECT count(*) FROM ({text})", sql.values).fetchone()[0]
        return total

    def _sections(self, common: frozenset[Condition]) -> Iterator[tuple[Conditions, str]]:
        """The parts of the list, each ordered; a list by property ends with the resources that lack it."""
        by, after = self._find.order.by, self._after
        classes, rest = _of_classes(self._find.where) if by is Key.NAME else (NO_CLASSES, self._find.where)
        # Members stand in the order of their names: where nothing else is asked, nobody has to be sought out.
        few = (
            None
            if classes and _asks_nothing(rest)
            else Candidates(self._connection, FEW, self._common).of(self._find.where)
        )
        if isinstance(by, Key):
            yield self._listed(Conditions(self._connection, common), few, _COLUMNS[by], classes, rest)
            return
        if after is None or after.kind is not None:
            yield self._ranked(Conditions(self._connection, common), few, by)
        if few is None:
            few = Candidates(self._connection, FEW_WITHOUT).of(self._find.where)
        yield self._without(Conditions(self._connection, common), few, by)

    def _listed(
        self, sql: Conditions, few: Sequence[int] | None, column: str, classes: frozenset[Iri], rest: Condition
    ) -> tuple[Conditions, str]:
        """Resources by a column that every one has."""
        if few is None and classes:
            walked = self._with_members(classes)
            if walked:
                return sql, self._merged(sql, walked, rest)
        source = "node n" if few is None else f"{_candidates(sql, few)} CROSS JOIN node n ON n.id = c.value"
        behind = self._behind(sql, f"n.{column}", "n.iri")
        where = " AND ".join(["n.name IS NOT NULL", *behind, sql.holds(self._find.where, "n.id")])
        return sql, f"SELECT 0, n.{column}, n.iri FROM {source} WHERE {where} {self._ordered(f'n.{column}', 'n.iri')}"

    def _merged(self, sql: Conditions, classes: Sequence[int], rest: Condition) -> str:
        """Members of some classes by name: one ordered walk for each class, merged, so that depth costs nothing."""
        behind = self._behind(sql, "m.name", "m.iri")
        holds = sql.holds(rest, "m.id")
        walks = [
            f"SELECT m.name AS name, m.iri AS iri FROM member m "
            f"WHERE {' AND '.join([f'm.class = {sql.value(number)}', *behind, holds])}"
            for number in classes
        ]
        order, limit = self._ordered("name", "iri"), sql.value(self._find.first + 1)
        return f"SELECT 0, name, iri FROM ({' UNION '.join(walks)} {order} LIMIT {limit}) {order}"

    def _ranked(self, sql: Conditions, few: Sequence[int] | None, by: Iri) -> tuple[Conditions, str]:
        """Resources that have a property, by the least of its values."""
        predicate = sql.value(sql.number(by))
        if few is None:
            source, start = "rank r", [f"r.predicate = {predicate}", "r.least = 1"]
        else:
            source, start = f"({self._places(sql, few, predicate)}) r", ["r.kind IS NOT NULL"]
        where = [*start, *self._behind(sql, "r.kind", "r.key", "r.iri"), sql.holds(self._find.where, "r.id")]
        order = self._ordered("r.kind", "r.key", "r.iri")
        return sql, f"SELECT r.kind, r.key, r.iri FROM {source} WHERE {' AND '.join(where)} {order}"

    def _places(self, sql: Conditions, few: Sequence[int], predicate: str) -> str:
        """Where candidates stand: by their least literal, or by the IRI of a link where they have none."""
        literal = f"FROM value v WHERE v.id = n.id AND v.predicate = {predicate} ORDER BY v.kind, v.key LIMIT 1"
        links = f"FROM link l JOIN node o ON o.id = l.object WHERE l.subject = n.id AND l.predicate = {predicate}"
        return (
            f"SELECT n.id, n.iri, coalesce((SELECT v.kind {literal}), (SELECT {IRI:d} {links})) AS kind, "
            f"coalesce((SELECT v.key {literal}), (SELECT min(o.iri) {links})) AS key "
            f"FROM {_candidates(sql, few)} CROSS JOIN node n ON n.id = c.value WHERE n.name IS NOT NULL"
        )

    def _without(self, sql: Conditions, few: Sequence[int] | None, by: Iri) -> tuple[Conditions, str]:
        """Resources that lack a property, by IRI."""
        predicate = sql.value(sql.number(by))
        source = "node n"
        if few is not None:
            source = f"{_candidates(sql, few)} CROSS JOIN node n ON n.id = c.value"
        where = [
            "n.name IS NOT NULL",
            f"NOT EXISTS (SELECT 1 FROM value v WHERE v.id = n.id AND v.predicate = {predicate})",
            f"NOT EXISTS (SELECT 1 FROM link l WHERE l.subject = n.id AND l.predicate = {predicate})",
            sql.holds(self._find.where, "n.id"),
        ]
        if self._after is not None and self._after.kind is None:
            where.append(f"n.iri > {sql.value(self._after.iri)}")
        return sql, f"SELECT NULL, NULL, n.iri FROM {source} WHERE {' AND '.join(where)} ORDER BY n.iri"

    def _behind(self, sql: Conditions, *columns: str) -> list[str]:
        """The condition that a row stands behind the cursor."""
        if self._after is None:
            return []
        sign = ">" if self._find.order.sort is Sort.ASCENDING else "<"
        place = self._after[-len(columns) :]
        return [f"({', '.join(columns)}) {sign} ({', '.join(sql.value(part) for part in place)})"]

    def _ordered(self, *columns: str) -> str:
        way = "ASC" if self._find.order.sort is Sort.ASCENDING else "DESC"
        return "ORDER BY " + ", ".join(f"{column} {way}" for column in columns)

    def _with_members(self, classes: frozenset[Iri]) -> Sequence[int]:
        """Those classes that have members at all; none where they are too many to merge."""
        sql = Conditions(self._connection)
        numbers = sql.among(sql.numbers(classes))
        text = f"SELECT id FROM node n WHERE id IN {numbers} AND EXISTS (SELECT 1 FROM member WHERE class = n.id)"
        found = [row[0] for row in self._connection.execute(text, sql.values)]
        return found if len(found) <= _MOST_MERGED else []


def _candidates(sql: Conditions, few: Sequence[int]) -> str:
    return f"json_each({sql.value(orjson.dumps(few).decode())}) c"


def _of_classes(where: Condition) -> tuple[frozenset[Iri], Condition]:
    """The classes one of which every match has, and what else must hold; no classes where nothing says so."""
    match where:
        case OfClass(classes):
            return classes, AllOf(())
        case AllOf(conditions):
            for index, inner in enumerate(conditions):
                classes, rest = _of_classes(inner)
                if classes:
                    return classes, AllOf((*conditions[:index], rest, *conditions[index + 1 :]))
    return NO_CLASSES, where


def _asks_nothing(condition: Condition) -> bool:
    return isinstance(condition, AllOf) and all(map(_asks_nothing, condition.conditions))
