"""What the commands print: tables for people, JSON for machines, one line for an error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn


def fail(code: str, message: str) -> NoReturn:
    """One readable line on stderr, and exit code 2."""
    print(f"registry: {message} [{code}]", file=sys.stderr)
    sys.exit(2)


def say(line: str) -> None:
    """A line for people; stdout stays free for data."""
    print(line, file=sys.stderr)


def show_json(value: Any) -> None:
    """A value for machines, on stdout."""
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False, default=str)
    print(flush=True)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """A table on stdout, as wide as the terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    Console().print(table)


def show_violations(violations: Sequence[Mapping[str, Any]], most: int = 50) -> None:
    """Violations as people read them: who, where, which value, and what to do. IRIs are for ``--json``."""
    told = [
        (v["focusLabel"], v["pathLabel"], v["valueLabel"], "\n".join(filter(None, (v["message"], v["suggestion"]))))
        for v in violations
    ]
    # A value that breaks several constraints of one shape is one thing to mend.
    rows = list(dict.fromkeys(told))
    show_table(("focus", "path", "value", "what to do"), rows[:most])
    if len(rows) > most:
        say(f"… and {len(rows) - most:,} more; --json lists all")
