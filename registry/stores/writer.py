"""The one place where anything is written: works decided, checked, stored and logged in groups."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import count

from registry.domain.change import Position
from registry.domain.releases.release import Release
from registry.errors import RegistryError, StoreUnavailable
from registry.rdf.terms import Iri
from registry.rdf.vocabulary import TWIN_OF
from registry.shacl.budget import ALLOWANCE, Allowance
from registry.stores.clock import now
from registry.stores.group import Group
from registry.stores.port import GroupLost, Past, Record, Transaction
from registry.stores.prefetch import decided
from registry.stores.submission import Faults, Mode, Receipt, Submission
from registry.stores.yielding import Yielding

__all__ = ["LARGEST_GROUP", "Counts", "Faults", "Mode", "Receipt", "Submission", "Writer"]

LARGEST_GROUP = 256
"""How many works share one transaction at most: more would make the first of them wait too long."""

LARGE_COMMANDS = 200
"""A work of more commands than this is a group of its own, and small ones that came later may be written before it."""

GATHERING_SECONDS = 0.001
"""So long a group waits for each further work, until it has as many as the group before it had.

Clients that were answered together ask again together, and a group costs one commit however many share it.
"""

FAULT_SECONDS = 30.0
"""So long a failure of the store is told: where nobody writes, nothing else would show that it is over."""

_PAUSES_SECONDS = (0.02, 0.1, 0.5, 1.0)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Counts:
    """What the writer has done since it started."""

    accepted: int = 0
    refused: int = 0
    groups: int = 0


@dataclass(slots=True)
class _Work:
    """A submission and whom to tell: a thread that waits, or a task of an event loop."""

    submission: Submission
    future: Future[Receipt] | asyncio.Future[Receipt]

    @property
    def is_large(self) -> bool:
        """Whether others would wait long for it."""
        return self.submission.commands > LARGE_COMMANDS

    def is_wanted(self) -> bool:
        """Whether anybody still waits for it, at its beginning."""
        if isinstance(self.future, Future):
            return self.future.set_running_or_notify_cancel()
        return not self.future.cancelled()


class _Times:
    """The times of the entries of a group: the same ones whenever it is rehearsed."""

    def __init__(self, clock: Callable[[], str]) -> None:
        self._clock = clock
        self._told: list[str] = []

    def from_the_start(self) -> Callable[[], str]:
        """A clock that tells what was told before, and then goes on."""
        numbers = count()

        def tell() -> str:
            number = next(numbers)
            if number == len(self._told):
                self._told.append(self._clock())
            return self._told[number]

        return tell


_Answers = list[tuple[_Work, Receipt | Exception]]


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
        self._works: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._large: deque[_Work] = deque()
        self._entrance = threading.Lock()
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def submit(self, submission: Submission) -> Future[Receipt]:
        """Queue a work. The future holds its receipt once it is durable, or the RegistryError that refused it.

        Raises StoreUnavailable where the queue is full or the writer is closing; trying again later is right.
        """
        future: Future[Receipt] = Future()
        self._enqueue(_Work(submission, future))
        return future

    async def carry(self, submission: Submission) -> Receipt:
        """The same for a task of an event loop, which is woken once for all that a group answers."""
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._enqueue(_Work(submission, future))
        return await future

    def _enqueue(self, work: _Work) -> None:
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
        return self._works.qsize() + len(self._large)

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
        """Write whatever comes. Between two large works the small ones have their turn, so that none waits for many.

        Works that wait at the same time have no order among them: whoever wants one waits for its answer.
        """
        is_last, together = False, 0
        while not (is_last and not self._large):
            works, is_last = ([], True) if is_last else self._gathered(together)
            small: list[_Work] = []
            for work in works:
                if work.is_large:
                    self._large.append(work)
                elif work.is_wanted():
                    small.append(work)
            together = len(small)
            for group in _groups(small):
                self._write(group)
            if self._large:
                large = self._large.popleft()
                if large.is_wanted():
                    self._write([large])

    def _gathered(self, together: int) -> tuple[list[_Work], bool]:
        """What is queued, and whether it was the last. It waits for the first work, unless a large one waits itself."""
        works: list[_Work] = []
        try:
            found = self._works.get_nowait() if self._large else self._works.get()
            while found is not None:
                works.append(found)
                if len(works) == LARGEST_GROUP:
                    break
                late = len(works) < together
                found = self._works.get(timeout=GATHERING_SECONDS) if late else self._works.get_nowait()
        except queue.Empty:
            return works, False
        return works, found is None

    def _write(self, works: Sequence[_Work]) -> None:
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
        _tell(answers)
        if position is not None:
            self._wake(position)

    def _tried(self, works: Sequence[_Work]) -> tuple[_Answers, Position | None]:
        """Run a group, and again where the store ended it for a reason that passes: a work is pure."""
        for pause in _PAUSES_SECONDS:
            try:
                return self._committed(works)
            except GroupLost as error:
                log.info("a group of %d writes is run again: %s", len(works), error)
                time.sleep(pause)
        return self._committed(works)

    def _committed(self, works: Sequence[_Work]) -> tuple[_Answers, Position | None]:
        """Decide works in one transaction and commit it. The position is None where nothing was to be stored."""
        transaction = self._record.begin()
        try:
            self._meet(transaction.head())
            group, answers = decided(
                transaction,
                [work.submission for work in works],
                partial(_decided, works, self._release(), _Times(self._time), self._allowance),
            )
            for work, answer in answers:
                if not isinstance(answer, Receipt | RegistryError):
                    log.error("a work failed: %s", work.submission.cause, exc_info=answer)
            if group.entries:
                transaction.apply(group.entries)
            transaction.commit()
        except BaseException:
            _forget(transaction)
            raise
        if not group.entries:
            return answers, None
        self._position, self._fault = group.position, ""
        self.counts.groups += 1
        self.counts.accepted += len(group.entries)
        return answers, group.position

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


def _tell(answers: _Answers) -> None:
    """Answer everybody who waits. A loop is called once for all its tasks: each call would cost it a wake-up."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Receipt], Receipt | Exception]]] = {}
    for work, answer in answers:
        future = work.future
        if isinstance(future, asyncio.Future):
            by_loop.setdefault(future.get_loop(), []).append((future, answer))
        else:
            _settle(future, answer)
    for loop, waiting in by_loop.items():
        # A loop that was closed meanwhile has nobody who waits.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle_all, waiting)


def _settle_all(waiting: list[tuple[asyncio.Future[Receipt], Receipt | Exception]]) -> None:
    for future, answer in waiting:
        if not future.cancelled():
            _settle(future, answer)


def _settle(future: Future[Receipt] | asyncio.Future[Receipt], answer: Receipt | Exception) -> None:
    if isinstance(answer, Receipt):
        future.set_result(answer)
    else:
        future.set_exception(answer)


def _groups(works: Sequence[_Work]) -> Iterator[Sequence[_Work]]:
    """Works that may share a transaction: what follows a new release is decided under it, so that one stands alone."""
    group: list[_Work] = []
    for work in works:
        if work.submission.activates is None:
            group.append(work)
            continue
        if group:
            yield group
        yield [work]
        group = []
    if group:
        yield group


def _decided(
    works: Sequence[_Work], release: Release, times: _Times, allowance: Allowance, past: Past
) -> tuple[Group, _Answers]:
    """Works on top of a past, one after the other."""
    if works[0].is_large:
        past = Yielding(past)
    group = Group(past, release, times.from_the_start(), allowance)
    return group, [(work, _answer(group, work)) for work in works]


def _answer(group: Group, work: _Work) -> Receipt | Exception:
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
