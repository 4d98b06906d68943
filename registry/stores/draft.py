"""A large work decided beside the writer, on one committed state, and taken over where nothing it read has changed.

Deciding is most of what a large work costs, and others need not wait for it. This is optimistic concurrency control
(Kung and Robinson, 1981): reads are noted, and compared with what was committed since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from registry.domain.change import Entry, Position
from registry.domain.releases.release import Release
from registry.domain.resource import Resource
from registry.rdf.terms import Iri, Term
from registry.shacl.budget import Allowance
from registry.stores.group import Group
from registry.stores.port import Past
from registry.stores.submission import Receipt, Submission
from registry.stores.yielding import Yielding

_NO_TIME_YET = ""


@dataclass(slots=True)
class Reads:
    """What a decision asked for: resources, who points at what, and entries by their keys."""

    iris: set[Iri] = field(default_factory=set)
    sources: set[tuple[Term, Iri | None]] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)

    def touched_by(self, entry: Entry) -> bool:
        """Whether the same questions could have other answers after an entry."""
        if entry.idempotency_key in self.keys or not self.iris.isdisjoint(entry.revisions):
            return True
        return any(
            (target, predicate) in self.sources or (target, None) in self.sources
            for statements in (entry.removed, entry.added)
            for _, predicate, target in statements
        )


class _Noted:
    """Shows a past, and notes what was asked of it."""

    def __init__(self, past: Past) -> None:
        self._past = past
        self.reads = Reads()

    def head(self) -> Position:
        """The position of the last entry."""
        return self._past.head()

    def resources(self, iris: Iterable[Iri]) -> Mapping[Iri, Resource]:
        """Those that exist."""
        asked = tuple(iris)
        self.reads.iris.update(asked)
        return self._past.resources(asked)

    def sources(self, target: Term, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        """Who points at a term."""
        self.reads.sources.add((target, predicate))
        return self._past.sources(target, predicate, limit)

    def revisions(self, iris: Iterable[Iri]) -> Mapping[Iri, int]:
        """The last revisions."""
        asked = tuple(iris)
        self.reads.iris.update(asked)
        return self._past.revisions(asked)

    def entry_by_key(self, idempotency_key: str) -> Entry | None:
        """The entry of an earlier request."""
        self.reads.keys.add(idempotency_key)
        return self._past.entry_by_key(idempotency_key)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a work came to: its answer, and the entry it would leave, if any. A refusal is an answer like another."""

    release: Release
    position: Position
    """Of the state that it was decided on."""
    answer: Receipt | Exception
    entry: Entry | None
    reads: Reads

    def holds(self, release: Release, since: Iterable[Entry]) -> bool:
        """Whether deciding now, behind these entries, would come to the same."""
        return release is self.release and not any(map(self.reads.touched_by, since))

    def moved(self, position: Position, time: str) -> tuple[Entry, Receipt]:
        """The entry and its answer, at the place in the log and the time that they get."""
        assert self.entry is not None
        assert isinstance(self.answer, Receipt)
        answer, revisions = self.answer, self.entry.revisions
        resources = {iri: _dated(found, time) if iri in revisions else found for iri, found in answer.resources.items()}
        return (
            replace(self.entry, position=position, time=time),
            replace(answer, position=position, resources=resources),
        )


def drafted(submission: Submission, past: Past, release: Release, allowance: Allowance) -> Draft:
    """Decide a work on a state that stays as it is. It lets other threads have their turn."""
    noted = _Noted(Yielding(past))
    group = Group(noted, release, lambda: _NO_TIME_YET, allowance)
    answer: Receipt | Exception
    try:
        answer = group.decide(submission)
    except Exception as error:
        answer = error
    return Draft(release, past.head(), answer, next(iter(group.entries), None), noted.reads)


def _dated(resource: Resource, time: str) -> Resource:
    """A resource as the entry leaves it; one that the entry made has no other time yet."""
    return replace(resource, updated_at=time, created_at=resource.created_at or time)
