"""``python -m tests.bench.page``: take the figures of ``bench.json`` over, and write the page's tables anew.

`docs/explanation/speed.json` has the latest figures of each part; a run of some parts leaves the rest.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.bench.table import Row, table
from tests.places import CHECKOUT

PAGE = CHECKOUT / "docs" / "explanation" / "speed.md"
FIGURES = CHECKOUT / "docs" / "explanation" / "speed.json"
_MARKED = re.compile(r"(<!-- figures: ([\w ]+) -->\n\n)(?:\|[^\n]*\n)*")

Parts = Mapping[str, Sequence[Mapping[str, Any]]]


def figures() -> Parts:
    """The latest rows of each part."""
    found: Parts = json.loads(FIGURES.read_text(encoding="utf-8"))
    return found


def written(page: str, parts: Parts) -> str:
    """The page with its tables as the figures say."""

    def filled(match: re.Match[str]) -> str:
        rows = [Row(**row) for part in match[2].split() for row in parts.get(part, ())]
        return match[1] + table(rows)

    return _MARKED.sub(filled, page)


def taken_over(parts: Parts, measured: Sequence[Mapping[str, Any]]) -> Parts:
    """The figures with those of a run in place of the older ones of the same parts."""
    fresh: dict[str, list[Mapping[str, Any]]] = {}
    for row in measured:
        fresh.setdefault(row["part"], []).append({name: row[name] for name in Row.__dataclass_fields__})
    return {**parts, **fresh}


def main() -> None:
    """Take the figures of a run over, where there are any, and write the page."""
    source = Path(sys.argv[1] if len(sys.argv) > 1 else "bench.json")
    parts = taken_over(figures(), json.loads(source.read_text(encoding="utf-8"))) if source.exists() else figures()
    FIGURES.write_text(json.dumps(parts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), parts), encoding="utf-8")


if __name__ == "__main__":
    main()
