"""The record in one SQLite file: the truth and its change log."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from registry import private, share
from registry.domain.change import Entry, Position
from registry.domain.find import Find, Group, Incoming, Page, Tally
from registry.domain.resource import Resource
from registry.domain.view import View
from registry.errors import BadInput, StoreUnavailable
from registry.rdf.terms import Iri, Statement, Term
from registry.stores.cursor import Cursors
from registry.stores.open_mode import Access
from registry.stores.sqlite.connection import (
    check_readable,
    check_version,
    connect,
    from_system,
    migrate,
    steps,
    told,
    version_of,
)
from registry.stores.sqlite.copy import Progress, copy
from registry.stores.sqlite.counts import Counts
from registry.stores.sqlite.decoded import Decoded
from registry.stores.sqlite.finding import Finding
from registry.stores.sqlite.lock import WriteLock
from registry.stores.sqlite.pool import ReadPool
from registry.stores.sqlite.reading import Reading
from registry.stores.sqlite.snapshot import SqliteSnapshot
from registry.stores.sqlite.transaction import SqliteTransaction
from registry.stores.sqlite.verification import Verification

LONGEST_PAGE = 100_000


class SqliteRecord:
    """Reads come from any thread, each over a connection of its own; there is one writing connection."""

    def __init__(self, path: Path, access: Access) -> None:
        self._path = path
        self._lock = WriteLock(path) if access is Access.WRITE else None
        self._writing: sqlite3.Connection | None = None
        self._group = threading.Lock()
        self._pool = ReadPool(path)
        self._decoded = Decoded()
        try:
            if access is Access.WRITE:
                # SQLite gives the files beside it the mode of this one.
                private.make_file(path)
                self._writing = connect(path, access)
                migrate(self._writing, path, steps())
            with self._pool.connection() as connection, told(path):
                check_readable(version_of(connection), len(steps()), path)
        except OSError as error:
            self.close()
            raise from_system(error, path) from error
        except BaseException:
            self.close()
            raise

    def begin(self) -> SqliteTransaction:
        """Open the one group of writes. Raises StoreUnavailable for a reader, and while another group is open."""
        connection = self._to_write()
        if not self._group.acquire(blocking=False):
            raise StoreUnavailable(f"{self._path} has a group of writes open already")
        try:
            return SqliteTransaction(connection, self._path, self._decoded, self._group.release)
        except BaseException:
            self._group.release()
            raise

    def view(self) -> View:
        """The latest committed state; each read sees the latest commit there is."""
        return self

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[SqliteSnapshot]:
        """One committed state for as long as it is open."""
        with self._pool.snapshot() as connection:
            yield SqliteSnapshot(connection, self._path)

    def draft(self) -> contextlib.AbstractContextManager[SqliteSnapshot]:
        """One committed state to decide a large work on."""
        return self.snapshot()

    def resources(self, iris: Iterable[Iri]) -> Mapping[Iri, Resource]:
        """The resources that exist, in the order they were asked for."""
        with self._reading() as reading:
            return reading.resources(iris)

    def sources(self, target: Term, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        """Who points at a term."""
        with self._reading() as reading:
            return reading.sources(target, predicate, limit)

    def find(self, find: Find) -> Page:
        """A page. Raises BadInput for a faulty cursor or page size."""
        if not 0 <= find.first <= LONGEST_PAGE:
            raise BadInput(f"a page has 0 to {LONGEST_PAGE:,} items", argument="first")
        with self._pool.snapshot() as connection:
            finding = Finding(connection, find)
            places, (total, is_exact) = finding.places(), finding.total()
            shown = places[: find.first]
            resources = Reading(connection, self._path, self._decoded.resource).resources(place.iri for place in shown)
        cursors = Cursors(find.order, shown)
        return Page(list(resources.values()), cursors, len(places) > find.first, total, is_exact)

    def head(self) -> Position:
        """The position of the last committed entry."""
        with self._reading() as reading:
            return reading.head()

    def entries(self, after: Position, limit: int) -> Sequence[Entry]:
        """Committed entries behind a position."""
        with self._reading() as reading:
            return reading.entries(after, limit)

    def history(self, iri: Iri, before: Position | None, limit: int) -> Sequence[Entry]:
        """The entries that touched a resource, the latest first."""
        with self._reading() as reading:
            return reading.history(iri, before, limit)

    def incoming(
        self, targets: Iterable[Iri], predicate: Iri | None, after: tuple[Iri, Iri] | None, limit: int
    ) -> Mapping[Iri, Sequence[Statement]]:
        """Who points at each of these."""
        with self._reading() as reading:
            return reading.incoming(targets, predicate, after, limit)

    def incoming_counts(self, targets: Iterable[Iri], predicate: Iri | None) -> Mapping[Iri, int]:
        """How many links point at each of these."""
        with self._reading() as reading:
            return reading.incoming_counts(targets, predicate)

    def incoming_each(self, asked: Sequence[Incoming]) -> Sequence[Mapping[Iri, Sequence[Statement]]]:
        """Who points at each of these, for several questions on one commit."""
        with self._pool.snapshot() as connection:
            reading = Reading(connection, self._path)
            return [reading.incoming(one.targets, one.predicate, one.after, one.limit) for one in asked]

    def tally(self, tally: Tally) -> Sequence[Group]:
        """Counts by value. Raises TooLarge for a condition over SQLite's limits."""
        with self._pool.snapshot() as connection:
            return Counts(connection, tally).groups()

    def iris(self, after: Iri, limit: int) -> Sequence[Iri]:
        """The IRIs of all resources behind one."""
        with self._reading() as reading:
            return reading.iris(after, limit)

    def statistics(self) -> Mapping[str, int]:
        """Counts of resources, links, statements and entries."""
        with self._reading() as reading:
            return reading.statistics()

    @property
    def fault(self) -> str:
        """What a reader found damaged, empty for nothing."""
        return self._pool.damage

    def verify(self) -> Sequence[str]:
        """What SQLite itself finds wrong with the file, and what does not agree within it. Reads all of it."""
        try:
            with self._pool.snapshot() as connection:
                return Verification(connection, self._path).faults()
        except StoreUnavailable as error:
            return [error.message]

    def keep(self, kind: str, key: str, text: str) -> None:
        """Store or replace an archived text, in a transaction of its own beside the writer's."""
        self._archive("keep", {"kind": kind, "key": key, "text": text})

    def kept(self, kind: str) -> Mapping[str, str]:
        """Everything archived of a kind, in the order it was first kept."""
        with self._reading() as reading:
            return reading.kept(kind)

    def drop(self, kind: str, key: str) -> None:
        """Forget an archived text."""
        self._archive("drop", {"kind": kind, "key": key})

    def copy_to(self, path: Path, progress: Progress = lambda done, total: None) -> Position:
        """Copy one committed state into an empty file, while others write; its position. The file is a record again.

        ``progress`` is told how many pages of how many are done. Raises StoreUnavailable where either file fails.
        """
        with self._pool.snapshot() as source, contextlib.closing(connect(path, Access.WRITE)) as target:
            position = Reading(source, self._path).head()
            copy(source, target, path, progress)
            with told(path):
                # One file that needs no other beside it, and can be read where nothing can be written.
                target.execute("PRAGMA journal_mode = DELETE")
        return position

    def replace_by(self, path: Path, progress: Progress = lambda done, total: None) -> Position:
        """Take the whole content of another record file, in one transaction; the position it has.

        Raises BadInput where this record is not empty, StoreUnavailable for a file that is no sound record.
        """
        target = self._to_write()
        if self.head():
            raise BadInput(f"{self._path} has a log already: restore into an empty place", argument="data")
        with contextlib.closing(connect(path, Access.READ)) as source, told(path):
            check_version(version_of(source), len(steps()), path)
            source.execute("BEGIN")
            copy(source, target, self._path, progress)
        migrate(target, self._path, steps())
        self._decoded = Decoded()
        return self.head()

    def close(self) -> None:
        """Close every connection and let another process write; idempotent."""
        self._pool.close()
        if self._writing is not None:
            self._writing.close()
            self._writing = None
        if self._lock is not None:
            self._lock.release()

    def _archive(self, name: str, values: Mapping[str, str]) -> None:
        self._to_write()
        with contextlib.closing(connect(self._path, Access.WRITE)) as connection, told(self._path):
            connection.execute(share.query("sql", name), values)

    def _to_write(self) -> sqlite3.Connection:
        if self._writing is None:
            raise StoreUnavailable(f"{self._path} is open for reading only, or closed")
        return self._writing

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Reading]:
        with self._pool.connection() as connection:
            yield Reading(connection, self._path, self._decoded.resource)


def open_sqlite(path: Path, access: Access) -> SqliteRecord:
    """Open a record file, made where it is missing and writing is asked for.

    Raises StoreUnavailable for a file that is missing, damaged, newer than this code, or written by another process.
    """
    if access is Access.READ and not path.exists():
        raise StoreUnavailable(f"there is no record at {path}: `registry serve` or `registry import` makes one")
    try:
        # The lock lies beside the file itself, whichever link to it was given.
        path = path.resolve()
        if not path.parent.is_dir():
            private.make_folder(path.parent)
    except OSError as error:
        raise StoreUnavailable(f"cannot make the folder {path.parent}: {error.strerror}") from error
    return SqliteRecord(path, access)
