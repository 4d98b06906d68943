"""Reads that the record and an open transaction share."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from registry import share
from registry.domain.change import Entry, Position
from registry.domain.resource import Resource
from registry.rdf.terms import Iri, Literal, Statement, Term
from registry.rdf.vocabulary import RDF_TYPE
from registry.stores.encoding import as_list, decode_entry, decode_resource
from registry.stores.ordering import sort_key
from registry.stores.port import Distance, Wanted
from registry.stores.sqlite.connection import COMPLAINTS, damaged, in_words, told

_FEW = 8
_BATCH = 200
_END = 2**62
_UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError)
"""What a document raises that is not as it was written."""

_INFINITE = (math.inf, -math.inf)


class Reading:
    """The answers of one connection, as of its transaction or its latest commit."""

    distance = Distance.NEAR

    def __init__(
        self, connection: sqlite3.Connection, path: Path, decode: Callable[..., Resource] = decode_resource
    ) -> None:
        self._connection = connection
        self._path = path
        self._decode = decode

    def prefetch(self, wanted: Wanted) -> None:
        """Nothing: a read costs microseconds here, and only what is asked for is read."""

    def recalls(self, iri: Iri) -> bool:
        """No: nobody has to know beforehand."""
        return False

    def remembers(self, target: Term, predicate: Iri | None, limit: int) -> bool:
        """No: nobody has to know beforehand."""
        return False

    def resources(self, iris: Iterable[Iri]) -> Mapping[Iri, Resource]:
        """The resources that exist, in the order they were asked for."""
        asked = list(dict.fromkeys(iris))
        found = self._nodes(asked)
        return {iri: resource for iri in asked if (resource := found.get(iri)) is not None}

    def _nodes(self, iris: Sequence[Iri]) -> dict[Iri, Resource | None]:
        """What the record has ever heard of, None where that is no resource: a link's end, a class, what is gone."""
        if len(iris) <= _FEW:
            rows = [row for iri in iris for row in self._rows("resource", {"iri": iri})]
        else:
            rows = self._rows("resources", {"iris": as_list(iris)})
        try:
            return {row[0]: None if row[1] is None else self._decode(*row) for row in rows}
        except _UNREADABLE as error:
            raise damaged(self._path) from error

    def revisions(self, iris: Iterable[Iri]) -> Mapping[Iri, int]:
        """The last revision of what is or once was a resource."""
        asked = list(iris)
        return dict(self._rows("revisions", {"iris": as_list(asked)})) if asked else {}

    def entry_by_key(self, idempotency_key: str) -> Entry | None:
        """The entry of an earlier request with this key."""
        return next((decode_entry(row) for row in self._rows("entry-by-key", {"key": idempotency_key})), None)

    def sources(self, target: Term, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        """Who points at a term; for a literal the documents decide, because several share a sort key."""
        if isinstance(target, Literal):
            return list(islice(self._holders(target, predicate), limit))
        if predicate is None:
            rows = self._rows("referrers", {"target": target, "but": RDF_TYPE, "limit": limit})
        else:
            rows = self._rows("sources", {"target": target, "predicate": predicate, "limit": limit})
        return [row[0] for row in rows]

    def _holders(self, target: Literal, predicate: Iri | None) -> Iterator[Iri]:
        kind, key = sort_key(target)
        values = {"kind": kind, "key": key}
        if predicate is None:
            rows = self._rows("holders-of-any", values)
        else:
            rows = self._rows("holders", {**values, "predicate": predicate})
        iris = list(dict.fromkeys(row[0] for row in rows))
        for start in range(0, len(iris), _BATCH):
            for iri, found in self.resources(iris[start : start + _BATCH]).items():
                stated = found.statements.values() if predicate is None else (found.values(predicate),)
                if any(target in values for values in stated):
                    yield iri

    def holders(self, targets: Iterable[Literal], predicate: Iri, most: int) -> Mapping[Term, Sequence[Iri]] | None:
        """Who has each of these literals as a value of a predicate; None where there are more than so many rows."""
        asked = dict.fromkeys(targets)
        # JSON has no infinite number; who has that is found one by one.
        keys = [key for key in dict.fromkeys(map(sort_key, asked)) if key.key not in _INFINITE]
        values = {"keys": orjson.dumps(keys, default=list).decode(), "predicate": predicate, "limit": most + 1}
        rows = self._rows("holders-of-each", values)
        if len(rows) > most:
            return None
        found: dict[Term, list[Iri]] = {target: [] for target in asked if sort_key(target).key not in _INFINITE}
        for iri, resource in self.resources(row[0] for row in rows).items():
            for value in resource.values(predicate):
                if value in found:
                    found[value].append(iri)
        return found

    def incoming(
        self, targets: Iterable[Iri], predicate: Iri | None, after: tuple[Iri, Iri] | None, limit: int
    ) -> Mapping[Iri, Sequence[Statement]]:
        """Who points at each of these, by predicate and subject."""
        found: dict[Iri, list[Statement]] = {}
        asked = {"targets": as_list(list(dict.fromkeys(targets))), "predicate": predicate, "but": RDF_TYPE}
        after_predicate, after_subject = after or ("", "")
        start = {"after_predicate": after_predicate, "after_subject": after_subject, "limit": limit}
        for target, by, subject in self._rows("incoming", {**asked, **start}):
            found.setdefault(target, []).append((subject, by, target))
        return found

    def incoming_counts(self, targets: Iterable[Iri], predicate: Iri | None) -> Mapping[Iri, int]:
        """How many links point at each of these."""
        asked = {"targets": as_list(list(dict.fromkeys(targets))), "predicate": predicate, "but": RDF_TYPE}
        return dict(self._rows("incoming-counts", asked))

    def head(self) -> Position:
        """The position of the last entry."""
        return next((row[0] for row in self._rows("head", {})), 0)

    def entries(self, after: Position, limit: int) -> Sequence[Entry]:
        """Entries behind a position, in order."""
        return self._entries_of(self._rows("entries", {"after": after, "limit": limit}))

    def history(self, iri: Iri, before: Position | None, limit: int) -> Sequence[Entry]:
        """The entries that touched a resource, the latest first."""
        end = _END if before is None else before
        return self._entries_of(self._rows("history", {"iri": iri, "before": end, "limit": limit}))

    def iris(self, after: Iri, limit: int) -> Sequence[Iri]:
        """The IRIs of all resources behind one, in code point order."""
        return [row[0] for row in self._rows("iris", {"after": after, "limit": limit})]

    def statistics(self) -> Mapping[str, int]:
        """How much there is."""
        with told(self._path):
            cursor = self._connection.execute(share.query("sql", "statistics"))
            return dict(zip((column[0] for column in cursor.description), cursor.fetchone(), strict=True))

    def kept(self, kind: str) -> Mapping[str, str]:
        """Everything archived of a kind, in the order it was first kept."""
        return dict(self._rows("kept", {"kind": kind}))

    def _entries_of(self, rows: Iterable[Sequence[Any]]) -> list[Entry]:
        try:
            return [decode_entry(row) for row in rows]
        except _UNREADABLE as error:
            raise damaged(self._path) from error

    def _rows(self, name: str, values: Mapping[str, object]) -> list[Any]:
        """All rows of a named query."""
        try:
            return self._connection.execute(share.query("sql", name), values).fetchall()
        except COMPLAINTS as error:
            raise in_words(error, self._path) from error
