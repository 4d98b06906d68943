"""The one place where anything is written: works decided, checked, stored and logged in groups."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import cast

from registry.domain.change import Entry, Position
from registry.domain.releases.release import Release
from registry.errors import RegistryError, StoreUnavailable
from registry.rdf.terms import Iri
from registry.rdf.vocabulary import TWIN_OF
from registry.shacl.budget import ALLOWANCE, Allowance
from registry.stores.clock import now
from registry.stores.draft import drafted
from registry.stores.group import Group
from registry.stores.port import GroupLost, Past, Record, Transaction
from registry.stores.prefetch import decided
from registry.stores.submission import Faults, Mode, Receipt, Submission
from registry.stores.works import Answers, Times, Work, answer_all, groups
from registry.stores.yielding import Yielding
from registry.turns import short_turns

__all__ = ["LARGEST_GROUP", "Counts", "Faults", "Mode", "Receipt", "Submission", "Writer"]

LARGEST_GROUP = 256
"""How many works share one transaction at most: more would make the first of them wait too long."""

GATHERING_SECONDS = 0.001
"""So long a group waits for each further work, until it has as many as the group before it had.

Clients that were answered together ask again together, and a group costs one commit however many share it.
"""

MOST_SINCE = 2_000
"""Behind more entries than this a large work is decided again, rather than compared with each."""

FAULT_SECONDS = 30.0
"""So long a failure of the store is told: where nobody writes, nothing else would show that it is over."""

_PAUSES_SECONDS = (0.02, 0.1, 0.5, 1.0)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Counts:
    """What the writer has done since it started.

    ``adopted`` are large works that were decided beside it, ``overtaken`` those that had to be decided again.
    """

    accepted: int = 0
    refused: int = 0
    groups: int = 0
    adopted: int = 0
    overtaken: int = 0


class Writer:
    """One thread that takes whatever is queued, decides it in order, and makes it durable with one commit.

    A refusal is told only after the commit too, because it may rest on what the same group did before it. ``clock``
    gives the time of an entry. ``follow_release`` is told the digest that the log was left with by another process,
    before anything is decided on top of it. ``allowance`` is what checking a work may take.
    """

    def __init__(
        self,
        record: Record,
        release: Callable[[], Release],
        queue_length: int = 10_000,
        clock: Callable[[], str] = now,
        follow_release: Callable[[str], None] = lambda digest: None,
        allowance: Allowance = ALLOWANCE,
    ) -> None:
        self.counts = Counts()
        self._record = record
        self._release = release
        self._followers: list[Callable[[Position], None]] = []
        self._clock = clock
        self._allowance = allowance
        self._follow_release = follow_release
        self._position, self._latest = 0, ""
        self._fault, self._failed_at = "", 0.0
        self._meet(record.head())
        self._queue_length = queue_length
        self._works: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._large: deque[Work] = deque()
        self._drafting: Work | None = None
        self._entrance = threading.Lock()
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def submit(self, submission: Submission) -> Future[Receipt]:
        """Queue a work. The future holds its receipt once it is durable, or the RegistryError that refused it.

        Raises StoreUnavailable where the queue is full or the writer is closing; trying again later is right.
        """
        future: Future[Receipt] = Future()
        self._enqueue(Work(submission, future))
        return future

    async def carry(self, submission: Submission) -> Receipt:
        """The same for a task of an event loop, which is woken once for all that a group answers."""
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._enqueue(Work(submission, future))
        return await future

    def _enqueue(self, work: Work) -> None:
        with self._entrance:
            if self._is_closing:
                raise StoreUnavailable("the registry is closing")
            if self.waiting >= self._queue_length:
                raise StoreUnavailable("too many writes are waiting: come back in a moment")
            self._works.put(work)

    def follow(self, wake: Callable[[Position], None]) -> None:
        """Call ``wake`` with the new head after each commit, from the writer's thread; it must not block."""
        self._followers.append(wake)

    def twins_of(self, entities: Iterable[Iri]) -> Mapping[Iri, Iri]:
        """The twin of each of some entities as the record is now; those without one are left out."""
        view = self._record.view()
        found = ((entity, next(iter(view.sources(entity, TWIN_OF, 1)), None)) for entity in entities)
        return {entity: twin for entity, twin in found if twin is not None}

    @property
    def waiting(self) -> int:
        """How many works are queued."""
        return self._works.qsize() + len(self._large) + (self._drafting is not None)

    @property
    def fault(self) -> str:
        """Why the store did not take the last writes, empty where it did, or where that was long ago."""
        return self._fault if time.monotonic() - self._failed_at < FAULT_SECONDS else ""

    def close(self) -> None:
        """Finish what is queued and stop; idempotent."""
        with self._entrance:
            is_first, self._is_closing = not self._is_closing, True
        if is_first:
            self._works.put(None)
        self._thread.join()

    def _run(self) -> None:
        """Write whatever comes. Small works never wait for more than one large one.

        Works that wait at the same time have no order among them: whoever wants one waits for its answer.
        """
        is_last, together = False, 0
        while not (is_last and not self._large and self._drafting is None):
            if is_last:
                # Nothing comes any more but the draft that is being made.
                works = [] if self._drafting is None else [cast(Work, self._works.get())]
            else:
                works, is_last = self._gathered(together)
            small: list[Work] = []
            returned: Work | None = None
            for work in works:
                if work is self._drafting:
                    returned, self._drafting = work, None
                elif work.is_large:
                    self._large.append(work)
                elif work.is_wanted():
                    small.append(work)
            together = len(small)
            for group in groups(small):
                self._write(group)
            if returned is not None:
                self._write([returned])
            if self._large and self._drafting is None:
                large = self._large.popleft()
                if large.is_wanted() and not self._is_drafted_beside(large):
                    self._write([large])

    def _gathered(self, together: int) -> tuple[list[Work], bool]:
        """What is queued, and whether it was the last. It waits for the first work, unless a large one waits itself."""
        works: list[Work] = []
        has_more = bool(self._large) and self._drafting is None
        try:
            found = self._works.get_nowait() if has_more else self._works.get()
            while found is not None:
                works.append(found)
                if len(works) == LARGEST_GROUP:
                    break
                late = len(works) < together
                found = self._works.get(timeout=GATHERING_SECONDS) if late else self._works.get_nowait()
        except queue.Empty:
            return works, False
        return works, found is None

    def _is_drafted_beside(self, work: Work) -> bool:
        """Let a large work be decided beside this thread, where the store shows one state for so long."""
        if work.submission.activates is not None or (state := self._record.draft()) is None:
            return False
        self._drafting = work
        threading.Thread(target=self._draft, args=(work, state), name="draft", daemon=True).start()
        return True

    def _draft(self, work: Work, state: AbstractContextManager[Past]) -> None:
        """Decide a large work and hand it back. Whatever goes wrong here shows when it is decided in its turn."""
        try:
            with short_turns(), state as past:
                work.draft = drafted(work.submission, past, self._release(), self._allowance)
        except Exception:
            log.warning("a large write is decided in its turn, not beside it", exc_info=True)
        finally:
            self._works.put(work)

    def _write(self, works: Sequence[Work]) -> None:
        """Run a group. Whatever happens, every caller is answered."""
        try:
            answers, position = self._tried(works)
        except StoreUnavailable as error:
            log.warning("a group of %d writes is not stored: %s", len(works), error)
            self._fault, self._failed_at = error.message, time.monotonic()
            answers, position = [(work, _again(error)) for work in works], None
        except Exception as error:
            if len(works) > 1:
                # One of them is to blame and the others are not to suffer for it. A work is pure, so it may run again.
                for work in works:
                    self._write([work])
                return
            log.log(
                logging.INFO if isinstance(error, RegistryError) else logging.ERROR, "a write failed", exc_info=True
            )
            answers, position = [(works[0], error)], None
        for work, answer in answers:
            if not isinstance(answer, Receipt):
                self.counts.refused += 1
            elif work.submission.committed is not None:
                work.submission.committed()
        answer_all(answers)
        if position is not None:
            self._wake(position)

    def _tried(self, works: Sequence[Work]) -> tuple[Answers, Position | None]:
        """Run a group, and again where the store ended it for a reason that passes: a work is pure."""
        for pause in _PAUSES_SECONDS:
            try:
                return self._committed(works)
            except GroupLost as error:
                log.info("a group of %d writes is run again: %s", len(works), error)
                time.sleep(pause)
        return self._committed(works)

    def _committed(self, works: Sequence[Work]) -> tuple[Answers, Position | None]:
        """Decide works in one transaction and commit it. The position is None where nothing was to be stored."""
        transaction = self._record.begin()
        try:
            self._meet(transaction.head())
            entries, answers = self._adopted(works[0], transaction.head()) or decided(
                transaction,
                [work.submission for work in works],
                partial(_decided, works, self._release(), Times(self._time), self._allowance),
            )
            for work, answer in answers:
                if not isinstance(answer, Receipt | RegistryError):
                    log.error("a work failed: %s", work.submission.cause, exc_info=answer)
            if entries:
                transaction.apply(entries)
            transaction.commit()
        except BaseException:
            _forget(transaction)
            raise
        if not entries:
            return answers, None
        self._position, self._fault = entries[-1].position, ""
        self.counts.groups += 1
        self.counts.accepted += len(entries)
        return answers, self._position

    def _adopted(self, work: Work, head: Position) -> tuple[Sequence[Entry], Answers] | None:
        """What a work came to beside this thread, moved behind the last entry; None where it must be decided now."""
        draft = work.draft
        if draft is None:
            return None
        if draft.entry is None:
            return (), [(work, draft.answer)]
        since = head - draft.position
        if since > MOST_SINCE or not draft.holds(self._release(), self._record.entries(draft.position, since)):
            self.counts.overtaken += 1
            return None
        self.counts.adopted += 1
        entry, receipt = draft.moved(head + 1, self._time())
        return [entry], [(work, receipt)]

    def _time(self) -> str:
        """The time of the next entry: the log never runs backwards, even where the machine's clock was set back."""
        self._latest = max(self._latest, self._clock())
        return self._latest

    def _meet(self, head: Position) -> None:
        """Go on from the last entry where another process, or an earlier one, wrote it: its time, and its release."""
        if head != self._position:
            for entry in self._record.entries(head - 1, 1):
                self._latest = max(self._latest, entry.time)
                self._follow_release(entry.release)
            self._position = head

    def _wake(self, position: Position) -> None:
        for wake in self._followers:
            try:
                wake(position)
            except Exception:
                # A wake-up is a hint: whoever misses it finds the entry in the log, and writing goes on.
                log.exception("a follower could not be woken")


def _decided(
    works: Sequence[Work], release: Release, times: Times, allowance: Allowance, past: Past
) -> tuple[Sequence[Entry], Answers]:
    """Works on top of a past, one after the other."""
    if works[0].is_large:
        past = Yielding(past)
    group = Group(past, release, times.from_the_start(), allowance)
    answers = [(work, _answer(group, work)) for work in works]
    return group.entries, answers


def _answer(group: Group, work: Work) -> Receipt | Exception:
    try:
        return group.decide(work.submission)
    except Exception as error:
        return error


def _forget(transaction: Transaction) -> None:
    try:
        transaction.rollback()
    except StoreUnavailable as error:
        log.warning("a group of writes could not be taken back: %s", error)


def _again(error: StoreUnavailable) -> StoreUnavailable:
    """The same error for another caller: one exception raised in many threads would mix their traces."""
    return StoreUnavailable(error.message, **error.details)
