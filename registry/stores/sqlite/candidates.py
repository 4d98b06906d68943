"""Which few resources a condition can hold for, where some part of it says so through an index."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from registry.domain.find import (
    AllOf,
    Among,
    AnyOf,
    Compare,
    Condition,
    Direction,
    Linked,
    Named,
    OfClass,
    Operator,
    Text,
    Within,
)
from registry.rdf.terms import Literal
from registry.rdf.vocabulary import RDF_TYPE
from registry.stores.sqlite.conditions import Conditions

_NEGATIVE = (Operator.NOT_EQUAL, Operator.ABSENT)


class Candidates:
    """Looks no further than ``most`` rows for each part of a condition, so that asking costs little.

    Those that are ``common`` are known to have many matches, and are not asked.
    """

    def __init__(self, connection: sqlite3.Connection, most: int, common: frozenset[Condition] = frozenset()) -> None:
        self._common = common
        self._connection = connection
        self._most = most

    def of(self, where: Condition) -> Sequence[int] | None:
        """Numbers that include all resources for which the condition holds; None where they are many, or unknown."""
        if where in self._common:
            return None
        match where:
            case AllOf(conditions):
                return next((few for inner in conditions if (few := self.of(inner)) is not None), None)
            case AnyOf(conditions):
                return self._any(conditions)
            case Linked(predicate, direction, inner):
                few = self.of(inner)
                return None if few is None else self._across(predicate, direction, few)
            case Among(iris):
                return self._few(Conditions(self._connection).numbers(iris))
            case OfClass(classes):
                return self._pointing(RDF_TYPE, classes)
            case Compare():
                return self._compared(where)
            case Named():
                sql = Conditions(self._connection)
                test = sql.named(where, "name")
                return self._asked(sql, f"SELECT id FROM node WHERE name IS NOT NULL AND {test}")
            case Text(words):
                sql = Conditions(self._connection)
                return self._asked(sql, sql.found(words))
            case Within():
                sql = Conditions(self._connection)
                return self._asked(sql, sql.inside(where))
        return None

    def _any(self, conditions: Sequence[Condition]) -> Sequence[int] | None:
        found: set[int] = set()
        for inner in conditions:
            few = self.of(inner)
            if few is None:
                return None
            found.update(few)
        return self._few(sorted(found))

    def _compared(self, where: Compare) -> Sequence[int] | None:
        if where.operator in _NEGATIVE:
            return None
        found = set[int]()
        literals = [value for value in where.values if isinstance(value, Literal)]
        targets = frozenset(value for value in where.values if isinstance(value, str))
        if literals or where.operator is Operator.EXISTS:
            sql = Conditions(self._connection)
            predicate, test = sql.number(where.predicate), sql.compared(where.operator, literals, "r")
            text = f"SELECT id FROM rank r WHERE predicate = {sql.value(predicate)} AND least IN (0, 1) AND {test}"
            few = self._asked(sql, text)
            if few is None:
                return None
            found.update(few)
        if targets:
            few = self._pointing(where.predicate, targets)
            if few is None:
                return None
            found.update(few)
        return self._few(sorted(found))

    def _pointing(self, predicate: str, targets: frozenset[str]) -> Sequence[int] | None:
        sql = Conditions(self._connection)
        ends = sql.among(sql.numbers(targets))
        text = f"SELECT subject FROM link WHERE object IN {ends} AND predicate = {sql.value(sql.number(predicate))}"
        return self._asked(sql, text)

    def _across(self, predicate: str, direction: Direction, few: Sequence[int]) -> Sequence[int] | None:
        sql = Conditions(self._connection)
        near, far = ("object", "subject") if direction is Direction.OUT else ("subject", "object")
        by = sql.value(sql.number(predicate))
        return self._asked(sql, f"SELECT {far} FROM link WHERE {near} IN {sql.among(few)} AND predicate = {by}")

    def _asked(self, sql: Conditions, text: str) -> Sequence[int] | None:
        if sql.exceed(text, self._most):
            return None
        return sorted({row[0] for row in self._connection.execute(text, sql.values)})

    def _few(self, numbers: Sequence[int]) -> Sequence[int] | None:
        return numbers if len(numbers) <= self._most else None
