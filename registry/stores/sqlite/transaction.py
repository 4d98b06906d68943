"""One group of writes: documents, the rows that lists are read from, and the log, together or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path

from registry import share
from registry.domain.change import Entry, Position
from registry.domain.resource import Resource
from registry.errors import StoreUnavailable
from registry.rdf.terms import Iri, Statement, Term
from registry.rdf.vocabulary import LATITUDE, LONGITUDE
from registry.stores.applied_entries import Changed, aftermath, changed_by
from registry.stores.encoding import as_list, encode_entry, encode_statements
from registry.stores.index_entries import has_texts, name_key, place_of, words_of
from registry.stores.sqlite.batches import Row, store
from registry.stores.sqlite.connection import told
from registry.stores.sqlite.decoded import Decoded
from registry.stores.sqlite.reading import Reading
from registry.stores.sqlite.rows import COLUMNS, NAMING, Difference

_DELETE = {
    table: f"DELETE FROM {table} WHERE {' AND '.join(f'{column} = ?' for column in columns)}"
    for table, columns in COLUMNS.items()
}
_INSERT = {
    table: f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    for table, columns in COLUMNS.items()
}


class SqliteTransaction(Reading):
    """Reads show the record as it was when the group began, until `apply`, and are remembered."""

    def __init__(self, connection: sqlite3.Connection, path: Path, decoded: Decoded, ended: Callable[[], None]) -> None:
        super().__init__(connection, path, decoded.resource)
        self._decoded = decoded
        self._ended = ended
        self._is_over = False
        self._ids: dict[Iri, int] = {}
        self._read: dict[Iri, Resource | None] = {}
        self._unheard_of: set[Term] = set()
        self._head: Position | None = None
        with told(path):
            connection.execute("BEGIN IMMEDIATE")

    def head(self) -> Position:
        """The position of the last entry when the group began."""
        if self._head is None:
            self._head = super().head()
        return self._head

    def resources(self, iris: Iterable[Iri]) -> Mapping[Iri, Resource]:
        """The resources that exist, in the order they were asked for."""
        asked, read = tuple(iris), self._read
        unknown = [iri for iri in dict.fromkeys(asked) if iri not in read]
        if unknown:
            found = self._nodes(unknown)
            for iri in unknown:
                read[iri] = found.get(iri)
                if iri not in found:
                    self._unheard_of.add(iri)
        return {iri: known for iri in asked if (known := read[iri]) is not None}

    def sources(self, target: Term, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        """Who points at a term; nobody is asked for what was looked for and has no row, as all that is new."""
        return () if target in self._unheard_of else super().sources(target, predicate, limit)

    def revisions(self, iris: Iterable[Iri]) -> Mapping[Iri, int]:
        """The last revision of what is or once was a resource."""
        return super().revisions(iri for iri in iris if iri not in self._unheard_of)

    def apply(self, entries: Sequence[Entry]) -> None:
        """Make net changes and append their entries. Raises StoreUnavailable where the file refuses."""
        before = self.resources(iri for entry in entries for iri in entry.revisions)
        changed = changed_by(entries)
        after = aftermath(before, entries, changed)
        with told(self._path):
            self._number(entries, after, changed)
            self._store_nodes(before, after, changed)
            self._store_rows(before, after, changed)
            self._store_words(before, after, changed)
            self._append(entries)
            self._count(before, after, entries)
        self._read.clear()
        self._unheard_of.clear()

    def commit(self) -> None:
        """Make it durable."""
        try:
            with told(self._path):
                self._connection.execute("COMMIT")
        except StoreUnavailable:
            self.rollback()
            raise
        self._end()

    def rollback(self) -> None:
        """Forget the group; nothing for one that has ended."""
        if self._is_over:
            return
        try:
            if self._connection.in_transaction:
                with told(self._path):
                    self._connection.execute("ROLLBACK")
        finally:
            self._end()

    def _end(self) -> None:
        self._is_over = True
        self._ended()

    def _number(self, entries: Sequence[Entry], after: Mapping[Iri, Resource], changed: Changed) -> None:
        """Give every IRI of the group a number, and a row to those that are not resources."""
        iris: dict[Iri, None] = dict.fromkeys(after)
        for entry in entries:
            for _, predicate, target in (*entry.removed, *entry.added):
                iris[predicate] = None
                if isinstance(target, str):
                    iris[target] = None
        for iri, resource in after.items():
            if not NAMING.isdisjoint(changed.get(iri, ())):
                # A new name moves a resource within its classes, which the change itself need not speak of.
                iris.update(dict.fromkeys(resource.classes))
        self._ids.update(self._rows("node-ids", {"iris": as_list(list(iris))}))
        new = [iri for iri in iris if iri not in self._ids]
        if not new:
            return
        last = self._connection.execute("SELECT max(id) FROM node").fetchone()[0] or 0
        self._ids.update((iri, number) for number, iri in enumerate(new, start=last + 1))
        mentioned = [(self._ids[iri], iri) for iri in new if iri not in after]
        store(self._connection, "INSERT INTO node (id, iri) VALUES (?, ?)", mentioned)

    def _store_nodes(self, before: Mapping[Iri, Resource], after: Mapping[Iri, Resource], changed: Changed) -> None:
        stored: list[Row] = []
        kept: list[Row] = []
        for iri, resource in after.items():
            number, was = self._ids[iri], before.get(iri)
            name, document = None, None
            if resource.statements:
                document = encode_statements(resource.statements)
                # Who wrote it reads it next, as a rule; where the commit fails the row will not be like this.
                self._decoded.remember(iri, document, resource)
                if was is not None and NAMING.isdisjoint(changed.get(iri, ())):
                    kept.append((number, resource.revision, resource.updated_at, document))
                    continue
                name = name_key(resource)
            row = (number, iri, resource.revision, resource.created_at, resource.updated_at, name, document)
            stored.append(row)
        store(self._connection, share.query("sql", "store-node"), stored)
        store(self._connection, share.query("sql", "change-node"), kept)

    def _store_rows(self, before: Mapping[Iri, Resource], after: Mapping[Iri, Resource], changed: Changed) -> None:
        difference = Difference()
        for iri, resource in after.items():
            difference.compare(iri, before.get(iri), resource, changed.get(iri, ()), self._ids.__getitem__)
        for table, rows in difference.gone.items():
            self._connection.executemany(_DELETE[table], rows)
        for table, rows in difference.new.items():
            store(self._connection, _INSERT[table], rows)

    def _store_words(self, before: Mapping[Iri, Resource], after: Mapping[Iri, Resource], changed: Changed) -> None:
        """Bring full-text search and the map up to date, where a change touches what they know."""
        unread: list[Row] = []
        read: list[Row] = []
        moved: list[Row] = []
        placed: list[Row] = []
        for iri, resource in after.items():
            number, was = self._ids[iri], before.get(iri)
            if was is None:
                # Nothing is known of what was not there, or is gone.
                predicates: Collection[Iri] = resource.statements
                is_unread, is_read = False, bool(resource.statements)
            else:
                predicates = changed.get(iri, {})
                is_unread = not resource.statements or has_texts(was, predicates) or has_texts(resource, predicates)
                is_read = is_unread and bool(resource.statements)
            if is_unread:
                unread.append((number,))
            if is_read:
                read.append((number, words_of(resource)))
            if LATITUDE in predicates or LONGITUDE in predicates:
                moved.append((number,))
                if (place := place_of(resource)) is not None:
                    placed.append((number, place[0], place[0], place[1], place[1], *place))
        self._connection.executemany("DELETE FROM words WHERE rowid = ?", unread)
        store(self._connection, "INSERT INTO words (rowid, text) VALUES (?, ?)", read)
        self._connection.executemany("DELETE FROM place WHERE id = ?", moved)
        store(self._connection, "INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?)", placed)

    def _append(self, entries: Sequence[Entry]) -> None:
        rows = [
            (e.position, e.time, e.actor, e.cause, e.release, encode_entry(e), e.idempotency_key, e.fingerprint)
            for e in entries
        ]
        store(self._connection, share.query("sql", "store-entry"), rows)
        touched = [(self._ids[iri], entry.position) for entry in entries for iri in entry.revisions]
        store(self._connection, "INSERT INTO touched (id, position) VALUES (?, ?)", touched)

    def _count(self, before: Mapping[Iri, Resource], after: Mapping[Iri, Resource], entries: Sequence[Entry]) -> None:
        there = sum(1 for resource in after.values() if resource.statements)
        news = {
            "resources": there - len(before),
            "links": sum(_links(entry.added) - _links(entry.removed) for entry in entries),
            "statements": sum(len(entry.added) - len(entry.removed) for entry in entries),
            "entries": len(entries),
        }
        self._connection.execute(share.query("sql", "add-to-total"), news)


def _links(statements: Sequence[Statement]) -> int:
    return sum(1 for _, _, target in statements if isinstance(target, str))
