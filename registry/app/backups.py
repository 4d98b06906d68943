"""`registry backup` and `registry restore`: one file that holds a whole record, and a record made from it.

A record in SQLite is copied as it is, so its backup is a record file; one in Neo4j is written as its log and archive.
Both are restored into either kind of store.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from registry import private
from registry.app.core import open_record
from registry.errors import BadInput, StoreUnavailable
from registry.services.transfer.whole_transfer import check_whole, read_whole, write_whole
from registry.settings import Settings
from registry.stores.open_mode import Access
from registry.stores.port import Record
from registry.stores.sqlite.record import SqliteRecord, open_sqlite

Progress = Callable[[str, int, int], None]
"""Called with the stage, how much is done, and of how much."""

_SQLITE_MAGIC = b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True)
class Backup:
    """A file that was written and read again, and the position of the log that it holds."""

    path: Path
    position: int
    size_bytes: int


def back_up(settings: Settings, path: Path, progress: Progress) -> Backup:
    """Write a consistent copy of the record beside a running server, and read it again before it gets its name.

    Raises BadInput where the file cannot be written, StoreUnavailable where the record cannot be read or the copy is
    not sound; then whatever had the name before is still there.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with closing(open_record(settings, Access.READ)) as record:
            private.make_file(part)
            position = _written(record, part, progress)
        _forced(part)
        part.replace(path)
        _forced(path.parent)
        return Backup(path, position, path.stat().st_size)
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}", argument="path") from error
    finally:
        for suffix in ("", "-wal", "-shm", "-journal", ".lock"):
            with suppress(OSError):
                part.with_name(part.name + suffix).unlink()


def restore(settings: Settings, path: Path, progress: Progress) -> int:
    """Make an empty place into the record that a backup holds; the position it has.

    Raises BadInput for a file that is no backup and a place that is not empty, StoreUnavailable where what arrived is
    not what the backup holds.
    """
    try:
        with path.open("rb") as file:
            is_sqlite = file.read(len(_SQLITE_MAGIC)) == _SQLITE_MAGIC
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}", argument="path") from error
    # Read as a whole before anything is stored: what is refused leaves the place as empty as it was.
    if is_sqlite:
        with closing(open_sqlite(path, Access.READ)) as source:
            _check(source, f"{path} is damaged")
    else:
        with path.open("rb") as file:
            check_whole(file, progress)
    if not settings.data.exists():
        private.make_folder(settings.data)
    with closing(open_record(settings, Access.WRITE)) as record:
        if record.head():
            raise BadInput("a backup is restored into an empty place only: this record has a log", argument="data")
        if is_sqlite and isinstance(record, SqliteRecord):
            position = record.replace_by(path, lambda done, total: progress("restore", done, total))
        elif is_sqlite:
            position = _replayed(path, record, progress)
        else:
            with path.open("rb") as file:
                position = read_whole(record, file, progress)
        _check(record, f"what was restored from {path} is not sound")
    private.mend(settings.data)
    return position


def _written(record: Record, part: Path, progress: Progress) -> int:
    if isinstance(record, SqliteRecord):
        position = record.copy_to(part, lambda done, total: progress("copy", done, total))
        with closing(open_sqlite(part, Access.READ)) as copied:
            if copied.head() != position:
                raise StoreUnavailable(f"the copy ends at position {copied.head():,} and not at {position:,}")
            _check(copied, "the copy is not sound")
        return position
    with part.open("wb") as out:
        position = write_whole(record, out, progress)
    with part.open("rb") as file:
        check_whole(file, progress)
    return position


def _replayed(path: Path, record: Record, progress: Progress) -> int:
    """The log of a record file into a store of another kind."""
    with tempfile.TemporaryFile() as between:
        with closing(open_sqlite(path, Access.READ)) as source:
            write_whole(source, between, progress)
        between.seek(0)
        return read_whole(record, between, progress)


def _check(record: Record, complaint: str) -> None:
    faults = record.verify()
    if faults:
        raise StoreUnavailable(f"{complaint}: {'; '.join(faults[:3])}")


def _forced(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
