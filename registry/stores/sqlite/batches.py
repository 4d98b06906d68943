"""Many rows with few statements.

Python lets another thread have its turn at each statement, and a busy one gives it back late. In a serving process that
costs a write more than its rows do; where nobody waits, a row still costs half of what it costs alone. Deletions go
one by one: for several alternatives SQLite looks each row up twice, and for a list of rows it reads the whole table.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any

Row = tuple[Any, ...]

_SIZES = (64, 16, 4, 1)
"""So many rows share a statement. Few sizes, so that each statement is prepared once."""


def store(connection: sqlite3.Connection, statement: str, rows: Sequence[Row]) -> None:
    """Run an INSERT, or an UPDATE from values, of one row for all of them: its values are one group of marks."""
    for batch in _batches(rows):
        connection.execute(_for_several(statement, len(batch[0]), len(batch)), list(chain.from_iterable(batch)))


def _batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    start = 0
    for size in _SIZES:
        while len(rows) - start >= size:
            yield rows[start : start + size]
            start += size


@cache
def _for_several(statement: str, width: int, count: int) -> str:
    one = f"({', '.join('?' * width)})"
    assert statement.count(one) == 1, statement
    return statement.replace(one, ", ".join([one] * count))
