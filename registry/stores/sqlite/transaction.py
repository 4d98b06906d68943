"""One group of writes: documents, the rows that lists are read from, and the log, together or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from registry.domain.change import Entry
from registry.domain.resource import Resource
from registry.errors import StoreUnavailable
from registry.rdf.terms import Iri, Literal, Term
from registry.rdf.vocabulary import LATITUDE, LONGITUDE, RDF_TYPE
from registry.shacl.values import value_of
from registry.stores.sqlite.connection import told
from registry.stores.sqlite.documents import SortKey, encode_entry, encode_statements, sort_key
from registry.stores.sqlite.reading import Reading

_WORDS_LENGTH = 20_000


class SqliteTransaction(Reading):
    """Reads show the record as it was when the group began, until `apply`."""

    def __init__(self, connection: sqlite3.Connection, path: Path, ended: Callable[[], None]) -> None:
        super().__init__(connection)
        self._path = path
        self._ended = ended
        self._ids: dict[Iri, int] = {}
        with told(path):
            connection.execute("BEGIN IMMEDIATE")

    def apply(self, entries: Sequence[Entry]) -> None:
        """Make net changes and append their entries. Raises StoreUnavailable where the file refuses."""
        with told(self._path):
            before = self.resources({statement[0] for entry in entries for statement in (*entry.removed, *entry.added)})
            after = _after(before, entries)
            self._note_ids(entries)
            for iri, resource in after.items():
                self._store(iri, before.get(iri), resource)
            self._append(entries)

    def commit(self) -> None:
        """Make it durable."""
        try:
            with told(self._path):
                self._connection.execute("COMMIT")
        except StoreUnavailable:
            self.rollback()
            raise
        self._ended()

    def rollback(self) -> None:
        """Forget the group."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        self._ended()

    def _note_ids(self, entries: Sequence[Entry]) -> None:
        """Give every IRI of the group a number."""
        iris: dict[Iri, None] = {}
        for entry in entries:
            for subject, predicate, target in (*entry.removed, *entry.added):
                iris[subject] = iris[predicate] = None
                if isinstance(target, str):
                    iris[target] = None
        rows = [(iri,) for iri in iris]
        self._connection.executemany("INSERT INTO node (iri) VALUES (?) ON CONFLICT DO NOTHING", rows)
        for row in rows:
            found = self._connection.execute("SELECT id FROM node WHERE iri = ?", row).fetchone()
            self._ids[row[0]] = found[0]

    def _store(self, iri: Iri, before: Resource | None, after: Resource) -> None:
        was: Mapping[Iri, Sequence[Term]] = before.statements if before else {}
        says = after.statements
        name = after.name if says else None
        document = encode_statements(says) if says else None
        row = (after.revision, after.created_at, after.updated_at, name, document, self._ids[iri])
        self._run("store-node", row)
        changed = [p for p in {**was, **says} if was.get(p, ()) != says.get(p, ())]
        for predicate in changed:
            self._store_links(iri, predicate, was.get(predicate, ()), says.get(predicate, ()))
            self._store_values(iri, predicate, was.get(predicate, ()), says.get(predicate, ()))
        self._store_members(iri, before, after)
        self._store_words(iri, before, after)
        if LATITUDE in changed or LONGITUDE in changed:
            self._store_place(iri, after)

    def _store_links(self, iri: Iri, predicate: Iri, was: Sequence[Term], says: Sequence[Term]) -> None:
        gone = [t for t in was if isinstance(t, str) and t not in says]
        new = [t for t in says if isinstance(t, str) and t not in was]
        if gone or new:
            ends = (self._ids[predicate], self._ids[iri])
            self._connection.executemany(
                "DELETE FROM link WHERE object = ? AND predicate = ? AND subject = ?",
                [(self._ids[target], *ends) for target in gone],
            )
            self._connection.executemany(
                "INSERT OR IGNORE INTO link (object, predicate, subject) VALUES (?, ?, ?)",
                [(self._ids[target], *ends) for target in new],
            )

    def _store_values(self, iri: Iri, predicate: Iri, was: Sequence[Term], says: Sequence[Term]) -> None:
        before, after = _keys(was), _keys(says)
        if before == after:
            return
        number = self._ids[predicate]
        self._connection.executemany(
            "DELETE FROM value WHERE predicate = ? AND kind = ? AND key = ? AND iri = ?",
            [(number, *key, iri) for key in before],
        )
        least = min(after, default=None)
        self._connection.executemany(
            "INSERT INTO value (predicate, kind, key, iri, least) VALUES (?, ?, ?, ?, ?)",
            [(number, *key, iri, int(key == least)) for key in after],
        )

    def _store_members(self, iri: Iri, before: Resource | None, after: Resource) -> None:
        def rows(resource: Resource | None) -> set[tuple[int, str, Iri]]:
            types = resource.values(RDF_TYPE) if resource else ()
            return {(self._number(t), resource.name, iri) for t in types if isinstance(t, str) and resource}

        was, says = rows(before), rows(after)
        self._connection.executemany("DELETE FROM member WHERE class = ? AND name = ? AND iri = ?", was - says)
        self._connection.executemany("INSERT INTO member (class, name, iri) VALUES (?, ?, ?)", says - was)

    def _number(self, iri: Iri) -> int:
        number = self._ids.get(iri)
        if number is None:
            number = self._connection.execute("SELECT id FROM node WHERE iri = ?", (iri,)).fetchone()[0]
            self._ids[iri] = number
        return number

    def _store_words(self, iri: Iri, before: Resource | None, after: Resource) -> None:
        was, says = _words(before), _words(after)
        if was == says:
            return
        if was:
            self._connection.execute("DELETE FROM words WHERE rowid = ?", (self._ids[iri],))
        if says:
            self._connection.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (self._ids[iri], says))

    def _store_place(self, iri: Iri, after: Resource) -> None:
        number = self._ids[iri]
        self._connection.execute("DELETE FROM place WHERE id = ?", (number,))
        latitude, longitude = _degrees(after, LATITUDE), _degrees(after, LONGITUDE)
        if latitude is not None and longitude is not None:
            self._connection.execute(
                "INSERT INTO place VALUES (?, ?, ?, ?, ?)", (number, latitude, latitude, longitude, longitude)
            )

    def _append(self, entries: Sequence[Entry]) -> None:
        self._connection.executemany(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (e.position, e.time, e.actor, e.cause, e.release, encode_entry(e), e.idempotency_key, e.fingerprint)
                for e in entries
            ],
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO touched (id, position) VALUES (?, ?)",
            [(self._number(iri), entry.position) for entry in entries for iri in entry.revisions],
        )


def _after(before: Mapping[Iri, Resource], entries: Sequence[Entry]) -> dict[Iri, Resource]:
    """Every touched resource as the entries leave it; one that says nothing any more has no statements."""
    says: dict[Iri, dict[Iri, list[Term]]] = {}
    last: dict[Iri, tuple[int, str]] = {}
    first: dict[Iri, str] = {}
    for entry in entries:
        for subject, predicate, target in entry.removed:
            values = _of(says, before, subject)[predicate]
            values.remove(target)
            if not values:
                del says[subject][predicate]
        for subject, predicate, target in entry.added:
            _of(says, before, subject).setdefault(predicate, []).append(target)
        for iri, revision in entry.revisions.items():
            first.setdefault(iri, entry.time)
            # A resource that is gone keeps its last number, so that its identifier is never minted again.
            last[iri] = (
                revision or last.get(iri, (before[iri].revision if iri in before else 0, ""))[0] + 1,
                entry.time,
            )
    return {
        iri: Resource(iri, found, last[iri][0], before[iri].created_at if iri in before else first[iri], last[iri][1])
        for iri, found in says.items()
    }


def _of(says: dict[Iri, dict[Iri, list[Term]]], before: Mapping[Iri, Resource], subject: Iri) -> dict[Iri, list[Term]]:
    if subject not in says:
        stated = before[subject].statements if subject in before else {}
        says[subject] = {predicate: list(values) for predicate, values in stated.items()}
    return says[subject]


def _keys(terms: Iterable[Term]) -> set[SortKey]:
    return {sort_key(term) for term in terms if isinstance(term, Literal)}


def _words(resource: Resource | None) -> str:
    """What full-text search finds a resource by: its name and its texts."""
    if resource is None or not resource.statements:
        return ""
    texts = [
        term.lexical
        for values in resource.statements.values()
        for term in values
        if isinstance(term, Literal) and (value := value_of(term)) is not None and value.kind in ("string", "text")
    ]
    return "\n".join(dict.fromkeys([resource.name, *texts]))[:_WORDS_LENGTH]


def _degrees(resource: Resource, predicate: Iri) -> float | None:
    term = resource.value(predicate)
    value = value_of(term) if isinstance(term, Literal) else None
    return float(value.content) if value is not None and value.kind == "number" else None
