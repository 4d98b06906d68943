"""A record where nothing can be written: on a medium or in a folder that is for reading only.

SQLite makes files beside a record with a write-ahead log even to read it, unless it is told that nothing changes it
(https://www.sqlite.org/wal.html#readonly).
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from registry.errors import StoreUnavailable


def reading_mode(path: Path) -> str:
    """The parameters of the URI that opens a record file for reading.

    Raises StoreUnavailable where commits wait in a write-ahead log that cannot be read without writing.
    """
    if os.access(path.parent, os.W_OK) or not path.exists():
        return "mode=ro"
    log, index = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))
    if index.exists() or _is_being_written(path):
        return "mode=ro"
    if log.exists() and log.stat().st_size:
        raise StoreUnavailable(
            f"{path} was not closed, and nothing can be written beside it: copy {path.name} and {log.name} to a folder "
            "that can be written, and read them there",
            file=str(path),
        )  # fmt: skip
    return "mode=ro&immutable=1"


def _is_being_written(path: Path) -> bool:
    """Whether a process that may write here, as this one may not, has the record open."""
    try:
        lock = os.open(path.with_name(path.name + ".lock"), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False
