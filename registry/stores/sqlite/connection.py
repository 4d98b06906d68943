"""Connections to the file: opened alike, brought to the newest schema, faults told in one line."""

from __future__ import annotations

import errno
import resource
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import orjson

from registry import share
from registry.errors import BadInput, RegistryError, StoreUnavailable, TooLarge
from registry.stores.open_mode import Access
from registry.stores.sqlite.read_only import reading_mode

APPLICATION_ID = 0x54574E52
"""Marks the file as a registry record, so that no other SQLite file is taken for one ("TWNR")."""

DAMAGED = "the record is damaged"
"""The reason that an error tells for pages that are not what was written."""

OLDEST_SQLITE = (3, 40, 0)
_STEPS = ("schema-1", "schema-2")
_BUSY_SECONDS = 10
_CHECKPOINT_PAGES = 16_000
_CACHE_KIB = {Access.READ: 16_384, Access.WRITE: 65_536}
COMPLAINTS = (sqlite3.Error, UnicodeEncodeError, orjson.JSONEncodeError, OverflowError)
"""What SQLite, or the way to it, may raise for what it is given or what it finds."""
_SCARCE_BYTES = 1_000_000
"""With less than this free, what SQLite calls a disk I/O error is taken for a full disk."""
_TOO_LARGE = ("too large", "too many", "too big", "stack overflow")


def steps() -> Sequence[str]:
    """The migrations, each as SQL; the number of a schema is how many of them the file has seen."""
    return [share.query("sql", name) for name in _STEPS]


def connect(path: Path, access: Access) -> sqlite3.Connection:
    """A connection in autocommit mode; the caller begins and ends transactions.

    Durable with ``synchronous=FULL``: a commit returns once the log of the file is on disk. Raises StoreUnavailable
    for a file that is no record.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        raise StoreUnavailable(f"this Python has SQLite {sqlite3.sqlite_version}, and the record needs {oldest}")
    mode = "mode=rwc" if access is Access.WRITE else reading_mode(path)
    with told(path):
        connection = sqlite3.connect(
            f"file:{quote(str(path))}?{mode}", uri=True, isolation_level=None, check_same_thread=False,
            timeout=_BUSY_SECONDS, cached_statements=256,
        )  # fmt: skip
        try:
            _prepare(connection, path, access)
        except BaseException:
            connection.close()
            raise
        return connection


def _prepare(connection: sqlite3.Connection, path: Path, access: Access) -> None:
    marked = connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    is_empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    # Nothing is changed, not even the journal mode, before the file is known to be ours.
    if not marked and not is_empty:
        raise StoreUnavailable(f"{path} is an SQLite file of another program, and no registry record", file=str(path))
    # The writer goes all over a large record: with less it would read the upper pages of its indexes again and again.
    connection.execute(f"PRAGMA cache_size = {-_CACHE_KIB[access]:d}")
    connection.execute("PRAGMA foreign_keys = ON")
    if access is Access.READ:
        return
    if is_empty:
        connection.execute("PRAGMA auto_vacuum = NONE")
    if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
        raise StoreUnavailable(f"the file system of {path} cannot hold a record: SQLite has no write-ahead log there")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = OFF")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES:d}")


def migrate(connection: sqlite3.Connection, path: Path, known: Sequence[str]) -> None:
    """Bring a file to the schema this code knows; each step and its number are one transaction."""
    with told(path):
        version = version_of(connection)
        check_version(version, len(known), path)
        for number, script in enumerate(known[version:], start=version + 1):
            connection.execute("BEGIN IMMEDIATE")
            try:
                for statement in _statements(script):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID:d}")
                connection.execute(f"PRAGMA user_version = {number:d}")
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise


def version_of(connection: sqlite3.Connection) -> int:
    """The number of the file's schema, 0 for an empty file."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def check_version(version: int, known: int, path: Path) -> None:
    """Raise StoreUnavailable for a file that newer code has written."""
    if version > known:
        raise StoreUnavailable(
            f"{path} has schema {version}, and this registry knows {known}: use a newer registry", file=str(path)
        )


def check_readable(version: int, known: int, path: Path) -> None:
    """Raise StoreUnavailable for a file that must be written before it can be read, or that is too new."""
    check_version(version, known, path)
    if version == 0:
        raise StoreUnavailable(f"there is no record in {path} yet: `registry serve` or `registry import` makes one")
    if version < known:
        raise StoreUnavailable(
            f"{path} has schema {version}, and this registry reads {known}: `registry serve` brings it up to date"
        )


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Tell what SQLite complains of as a RegistryError in one line.

    StoreUnavailable names the file, BadInput and TooLarge tell of a value that no record can hold or look for.
    """
    try:
        yield
    except COMPLAINTS as error:
        raise in_words(error, path) from error


def in_words(error: Exception, path: Path) -> RegistryError:
    """One of the `COMPLAINTS` as `told` raises it. For reads, which are too many to enter a context each."""
    if isinstance(error, UnicodeEncodeError | orjson.JSONEncodeError):
        return BadInput("a text has characters that are none: half of a surrogate pair")
    if isinstance(error, OverflowError):
        return BadInput("a number is too large to look for")
    reason = str(error)
    if _is_full(error, path):
        return disk_full(path)
    if any(words in reason for words in _TOO_LARGE):
        return TooLarge(f"too large for the record: {reason}")
    if "not a database" in reason or "malformed" in reason or _is_damage(error):
        return damaged(path)
    return StoreUnavailable(f"{path} cannot be used: {reason}", file=str(path))


def damaged(path: Path) -> StoreUnavailable:
    """What is told of a file whose pages are not what SQLite wrote: nothing but an earlier copy mends it."""
    return StoreUnavailable(
        f"{path} is no registry record, or is damaged: `registry doctor` says where; move the file away and restore "
        "the last backup with `registry restore PATH`",
        file=str(path), reason=DAMAGED, retryable=False,
    )  # fmt: skip


def _is_damage(error: Exception) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def disk_full(path: Path) -> StoreUnavailable:
    """What is told of a write that found no space: nothing of it is stored, and it may be sent again."""
    return StoreUnavailable(
        f"the disk is full: nothing of this is stored in {path}; make space, and send it again",
        file=str(path), reason="the disk is full", retryable=True,
    )  # fmt: skip


def from_system(error: OSError, path: Path) -> StoreUnavailable:
    """What the operating system complains of beside SQLite, such as a file that cannot be made."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return disk_full(path)
    return StoreUnavailable(f"{path} cannot be used: {error.strerror}", file=str(path))


def _is_full(error: Exception, path: Path) -> bool:
    """Whether space is missing. SQLite tells so of a write, and not of other calls, or at a limit of file sizes."""
    code = getattr(error, "sqlite_errorcode", 0)
    if code == sqlite3.SQLITE_FULL:
        return True
    if code & 0xFF not in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        return False
    try:
        is_scarce = shutil.disk_usage(path.parent).free < _SCARCE_BYTES
    except OSError:
        return False
    is_limited = resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY
    return is_scarce or (code == sqlite3.SQLITE_IOERR_WRITE and is_limited)


def _statements(script: str) -> Iterator[str]:
    pending = ""
    for line in script.splitlines():
        pending += line + "\n"
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    if pending.strip():
        yield pending
