"""The record's port: a short, fixed list of questions. A store answers them and holds no rule of the domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from registry.domain.change import Entry, Position
from registry.domain.find import Find, Group, Incoming, Page, Tally
from registry.domain.reports.audit import Snapshot
from registry.domain.view import View
from registry.errors import StoreUnavailable
from registry.rdf.terms import Iri, Statement, Term


class GroupLost(StoreUnavailable):
    """The store ended a group of writes for a reason that passes, and nothing of it is stored: run it again."""


class Distance(Enum):
    """What a read costs: in this process next to nothing, across a network a round trip."""

    NEAR = "near"
    FAR = "far"


@dataclass(slots=True)
class Wanted:
    """Reads to come: resources with their revisions, who points at a term up to a limit, entries by their keys."""

    iris: dict[Iri, None] = field(default_factory=dict)
    sources: dict[tuple[Term, Iri | None], int] = field(default_factory=dict)
    keys: dict[str, None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.iris or self.sources or self.keys)

    def update(self, more: Wanted) -> None:
        """Want these too."""
        self.iris.update(more.iris)
        self.sources.update(more.sources)
        self.keys.update(more.keys)


class Past(View, Protocol):
    """The record as it was when a group of writes began."""

    def head(self) -> Position:
        """The position of the last entry, 0 for an empty log."""

    def entry_by_key(self, idempotency_key: str) -> Entry | None:
        """The entry that an earlier request with this key left, or None."""

    def revisions(self, iris: Iterable[Iri]) -> Mapping[Iri, int]:
        """The last revision of everything that is, or once was, a resource: what was deleted is never minted again."""


class Foreseeable(View, Protocol):
    """A view for a group of writes or a page of work, to which a far store fetches many reads at once."""

    @property
    def distance(self) -> Distance:
        """How far the store is away; from a far one, reads are foreseen and prefetched."""

    def prefetch(self, wanted: Wanted) -> None:
        """Read all of this in one round trip and remember it; a near store does nothing."""

    def recalls(self, iri: Iri) -> bool:
        """Whether a resource and its last revision are known; a near store never says so."""

    def remembers(self, target: Term, predicate: Iri | None, limit: int) -> bool:
        """Whether it is known who points at a term; a near store never says so."""


class Frozen(Foreseeable, Snapshot, Protocol):
    """One committed state, for a page of work."""


class Transaction(Past, Foreseeable, Protocol):
    """The one open group of writes."""

    def apply(self, entries: Sequence[Entry]) -> None:
        """Make the changes and append the entries, together or not at all. Positions follow `head` without a gap.

        An entry's ``removed`` and ``added`` are net: what is removed is there, what is added is not.
        """

    def commit(self) -> None:
        """Make it durable, or where nothing was applied, make sure that all that was read is so together.

        Raises StoreUnavailable where that failed; nothing is stored then.
        """

    def rollback(self) -> None:
        """Forget the group."""


class Store(Protocol):
    """The truth and its change log. Reads may come from any thread; there is one transaction at a time."""

    def begin(self) -> Transaction:
        """Open a group of writes. Raises StoreUnavailable where the store is open for reading only."""

    def view(self) -> View:
        """The latest committed state, for reads outside a group."""

    def snapshot(self) -> AbstractContextManager[Frozen]:
        """One committed state for as long as it is open, for the thread that opens it. It may remember what it reads.

        While it is open, the store may keep what was there; so it is for a page of work and not for hours. A store
        that has no such thing shows what is committed when something is first read.
        """

    def draft(self) -> AbstractContextManager[Past] | None:
        """One committed state to decide a large work on beside the writer, for the thread that enters it.

        None where the store cannot show one state for as long as that takes.
        """

    def find(self, find: Find) -> Page:
        """A filtered, ordered, keyset-paged list; one page is one consistent picture.

        Raises BadInput for a cursor of another order or none at all, TooLarge for a condition over the store's limits.
        """

    def head(self) -> Position:
        """The position of the last committed entry."""

    def entries(self, after: Position, limit: int) -> Sequence[Entry]:
        """Committed entries behind a position, in order."""

    def history(self, iri: Iri, before: Position | None, limit: int) -> Sequence[Entry]:
        """The entries that touched a resource, the latest first, older than ``before``."""

    def incoming(
        self, targets: Iterable[Iri], predicate: Iri | None, after: tuple[Iri, Iri] | None, limit: int
    ) -> Mapping[Iri, Sequence[Statement]]:
        """Who points at each of these, as statements in the order of (predicate, subject), rdf:type left out.

        At most ``limit`` for each target, behind the pair ``after``; targets that nobody points at are left out.
        A predicate of None means any. One question serves a whole page of resources.
        """

    def incoming_counts(self, targets: Iterable[Iri], predicate: Iri | None) -> Mapping[Iri, int]:
        """How many statements `incoming` would find for each target in all; targets without one are left out."""

    def incoming_each(self, asked: Sequence[Incoming]) -> Sequence[Mapping[Iri, Sequence[Statement]]]:
        """What `incoming` answers to each of several questions, in their order and asked as one: in one round trip."""

    def tally(self, tally: Tally) -> Sequence[Group]:
        """Counts by value: the most frequent first, those alike in the order of values, None behind them."""

    def iris(self, after: Iri, limit: int) -> Sequence[Iri]:
        """The IRIs of all resources in code point order, behind ``after``: for exports and whole checks."""

    def statistics(self) -> Mapping[str, int]:
        """Counts of resources, links, statements and entries."""

    @property
    def fault(self) -> str:
        """What readers found wrong with the store since it was opened, in one line; empty for nothing."""

    def verify(self) -> Sequence[str]:
        """What is wrong with the store itself, nothing for a sound one. May take as long as reading all of it."""

    def close(self) -> None:
        """Release the file or the connection; idempotent."""


class Archive(Protocol):
    """A named text that belongs to the record but is no statement: releases, names, import jobs."""

    def keep(self, kind: str, key: str, text: str) -> None:
        """Store or replace it, durably."""

    def kept(self, kind: str) -> Mapping[str, str]:
        """Everything of a kind, by key, in the order it was first kept."""

    def drop(self, kind: str, key: str) -> None:
        """Forget it."""


class Record(Store, Archive, Protocol):
    """A store with its archive: what `registry.app.core` opens."""
