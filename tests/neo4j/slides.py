"""A guide as Neo4j Browser reads it: ``slide`` elements, and in them what can be clicked to be run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"br", "hr", "img"}


@dataclass
class Slide:
    """One page: its heading, the queries to click, and every element and attribute name in it."""

    heading: str = ""
    queries: list[str] = field(default_factory=list)
    vocabulary: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.slides: list[Slide] = []
        self.open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        if tag == "slide":
            self.slides.append(Slide())
        runnable = tag == "pre" and "runnable" in (own.get("class") or "").split()
        if self.slides:
            self.slides[-1].vocabulary |= {tag, *own}
            if runnable:
                self.slides[-1].queries.append("")
            elif own.get("data-populate"):
                self.slides[-1].queries.append(str(own["data-populate"]))
        if tag not in _VOID:
            self.open.append((tag, runnable))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop()[0] == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1][1]:
            self.slides[-1].queries[-1] += data
        elif self.open and self.open[-1][0] == "h3":
            self.slides[-1].heading += data


def slides_of(guide: str) -> Sequence[Slide]:
    """The slides of a guide; fails where elements are not closed as they were opened."""
    reader = _Reader()
    reader.feed(guide)
    reader.close()
    assert not reader.open, f"never closed: {reader.open}"
    return reader.slides
