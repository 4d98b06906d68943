"""What a list may cost: many matches are not made into a set, counts stop where they say, and searches end."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from registry.domain.find import (
    COUNTED_UP_TO,
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Counting,
    Direction,
    Find,
    Key,
    Linked,
    Not,
    OfClass,
    Operator,
    Order,
    Tally,
    Text,
    Within,
)
from registry.errors import TooLarge
from registry.rdf.terms import Literal, text
from registry.rdf.vocabulary import LATITUDE, LONGITUDE, RDF_TYPE, RDFS_LABEL, XSD_DECIMAL
from registry.stores.open_mode import Access
from registry.stores.port import Record
from registry.stores.sqlite import finding
from registry.stores.sqlite.conditions import search_of
from registry.stores.sqlite.record import open_sqlite
from registry.stores.sqlite.words import text_test
from tests.stores.plant import FEEDS, FLOW, NOTE, PUMP, TANK, adding, integer, put, writing

PUMPS, TANKS = 12_000, 500
DONE_IN_STEPS = 40_000
"""A page of an index has to be found in so few steps of SQLite's machine; making a set of the matches takes more."""
EVERYWHERE: list[Condition] = [
    Text("even"),
    Not(Text("odd")),
    AnyOf((Text("even"), Text("third"))),
    Compare(FLOW, Operator.LESS, (integer(50),)),
    Within(0, 0, 50, 10),
    Linked(FEEDS, Direction.OUT, Text("vessel")),
    Linked(FEEDS, Direction.OUT, Not(Text("odd"))),
]


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    """Many pumps, of which each condition of `EVERYWHERE` holds for a good part."""
    chance = random.Random(5)
    with closing(open_sqlite(tmp_path_factory.mktemp("many") / "registry.db", Access.WRITE)) as record:
        with writing(record) as writer:
            for start in range(0, PUMPS, 2_000):
                said = [
                    statement
                    for number in range(start, start + 2_000)
                    for pump in (f"urn:pump:{number:05}",)
                    for statement in (
                        (pump, RDF_TYPE, PUMP),
                        (pump, RDFS_LABEL, text(f"Pump {chance.randrange(10**9)}")),
                        (pump, NOTE, text("even" if number % 2 else "odd third")),
                        (pump, FLOW, integer(number % 100)),
                        (pump, LATITUDE, Literal(f"{number % 100}", XSD_DECIMAL)),
                        (pump, LONGITUDE, Literal("5", XSD_DECIMAL)),
                        (pump, FEEDS, f"urn:tank:{number % TANKS}"),
                    )
                ]
                writer.submit(adding(*said)).result()
            tanks = [
                statement
                for number in range(TANKS)
                for statement in (
                    (f"urn:tank:{number}", RDF_TYPE, TANK),
                    (f"urn:tank:{number}", RDFS_LABEL, text(f"Vessel {number}")),
                )
            ]
            writer.submit(adding(*tanks)).result()
        yield record


@pytest.mark.parametrize("where", EVERYWHERE, ids=lambda where: type(where).__name__)
def test_a_page_of_what_matches_everywhere_costs_no_pass_over_the_matches(
    plant: Record, where: Condition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted in steps of SQLite's machine, which a busy computer does not change."""
    looks: list[int] = []
    real = sqlite3.Connection.set_progress_handler

    class Watched(sqlite3.Connection):
        def set_progress_handler(self, handler: object, steps: int) -> None:
            real(self, None if handler is None else lambda: looks.append(1) or 0, 1_000)  # type: ignore[func-returns-value]

    monkeypatch.setattr("registry.stores.sqlite.connection.sqlite3.connect", _connecting(Watched))
    with closing(open_sqlite(plant._path, Access.READ)) as record:  # type: ignore[attr-defined]
        for order in (Order(), Order(Key.UPDATED), Order(Key.IRI)):
            looks.clear()
            page = record.find(Find(AllOf((OfClass(frozenset([PUMP])), where)), order, 50))
            assert len(page.resources) == 50
            assert len(looks) * 1_000 <= DONE_IN_STEPS


def _connecting(kind: type[sqlite3.Connection]) -> object:
    connect = sqlite3.connect
    return lambda *given, **named: connect(*given, factory=kind, **named)


def test_counts_say_whether_they_are_exact(plant: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    pumps, tank = OfClass(frozenset([PUMP])), Compare(FEEDS, Operator.EQUAL, ("urn:tank:7",))
    exact: list[tuple[Condition, int]] = [
        (pumps, PUMPS),
        (OfClass(frozenset([PUMP, TANK])), PUMPS + TANKS),
        (AllOf((pumps, tank)), PUMPS // TANKS),
        (AllOf((pumps, Text("even"))), PUMPS // 2),
        (Text("nowhere"), 0),
    ]
    for where, number in exact:
        page = plant.find(Find(where, first=0, counting=Counting.TOTAL))
        assert (page.total, page.total_is_exact) == (number, True)
    monkeypatch.setattr(finding, "FEW_WITHOUT", 2_000)
    page = plant.find(Find(AllOf((pumps, Not(Text("vessel")))), first=0, counting=Counting.TOTAL))
    assert (page.total, page.total_is_exact) == (COUNTED_UP_TO, False)


def test_who_is_of_two_classes_is_counted_once(record: Record) -> None:
    put(record, ("urn:a", RDF_TYPE, PUMP), ("urn:a", RDF_TYPE, TANK), ("urn:b", RDF_TYPE, TANK))
    page = record.find(Find(OfClass(frozenset([PUMP, TANK])), first=0, counting=Counting.TOTAL))
    assert (page.total, page.total_is_exact) == (2, True)


def test_a_search_that_no_index_helps_ends_with_one_clear_error(plant: Record) -> None:
    nobody = Not(AnyOf((Text("even"), Text("odd"))))
    wanted = AllOf((OfClass(frozenset([PUMP])), nobody))
    assert not plant.find(Find(wanted)).resources
    for ask in (
        lambda: plant.find(Find(wanted, seconds=0)),
        lambda: plant.find(Find(wanted, Order(FLOW), seconds=0)),
        lambda: plant.tally(Tally(wanted, FLOW, seconds=0)),
    ):
        with pytest.raises(TooLarge, match="no index answers this filter"):
            ask()
    # Nothing is left behind on the connection, which the next one uses.
    assert len(plant.find(Find(OfClass(frozenset([PUMP])), first=1_000)).resources) == 1_000


def test_a_list_over_its_time_is_refused_by_every_store(record: Record) -> None:
    put(record, *((f"urn:{number:04}", RDFS_LABEL, text(f"n{number}")) for number in range(2_000)))
    where = AllOf(tuple(Not(Text(f"none{number}")) for number in range(12)))
    assert len(record.find(Find(where)).resources) == 100
    for ask in (
        lambda: record.find(Find(where, first=1_000, seconds=1e-6)),
        lambda: record.tally(Tally(where, FLOW, seconds=1e-6)),
    ):
        with pytest.raises(TooLarge, match="no index answers this filter"):
            # The shortest time that a server is told is a millisecond, in which it may be done now and then.
            [ask() for _ in range(100)]


def test_a_count_that_takes_too_long_is_what_is_sure_by_then(plant: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "COUNT_SECONDS", 0)
    start = time.process_time()
    wanted = AllOf((OfClass(frozenset([PUMP])), Not(Text("odd")), Not(Text("even"))))
    page = plant.find(Find(wanted, first=0, counting=Counting.TOTAL))
    assert (page.total, page.total_is_exact) == (0, False)
    assert time.process_time() - start < 5


PIECES = st.sampled_from(
    [
        *"aAbBzZ019 -_./:@[`{~\x7f\n\t",
        "é",
        "É",
        "ü",
        "ß",
        "K",
        "e\u0301",
        "\u0301",
        "中",
        "\x00",
        "…",
        "²",
        "𝟘",
        "ab",
        "P-01",
    ]
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


@settings(max_examples=500, deadline=None)
@given(stored=TEXTS, words=TEXTS)
@example(stored="P-001 b", words="p-00")
@example(stored="0 p 01", words="p-01")
@example(stored="\u212aelvin", words="kel")
def test_a_text_says_what_the_index_would(stored: str, words: str) -> None:
    connection = _index()
    connection.execute("INSERT INTO words (rowid, text) VALUES (1, ?)", (stored,))
    values: list[object] = []

    def value(one: object) -> str:
        values.append(one)
        return f"?{len(values)}"

    search = search_of(words)
    found = connection.execute("SELECT count(*) FROM words WHERE words MATCH ?", (search,)).fetchone()[0]
    probe = f"EXISTS (SELECT 1 FROM words WHERE rowid = 1 AND words MATCH {value(search)})"  # noqa: S608
    test = text_test(words, "c0", probe, value)
    if test is not None:
        asked = f"SELECT {test}, ?1 FROM words_content WHERE id = 1"  # noqa: S608 - it is the test itself
        said = connection.execute(asked, values).fetchone()[0]
        assert said == found
    connection.execute("DELETE FROM words")


_SCHEMA = Path(__file__).parents[2] / "queries/sql/schema-1.sql"
_OPENED: list[sqlite3.Connection] = []


def _index() -> sqlite3.Connection:
    """An index like that of a record."""
    if not _OPENED:
        _OPENED.append(sqlite3.connect(":memory:"))
        create = next(part for part in _SCHEMA.read_text().split(";") if "USING fts5" in part)
        _OPENED[0].execute(create)
    return _OPENED[0]
