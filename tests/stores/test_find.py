"""Lists against a naive oracle: every condition and order, on worlds that random writes have left."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain.change import Change
from registry.domain.find import AllOf, Among, Counting, Find, Key, Order, Sort, Within
from registry.domain.resource import Resource
from registry.errors import AlreadyExists
from registry.rdf.terms import Iri, Literal
from registry.rdf.vocabulary import LATITUDE, LONGITUDE, XSD_DECIMAL
from registry.stores.open_mode import Access
from registry.stores.port import Record
from registry.stores.sqlite import finding
from registry.stores.sqlite.record import open_sqlite
from tests.stores.oracle import matches
from tests.stores.plant import put, submission, writing
from tests.stores.strategies import FINDS, IRIS, MIXED, POOLS, statements_about

World = dict[Iri, Resource]


class Built:
    """A record, and all that is in it. No dataclass, whose content would be shown beside every question that fails."""

    def __init__(self, record: Record, seed: int) -> None:
        self.record = record
        self.world = build(record, seed)


def build(record: Record, seed: int) -> World:
    """Write at random, take back at random, and say what is left."""
    chance = random.Random(seed)
    with writing(record) as writer:
        for _ in range(120):
            iri = chance.choice(IRIS)
            found = record.view().resources([iri]).get(iri)
            old = list(found.triples()) if found else []
            gone = chance.sample(old, chance.randrange(len(old) // 2 + 1))
            if chance.random() < 0.02:
                gone = old
            change = Change(tuple(gone), tuple(statements_about(chance, iri)[: chance.randrange(12)]))
            fault = writer.submit(submission(change)).exception()
            # The only thing that can go wrong here: a resource that was deleted is not made again.
            assert fault is None or (isinstance(fault, AlreadyExists) and found is None)
    return dict(record.view().resources(IRIS))


@pytest.fixture(scope="module", params=range(4))
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """A world to ask about."""
    path: Path = tmp_path_factory.mktemp("found") / "registry.db"
    with closing(open_sqlite(path, Access.WRITE)) as record:
        yield Built(record, request.param)


def pages(record: Record, find: Find) -> Iterator[list[Iri]]:
    """The pages of a list, each asked for with the last cursor of the one before."""
    while True:
        page = record.find(find)
        assert len(page.cursors) == len(page.resources) <= find.first
        yield [resource.iri for resource in page.resources]
        if not page.has_next:
            return
        find = replace(find, after=page.cursors[-1])


@settings(max_examples=400, deadline=None)
@given(find=FINDS, few=st.sampled_from([0, 3, 2_000]), many=st.sampled_from([0, 2_000]), tried=st.sampled_from([0, 9]))
def test_a_list_is_what_looking_at_everything_finds(
    built: Built, find: Find, few: int, many: int, tried: float
) -> None:
    record, world = built.record, built.world
    expected = matches(find, world)
    with (
        patch.object(finding, "FEW", few),
        patch.object(finding, "FEW_WITHOUT", few),
        patch.object(finding, "MANY", many),
        patch.object(finding, "TRIED_SECONDS", tried),
    ):
        found = list(pages(record, find))
        total = record.find(find).total
    assert [iri for page in found for iri in page] == expected
    assert all(len(page) == find.first for page in found[:-1])
    assert total == (len(expected) if find.counting is Counting.TOTAL else None)


def test_the_record_agrees_with_itself(built: Built) -> None:
    record, world = built.record, built.world
    assert not record.verify()
    assert record.statistics()["resources"] == len(world)
    assert {predicate for resource in world.values() for predicate in resource.statements} == set(POOLS)


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("by", [Key.NAME, Key.UPDATED, Key.IRI, MIXED])
def test_every_item_has_a_cursor_that_the_next_one_follows(built: Built, by: Key | Iri, sort: Sort) -> None:
    record, world = built.record, built.world
    whole = record.find(Find(AllOf(()), Order(by, sort)))
    assert len(whole.resources) == len(world)
    iris = [resource.iri for resource in whole.resources]
    for number, cursor in enumerate(whole.cursors):
        rest = record.find(Find(AllOf(()), Order(by, sort), first=3, after=cursor))
        assert [resource.iri for resource in rest.resources] == iris[number + 1 : number + 4]


def test_a_page_of_none_tells_whether_there_are_any(built: Built) -> None:
    record, world = built.record, built.world
    page = record.find(Find(AllOf(()), first=0, counting=Counting.TOTAL))
    assert (page.resources, page.has_next, page.total) == ([], True, len(world))
    assert not record.find(Find(Among(frozenset()), first=0)).has_next


@pytest.mark.parametrize(
    ("box", "inside"),
    [
        (Within(0.1, 10.0, 0.1, 10.0), True),
        (Within(0.1000000001, 10.0, 1, 11), False),
        (Within(-1, 9, 0.0999999999, 10.0), False),
        (Within(0, 10.0000000001, 1, 11), False),
        (Within(0, 9, 1, 9.9999999999), False),
        (Within(0, 170, 1, 10), True),
        (Within(0, 170, 1, 9), False),
        (Within(1, 0, 0, 20), False),
    ],
)
def test_the_edge_of_a_box_is_exact_and_belongs_to_it(record: Record, box: Within, inside: bool) -> None:
    put(record, (IRIS[0], LATITUDE, Literal("0.1", XSD_DECIMAL)), (IRIS[0], LONGITUDE, Literal("10", XSD_DECIMAL)))
    for few in (0, 2_000):
        with patch.object(finding, "FEW", few), patch.object(finding, "MANY", few):
            assert bool(record.find(Find(box)).resources) is inside
