"""Where the boxes and the words of a diagram go: in rows by their distance from the start, with few crossings.

The method of Sugiyama, Tagawa and Toda (1981): turn round what closes a circle, put every node on a row, order the rows
by their neighbours' places, then even the columns out. A word on an arrow is a node of its own between the rows, so no
word lies on another or on a box.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

_GAP = 22.0
_SWEEPS = 12


@dataclass(frozen=True, slots=True)
class Link:
    """An arrow between two nodes, by their names; ``width`` is that of its words, in pixels."""

    source: str
    target: str
    width: float


@dataclass
class Placed:
    """Rows of names with the middle of each in pixels; ``ways`` are the names an arrow passes, its words among them."""

    rows: list[list[str]] = field(default_factory=list)
    middle: dict[str, float] = field(default_factory=dict)
    ways: dict[Link, list[str]] = field(default_factory=dict)
    words: dict[Link, str] = field(default_factory=dict)


def place(start: str, widths: Mapping[str, float], links: Sequence[Link]) -> Placed:
    """Place nodes of the given widths, the start on top. Links from a node to itself have no place here."""
    forward = _without_circles(start, list(widths), links)
    placed = Placed()
    rank = _ranks(list(widths), [(a, b) for a, b, _ in forward])
    placed.rows = [[] for _ in range(2 * max(rank.values(), default=0) + 1)]
    for name in widths:
        placed.rows[2 * rank[name]].append(name)
    wide = dict(widths)
    neighbours: list[tuple[str, str]] = []
    for number, (above, below, link) in enumerate(forward):
        first, last = 2 * rank[above], 2 * rank[below]
        way = [above, *(f"{number}/{row}" for row in range(first + 1, last)), below]
        for row, name in enumerate(way[1:-1], first + 1):
            placed.rows[row].append(name)
            wide[name] = 6.0
        words = way[1 + (last - first - 1) // 2]
        placed.words[link] = words
        wide[words] = link.width
        neighbours += pairwise(way)
        placed.ways[link] = way if link.source == above else way[::-1]
    _order(placed.rows, neighbours)
    placed.middle = _columns(placed.rows, wide, neighbours)
    return placed


def _without_circles(start: str, names: Sequence[str], links: Sequence[Link]) -> list[tuple[str, str, Link]]:
    """Every link from above to below: those that lead back to a node on the way to them are turned round."""
    leaving: dict[str, list[Link]] = {name: [] for name in names}
    for link in links:
        leaving[link.source].append(link)
    found: list[tuple[str, str, Link]] = []
    open_now: set[str] = set()
    done: set[str] = set()

    def visit(name: str) -> None:
        open_now.add(name)
        for link in leaving[name]:
            back = link.target in open_now
            found.append((link.target, name, link) if back else (name, link.target, link))
            if not back and link.target not in done:
                visit(link.target)
        open_now.discard(name)
        done.add(name)

    for name in (start, *names):
        if name not in done:
            visit(name)
    return found


def _ranks(names: Sequence[str], links: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The longest way from a node without links that lead to it."""
    rank = dict.fromkeys(names, 0)
    for _ in names:
        for above, below in links:
            rank[below] = max(rank[below], rank[above] + 1)
    return rank


def _order(rows: list[list[str]], links: Sequence[tuple[str, str]]) -> None:
    """Sort each row by the places of its neighbours, to and fro, and keep what crosses least."""
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for one, other in links:
        below.setdefault(one, []).append(other)
        above.setdefault(other, []).append(one)
    best, fewest = [list(row) for row in rows], _crossings(rows, below)
    for sweep in range(_SWEEPS):
        downwards = sweep % 2 == 0
        near = above if downwards else below
        order = range(1, len(rows)) if downwards else range(len(rows) - 2, -1, -1)
        for number in order:
            places = {name: at for at, name in enumerate(rows[number - 1 if downwards else number + 1])}
            rows[number] = _by_neighbours(rows[number], places, near)
        crossing = _crossings(rows, below)
        if crossing < fewest:
            best, fewest = [list(row) for row in rows], crossing
    rows[:] = best


def _by_neighbours(row: list[str], other: Mapping[str, int], near: Mapping[str, list[str]]) -> list[str]:
    def weight(name: str) -> float:
        places = [other[found] for found in near.get(name, ())]
        return sum(places) / len(places) if places else float(row.index(name))

    return sorted(row, key=weight)


def _crossings(rows: Sequence[Sequence[str]], below: Mapping[str, Sequence[str]]) -> int:
    count = 0
    for upper, lower in pairwise(rows):
        place = {name: number for number, name in enumerate(lower)}
        ends = [place[found] for name in upper for found in sorted(below.get(name, ()), key=lambda n: place[n])]
        count += sum(1 for at, end in enumerate(ends) for later in ends[at + 1 :] if later < end)
    return count


def _columns(
    rows: Sequence[Sequence[str]], wide: Mapping[str, float], links: Sequence[tuple[str, str]]
) -> dict[str, float]:
    """The middle of each node: as near to its neighbours as the width of the others in its row allows."""
    near: dict[str, list[str]] = {}
    for one, other in links:
        near.setdefault(one, []).append(other)
        near.setdefault(other, []).append(one)
    middle: dict[str, float] = {}
    for row in rows:
        left = 0.0
        for name in row:
            middle[name] = left + wide[name] / 2
            left += wide[name] + _GAP
    for _ in range(_SWEEPS * 4):
        for row in rows:
            wanted = [
                sum(middle[n] for n in near[name]) / len(near[name]) if name in near else middle[name] for name in row
            ]
            middle |= zip(row, _spread(wanted, [wide[name] for name in row]), strict=True)
    least = min((middle[name] - wide[name] / 2 for name in middle), default=0.0)
    return {name: at - least for name, at in middle.items()}


def _spread(wanted: Sequence[float], widths: Sequence[float]) -> list[float]:
    """Places in the given order, as near to the wanted ones as they can be apart: those that push share the way."""
    groups: list[tuple[float, int, list[float]]] = []
    for index, place in enumerate(wanted):
        groups.append((place, 1, [0.0]))
        while len(groups) > 1:
            (left, count, offsets), (right, more, further) = groups[-2], groups[-1]
            at = index - more + 1
            step = offsets[-1] + (widths[at - 1] + widths[at]) / 2 + _GAP
            if right - left >= step:
                break
            start = (left * count + (right - step) * more) / (count + more)
            groups[-2:] = [(start, count + more, [*offsets, *(step + offset for offset in further)])]
    return [start + offset for start, _, offsets in groups for offset in offsets]
