"""What a group will read, found by rehearsing its works: a far store is asked once for all of them, not one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress

from registry.domain.change import Entry, Position
from registry.domain.release import Release
from registry.domain.resource import Resource
from registry.rdf.terms import Iri, Term
from registry.stores.group import Group
from registry.stores.port import Transaction, Wanted
from registry.stores.submission import Submission

MOST_ROUNDS = 8
"""A chain of reads longer than this is left to be read as it comes."""


class Foresight:
    """A transaction as far as it is fetched. What is not, it gives as absent, and notes."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._fetched = Wanted()
        self._lacking = Wanted()

    def want(self, submission: Submission) -> None:
        """Note what a work is known to ask for."""
        self._known_of(submission.reads)
        if submission.idempotency_key is not None:
            self._lacking.keys[submission.idempotency_key] = None

    @property
    def lacks_something(self) -> bool:
        """Whether something was asked for that is not fetched."""
        return bool(self._lacking)

    def fetch(self) -> None:
        """Fetch all that was noted, in one round trip."""
        lacking, self._lacking = self._lacking, Wanted()
        if lacking:
            self._transaction.prefetch(lacking)
            self._fetched.update(lacking)

    def head(self) -> Position:
        """The position of the last entry."""
        return self._transaction.head()

    def resources(self, iris: Iterable[Iri]) -> Mapping[Iri, Resource]:
        """Those of the fetched resources that exist."""
        return self._transaction.resources(self._known_of(iris))

    def revisions(self, iris: Iterable[Iri]) -> Mapping[Iri, int]:
        """The last revisions of fetched resources."""
        return self._transaction.revisions(self._known_of(iris))

    def sources(self, target: Term, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        """Who points at a term, where that was fetched up to the limit."""
        if self._fetched.sources.get((target, predicate), 0) >= limit:
            return self._transaction.sources(target, predicate, limit)
        known = self._lacking.sources.get((target, predicate), 0)
        self._lacking.sources[target, predicate] = max(known, limit)
        return ()

    def entry_by_key(self, idempotency_key: str) -> Entry | None:
        """The entry of an earlier request, where its key was fetched."""
        if idempotency_key in self._fetched.keys:
            return self._transaction.entry_by_key(idempotency_key)
        self._lacking.keys[idempotency_key] = None
        return None

    def _known_of(self, iris: Iterable[Iri]) -> list[Iri]:
        """Those that are fetched; the others are noted."""
        known = []
        for iri in iris:
            if iri in self._fetched.iris:
                known.append(iri)
            else:
                self._lacking.iris[iri] = None
        return known


def foresee(
    transaction: Transaction, release: Release, clock: Callable[[], str], submissions: Sequence[Submission]
) -> None:
    """Fetch what a group of works will read, so that deciding and judging them asks for nothing more.

    The works are run on what has been fetched so far until they ask for nothing else. What they do meanwhile is
    forgotten: a work is pure. The first round trip brings what the commands name, the second what these lead to.
    """
    foresight = Foresight(transaction)
    for submission in submissions:
        foresight.want(submission)
    for _ in range(MOST_ROUNDS):
        foresight.fetch()
        rehearsal = Group(foresight, release, clock)
        for submission in submissions:
            # On half a picture anything may go wrong; what matters is what was asked for until then.
            with suppress(Exception):
                rehearsal.decide(submission)
        if not foresight.lacks_something:
            return
