"""Reads that the record and an open transaction share."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

import orjson

from registry import share
from registry.domain.change import Entry, Position
from registry.domain.resource import Resource
from registry.rdf.terms import Iri, Literal, Statement, Term
from registry.rdf.vocabulary import RDF_TYPE
from registry.stores.sqlite.documents import decode_entry, decode_resource, sort_key


class Reading:
    """The answers of one connection, as of its transaction or its latest commit."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def resources(self, iris: Iterable[Iri]) -> Mapping[Iri, Resource]:
        """The resources that exist, in the order they were asked for."""
        asked = list(dict.fromkeys(iris))
        rows = self._run("resources", (as_list(asked),))
        found = {row[0]: decode_resource(*row) for row in rows}
        return {iri: found[iri] for iri in asked if iri in found}

    def revisions(self, iris: Iterable[Iri]) -> Mapping[Iri, int]:
        """The last revision of what is or once was a resource."""
        return dict(self._run("revisions", (as_list(list(iris)),)).fetchall())

    def sources(self, target: Term, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        """Who points at a term; for a literal the documents decide, because keys are nearest values only."""
        if isinstance(target, Literal):
            return self._holders(target, predicate, limit)
        if predicate is None:
            rows = self._run("referrers", {"target": target, "but": RDF_TYPE, "limit": limit})
        else:
            rows = self._run("sources", {"target": target, "predicate": predicate, "limit": limit})
        return [row[0] for row in rows]

    def _holders(self, target: Literal, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        if predicate is None:
            return []
        kind, key = sort_key(target)
        rows = self._run("holders", {"predicate": predicate, "kind": kind, "key": key})
        held = self.resources(row[0] for row in rows)
        return list(islice((iri for iri, found in held.items() if target in found.values(predicate)), limit))

    def incoming(
        self, targets: Iterable[Iri], predicate: Iri | None, after: tuple[Iri, Iri] | None, limit: int
    ) -> Mapping[Iri, Sequence[Statement]]:
        """Who points at each of these, by predicate and subject."""
        found: dict[Iri, list[Statement]] = {}
        asked = {"targets": as_list(list(dict.fromkeys(targets))), "predicate": predicate, "but": RDF_TYPE}
        after_predicate, after_subject = after or ("", "")
        start = {"after_predicate": after_predicate, "after_subject": after_subject, "limit": limit}
        for target, by, subject in self._run("incoming", {**asked, **start}):
            found.setdefault(target, []).append((subject, by, target))
        return found

    def incoming_counts(self, targets: Iterable[Iri], predicate: Iri | None) -> Mapping[Iri, int]:
        """How many links point at each of these."""
        asked = {"targets": as_list(list(dict.fromkeys(targets))), "predicate": predicate, "but": RDF_TYPE}
        return dict(self._run("incoming-counts", asked).fetchall())

    def _run(self, name: str, values: Sequence[object] | Mapping[str, object]) -> sqlite3.Cursor:
        return self._connection.execute(share.query("sql", name), values)

    def head(self) -> Position:
        """The position of the last entry."""
        row = self._connection.execute("SELECT max(position) FROM entry").fetchone()
        return row[0] or 0

    def entries(self, after: Position, limit: int) -> Sequence[Entry]:
        """Entries behind a position, in order."""
        return [decode_entry(row) for row in self._run("entries", {"after": after, "limit": limit})]

    def entry_by_key(self, idempotency_key: str) -> Entry | None:
        """The entry of an earlier request with this key."""
        return next((decode_entry(row) for row in self._run("entry-by-key", {"key": idempotency_key})), None)

    def history(self, iri: Iri, before: Position | None, limit: int) -> Sequence[Entry]:
        """The entries that touched a resource, the latest first."""
        end = 2**62 if before is None else before
        return [decode_entry(row) for row in self._run("history", {"iri": iri, "before": end, "limit": limit})]

    def iris(self, after: Iri, limit: int) -> Sequence[Iri]:
        """The IRIs of all resources behind one, in code point order."""
        return [row[0] for row in self._run("iris", {"after": after, "limit": limit})]

    def statistics(self) -> Mapping[str, int]:
        """How much there is."""
        cursor = self._run("statistics", ())
        names = [column[0] for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


def as_list(values: Sequence[str]) -> str:
    """Values as the one parameter of ``json_each``, however many there are."""
    return orjson.dumps(values).decode()
