"""Connections to the file: opened alike, brought to the newest schema, faults told in one line."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from registry import share
from registry.errors import StoreUnavailable
from registry.stores.access import Access

SCHEMA_VERSION = 1
_BUSY_SECONDS = 10


def connect(path: Path, access: Access) -> sqlite3.Connection:
    """A connection in autocommit mode; the caller begins and ends transactions.

    Durable with ``synchronous=FULL``: a commit returns once the log of the file is on disk.
    """
    mode = "rwc" if access is Access.WRITE else "ro"
    with told(path):
        connection = sqlite3.connect(
            f"file:{quote(str(path))}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False,
            timeout=_BUSY_SECONDS, cached_statements=256,
        )  # fmt: skip
        if access is Access.WRITE:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA wal_autocheckpoint = 4000")
        connection.execute("PRAGMA cache_size = -16384")
        connection.execute("SELECT count(*) FROM sqlite_master")
        return connection


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring a file to the schema this code knows; each step and its number are one transaction."""
    with told(path):
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        check_version(version, path)
        for step in range(version + 1, SCHEMA_VERSION + 1):
            connection.execute("BEGIN IMMEDIATE")
            try:
                for statement in _statements(share.query("sql", f"schema-{step}")):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {step:d}")
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise


def check_version(version: int, path: Path) -> None:
    """Raise StoreUnavailable for a file that newer code has written."""
    if version > SCHEMA_VERSION:
        raise StoreUnavailable(
            f"{path} has schema {version}, and this registry knows {SCHEMA_VERSION}: use a newer registry"
        )


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Tell what SQLite complains of as StoreUnavailable, in one line that names the file."""
    try:
        yield
    except sqlite3.Error as error:
        reason = (
            "is no registry record, or is damaged"
            if isinstance(error, sqlite3.DatabaseError)
            and ("not a database" in str(error) or "malformed" in str(error))
            else f"cannot be used: {error}"
        )
        raise StoreUnavailable(f"{path} {reason}", file=str(path)) from error


def _statements(script: str) -> Iterator[str]:
    pending = ""
    for line in script.splitlines():
        pending += line + "\n"
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
