"""Works that wait for the writer: whom to answer, when they were decided, and which may share a transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

from registry.stores.draft import Draft
from registry.stores.submission import Receipt, Submission

LARGE_COMMANDS = 200
"""A work of more commands than this is a group of its own, and small ones that came later may be written before it."""


@dataclass(slots=True)
class Work:
    """A submission and whom to answer: a thread that waits, or a task of an event loop.

    ``draft`` is what a large one came to beside the writer.
    """

    submission: Submission
    future: Future[Receipt] | asyncio.Future[Receipt]
    draft: Draft | None = None

    @property
    def is_large(self) -> bool:
        """Whether others would wait long for it."""
        return self.submission.commands > LARGE_COMMANDS

    def is_wanted(self) -> bool:
        """Whether anybody still waits for it, at its beginning."""
        if isinstance(self.future, Future):
            return self.future.set_running_or_notify_cancel()
        return not self.future.cancelled()


Answers = list[tuple[Work, Receipt | Exception]]


class Times:
    """The times of the entries of a group: the same ones whenever it is rehearsed."""

    def __init__(self, clock: Callable[[], str]) -> None:
        self._clock = clock
        self._taken: list[str] = []

    def from_the_start(self) -> Callable[[], str]:
        """A clock that repeats the times that were taken before, and then goes on."""
        numbers = count()

        def take() -> str:
            number = next(numbers)
            if number == len(self._taken):
                self._taken.append(self._clock())
            return self._taken[number]

        return take


def groups(works: Sequence[Work]) -> Iterator[Sequence[Work]]:
    """Works that may share a transaction: what follows a new release is decided under it, so that one stands alone."""
    group: list[Work] = []
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


def answer_all(answers: Answers) -> None:
    """Answer everybody who waits. A loop is called once for all its tasks: each call would cost it a wake-up."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Receipt], Receipt | Exception]]] = {}
    for work, outcome in answers:
        future = work.future
        if isinstance(future, asyncio.Future):
            by_loop.setdefault(future.get_loop(), []).append((future, outcome))
        else:
            _resolve(future, outcome)
    for loop, waiting in by_loop.items():
        # A loop that was closed meanwhile has nobody who waits.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_resolve_all, waiting)


def _resolve_all(waiting: list[tuple[asyncio.Future[Receipt], Receipt | Exception]]) -> None:
    for future, outcome in waiting:
        if not future.cancelled():
            _resolve(future, outcome)


def _resolve(future: Future[Receipt] | asyncio.Future[Receipt], outcome: Receipt | Exception) -> None:
    if isinstance(outcome, Receipt):
        future.set_result(outcome)
    else:
        future.set_exception(outcome)
