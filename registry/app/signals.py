"""Signals that end a serving process: the first politely, a second one at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

POLITE = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, what service managers and containers send, and a terminal that was closed."""


class Stopping:
    """What a signal does at this moment: before anything is served it ends the start, later it asks the server."""

    def __init__(self) -> None:
        self._is_asked = False
        self._stop: Callable[[], None] = _end
        self._at_once: Callable[[], None] = lambda: None

    def ask(self, stop: Callable[[], None], at_once: Callable[[], None]) -> None:
        """From now on call ``stop`` at the first signal; ``at_once`` tidies up at the second, and must not wait."""
        self._stop, self._at_once = stop, at_once

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._is_asked:
            self._at_once()
            # What is acknowledged is durable and locks are the system's, so nothing has to be done before the end.
            os._exit(128 + number)
        self._is_asked = True
        self._stop()


@contextmanager
def stopping() -> Iterator[Stopping]:
    """Handle `POLITE` signals while the block runs; a signal that was ignored stays so, as nohup wants it."""
    state = Stopping()
    if threading.current_thread() is not threading.main_thread():
        yield state
        return
    handled = [number for number in POLITE if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, state._handle) for number in handled}
    try:
        yield state
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end() -> NoReturn:
    """End what starts, whatever it is doing: a stop that was asked for is no failure."""
    raise SystemExit(0)
