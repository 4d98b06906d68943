"""One group of writes: the graph, the rows that lists are read from, and the log, together or not at all.

The first statement takes the write lock of the counter node, so the groups of all processes come one after another:
what a group reads is what the last one has left, though Neo4j's transactions only promise to read what is committed.
No shape can be broken between two processes, no deadlock arises, and the log has no gap. Group commit makes up for
the waiting: up to 256 works share a lock, two reads, one write and one commit.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import orjson
from neo4j import Transaction as DriverTransaction
from neo4j.exceptions import DriverError, Neo4jError

from registry import share
from registry.domain.change import Entry, Position
from registry.domain.resource import Resource
from registry.errors import RegistryError, StoreUnavailable
from registry.rdf.terms import Iri, Literal, Term
from registry.rdf.vocabulary import RDF_TYPE
from registry.stores.aftermath import aftermath
from registry.stores.documents import decode_entry
from registry.stores.neo4j import keys
from registry.stores.neo4j.connection import Answer, Connection, Values, may_pass, told
from registry.stores.neo4j.naming import GRAPH_NAMES, Names
from registry.stores.neo4j.reading import Reading, digest, possible
from registry.stores.neo4j.writing import terms_of, written
from registry.stores.port import Distance, GroupLost, Wanted

_NAMES, _ISSUED = "names", "issued"
_LOOKS, _LOOK_SECONDS = 20, 0.5


class Neo4jTransaction(Reading):
    """Reads are remembered, so that what was foreseen costs no further round trip."""

    distance = Distance.FAR

    def __init__(self, connection: Connection, names: Names, ended: Callable[[Names | None], None]) -> None:
        super().__init__(self._asked, self)
        self._connection = connection
        self._ended = ended
        self._shared = names
        self._own: Names | None = None
        self._is_renewed = False
        self._is_over = False
        self._group = uuid.uuid4().hex
        self._head: Position = 0
        self._version = 0
        self._last: Position = 0
        self._read: dict[Iri, Resource | None] = {}
        self._revisions: dict[Iri, int | None] = {}
        self._sources: dict[tuple[Term, Iri | None], tuple[int, Sequence[Iri]]] = {}
        self._entries: dict[str, Entry | None] = {}
        self._session = connection.session()
        self._transaction = self._begun()

    def known(self) -> Names:
        """The names as this group knows them."""
        return self._shared if self._own is None else self._own

    def renewed(self) -> Names:
        """The names as the last group has left them: nobody adds to them while this one is open."""
        if not self._is_renewed:
            self._own = Names(self.kept(GRAPH_NAMES), self._version)
            self._is_renewed = True
        return self.known()

    def head(self) -> Position:
        """The position of the last entry."""
        return self._head

    def resources(self, iris: Iterable[Iri]) -> Mapping[Iri, Resource]:
        """The resources that exist, in the order they were asked for."""
        asked = list(dict.fromkeys(iris))
        unknown = [iri for iri in asked if iri not in self._read]
        if unknown:
            found = super().resources(unknown)
            self._read.update((iri, found.get(iri)) for iri in unknown)
        return {iri: known for iri in asked if (known := self._read[iri]) is not None}

    def revisions(self, iris: Iterable[Iri]) -> Mapping[Iri, int]:
        """The last revision of what is or once was a resource."""
        asked = list(iris)
        unknown = [iri for iri in asked if iri not in self._revisions]
        if unknown:
            found = super().revisions(unknown)
            self._revisions.update((iri, found.get(iri)) for iri in unknown)
        return {iri: known for iri in asked if (known := self._revisions[iri]) is not None}

    def sources(self, target: Term, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        """Who points at a term."""
        asked, found = self._sources.get((target, predicate), (0, ()))
        if asked < limit and len(found) == asked:
            found = super().sources(target, predicate, limit)
            self._sources[target, predicate] = limit, found
        return found[:limit]

    def entry_by_key(self, idempotency_key: str) -> Entry | None:
        """The entry of an earlier request with this key."""
        if idempotency_key not in self._entries:
            self._entries[idempotency_key] = super().entry_by_key(idempotency_key)
        return self._entries[idempotency_key]

    def prefetch(self, wanted: Wanted) -> None:
        """Read all of this in one round trip, and remember it. Holders of literals are read as they are asked for."""
        targets, classes, numbered = self._pointed(wanted)
        by_digest = {digest(key): key for key in wanted.keys}
        iris = [iri for iri in wanted.iris if iri not in self._read]
        values = {
            "iris": possible(iris), "targets": targets, "classes": classes, "keys": list(by_digest),
            "limit": max(wanted.sources.values(), default=1),
        }  # fmt: skip
        rows: list[list[Any]] = []
        gone: dict[Iri, int] = {}
        entries: dict[str, Entry] = {}
        for kind, asked, found in self._ask("foresee", values):
            match kind:
                case "node":
                    rows.append(found)
                case "gone":
                    gone[asked] = found
                case "source":
                    self._sources[numbered[asked]] = values["limit"], found  # type: ignore[assignment]
                case "entry":
                    entries[by_digest[asked]] = decode_entry(found)
        there = self.decoded(rows)
        for key in wanted.keys:
            self._entries[key] = entries.get(key)
        for iri in iris:
            resource = self._read[iri] = there.get(iri)
            self._revisions[iri] = resource.revision if resource is not None else gone.get(iri)
        for asked_for in numbered:
            self._sources.setdefault(asked_for, (values["limit"], ()))  # type: ignore[arg-type]

    def apply(self, entries: Sequence[Entry]) -> None:
        """Make net changes and append their entries, in one round trip."""
        before = self.resources(iri for entry in entries for iri in entry.revisions)
        after = aftermath(before, entries)
        terms = terms_of(entries, after)
        if self._own is None:
            self._own = self._shared.copy()
        values = self._written(before, after, entries, terms)
        if self._own.news() and not self._is_renewed:
            # Another process may have named the same things meanwhile: what is new is decided on what is there now.
            self.renewed()
            values = self._written(before, after, entries, terms)
        news = self._own.news()
        values["counts"]["names"] = int(bool(news))
        values["names"] = [
            {"kind": GRAPH_NAMES, "key": iri, "number": name.number, "text": name.as_text()} for iri, name in news
        ]
        self._ask("store-group", values)
        self._last = entries[-1].position
        for memory in (self._read, self._revisions, self._sources, self._entries):
            memory.clear()
        self._head = self._last

    def commit(self) -> None:
        """Make it durable. Where the answer to a commit is lost, the log is asked what became of it."""
        try:
            self._transaction.commit()
        except (DriverError, Neo4jError) as error:
            if not self._is_committed(error):
                self.rollback()
                with told(self._connection.shown), _lost():
                    raise
        self._end(self._own)

    def rollback(self) -> None:
        """Forget the group; nothing for one that has ended."""
        if self._is_over:
            return
        # A transaction whose connection is gone is rolled back by the server.
        with suppress(DriverError, Neo4jError):
            self._transaction.rollback()
        self._end(None)

    def _begun(self) -> DriverTransaction:
        """An open transaction that holds the lock; a connection that had gone stale is exchanged for another."""
        with told(self._connection.shown):
            for is_last in (False, False, True):
                try:
                    transaction = self._session.begin_transaction()
                    self._connection.round_trips += 1
                    rows = transaction.run(share.query("cypher", "begin-group")).values()
                    self._head, self._version = rows[0]
                    self._is_renewed = self._version == self._shared.version
                    return transaction
                except (DriverError, Neo4jError) as error:
                    self._session.close()
                    if is_last or not may_pass(error):
                        raise
                    self._session = self._connection.session()
        raise AssertionError("unreachable")

    def _asked(self, name: str, values: Values) -> Answer:
        with told(self._connection.shown), _lost():
            self._connection.round_trips += 1
            return [list(row.values()) for row in self._transaction.run(share.query("cypher", name), dict(values))]

    def _written(
        self, before: Mapping[Iri, Resource], after: Mapping[Iri, Resource], entries: Sequence[Entry], terms: list[Iri]
    ) -> dict[str, Any]:
        names = self.known()
        if names.lacks(terms):
            issued = self.kept(_NAMES).get(_ISSUED) if self._is_renewed else None
            names.issue(terms, orjson.loads(issued) if issued else {})
        with told(self._connection.shown):
            return written(before, after, entries, names, self._group)

    def _pointed(self, wanted: Wanted) -> tuple[list[Any], list[Any], list[tuple[Term, Iri | None]]]:
        """The wanted sources as rows of targets and of classes, and what their numbers stand for."""
        targets: list[Any] = []
        classes: list[Any] = []
        numbered: list[tuple[Term, Iri | None]] = []
        for target, predicate in wanted.sources:
            if isinstance(target, Literal):
                continue
            number = len(numbered)
            numbered.append((target, predicate))
            name = self._named(target if predicate == RDF_TYPE else predicate) if predicate is not None else None
            if predicate is not None and name is None:
                continue
            if predicate == RDF_TYPE and name is not None:
                classes.append({"number": number, "start": keys.of_class(name.number)})
            else:
                targets.append({"number": number, "iri": target, "type": name.type if name else None})
        return targets, classes, numbered

    def _is_committed(self, error: Exception) -> bool:
        """Whether the group is stored though the server's answer was lost with the connection."""
        if not self._last or not may_pass(error):
            return False
        for _ in range(_LOOKS):
            with suppress(RegistryError):
                rows = self._connection.ask("committed", {"position": self._last, "group": self._group}, "WRITE")
                return bool(rows and rows[0][0])
            time.sleep(_LOOK_SECONDS)
        raise StoreUnavailable(
            f"{self._connection.shown} went away during a commit, and cannot tell yet whether that was stored: "
            "read before you repeat it, or repeat it with an idempotency key"
        ) from error

    def _end(self, names: Names | None) -> None:
        self._is_over = True
        with suppress(DriverError, Neo4jError):
            self._session.close()
        self._ended(names)


@contextmanager
def _lost() -> Iterator[None]:
    """Say that a group may be run again where its transaction ended for a reason that passes."""
    try:
        yield
    except (DriverError, Neo4jError) as error:
        if may_pass(error):
            raise GroupLost(f"the transaction was ended: {error}") from error
        raise
