"""A whole record file into another one, page by page: the online backup of SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from registry.stores.sqlite.connection import told

Progress = Callable[[int, int], None]
"""Called with how many pages are done, and of how many."""

_PAGES = 2_000
"""So many pages are copied between two calls of `Progress`: eight megabytes."""


def copy(source: sqlite3.Connection, target: sqlite3.Connection, path: Path, progress: Progress) -> None:
    """Replace the content of ``target``, the file at ``path``, in one transaction.

    ``source`` must be in a transaction that has read something: then the copy is of that state, and a write meanwhile
    neither shows in it nor makes it begin again.
    """
    with told(path):
        source.backup(target, pages=_PAGES, progress=lambda status, rest, total: progress(total - rest, total))
