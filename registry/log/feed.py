"""What was committed, as it is committed: the change log as a stream for any number of subscribers."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from itertools import islice

from registry.access.principal import Principal
from registry.domain.change import Entry, Position
from registry.errors import BadInput
from registry.stores.port import Store

_LOG = logging.getLogger(__name__)


class Feed:
    """Committed entries in order, without gap or repeat, for any number of subscribers on one event loop.

    The log is the truth and a wake-up is a hint: every ``poll_seconds`` the feed looks by itself, so writes of another
    process arrive as well. One task reads the log for all and keeps its latest entries, up to ``kept_statements``
    statements; a subscriber that is further behind reads the log itself. So none is skipped and none makes another
    wait, and nothing is queued for anyone.
    """

    def __init__(
        self, store: Store, *, poll_seconds: float = 1.0, kept_statements: int = 50_000, batch: int = 32
    ) -> None:
        self._store = store
        self._poll_seconds = poll_seconds
        self._batch = batch
        self._recent = _Recent(kept_statements)
        self._subscribers = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._reader: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._news = asyncio.Event()
        self._closed = False

    def wake(self, position: Position) -> None:
        """Say that the log has grown to ``position``. Any thread may; it never waits."""
        loop = self._loop
        if loop is not None and position > self._recent.last:
            with suppress(RuntimeError):  # The loop closed in this moment: nobody is left to wake.
                loop.call_soon_threadsafe(self._woken.set)

    def close(self) -> None:
        """End every subscription, for a server that stops. To be called on the event loop."""
        self._closed = True
        self._news.set()

    def entries(self, principal: Principal, after: Position | None = None) -> AsyncIterator[Entry]:
        """The entries behind a position, and then each further one; None begins with what comes next.

        Raises BadInput at once where the log has no such position yet.
        """
        return self.behind(principal, self.start(principal, after))

    def start(self, principal: Principal, after: Position | None = None) -> Position:
        """The position that a subscriber begins behind: the one it knows, or where the log ends now for None.

        Raises BadInput where the log has no such position yet.
        """
        head = self._store.head()
        if after is not None and not 0 <= after <= head:
            raise BadInput(f"position {after} is not in the log, which ends at {head}", argument="after", head=head)
        return head if after is None else after

    async def behind(self, principal: Principal, position: Position) -> AsyncIterator[Entry]:
        """The entries behind a position that the log has, and then each further one."""
        self._join()
        try:
            while not self._closed:
                news = self._news
                batch = self._recent.after(position, self._batch)
                if batch is None:
                    batch = await asyncio.to_thread(self._store.entries, position, self._batch)
                for entry in batch:
                    position = entry.position
                    yield entry
                if not batch:
                    await news.wait()
        finally:
            self._leave()

    def _join(self) -> None:
        self._subscribers += 1
        if self._reader is None:
            self._loop = asyncio.get_running_loop()
            self._woken, self._news = asyncio.Event(), asyncio.Event()
            self._recent.restart(self._store.head())
            self._reader = self._loop.create_task(self._read())

    def _leave(self) -> None:
        self._subscribers -= 1
        if self._subscribers == 0 and self._reader is not None:
            self._reader.cancel()
            self._reader = None

    async def _read(self) -> None:
        """Read the log for everybody, when woken and every now and then."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll_seconds):
                    await self._woken.wait()
            self._woken.clear()
            try:
                while batch := await asyncio.to_thread(self._store.entries, self._recent.last, self._batch):
                    self._recent.extend(batch)
                    self._announce()
            except Exception:
                # The record may be back at the next look; until then subscribers wait, and lose nothing.
                _LOG.warning("the change log cannot be read; trying again", exc_info=True)

    def _announce(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


class _Recent:
    """The latest entries of the log, as many as their statements allow."""

    def __init__(self, most_statements: int) -> None:
        self._most_statements = most_statements
        self._statements = 0
        self._entries: deque[Entry] = deque()
        self.last: Position = 0

    def restart(self, last: Position) -> None:
        self._entries.clear()
        self._statements = 0
        self.last = last

    def extend(self, batch: Sequence[Entry]) -> None:
        for entry in batch:
            self._entries.append(entry)
            self._statements += _weight(entry)
            self.last = entry.position
        while self._statements > self._most_statements:
            self._statements -= _weight(self._entries.popleft())

    def after(self, position: Position, limit: int) -> Sequence[Entry] | None:
        """What follows a position; None where that is further back than what is kept."""
        first_kept = self.last - len(self._entries) + 1
        if position + 1 < first_kept:
            return None
        start = position + 1 - first_kept
        return list(islice(self._entries, start, start + limit))


def _weight(entry: Entry) -> int:
    return 1 + len(entry.removed) + len(entry.added)
