"""One writing process for each file, kept so by the operating system: a killed process lets go by itself."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from registry.errors import StoreUnavailable
from registry.private import FILE_MODE


class WriteLock:
    """Held from construction to `release`. Raises StoreUnavailable naming the process that holds it."""

    def __init__(self, path: Path) -> None:
        lock = path.with_name(path.name + ".lock")
        try:
            self._file = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        except OSError as error:
            raise StoreUnavailable(
                f"cannot write beside {path}: {error.strerror}; what only reads works: `registry query`, `export`, "
                "`audit`, `backup` and `doctor`",
                file=str(path),
            ) from error  # fmt: skip
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._file, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            raise StoreUnavailable(
                f"{path} is being written by process {holder}: one process writes a file, any number may read it; "
                "send the change to that process, or stop it",
                holder=holder,
            ) from error
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Let another process write; idempotent. The file stays: removing it would let two processes hold two files."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
