"""The one place where anything is written: works decided, checked, stored and logged in groups."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import Enum

from registry.domain.actor import Actor
from registry.domain.change import Change, Entry, Position
from registry.domain.judgement import judge
from registry.domain.overlay import Net, Overlay
from registry.domain.release import Release
from registry.domain.resource import Resource
from registry.domain.view import View
from registry.errors import AlreadyExists, BadInput, RegistryError, RevisionMoved, ShapesViolated, StoreUnavailable
from registry.rdf.terms import Iri, Statement
from registry.shacl.report import Violation
from registry.stores.clock import now
from registry.stores.port import Record, Transaction

LARGEST_GROUP = 256
"""How many works share one transaction at most: more would make the first of them wait too long."""

log = logging.getLogger(__name__)


class Mode(Enum):
    """Whether a work is stored, or only answered as if it were."""

    COMMIT = "commit"
    DRY_RUN = "dry-run"


class Faults(Enum):
    """What happens to a change that breaks shapes: it is refused, stored and owed, or was judged before as a whole."""

    REFUSE = "refuse"
    OWE = "owe"
    JUDGED = "judged"


@dataclass(frozen=True, slots=True)
class Submission:
    """A work to run: a pure function of the view it is given, because it may run again.

    ``fingerprint`` tells whether a repeated ``idempotency_key`` repeats the same request.
    """

    work: Callable[[View], Change]
    actor: Actor
    cause: str
    idempotency_key: str | None = None
    fingerprint: str | None = None
    mode: Mode = Mode.COMMIT
    faults: Faults = Faults.REFUSE


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a work. ``position`` is where a reader must be to see it; ``revisions`` of 0 are gone.

    ``resources`` holds what the work touched as it left it, after a dry run too.
    """

    position: Position
    revisions: Mapping[Iri, int]
    removed: tuple[Statement, ...] = ()
    added: tuple[Statement, ...] = ()
    warnings: tuple[Violation, ...] = ()
    resources: Mapping[Iri, Resource] = field(default_factory=dict)


@dataclass(slots=True)
class Counts:
    """What the writer has done since it started."""

    accepted: int = 0
    refused: int = 0
    groups: int = 0


@dataclass(slots=True)
class _Group:
    """Works that share a transaction, and what is to be told once it is durable."""

    transaction: Transaction
    overlay: Overlay
    position: Position
    entries: list[Entry] = field(default_factory=list)
    answers: list[tuple[Future[Receipt], Receipt]] = field(default_factory=list)


class Writer:
    """One thread. ``clock`` gives the time of an entry."""

    def __init__(
        self,
        record: Record,
        release: Callable[[], Release],
        queue_length: int = 10_000,
        clock: Callable[[], str] = now,
    ) -> None:
        self.counts = Counts()
        self._record = record
        self._release = release
        self._followers: list[Callable[[Position], None]] = []
        self._clock = clock
        self._works: queue.Queue[tuple[Submission, Future[Receipt]] | None] = queue.Queue(queue_length)
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._closing = threading.Event()
        self._thread.start()

    def submit(self, submission: Submission) -> Future[Receipt]:
        """Queue a work. The future holds its receipt once it is durable, or the RegistryError that refused it.

        Raises StoreUnavailable where the queue is full or the writer is closing; trying again later is right.
        """
        future: Future[Receipt] = Future()
        if self._closing.is_set():
            raise StoreUnavailable("the registry is closing")
        try:
            self._works.put_nowait((submission, future))
        except queue.Full:
            raise StoreUnavailable("too many writes are waiting: come back in a moment") from None
        return future

    def follow(self, wake: Callable[[Position], None]) -> None:
        """Call ``wake`` with the new head after each commit, from the writer's thread; it must not block."""
        self._followers.append(wake)

    @property
    def waiting(self) -> int:
        """How many works are queued."""
        return self._works.qsize()

    def close(self) -> None:
        """Finish what is queued and stop; idempotent."""
        if not self._closing.is_set():
            self._closing.set()
            self._works.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            first = self._works.get()
            if first is None:
                return
            works, last = [first], False
            while len(works) < LARGEST_GROUP and not last:
                try:
                    found = self._works.get_nowait()
                except queue.Empty:
                    break
                if found is None:
                    last = True
                else:
                    works.append(found)
            self._write(works)
            if last:
                return

    def _write(self, works: Sequence[tuple[Submission, Future[Receipt]]]) -> None:
        """Run a group. Whatever happens, every caller is answered."""
        try:
            transaction = self._record.begin()
        except RegistryError as error:
            _refuse((future for _, future in works), error)
            return
        try:
            group = _Group(transaction, Overlay(transaction), transaction.head())
            release = self._release()
            for submission, future in works:
                self._consider(group, release, submission, future)
            if group.entries:
                transaction.apply(group.entries)
                transaction.commit()
            else:
                transaction.rollback()
        except Exception as error:
            transaction.rollback()
            log.exception("a group of writes failed")
            told = error if isinstance(error, RegistryError) else StoreUnavailable(f"the write failed: {error}")
            _refuse((future for _, future in works if not future.done()), told)
            return
        self.counts.groups += 1
        self.counts.accepted += len(group.entries)
        if group.entries:
            for wake in self._followers:
                wake(group.position)
        for future, receipt in group.answers:
            future.set_result(receipt)

    def _consider(self, group: _Group, release: Release, submission: Submission, future: Future[Receipt]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            receipt = _repeated(group, submission) or self._decide(group, release, submission)
        except RegistryError as error:
            self.counts.refused += 1
            future.set_exception(error)
        except StoreUnavailable:
            raise
        except Exception as error:
            # A fault of one work is told to its own caller; the others of the group are not to suffer for it.
            log.exception("a work failed: %s", submission.cause)
            future.set_exception(error)
        else:
            group.answers.append((future, receipt))

    def _decide(self, group: _Group, release: Release, submission: Submission) -> Receipt:
        time = self._clock()
        change = submission.work(group.overlay)
        _check_expected(group, change)
        after = Overlay(group.overlay)
        net = after.net(change.removed, change.added)
        subjects = tuple(dict.fromkeys((*net.subjects, *change.expected)))
        _check_never_minted_again(group, net)
        revisions = after.apply(net, time)
        warnings: tuple[Violation, ...] = ()
        if submission.faults is not Faults.JUDGED:
            verdict = judge(release, group.overlay, after, net, change.guards)
            if verdict.refusals and submission.faults is Faults.REFUSE:
                raise ShapesViolated(_summary(verdict.refusals), [*verdict.refusals, *verdict.warnings])
            warnings = (*verdict.refusals, *verdict.warnings)
        resources = after.resources(subjects)
        if submission.mode is Mode.DRY_RUN or not net:
            current = {iri: found.revision for iri, found in resources.items()}
            return Receipt(group.position, {**current, **revisions}, net.removed, net.added, warnings, resources)
        group.overlay.apply(net, time)
        group.position += 1
        group.entries.append(
            Entry(
                group.position, time, submission.actor.name, submission.cause, release.digest, net.removed, net.added,
                revisions, change.events, submission.idempotency_key, submission.fingerprint,
            )
        )  # fmt: skip
        return Receipt(group.position, revisions, net.removed, net.added, warnings, resources)


def _refuse(futures: object, error: RegistryError) -> None:
    for future in futures:  # type: ignore[attr-defined]
        if not future.done():
            future.set_exception(error)


def _repeated(group: _Group, submission: Submission) -> Receipt | None:
    """The receipt of an earlier request with the same key. Raises BadInput where that was another request."""
    key = submission.idempotency_key
    if key is None:
        return None
    found = next((entry for entry in group.entries if entry.idempotency_key == key), None)
    found = found or group.transaction.entry_by_key(key)
    if found is None:
        return None
    if found.fingerprint != submission.fingerprint:
        raise BadInput(f"the key {key!r} belongs to another request: take a new one", argument="idempotencyKey")
    now = group.overlay.resources(found.revisions)
    return Receipt(found.position, found.revisions, found.removed, found.added, (), now)


def _check_expected(group: _Group, change: Change) -> None:
    there = group.overlay.resources(change.expected)
    for iri, expected in change.expected.items():
        actual = there[iri].revision if iri in there else 0
        if expected == 0 and actual:
            raise AlreadyExists(f"{iri} exists already", iri=iri)
        if expected != actual:
            raise RevisionMoved(iri, expected, actual)


def _check_never_minted_again(group: _Group, net: Net) -> None:
    added = {subject for subject, _, _ in net.added}
    new = added - group.overlay.resources(added).keys()
    if not new:
        return
    gone = {iri for entry in group.entries for iri, revision in entry.revisions.items() if revision == 0 and iri in new}
    for iri in sorted(gone | group.transaction.revisions(new).keys()):
        raise AlreadyExists(f"{iri} was deleted, and an identifier is never used again: choose another", iri=iri)


def _summary(refusals: Sequence[Violation]) -> str:
    first = refusals[0]
    path = f" at {first.path}" if first.path else ""
    more = f" (and {len(refusals) - 1} more)" if len(refusals) > 1 else ""
    return f"the shapes refuse this: {first.focus}{path}: {first.message}{more}"
