"""One random program on both stores: the same works leave the same log, and every list is the same, to its cursors."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain.change import Change
from registry.domain.find import AllOf, Condition, Counting, Direction, Find, Key, Linked, Not, Order, Page, Sort
from registry.domain.resource import Resource
from registry.errors import AlreadyExists
from registry.rdf.terms import Iri
from registry.stores.neo4j import finding as neo4j_finding
from registry.stores.neo4j.record import Neo4jRecord, open_neo4j
from registry.stores.open_mode import Access
from registry.stores.port import Record
from registry.stores.sqlite import finding as sqlite_finding
from registry.stores.sqlite.record import open_sqlite
from tests.neo4j.session import emptied
from tests.stores.plant import submission, whole_log, writing
from tests.stores.strategies import FINDS, IRIS, LEAVES, LINKS, MIXED, statements_about

EXAMPLES = 60
"""Fewer than on SQLite alone: each question is planned anew by the server."""


class Both:
    """The same history in two stores."""

    def __init__(self, sqlite: Record, neo4j: Neo4jRecord) -> None:
        self.sqlite = sqlite
        self.neo4j = neo4j


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    path: Path = tmp_path_factory.mktemp("both") / "registry.db"
    with closing(open_sqlite(path, Access.WRITE)) as sqlite, closing(open_neo4j(emptied(), Access.WRITE)) as neo4j:
        run_program(sqlite, 7)
        run_program(neo4j, 7)
        yield Both(sqlite, neo4j)


def run_program(record: Record, seed: int) -> None:
    """Write at random, take back at random; what happens depends on the seed and on what the record says."""
    chance, ticks = random.Random(seed), count()
    with writing(record, clock=lambda: f"2026-01-01T00:{next(ticks) // 60:02}:00.000000Z") as writer:
        for _ in range(115):
            iri = chance.choice(IRIS)
            found = record.view().resources([iri]).get(iri)
            old = sorted(found.triples(), key=repr) if found else []
            gone = chance.sample(old, chance.randrange(len(old) // 2 + 1))
            if chance.random() < 0.03:
                gone = old
            change = Change(tuple(gone), tuple(statements_about(chance, iri)[: chance.randrange(12)]))
            fault = writer.submit(submission(change)).exception()
            assert fault is None or (isinstance(fault, AlreadyExists) and found is None)


def told(resource: Resource) -> tuple[Any, ...]:
    """All of a resource but the order of its classes, which labels do not need to keep."""
    says = {predicate: sorted(values, key=repr) for predicate, values in resource.statements.items()}
    return resource.iri, says, resource.revision, resource.created_at, resource.updated_at, resource.name


def shown(page: Page) -> tuple[Any, ...]:
    return [told(resource) for resource in page.resources], list(page.cursors), page.has_next, page.total


def pages(record: Record, find: Find) -> Iterator[Page]:
    while True:
        page = record.find(find)
        yield page
        if not page.has_next:
            return
        find = replace(find, after=page.cursors[-1])


def test_the_logs_are_equal(both: Both) -> None:
    assert whole_log(both.neo4j) == whole_log(both.sqlite)
    assert both.neo4j.head() > 100


def test_the_resources_are_equal_to_the_order_of_their_values(both: Both) -> None:
    ours, theirs = (record.view().resources(IRIS) for record in (both.neo4j, both.sqlite))
    assert list(ours) == list(theirs)
    for iri, resource in ours.items():
        assert resource == theirs[iri]


def test_both_agree_with_themselves(both: Both) -> None:
    assert not both.neo4j.verify()
    assert not both.sqlite.verify()


@settings(max_examples=EXAMPLES, deadline=None)
@given(find=FINDS, few=st.sampled_from([0, 3, 2_000]))
def test_every_list_is_the_same_page_by_page(both: Both, find: Find, few: int) -> None:
    with (
        patch.object(neo4j_finding, "FEW", few),
        patch.object(sqlite_finding, "FEW", few),
        patch.object(sqlite_finding, "FEW_WITHOUT", few),
    ):
        ours, theirs = ([shown(page) for page in pages(record, find)] for record in (both.neo4j, both.sqlite))
    assert ours == theirs


QUANTIFIERS: dict[str, Callable[[Iri, Direction, Condition], Condition]] = {
    "some": Linked,
    "none": lambda by, direction, where: Not(Linked(by, direction, where)),
    "every": lambda by, direction, where: Not(Linked(by, direction, Not(where))),
}


ACROSS = st.builds(
    lambda quantifier, by, direction, where: QUANTIFIERS[quantifier](by, direction, where),
    st.sampled_from([*QUANTIFIERS]), st.sampled_from([*LINKS, MIXED]), st.sampled_from(Direction), LEAVES,
)  # fmt: skip


@settings(max_examples=EXAMPLES // 4, deadline=None)
@given(quantifier=st.sampled_from([*QUANTIFIERS]), direction=st.sampled_from(Direction), where=LEAVES | ACROSS)
def test_filters_across_links_hold_for_the_same(
    both: Both, quantifier: str, direction: Direction, where: Condition
) -> None:
    asked = QUANTIFIERS[quantifier](LINKS[0], direction, where)
    find = Find(asked, Order(Key.IRI), len(IRIS), counting=Counting.TOTAL)
    assert shown(both.neo4j.find(find)) == shown(both.sqlite.find(find))


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("by", [*Key, MIXED])
def test_every_item_has_a_cursor_that_the_next_one_follows(both: Both, by: Key | Iri, sort: Sort) -> None:
    whole = both.neo4j.find(Find(AllOf(()), Order(by, sort)))
    iris = [resource.iri for resource in whole.resources]
    assert shown(whole) == shown(both.sqlite.find(Find(AllOf(()), Order(by, sort))))
    for number, cursor in enumerate(whole.cursors):
        rest = both.neo4j.find(Find(AllOf(()), Order(by, sort), first=3, after=cursor))
        assert [resource.iri for resource in rest.resources] == iris[number + 1 : number + 4]


@pytest.mark.parametrize("target", [*IRIS[:6], "https://plant.example/nowhere"])
def test_who_points_where_is_the_same(both: Both, target: Iri) -> None:
    for predicate in (None, "https://plant.example/model#feeds", MIXED):
        for after in (None, ("https://plant.example/model#feeds", IRIS[3])):
            mine = both.neo4j.incoming([target], predicate, after, 5)
            assert mine == both.sqlite.incoming([target], predicate, after, 5)
        assert both.neo4j.incoming_counts([target], predicate) == both.sqlite.incoming_counts([target], predicate)
        ours, theirs = (set(record.view().sources(target, predicate, 99)) for record in (both.neo4j, both.sqlite))
        assert ours == theirs
    assert both.neo4j.history(target, None, 9) == both.sqlite.history(target, None, 9)
