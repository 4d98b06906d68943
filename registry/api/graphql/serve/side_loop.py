"""A second event loop in a thread of its own, for requests that would hold up all others on the first one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from registry.turns import short_turns

Result = TypeVar("Result")


class SideLoop:
    """Runs coroutines that compute for long, and plain functions that do.

    A thread that computes lets others have their turn a moment later, where a coroutine on the same loop lets nobody.
    There is one thread for each kind: however many large requests come, together they get their share and no more.
    Both threads start when there is something for them, and end with the process.
    """

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._functions: ThreadPoolExecutor | None = None

    async def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What a coroutine gives that is run over there. It is cancelled where the caller is."""
        with short_turns():
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._started()))

    async def call(self, function: Callable[[], Result]) -> Result:
        """What a function gives that is called over there, after those that came before."""
        if self._functions is None:
            self._functions = ThreadPoolExecutor(1, "documents")
        with short_turns():
            return await asyncio.get_running_loop().run_in_executor(self._functions, function)

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="large requests", daemon=True).start()
            return self._loop
