"""Counts by value, and many questions for incoming links as one, against looking at everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain.find import Condition, Direction, Find, Incoming, Tally, Through
from registry.rdf.terms import Iri
from registry.rdf.vocabulary import RDF_TYPE
from registry.stores.open_mode import Access
from registry.stores.ordering import sort_key, text_key
from registry.stores.sqlite.record import open_sqlite
from tests.stores.conftest import opener_of
from tests.stores.oracle import Rank, World, matches, rank
from tests.stores.plant import EX, put
from tests.stores.strategies import CONDITIONS, IRIS, LINKS, MIXED, POOLS
from tests.stores.test_find import Built

PREDICATES = st.sampled_from([*POOLS, RDF_TYPE, EX + "unknown"])
THROUGHS = st.one_of(
    st.none(), st.builds(Through, st.sampled_from([*LINKS, MIXED, EX + "unknown"]), st.sampled_from(Direction))
)
TALLIES = st.builds(Tally, CONDITIONS, PREDICATES, THROUGHS, st.sampled_from([1, 5, 1_000]))


EXAMPLES = {"sqlite": 300, "neo4j": 30}
"""Fewer on a server, which plans each question anew."""


@pytest.fixture(scope="module", params=[("sqlite", 0), ("sqlite", 1), ("neo4j", 1)], ids=str)
def world(request: pytest.FixtureRequest) -> tuple[str, int]:
    """A store and a seed."""
    store, seed = request.param
    return store, seed


@pytest.fixture(scope="module")
def built(world: tuple[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """What random writes have left; a server gets it in one piece, because each commit there takes its time."""
    with closing(open_sqlite(tmp_path_factory.mktemp("tallied") / "registry.db", Access.WRITE)) as near:
        store, seed = world
        written = Built(near, seed)
        if store == "sqlite":
            yield written
            return
        with closing(opener_of(store, tmp_path_factory.mktemp("far"))()) as far:
            put(far, *(said for resource in written.world.values() for said in resource.triples()))
            assert {iri: dict(r.statements) for iri, r in far.view().resources(IRIS).items()} == {
                iri: dict(r.statements) for iri, r in written.world.items()
            }
            written.record = far
            yield written


SECONDS_TO_2000 = 946_684_800


def ends(iri: Iri, through: Through | None, world: World) -> list[Iri]:
    """Whose values count for a resource."""
    if through is None:
        return [iri]
    if through.direction is Direction.OUT:
        return [end for end in world[iri].values(through.predicate) if isinstance(end, str) and end in world]
    return [start for start, resource in world.items() if iri in resource.values(through.predicate)]


def counted(where: Condition, by: Iri, through: Through | None, world: World) -> list[tuple[int, Rank | None]]:
    """Every group with its count, in the order of a tally."""
    found: Counter[Rank | None] = Counter()
    for iri in matches(Find(where), world):
        ranks: set[Rank | None] = {rank(t) for end in ends(iri, through, world) for t in world[end].values(by)}
        found.update(ranks or {None})
    ordered = sorted(found.items(), key=lambda pair: (-pair[1], pair[0] is None, pair[0] or (0, 0)))
    return [(count, place) for place, count in ordered]


def test_counts_are_what_looking_at_everything_finds(built: Built, world: tuple[str, int]) -> None:
    @settings(max_examples=EXAMPLES[world[0]], deadline=None)
    @given(tally=TALLIES)
    def check(tally: Tally) -> None:
        expected = counted(tally.where, tally.by, tally.through, built.world)
        found = built.record.tally(tally)
        told = [(group.count, group.value and sort_key(group.value).key) for group in found]
        assert [count for count, _ in told] == [count for count, _ in expected[: tally.most]]
        assert [shown for _, shown in told] == [at and shown_as(at) for _, at in expected[: tally.most]]

    check()


def shown_as(at: Rank) -> int | float | str:
    """The key of a group's value. Moments are in microseconds; a long text, shortened once, is shortened again."""
    if at[0] == 2:
        return round((float(at[1]) - SECONDS_TO_2000) * 1_000_000)
    return text_key(text_key(at[1])) if isinstance(at[1], str) and at[0] != 6 else at[1]


QUESTIONS = st.builds(
    Incoming,
    st.lists(st.sampled_from([*IRIS, EX + "unknown"]), max_size=4, unique=True).map(tuple),
    st.sampled_from([None, *LINKS, EX + "unknown"]),
    st.sampled_from([None, (LINKS[0], IRIS[3])]),
    st.integers(0, 4),
)


@settings(max_examples=100, deadline=None)
@given(asked=st.lists(QUESTIONS, max_size=4))
def test_many_questions_are_answered_as_each_alone(built: Built, asked: list[Incoming]) -> None:
    record = built.record
    each = [record.incoming(one.targets, one.predicate, one.after, one.limit) for one in asked]
    assert [dict(found) for found in record.incoming_each(asked)] == [dict(found) for found in each]
