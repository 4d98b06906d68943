"""One group of writes: the graph, the rows that lists are read from, and the log, together or not at all.

The groups of all processes come one after another, because each holds the write lock of the counter node while it
commits: what a group was decided on is what the last one has left, though Neo4j's transactions only promise to read
what is committed. No shape can be broken between two processes, no deadlock arises, and the log has no gap. A process
that shares the database takes the lock first. One that found nobody else there decides on what it remembers, and
lets the statement that stores the group see whether the log still ends where it did: one round trip for up to 256
works. `registry.stores.neo4j.group_lock` has both.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import orjson
from neo4j.exceptions import DriverError, Neo4jError

from registry.domain.change import Entry, Position
from registry.domain.resource import Resource
from registry.errors import RegistryError, StoreUnavailable
from registry.rdf.terms import Iri
from registry.stores.applied_entries import aftermath, changed_by
from registry.stores.neo4j.connection import Connection, may_pass, told
from registry.stores.neo4j.group_lock import Footing, lost
from registry.stores.neo4j.naming import GRAPH_NAMES, Names
from registry.stores.neo4j.read_cache import Memory, Recollection
from registry.stores.neo4j.writing import Step, steps_of, terms_of, written

_NAMES, _ISSUED = "names", "issued"
_LOOKS, _LOOK_SECONDS = 20, 0.5


class Neo4jTransaction(Memory):
    """Reads are remembered, so that what was foreseen costs no further round trip. Nothing is read after `apply`."""

    def __init__(
        self,
        connection: Connection,
        footing: Footing,
        names: Names,
        recollection: Recollection,
        ended: Callable[[Names | None], None],
    ) -> None:
        super().__init__(footing.ask, self, recollection)
        self._connection = connection
        self._footing = footing
        self._ended = ended
        self._shared = names
        self._own: Names | None = None
        self._is_renewed = footing.version == names.version
        self._is_over = False
        self._group = uuid.uuid4().hex
        self._last: Position = 0

    def known(self) -> Names:
        """The names as this group knows them."""
        return self._shared if self._own is None else self._own

    def renewed(self) -> Names:
        """The names as the last group has left them: nobody adds to them while this one is open."""
        if not self._is_renewed:
            self._own = Names(self.kept(GRAPH_NAMES), self._footing.version)
            self._is_renewed = True
        return self.known()

    def head(self) -> Position:
        """The position of the last entry."""
        return self._footing.head

    def apply(self, entries: Sequence[Entry]) -> None:
        """Make net changes and append their entries, in one round trip at most."""
        with told(self._connection.shown):
            self._apply(entries)

    def _apply(self, entries: Sequence[Entry]) -> None:
        before = self.resources(iri for entry in entries for iri in entry.revisions)
        after = aftermath(before, entries, changed_by(entries))
        terms = terms_of(entries, after)
        if self._own is None:
            self._own = self._shared.copy()
        steps = self._steps(before, after, terms)
        if self._own.news() and not self._is_renewed:
            # Another process may have named the same things meanwhile: what is new is decided on what is there now.
            self.renewed()
            steps = self._steps(before, after, terms)
        values = written(steps, after, entries, self._own, self._group)
        news = self._own.news()
        values["counts"]["names"] = int(bool(news))
        values["names"] = [
            {"kind": GRAPH_NAMES, "key": iri, "number": name.number, "text": name.as_text()} for iri, name in news
        ]
        self._last = entries[-1].position
        self._footing.store(values)
        self._recollection.follow(entries, after, {step.iri: step.says for step in steps})

    def commit(self) -> None:
        """Make it durable. Where the answer to a commit is lost, the log is asked what became of it."""
        try:
            self._footing.commit()
        except (DriverError, Neo4jError) as error:
            if not self._is_committed(error):
                self.rollback()
                with told(self._connection.shown), lost():
                    raise
        except StoreUnavailable:
            self._recollection.forget()
            raise
        self._end(self._own if self._last else None)

    def rollback(self) -> None:
        """Forget the group; nothing for one that has ended."""
        if self._is_over:
            return
        if self._last:
            self._recollection.forget()
        self._end(None)

    def _steps(self, before: Mapping[Iri, Resource], after: Mapping[Iri, Resource], terms: list[Iri]) -> list[Step]:
        names = self.known()
        if names.lacks(terms):
            issued = self.kept(_NAMES).get(_ISSUED) if self._is_renewed else None
            names.issue(terms, orjson.loads(issued) if issued else {})
        return steps_of(before, after, names, self._recollection.nodes)

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
        self._footing.end()
        self._ended(names)
