"""Connections for reading: one for each reader at a time, kept for the next."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.errors import StoreUnavailable
from registry.stores.open_mode import Access
from registry.stores.sqlite.connection import DAMAGED, connect, told

_MOST_IDLE = 16


class ReadPool:
    """Hands out read-only connections to any thread; `close` closes those in use when they come back."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._is_closed = False
        self.damage = ""
        """What a reader found damaged, since the file was opened."""

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection whose every statement sees the latest commit."""
        with self._guard:
            if self._is_closed:
                raise StoreUnavailable(f"{self._path} is closed")
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = connect(self._path, Access.READ)
        try:
            yield connection
        except StoreUnavailable as error:
            if error.details.get("reason") == DAMAGED:
                self.damage = error.message
            raise
        finally:
            self._take_back(connection)

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """A connection whose statements all see the same commit."""
        with self.connection() as connection, told(self._path):
            connection.execute("BEGIN")
            yield connection

    def close(self) -> None:
        """Hand out no more; idempotent."""
        with self._guard:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _take_back(self, connection: sqlite3.Connection) -> None:
        if connection.in_transaction:
            connection.rollback()
        with self._guard:
            if not self._is_closed and len(self._idle) < _MOST_IDLE:
                self._idle.append(connection)
                return
        connection.close()
