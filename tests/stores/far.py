"""A store across a network, made of a real one: every read that was not fetched before costs a round trip."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from registry.domain.change import Entry, Position
from registry.domain.resource import Resource
from registry.rdf.terms import Iri, Term
from registry.stores.port import Distance, Record, Transaction, Wanted


class FarTransaction:
    """Counts round trips; what was fetched is remembered and costs none."""

    distance = Distance.FAR

    def __init__(self, near: Transaction) -> None:
        self.trips: list[object] = []
        self._near = near
        self._known = Wanted()

    def prefetch(self, wanted: Wanted) -> None:
        self._known.update(wanted)
        self.trips.append(wanted)

    def recalls(self, iri: Iri) -> bool:
        return iri in self._known.iris

    def remembers(self, target: Term, predicate: Iri | None, limit: int) -> bool:
        return self._known.sources.get((target, predicate), 0) >= limit

    def resources(self, iris: Iterable[Iri]) -> Mapping[Iri, Resource]:
        return self._near.resources(self._asked(iris))

    def revisions(self, iris: Iterable[Iri]) -> Mapping[Iri, int]:
        return self._near.revisions(self._asked(iris))

    def _asked(self, iris: Iterable[Iri]) -> list[Iri]:
        asked = list(iris)
        if unknown := dict.fromkeys(iri for iri in asked if iri not in self._known.iris):
            self._known.iris.update(unknown)
            self.trips.append(list(unknown))
        return asked

    def sources(self, target: Term, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        if self._known.sources.get((target, predicate), 0) < limit:
            self._known.sources[target, predicate] = limit
            self.trips.append((target, predicate))
        return self._near.sources(target, predicate, limit)

    def entry_by_key(self, idempotency_key: str) -> Entry | None:
        if idempotency_key not in self._known.keys:
            self.trips.append(idempotency_key)
        return self._near.entry_by_key(idempotency_key)

    def head(self) -> Position:
        return self._near.head()

    def apply(self, entries: Sequence[Entry]) -> None:
        self._near.apply(entries)

    def commit(self) -> None:
        self._near.commit()

    def rollback(self) -> None:
        self._near.rollback()


class FarRecord:
    """A record whose transactions are far; ``groups`` holds the round trips of each."""

    def __init__(self, near: Record) -> None:
        self.groups: list[list[object]] = []
        self._near = near

    def begin(self) -> FarTransaction:
        transaction = FarTransaction(self._near.begin())
        self.groups.append(transaction.trips)
        return transaction

    def __getattr__(self, name: str) -> Any:
        return getattr(self._near, name)
