"""What will be read, found by rehearsing: a far store is asked once for all of it, not one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Self, TypeVar

from registry.domain.change import Entry, Position
from registry.domain.resource import Resource
from registry.domain.view import View
from registry.rdf.terms import Iri, Term
from registry.stores.port import Distance, Foreseeable, Past, Transaction, Wanted
from registry.stores.submission import Submission

MOST_ROUNDS = 8
"""A chain of reads longer than this is left to be read as it comes."""

Result = TypeVar("Result")


class Foresight:
    """A view as far as it is fetched. What is not, it gives as absent, and notes."""

    def __init__(self, store: Foreseeable, wanted: Wanted) -> None:
        self._store = store
        self._fetched = Wanted()
        self._lacking = wanted

    def settled(self, work: Callable[[Self], Result]) -> Result | None:
        """What a work comes to once it asks for nothing more; None where it fails, or never has enough.

        It is run on what has been fetched so far, and again with what it asked for then: a work is pure. The first
        round trip brings what is known beforehand, the second what this leads to.
        """
        for _ in range(MOST_ROUNDS):
            lacking, self._lacking = self._lacking, Wanted()
            if lacking:
                self._store.prefetch(lacking)
                self._fetched.update(lacking)
            # On half a picture anything may go wrong; what matters is what was asked for until then.
            with suppress(Exception):
                result = work(self)
                if not self._lacking:
                    return result
            if not self._lacking:
                return None
        return None

    def resources(self, iris: Iterable[Iri]) -> Mapping[Iri, Resource]:
        """Those of the fetched resources that exist."""
        return self._store.resources(self._known_of(iris))

    def sources(self, target: Term, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        """Who points at a term, where that was fetched up to the limit."""
        known = self._fetched.sources.get((target, predicate), 0)
        if known >= limit or self._store.remembers(target, predicate, limit):
            return self._store.sources(target, predicate, limit)
        self._lacking.sources[target, predicate] = max(self._lacking.sources.get((target, predicate), 0), limit)
        return ()

    def _known_of(self, iris: Iterable[Iri]) -> list[Iri]:
        """Those that are fetched; the others are noted."""
        known = []
        for iri in iris:
            if iri in self._fetched.iris or self._store.recalls(iri):
                known.append(iri)
            else:
                self._lacking.iris[iri] = None
        return known


class GroupForesight(Foresight):
    """The same for a group of writes, which also asks for what was."""

    def __init__(self, transaction: Transaction, submissions: Iterable[Submission]) -> None:
        wanted = Wanted()
        for submission in submissions:
            wanted.iris.update(dict.fromkeys(submission.reads))
            if submission.idempotency_key is not None:
                wanted.keys[submission.idempotency_key] = None
        super().__init__(transaction, wanted)
        self._transaction = transaction

    def head(self) -> Position:
        """The position of the last entry."""
        return self._transaction.head()

    def revisions(self, iris: Iterable[Iri]) -> Mapping[Iri, int]:
        """The last revisions of fetched resources."""
        return self._transaction.revisions(self._known_of(iris))

    def entry_by_key(self, idempotency_key: str) -> Entry | None:
        """The entry of an earlier request, where its key was fetched."""
        if idempotency_key in self._fetched.keys:
            return self._transaction.entry_by_key(idempotency_key)
        self._lacking.keys[idempotency_key] = None
        return None


def foreseen(store: Foreseeable, wanted: Wanted, work: Callable[[View], Result]) -> Result:
    """What a pure work on a view comes to, with few round trips to a far store. ``wanted`` it is known to ask for."""
    found = Foresight(store, wanted).settled(work) if store.distance is Distance.FAR else None
    return work(store) if found is None else found


def decided(transaction: Transaction, submissions: Iterable[Submission], work: Callable[[Past], Result]) -> Result:
    """What a group of writes comes to, with few round trips to a far store, and one question to a near one."""
    if transaction.distance is Distance.NEAR:
        named = dict.fromkeys(iri for submission in submissions for iri in submission.reads)
        if len(named) > 1:
            # Each question lets another thread have its turn, and a busy one gives it back late.
            transaction.resources(named)
        return work(transaction)
    found = GroupForesight(transaction, submissions).settled(work)
    return work(transaction) if found is None else found
