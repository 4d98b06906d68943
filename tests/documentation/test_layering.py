"""Diagrams of any machine: nothing lies on anything else, and every arrow leads from its source to its target."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from registry.services.documentation.layering import Link, place

NAMES = [f"s{number}" for number in range(8)]
LINKS = st.builds(Link, st.sampled_from(NAMES), st.sampled_from(NAMES), st.floats(10, 120)).filter(
    lambda link: link.source != link.target
)


@settings(deadline=None, max_examples=200)
@given(st.lists(LINKS, max_size=16, unique_by=lambda link: (link.source, link.target)))
def test_no_node_touches_another_and_every_way_is_whole(links: list[Link]) -> None:
    widths = dict.fromkeys(NAMES, 60.0)
    placed = place(NAMES[0], widths, links)
    wide = widths | {placed.words[link]: link.width for link in links}
    for row in placed.rows:
        for one, other in pairwise(row):
            room = placed.middle[other] - placed.middle[one] - (wide.get(one, 6) + wide.get(other, 6)) / 2
            assert room > 1, (one, other)
    assert sorted(name for row in placed.rows for name in row) == sorted(placed.middle)
    row_of = {name: number for number, row in enumerate(placed.rows) for name in row}
    for link in links:
        way = placed.ways[link]
        assert (way[0], way[-1]) == (link.source, link.target)
        steps = {row_of[b] - row_of[a] for a, b in pairwise(way)}
        assert steps in ({1}, {-1})
        assert placed.words[link] in way[1:-1]


def test_a_machine_without_circles_goes_down_only() -> None:
    links = [Link("a", "b", 20), Link("b", "c", 20), Link("a", "c", 20)]
    placed = place("a", {"a": 50, "b": 50, "c": 50}, links)
    assert placed.rows[0] == ["a"]
    assert placed.rows[-1] == ["c"]
    assert len(placed.ways[links[2]]) == 5
