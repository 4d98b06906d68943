"""A view for long decisions: with its reads it lets other threads have their turn, which otherwise get one late."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence

from registry.domain.change import Entry, Position
from registry.domain.resource import Resource
from registry.rdf.terms import Iri, Term
from registry.stores.port import Past

BUSY_SECONDS = 0.001
REST_SECONDS = 0.00005
"""An interpreter gives a thread that waits its turn after 5 ms, each time. A rest this short is given away at once."""


class Yielding:
    """Shows a past. It rests for a moment with the first read after it was busy for a millisecond."""

    def __init__(self, past: Past) -> None:
        self._past = past
        self._rested = time.perf_counter()

    def head(self) -> Position:
        """The position of the last entry."""
        return self._past.head()

    def resources(self, iris: Iterable[Iri]) -> Mapping[Iri, Resource]:
        """Those that exist."""
        self._rest()
        return self._past.resources(iris)

    def sources(self, target: Term, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        """Who points at a term."""
        self._rest()
        return self._past.sources(target, predicate, limit)

    def revisions(self, iris: Iterable[Iri]) -> Mapping[Iri, int]:
        """The last revisions."""
        return self._past.revisions(iris)

    def entry_by_key(self, idempotency_key: str) -> Entry | None:
        """The entry of an earlier request."""
        return self._past.entry_by_key(idempotency_key)

    def _rest(self) -> None:
        if time.perf_counter() - self._rested > BUSY_SECONDS:
            time.sleep(REST_SECONDS)
            self._rested = time.perf_counter()
