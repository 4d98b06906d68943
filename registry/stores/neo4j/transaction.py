"""One group of writes: the graph, the rows that lists are read from, and the log, together or not at all.

The first statement takes the write lock of the counter node, so the groups of all processes come one after another:
what a group reads is what the last one has left, though Neo4j's transactions only promise to read what is committed.
No shape can be broken between two processes, no deadlock arises, and the log has no gap. Group commit makes up for
the waiting: up to 256 works share a lock, two reads, one write and one commit.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import orjson
from neo4j import Transaction as DriverTransaction
from neo4j.exceptions import DriverError, Neo4jError

from registry import share
from registry.domain.change import Entry, Position
from registry.domain.resource import Resource
from registry.errors import RegistryError, StoreUnavailable
from registry.rdf.terms import Iri
from registry.stores.aftermath import aftermath
from registry.stores.neo4j.connection import Answer, Connection, Values, may_pass, told
from registry.stores.neo4j.memory import Memory
from registry.stores.neo4j.naming import GRAPH_NAMES, Names
from registry.stores.neo4j.writing import terms_of, written
from registry.stores.port import GroupLost

_NAMES, _ISSUED = "names", "issued"
_LOOKS, _LOOK_SECONDS = 20, 0.5


class Neo4jTransaction(Memory):
    """Reads are remembered, so that what was foreseen costs no further round trip."""

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
        self.forget()
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
