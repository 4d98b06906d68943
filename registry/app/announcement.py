"""`serving.json`: where a serving process leaves its address, for commands that ask it instead of opening its files.

The file is locked as long as its process lives. So one that was left behind says nothing, whatever became of the
process or of its number since.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import suppress
from pathlib import Path


def address_file(data: Path) -> Path:
    """Where the address of a data folder's server is written."""
    return data / "serving.json"


class Announcement:
    """Says where this process serves a data folder, from `publish` until `withdraw` or its end."""

    def __init__(self, data: Path) -> None:
        self._path = address_file(data)
        self._file = -1

    def publish(self, address: str) -> None:
        """Write the address, readable by its owner only; a reader finds the whole file or none."""
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        beside.unlink(missing_ok=True)
        self._file = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        os.write(self._file, json.dumps({"pid": os.getpid(), "address": address}).encode())
        beside.replace(self._path)

    def withdraw(self) -> None:
        """Remove the file; idempotent."""
        if self._file < 0:
            return
        with suppress(OSError):
            self._path.unlink()
        os.close(self._file)
        self._file = -1


def serving_address(data: Path) -> str | None:
    """The address of the process that serves this data folder, or None where none is alive."""
    try:
        file = os.open(address_file(data), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if not _is_locked(file):
            return None
        return str(json.loads(os.read(file, 65_536))["address"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    finally:
        os.close(file)


def _is_locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False
