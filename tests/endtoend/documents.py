"""Documents that can lie are tests: the fenced blocks of a Markdown file, run in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^```(?P<language>\w*)[ ]*(?P<note>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, the words after it on the fence, its text and its line in the file."""

    language: str
    note: str
    text: str
    line: int


def blocks(document: Path) -> Iterator[Block]:
    """The fenced blocks of a file, in order."""
    content = document.read_text(encoding="utf-8")
    for found in _FENCE.finditer(content):
        line = content.count("\n", 0, found.start()) + 1
        yield Block(found["language"], found["note"].strip(), found["text"], line)


def matches(expected: str, actual: str) -> bool:
    """Whether a printed text is what the document shows; ``…`` there stands for anything, white space is folded."""
    pattern = r".*?".join(re.escape(" ".join(part.split())) for part in expected.split("…"))
    return re.search(pattern.strip(), " ".join(actual.split()), re.DOTALL) is not None
