"""The record in one SQLite file: the truth and its change log."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from registry.domain.change import Entry, Position
from registry.domain.find import Counting, Find, Page
from registry.domain.resource import Resource
from registry.domain.view import View
from registry.errors import BadInput, StoreUnavailable
from registry.rdf.terms import Iri, Statement, Term
from registry.stores.access import Access
from registry.stores.sqlite.connection import check_version, connect, migrate, told
from registry.stores.sqlite.finding import counting, paging, write_cursor
from registry.stores.sqlite.lock import WriteLock
from registry.stores.sqlite.reading import Reading
from registry.stores.sqlite.transaction import SqliteTransaction


class SqliteRecord:
    """Reads come from any thread, each over a connection of its own; there is one writing connection."""

    def __init__(self, path: Path, access: Access) -> None:
        self._path = path
        self._lock: WriteLock | None = None
        self._writing: sqlite3.Connection | None = None
        self._is_open = threading.Event()
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._opening = threading.Lock()
        if access is Access.WRITE:
            self._lock = WriteLock(path)
            try:
                self._writing = connect(path, access)
                migrate(self._writing, path)
            except BaseException:
                self.close()
                raise
        with told(path):
            check_version(self._connection().execute("PRAGMA user_version").fetchone()[0], path)

    def begin(self) -> SqliteTransaction:
        """Open the one group of writes."""
        if self._writing is None:
            raise StoreUnavailable(f"{self._path} is open for reading only")
        if self._is_open.is_set():
            raise StoreUnavailable(f"{self._path} has a group of writes open already")
        transaction = SqliteTransaction(self._writing, self._path, self._is_open.clear)
        self._is_open.set()
        return transaction

    def view(self) -> View:
        """The latest committed state, read through the calling thread's connection."""
        return self

    def resources(self, iris: Iterable[Iri]) -> Mapping[Iri, Resource]:
        """The resources that exist, in the order they were asked for."""
        with told(self._path):
            return self._reading().resources(iris)

    def sources(self, target: Term, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        """Who points at a term."""
        with told(self._path):
            return self._reading().sources(target, predicate, limit)

    def find(self, find: Find) -> Page:
        """A page. Raises BadInput for a faulty cursor or page size."""
        if find.first < 0:
            raise BadInput("a page has 0 or more items", argument="first")
        connection = self._connection()
        rows: list[tuple[str, int | None, float | str | None]] = []
        with told(self._path):
            for make in paging(find):
                statement = make(find.first + 1 - len(rows))
                rows.extend(connection.execute(statement.text, statement.values).fetchall())
                if len(rows) > find.first:
                    break
            total = None
            if find.counting is Counting.TOTAL:
                statement = counting(find)
                total = connection.execute(statement.text, statement.values).fetchone()[0]
            shown = rows[: find.first]
            found = Reading(connection).resources(iri for iri, _, _ in shown)
        there = [(found[iri], write_cursor(find.order, (kind, key), iri)) for iri, kind, key in shown if iri in found]
        return Page([resource for resource, _ in there], [cursor for _, cursor in there], len(rows) > find.first, total)

    def head(self) -> Position:
        """The position of the last committed entry."""
        with told(self._path):
            return self._reading().head()

    def entries(self, after: Position, limit: int) -> Sequence[Entry]:
        """Committed entries behind a position."""
        with told(self._path):
            return self._reading().entries(after, limit)

    def history(self, iri: Iri, before: Position | None, limit: int) -> Sequence[Entry]:
        """The entries that touched a resource, the latest first."""
        with told(self._path):
            return self._reading().history(iri, before, limit)

    def incoming(
        self, targets: Iterable[Iri], predicate: Iri | None, after: tuple[Iri, Iri] | None, limit: int
    ) -> Mapping[Iri, Sequence[Statement]]:
        """Who points at each of these."""
        with told(self._path):
            return self._reading().incoming(targets, predicate, after, limit)

    def incoming_counts(self, targets: Iterable[Iri], predicate: Iri | None) -> Mapping[Iri, int]:
        """How many links point at each of these."""
        with told(self._path):
            return self._reading().incoming_counts(targets, predicate)

    def iris(self, after: Iri, limit: int) -> Sequence[Iri]:
        """The IRIs of all resources behind one."""
        with told(self._path):
            return self._reading().iris(after, limit)

    def statistics(self) -> Mapping[str, int]:
        """Counts of resources, links, values and entries."""
        with told(self._path):
            return self._reading().statistics()

    def verify(self) -> Sequence[str]:
        """What SQLite itself finds wrong with the file, and counts that must agree."""
        with told(self._path):
            rows = self._connection().execute("PRAGMA integrity_check(10)").fetchall()
            return [row[0] for row in rows if row[0] != "ok"]

    def keep(self, kind: str, key: str, text: str) -> None:
        """Store or replace an archived text, in a transaction of its own beside the writer's."""
        self._archived(
            "INSERT INTO archive (kind, key, text) VALUES (?, ?, ?) "
            "ON CONFLICT (kind, key) DO UPDATE SET text = excluded.text",
            (kind, key, text),
        )

    def kept(self, kind: str) -> Mapping[str, str]:
        """Everything archived of a kind, in the order it was first kept."""
        with told(self._path):
            rows = self._connection().execute("SELECT key, text FROM archive WHERE kind = ? ORDER BY number", (kind,))
            return dict(rows.fetchall())

    def drop(self, kind: str, key: str) -> None:
        """Forget an archived text."""
        self._archived("DELETE FROM archive WHERE kind = ? AND key = ?", (kind, key))

    def _archived(self, statement: str, values: Sequence[str]) -> None:
        if self._writing is None:
            raise StoreUnavailable(f"{self._path} is open for reading only")
        with told(self._path), contextlib.closing(connect(self._path, Access.WRITE)) as connection:
            connection.execute(statement, values)

    def close(self) -> None:
        """Close every connection and let another process write; idempotent."""
        with self._opening:
            for connection in [*self._opened, *([self._writing] if self._writing else [])]:
                connection.close()
            self._opened.clear()
            self._writing = None
        if self._lock is not None:
            self._lock.release()

    def _reading(self) -> Reading:
        return Reading(self._connection())

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = connect(self._path, Access.READ)
            with self._opening:
                self._opened.append(connection)
        return connection


def open_sqlite(path: Path, access: Access) -> SqliteRecord:
    """Open a record file, made where it is missing and writing is asked for.

    Raises StoreUnavailable for a file that is missing, damaged, newer than this code, or written by another process.
    """
    if access is Access.READ and not path.exists():
        raise StoreUnavailable(f"there is no record at {path}: `registry serve` or `registry import` makes one")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"cannot make the folder {path.parent}: {error.strerror}") from error
    return SqliteRecord(path, access)
