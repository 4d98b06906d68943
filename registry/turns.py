"""How long a thread computes before another has its turn: shorter while something large runs.

A small request changes threads several times, with each statement to SQLite too, and waits for its turn each time.
Beside two threads that compute, Python's 5 ms add up to fifty. Turns that are always short would cost every write.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SHORT_SECONDS = 0.0005

_guard = threading.Lock()
_running = 0
_usual_seconds = sys.getswitchinterval()


@contextmanager
def short_turns() -> Iterator[None]:
    """Let threads take short turns for as long as the block runs, in whatever thread or task."""
    _count(1)
    try:
        yield
    finally:
        _count(-1)


def _count(more: int) -> None:
    global _running, _usual_seconds
    with _guard:
        if _running == 0:
            _usual_seconds = sys.getswitchinterval()
        _running += more
        sys.setswitchinterval(SHORT_SECONDS if _running else _usual_seconds)
