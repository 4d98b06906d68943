"""What a group of writes stands on: the lock of the log, or the belief that nobody else writes, put to the test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Protocol

from neo4j import WRITE_ACCESS
from neo4j import Transaction as DriverTransaction
from neo4j.exceptions import DriverError, Neo4jError

from registry import share
from registry.domain.change import Position
from registry.stores.neo4j.connection import Answer, Connection, Values, may_pass, told
from registry.stores.port import GroupLost


class Footing(Protocol):
    """``head`` is where the log ended when the group began, ``version`` that of the names of the graph."""

    head: Position
    version: int

    def ask(self, name: str, values: Values) -> Answer:
        """All rows of a named query. Raises GroupLost where the group may be run again."""

    def store(self, values: Mapping[str, Any]) -> None:
        """Write what ``store-group`` is to write, now or with the commit."""

    def commit(self) -> None:
        """Make it durable. Raises GroupLost where another process has written meanwhile, and what the driver raises."""

    def end(self) -> None:
        """Let go of whatever is held; what is not committed is forgotten."""


class Locked:
    """A transaction whose first statement takes the write lock of the counter, so that groups follow one another."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._session = connection.session()
        self._transaction = self._begun()
        self._is_used = False

    def ask(self, name: str, values: Values) -> Answer:
        """Within the transaction: what is read cannot change before it ends."""
        with told(self._connection.shown), lost():
            self._connection.round_trips += 1
            return [list(row.values()) for row in self._transaction.run(share.query("cypher", name), dict(values))]

    def store(self, values: Mapping[str, Any]) -> None:
        """Write it now."""
        self.ask("store-group", {**values, "head": self.head})
        self._is_used = True

    def commit(self) -> None:
        """Make it durable; a group that stored nothing leaves nothing."""
        if self._is_used:
            self._transaction.commit()
        self.end()

    def end(self) -> None:
        """Roll back what is not committed. A transaction whose connection is gone is rolled back by the server."""
        with suppress(DriverError, Neo4jError):
            self._transaction.close()
        with suppress(DriverError, Neo4jError):
            self._session.close()

    def _begun(self) -> DriverTransaction:
        """An open transaction that holds the lock; a connection that had gone stale is exchanged for another."""
        with told(self._connection.shown):
            for is_last in (False, False, True):
                try:
                    transaction = self._session.begin_transaction()
                    self._connection.round_trips += 1
                    rows = transaction.run(share.query("cypher", "begin-group")).values()
                    self.head, self.version = rows[0]
                    return transaction
                except (DriverError, Neo4jError) as error:
                    self._session.close()
                    if is_last or not may_pass(error):
                        raise
                    self._session = self._connection.session()
        raise AssertionError("unreachable")


class Believed:
    """No transaction until the commit, whose one statement takes the lock and stores only where the log ends as before.

    Every group that stores something moves that end and holds the lock until it is committed. So where the log still
    ends there under the lock, nobody has stored anything since, and all that was read is what a lock would have shown.
    """

    def __init__(self, connection: Connection, head: Position, version: int) -> None:
        self.head = head
        self.version = version
        self._connection = connection
        self._values: dict[str, Any] | None = None

    def ask(self, name: str, values: Values) -> Answer:
        """From whatever is committed; the commit tells whether that was the right state."""
        return self._connection.ask(name, values, WRITE_ACCESS)

    def store(self, values: Mapping[str, Any]) -> None:
        """Write it with the commit."""
        self._values = {**values, "head": self.head}

    def commit(self) -> None:
        """Store under the lock, or where there is nothing to store, see whether what was read still stands."""
        if self._values is None:
            is_so = self.ask("head", {}) == [[self.head]]
        else:
            self._connection.round_trips += 1
            with self._connection.session() as session:
                is_so = bool(session.run(share.query("cypher", "store-group"), self._values).values())
        if not is_so:
            raise GroupLost("another process has written meanwhile")

    def end(self) -> None:
        """Nothing is held."""


@contextmanager
def lost() -> Iterator[None]:
    """Say that a group may be run again where its transaction ended for a reason that passes."""
    try:
        yield
    except (DriverError, Neo4jError) as error:
        if may_pass(error):
            raise GroupLost(f"the transaction was ended: {error}") from error
        raise
