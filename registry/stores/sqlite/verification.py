"""Whether a file agrees with itself: the pages, the log, and every table with the documents."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from registry.domain.resource import Resource
from registry.rdf.terms import Iri
from registry.stores.index_entries import place_of
from registry.stores.sqlite.reading import Reading
from registry.stores.sqlite.rows import COLUMNS, Difference

_PAGE = 500
_MOST_TOLD = 10
_EXISTS = {
    table: f"SELECT 1 FROM {table} WHERE {' AND '.join(f'{column} = ?' for column in columns)}"
    for table, columns in COLUMNS.items()
}


class Verification:
    """Reads all of one snapshot."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._reading = Reading(connection, path)
        self._numbers: dict[Iri, int] = {}
        self._expected = Counter[str]()

    def faults(self) -> list[str]:
        """What is wrong, one line each, the first few."""
        return list(islice(self._all(), _MOST_TOLD))

    def _all(self) -> Iterator[str]:
        rows = self._connection.execute(f"PRAGMA integrity_check({_MOST_TOLD:d})").fetchall()
        yield from (row[0] for row in rows if row[0] != "ok")
        first, last, count = self._connection.execute(
            "SELECT min(position), max(position), count(*) FROM entry"
        ).fetchone()
        if count and (first, last) != (1, count):
            yield f"the log has {count:,} entries from position {first:,} to {last:,}"
        self._expected["entries"] = count
        yield from self._of_resources()
        for table in (*COLUMNS, "words", "place"):
            there = self._connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            if there != self._expected[table]:
                yield f"table {table} has {there:,} rows, and the documents are worth {self._expected[table]:,}"
        self._expected["links"] = self._expected["link"]
        for name, told in self._reading.statistics().items():
            if told != self._expected[name]:
                yield f"the record counts {told:,} {name}, and has {self._expected[name]:,}"

    def _of_resources(self) -> Iterator[str]:
        after = ""
        while iris := self._reading.iris(after, _PAGE):
            for resource in self._reading.resources(iris).values():
                yield from self._of_resource(resource)
            after = iris[-1]

    def _of_resource(self, resource: Resource) -> Iterator[str]:
        rows = Difference()
        try:
            rows.compare(resource.iri, None, resource, (), self._number)
        except LookupError as error:
            yield f"{resource.iri} speaks of {error}, which has no number"
            return
        for table, expected in rows.new.items():
            self._expected[table] += len(expected)
            missing = [row for row in expected if self._connection.execute(_EXISTS[table], row).fetchone() is None]
            if missing:
                yield f"{resource.iri} is worth a row in {table} that is not there"
        self._expected["resources"] += 1
        self._expected["words"] += 1
        self._expected["place"] += place_of(resource) is not None
        self._expected["statements"] += sum(len(values) for values in resource.statements.values())

    def _number(self, iri: Iri) -> int:
        number = self._numbers.get(iri)
        if number is None:
            row = self._connection.execute("SELECT id FROM node WHERE iri = ?", (iri,)).fetchone()
            if row is None:
                raise LookupError(iri)
            number = self._numbers[iri] = row[0]
        return number
