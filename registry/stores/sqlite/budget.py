"""How long one question may keep a connection busy: SQLite is interrupted where no index brings the answer in time."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

from registry.errors import TooLarge

_STEPS = 10_000
"""So many steps of SQLite's machine, about a millisecond, are between two looks at the clock."""


@contextmanager
def at_most(connection: sqlite3.Connection, seconds: float) -> Iterator[None]:
    """Let statements run for so many seconds of processor time, which a busy machine does not shorten.

    Raises TooLarge where that was not enough.
    """
    end = time.thread_time() + seconds
    connection.set_progress_handler(lambda: time.thread_time() > end, _STEPS)
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        raise TooLarge(
            f"no index answers this filter, and looking through the record took more than {seconds:g} s: "
            "add a condition that few resources meet, or order the list by the property it compares",
            argument="filter", limit=seconds,
        ) from error  # fmt: skip
    finally:
        connection.set_progress_handler(None, 0)
