"""From a `Tally` to counts by value: those that match, what they have, how many have it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from registry.domain.find import Direction, Group, Tally, Through
from registry.stores.ordering import IRI, SortKey, term_at
from registry.stores.sqlite.budget import at_most
from registry.stores.sqlite.candidates import Candidates
from registry.stores.sqlite.conditions import Conditions
from registry.stores.sqlite.finding import FEW_WITHOUT


class Counts:
    """Answers one question on one connection, whose statements must all see the same commit."""

    def __init__(self, connection: sqlite3.Connection, tally: Tally) -> None:
        self._connection = connection
        self._tally = tally

    def groups(self) -> Sequence[Group]:
        """The groups, the most frequent first."""
        sql = Conditions(self._connection)
        predicate, most = sql.value(sql.number(self._tally.by)), sql.value(self._tally.most)
        text = (
            f"WITH matching (id) AS MATERIALIZED ({self._matching(sql)}), "
            f"ends (id, at) AS MATERIALIZED ({self._ends(sql, self._tally.through)}), "
            f"found (id, kind, key) AS MATERIALIZED ("
            f"SELECT e.id, v.kind, v.key FROM ends e CROSS JOIN value v ON v.id = e.at AND v.predicate = {predicate} "
            f"UNION SELECT e.id, {IRI:d}, o.iri FROM ends e CROSS JOIN link l ON l.subject = e.at "
            f"AND l.predicate = {predicate} JOIN node o ON o.id = l.object) "
            f"SELECT kind, key, count(*) AS times FROM found GROUP BY kind, key "
            f"UNION ALL SELECT NULL, NULL, count(*) FROM matching WHERE id NOT IN (SELECT id FROM found) "
            f"ORDER BY times DESC, kind NULLS LAST, key LIMIT {most}"
        )
        with at_most(self._connection, self._tally.seconds):
            rows = self._connection.execute(text, sql.values).fetchall()
        return [
            Group(None if kind is None else term_at(SortKey(kind, key)), times) for kind, key, times in rows if times
        ]

    def _matching(self, sql: Conditions) -> str:
        few = Candidates(self._connection, FEW_WITHOUT).of(self._tally.where)
        text = f"SELECT n.id FROM node n WHERE n.name IS NOT NULL AND {sql.holds(self._tally.where, 'n.id')}"
        return text if few is None else f"{text} AND n.id IN {sql.among(few)}"

    def _ends(self, sql: Conditions, through: Through | None) -> str:
        """Whose values count: those that match, or what is linked to them."""
        if through is None:
            return "SELECT id, id FROM matching"
        here, there = ("subject", "object") if through.direction is Direction.OUT else ("object", "subject")
        return (
            f"SELECT m.id, l.{there} FROM matching m CROSS JOIN link l ON l.{here} = m.id "
            f"AND l.predicate = {sql.value(sql.number(through.predicate))} "
            f"JOIN node o ON o.id = l.{there} AND o.name IS NOT NULL"
        )
