"""The record in a Neo4j database, on one server or a cluster; any number of processes write to it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from neo4j import WRITE_ACCESS

from registry.domain.change import Entry, Position
from registry.domain.find import Find, Group, Incoming, Page, Tally
from registry.domain.resource import Resource
from registry.domain.view import View
from registry.errors import BadInput, StoreUnavailable
from registry.rdf.terms import Iri, Literal, Statement, Term
from registry.stores.neo4j.connection import Connection
from registry.stores.neo4j.counts import Counts
from registry.stores.neo4j.finding import Finding
from registry.stores.neo4j.group_lock import Believed, Footing, Locked
from registry.stores.neo4j.incoming import Pointing
from registry.stores.neo4j.naming import GRAPH_NAMES, Names
from registry.stores.neo4j.read_cache import Recollection
from registry.stores.neo4j.reading import Reading
from registry.stores.neo4j.schema import prepare
from registry.stores.neo4j.snapshot import Neo4jSnapshot
from registry.stores.neo4j.transaction import Neo4jTransaction
from registry.stores.neo4j.verification import Verification
from registry.stores.open_mode import Access

LONGEST_PAGE = 100_000
ENOUGH = 3
"""How many groups in a row have to find the log as this process has left it before it believes to be alone."""


class Neo4jRecord:
    """Reads come from any thread, each in a session of its own; this process has one group of writes open at a time.

    A page is read by one query. Neo4j has no snapshots, so a write that commits in that very moment may show in a part
    of it; a group of writes is not affected, because groups exclude each other.
    """

    def __init__(self, url: str, access: Access) -> None:
        self._connection = Connection(url)
        self._access = access
        self._group = threading.Lock()
        self._names = Names({})
        self._recollection = Recollection()
        self._undisturbed = 0
        self._reading = Reading(self._connection.ask, self)
        self._pointing = Pointing(self._connection.ask, self)
        try:
            prepare(self._connection, access)
            self.renewed()
        except BaseException:
            self.close()
            raise

    @property
    def round_trips(self) -> int:
        """How many questions have been put to the server, those of transactions included."""
        return self._connection.round_trips

    def begin(self) -> Neo4jTransaction:
        """Open a group of writes; its commit waits until no other process has one open.

        Raises StoreUnavailable for a reader, while another group of this process is open, and without a server.
        """
        if self._access is Access.READ:
            raise StoreUnavailable(f"{self._connection.shown} is open for reading only")
        if not self._group.acquire(blocking=False):
            raise StoreUnavailable(f"{self._connection.shown} has a group of writes open already")
        try:
            footing = self._stood_on()
            return Neo4jTransaction(self._connection, footing, self._names, self._recollection, self._ended)
        except BaseException:
            self._group.release()
            raise

    def view(self) -> View:
        """The latest committed state; each read sees the latest commit there is."""
        return self

    @contextmanager
    def snapshot(self) -> Iterator[Neo4jSnapshot]:
        """The record as it is: what is committed meanwhile may show, until it is read once and remembered."""
        yield Neo4jSnapshot(self._connection.ask, self)

    def draft(self) -> None:
        """Nothing: a read shows what is committed by then, and deciding here needs few round trips."""

    def known(self) -> Names:
        """The names of the graph, as far as this process has met them."""
        return self._names

    def renewed(self) -> Names:
        """The names of the graph as they are now."""
        # The version is read first: names that come in between are then read again, and never missed.
        version = self._connection.ask("names-version", {})[0][0]
        self._names = Names(self._reading.kept(GRAPH_NAMES), version)
        return self._names

    def resources(self, iris: Iterable[Iri]) -> Mapping[Iri, Resource]:
        """The resources that exist, in the order they were asked for."""
        return self._reading.resources(iris)

    def sources(self, target: Term, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        """Who points at a term."""
        return self._reading.sources(target, predicate, limit)

    def find(self, find: Find) -> Page:
        """A page. Raises BadInput for a faulty cursor or page size."""
        if not 0 <= find.first <= LONGEST_PAGE:
            raise BadInput(f"a page has 0 to {LONGEST_PAGE:,} items", argument="first")
        return Finding(self._connection, self._reading, self, find).page()

    def head(self) -> Position:
        """The position of the last committed entry, whichever process wrote it."""
        return self._reading.head()

    def entries(self, after: Position, limit: int) -> Sequence[Entry]:
        """Committed entries behind a position."""
        return self._reading.entries(after, limit)

    def history(self, iri: Iri, before: Position | None, limit: int) -> Sequence[Entry]:
        """The entries that touched a resource, the latest first."""
        return self._reading.history(iri, before, limit)

    def holders(self, targets: Iterable[Literal], predicate: Iri, most: int) -> Mapping[Term, Sequence[Iri]] | None:
        """Who has each of these literals as a value of a predicate; None where there are more than so many."""
        return self._reading.holders(targets, predicate, most)

    def incoming(
        self, targets: Iterable[Iri], predicate: Iri | None, after: tuple[Iri, Iri] | None, limit: int
    ) -> Mapping[Iri, Sequence[Statement]]:
        """Who points at each of these."""
        return self._pointing.each([Incoming(tuple(targets), predicate, after, limit)])[0]

    def incoming_counts(self, targets: Iterable[Iri], predicate: Iri | None) -> Mapping[Iri, int]:
        """How many links point at each of these."""
        return self._pointing.counts(targets, predicate)

    def incoming_each(self, asked: Sequence[Incoming]) -> Sequence[Mapping[Iri, Sequence[Statement]]]:
        """Who points at resources, for each of several questions, in one round trip."""
        return self._pointing.each(asked)

    def tally(self, tally: Tally) -> Sequence[Group]:
        """Counts by value, in one round trip."""
        return Counts(self._connection, self, tally).groups()

    def iris(self, after: Iri, limit: int) -> Sequence[Iri]:
        """The IRIs of all resources behind one."""
        return self._reading.iris(after, limit)

    def statistics(self) -> Mapping[str, int]:
        """Counts of resources, links, statements and entries, and of values that only a shadow tells exactly."""
        names = ("resources", "links", "statements", "entries", "values with a shadow")
        return dict(zip(names, self._connection.ask("statistics", {})[0], strict=True))

    @property
    def fault(self) -> str:
        """Nothing: the server looks after its own files."""
        return ""

    def verify(self) -> Sequence[str]:
        """What does not agree: the graph with its log, its name map and its search rows. Reads all of it."""
        try:
            return Verification(self._connection, self._reading, self.renewed()).faults()
        except StoreUnavailable as error:
            return [error.message]

    def keep(self, kind: str, key: str, text: str) -> None:
        """Store or replace an archived text, in a transaction of its own beside the writer's."""
        self._archive("keep", {"kind": kind, "key": key, "text": text})

    def kept(self, kind: str) -> Mapping[str, str]:
        """Everything archived of a kind, in the order it was first kept."""
        return self._reading.kept(kind)

    def drop(self, kind: str, key: str) -> None:
        """Forget an archived text."""
        self._archive("drop", {"kind": kind, "key": key})

    def close(self) -> None:
        """Close every connection; idempotent."""
        self._connection.close()

    def _archive(self, name: str, values: Mapping[str, str]) -> None:
        if self._access is Access.READ:
            raise StoreUnavailable(f"{self._connection.shown} is open for reading only")
        self._connection.ask(name, values, WRITE_ACCESS)

    def _stood_on(self) -> Footing:
        """The lock, until groups of this process have met a few times without another's between them; then belief."""
        known = self._recollection
        if known.position is not None and self._undisturbed >= ENOUGH:
            return Believed(self._connection, known.position, known.version)
        footing = Locked(self._connection)
        if footing.head == known.position:
            self._undisturbed += 1
        else:
            self._undisturbed = 0
            known.forget()
        known.position, known.version = footing.head, footing.version
        return footing

    def _ended(self, names: Names | None) -> None:
        """A group has ended, and these are the names that it has left; None where it was rolled back."""
        if names is not None:
            names.settle()
            self._names, self._recollection.version = names, names.version
        self._group.release()


def open_neo4j(url: str, access: Access) -> Neo4jRecord:
    """Open a record by its address, ``neo4j://user:password@host:7687/database``; an empty database becomes one.

    Raises BadInput for a faulty address, StoreUnavailable for a server that does not answer, for a database that
    holds something else, and for one that newer code has written.
    """
    return Neo4jRecord(url, access)
