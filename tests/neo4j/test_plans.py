"""How the server would answer: with an index each time, and never by looking at every node of a label."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any
from unittest.mock import patch

import pytest
from neo4j import GraphDatabase

from registry import share
from registry.domain.change import Change
from registry.domain.find import (
    AllOf,
    Among,
    AnyOf,
    Compare,
    Condition,
    Counting,
    Direction,
    Find,
    Incoming,
    Key,
    Linked,
    Named,
    Not,
    OfClass,
    Operator,
    Order,
    Sort,
    Tally,
    Text,
    Through,
    Within,
)
from registry.rdf.terms import Literal, text
from registry.rdf.vocabulary import LATITUDE, LONGITUDE, RDF_TYPE, RDFS_LABEL, XSD_DECIMAL
from registry.stores.neo4j import finding
from registry.stores.neo4j.connection import Connection
from registry.stores.neo4j.record import ENOUGH, Neo4jRecord, open_neo4j
from registry.stores.neo4j.schema import statements as schema_statements
from registry.stores.open_mode import Access
from tests.neo4j.session import emptied, server_url
from tests.stores.plant import EX, FEEDS, FLOW, NOTE, PUMP, TANK, integer, put, submission, writing

A, B = EX + "a", EX + "b"
SCANS = ("AllNodesScan", "NodeByLabelScan", "UnionNodeByLabelsScan", "RelationshipTypeScan", "AllRelationshipsScan")

CONDITIONS: dict[str, Condition] = {
    "everything": AllOf(()),
    "class": OfClass(frozenset({PUMP, TANK})),
    "equal": Compare(FLOW, Operator.EQUAL, (integer(1),)),
    "in": Compare(FLOW, Operator.IN, (integer(1), integer(2))),
    "less": Compare(FLOW, Operator.LESS, (integer(5),)),
    "at least": Compare(FLOW, Operator.AT_LEAST, (integer(0),)),
    "prefix": Compare(NOTE, Operator.PREFIX, (text("x"),)),
    "exists": Compare(NOTE, Operator.EXISTS),
    "points at": Compare(FEEDS, Operator.EQUAL, (B,)),
    "name": Named(Operator.EQUAL, ("a",)),
    "name begins": Named(Operator.PREFIX, ("a",)),
    "words": Text("pump one"),
    "box": Within(0, 0, 10, 10),
    "among": Among(frozenset({A, B})),
    "linked": Linked(FEEDS, Direction.OUT, Compare(FLOW, Operator.EQUAL, (integer(1),))),
    "linked from": Linked(FEEDS, Direction.IN, Among(frozenset({A}))),
    "any": AnyOf((Named(Operator.EQUAL, ("a",)), Text("pump"))),
    "class and not": AllOf((OfClass(frozenset({PUMP})), Not(Compare(FLOW, Operator.EQUAL, (integer(3),))))),
}
ORDERS = [Order(by, sort) for by in (*Key, FLOW) for sort in Sort]
NOT_FOR_REQUESTS = {"schema", "schema-version", "await-indexes", "strangers", "make-counter"}
"""These run when a record is opened, or by `registry doctor`."""


@pytest.fixture(scope="module")
def record() -> Iterator[Neo4jRecord]:
    with closing(open_neo4j(emptied(), Access.WRITE)) as opened:
        degree = Literal("1.5", XSD_DECIMAL)
        put(
            opened, *((f"{EX}{name}", RDF_TYPE, PUMP) for name in "abcdefg"), (B, RDF_TYPE, TANK), (A, FEEDS, B),
            *((f"{EX}{name}", FLOW, integer(number)) for number, name in enumerate("abcdefg")),
            (A, NOTE, text("x")), (A, LATITUDE, degree), (A, LONGITUDE, degree), (A, RDFS_LABEL, text("pump one")),
        )  # fmt: skip
        yield opened


def operators(plan: dict[str, Any]) -> Iterator[str]:
    yield str(plan["operatorType"]).partition("@")[0]
    for child in plan.get("children", ()):
        yield from operators(child)


def explained(query: str, values: dict[str, Any]) -> set[str]:
    with GraphDatabase.driver(server_url()) as driver, driver.session(database="neo4j") as session:
        plan = session.run("EXPLAIN " + query, values).consume().plan
    assert plan is not None
    return set(operators(plan))


def asked_by(ask: Callable[[], object]) -> list[tuple[str, dict[str, Any]]]:
    asked: list[tuple[str, dict[str, Any]]] = []
    ask_text = Connection.ask_text

    def noted(self: Connection, query: str, values: Any, *more: Any, **named: Any) -> Any:
        asked.append((query, dict(values)))
        return ask_text(self, query, values, *more, **named)

    with patch.object(Connection, "ask_text", noted):
        ask()
    return asked


@pytest.mark.parametrize("few", [0, 2_000])
@pytest.mark.parametrize("name", CONDITIONS)
def test_no_list_looks_at_every_node(record: Neo4jRecord, name: str, few: int) -> None:
    chance = Order() if few else ORDERS[list(CONDITIONS).index(name) % len(ORDERS)]
    check(record, Find(CONDITIONS[name], chance, 3, counting=Counting.TOTAL), few)


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: f"{order.by} {order.sort.value}")
def test_no_page_looks_at_every_node(record: Neo4jRecord, order: Order) -> None:
    for where in (AllOf(()), OfClass(frozenset({PUMP, TANK}))):
        with patch.object(finding, "FEW", 0):
            first = record.find(Find(where, order, 2))
        check(record, Find(where, order, 2, after=first.cursors[-1]), 0)


def check(record: Neo4jRecord, find: Find, few: int) -> None:
    with patch.object(finding, "FEW", few):
        check_plans(asked_by(lambda: record.find(find)))


TALLIES = [
    (by, through)
    for by in (FLOW, FEEDS, RDF_TYPE)
    for through in (None, Through(FEEDS, Direction.OUT), Through(FEEDS, Direction.IN), Through(RDF_TYPE, Direction.OUT))
]


@pytest.mark.parametrize("name", CONDITIONS)
def test_no_count_by_value_looks_at_every_node(record: Neo4jRecord, name: str) -> None:
    by, through = TALLIES[list(CONDITIONS).index(name) % len(TALLIES)]
    asked = asked_by(lambda: record.tally(Tally(CONDITIONS[name], by, through)))
    assert len(asked) == 1
    check_plans(asked)


def test_questions_for_incoming_links_are_one_and_look_at_no_other_node(record: Neo4jRecord) -> None:
    questions = [Incoming((A, B), by, after, 3) for by in (FEEDS, None, EX + "no") for after in (None, (FEEDS, A))]
    asked = asked_by(lambda: record.incoming_each(questions))
    asked += asked_by(lambda: record.incoming_counts([A, B], None))
    assert len(asked) == 2
    check_plans(asked)


def check_plans(asked: Sequence[tuple[str, dict[str, Any]]]) -> None:
    assert asked
    for query, values in asked:
        assert explained(query, values).isdisjoint(SCANS), query


def named_queries() -> list[str]:
    names = sorted(path.stem for path in (share.folder("queries") / "cypher").glob("*.cypher"))
    assert len(names) > 20
    return [name for name in names if name not in NOT_FOR_REQUESTS]


@pytest.mark.parametrize("name", named_queries())
def test_no_named_query_looks_at_every_node(record: Neo4jRecord, name: str) -> None:
    assert explained(share.query("cypher", name), {"limit": 1}).isdisjoint(SCANS)


def test_every_named_query_says_what_it_returns() -> None:
    for path in (share.folder("queries") / "cypher").glob("*.cypher"):
        assert path.read_text(encoding="utf-8").startswith("// "), path.name
    assert len(schema_statements()) > 10


def test_a_page_is_one_round_trip_and_a_level_of_links_another(record: Neo4jRecord) -> None:
    record.find(Find(OfClass(frozenset({PUMP}))))
    before = record.round_trips
    page = record.find(Find(OfClass(frozenset({PUMP})), first=100))
    assert record.round_trips == before + 1
    ends = [end for resource in page.resources for end in resource.values(FEEDS) if isinstance(end, str)]
    assert record.view().resources(ends)
    assert record.round_trips == before + 2


def test_a_group_of_writes_has_few_round_trips(record: Neo4jRecord) -> None:
    with writing(record) as writer:
        writer.submit(submission(Change(added=((A, NOTE, text("warm")),)))).result()
        before = record.round_trips
        works = [submission(Change(added=((f"{EX}{name}", NOTE, text("more")),))) for name in "abcdefg"]
        for future in [writer.submit(work) for work in works]:
            future.result()
        groups = writer.counts.groups - 1
    # Begin, foresee once or twice, store; committing is one more that the driver does not count as a question.
    assert record.round_trips - before <= 4 * groups


def test_a_group_of_what_is_remembered_is_one_round_trip(record: Neo4jRecord) -> None:
    with writing(record) as writer:
        for number in range(ENOUGH + 1):
            writer.submit(submission(Change(added=((A, NOTE, text(f"again {number}")),)))).result()
        before = record.round_trips
        writer.submit(submission(Change(added=((A, NOTE, text("at last")),)))).result()
        assert record.round_trips == before + 1
        writer.submit(submission(Change(added=((A, FEEDS, EX + "new"),)))).result()
        assert record.round_trips <= before + 3
