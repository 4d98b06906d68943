"""A record of an older schema opens with all it holds, and a patch touches no order that it leaves as it is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from registry.domain.find import AllOf, Find, Key, Order, Sort
from registry.errors import StoreUnavailable
from registry.rdf.terms import text
from registry.rdf.vocabulary import RDFS_LABEL
from registry.stores.open_mode import Access
from registry.stores.port import Record
from registry.stores.sqlite import connection
from registry.stores.sqlite.record import open_sqlite
from tests.stores.plant import FLOW, integer, put, setting, writing

ORDERS = [Order(by, sort) for by in (Key.NAME, Key.CREATED, Key.UPDATED, Key.IRI, FLOW) for sort in Sort]


def lists(record: Record) -> list[list[str]]:
    return [[found.iri for found in record.find(Find(AllOf(()), order)).resources] for order in ORDERS]


def fill(record: Record) -> None:
    put(record, *((f"urn:{number}", RDFS_LABEL, text(f"n{number % 7}")) for number in range(40)))
    put(record, *((f"urn:{number}", FLOW, integer(number % 5)) for number in range(0, 40, 3)))
    with writing(record) as writer:
        writer.submit(setting("urn:5", RDFS_LABEL, text("renamed"))).result()


@pytest.mark.parametrize("known", range(1, len(connection._STEPS)))
def test_a_record_of_an_older_schema_opens_with_all_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: int
) -> None:
    path = tmp_path / "registry.db"
    with monkeypatch.context() as older:
        older.setattr(connection, "_STEPS", connection._STEPS[:known])
        with closing(open_sqlite(path, Access.WRITE)) as record:
            fill(record)
            listed, log = lists(record), list(record.entries(0, 100))
    with pytest.raises(StoreUnavailable, match="brings it up to date"):
        open_sqlite(path, Access.READ)
    with closing(open_sqlite(path, Access.WRITE)) as record:
        assert lists(record) == listed
        assert list(record.entries(0, 100)) == log
        with writing(record) as writer:
            writer.submit(setting("urn:5", FLOW, integer(1))).result()
        assert not record.verify()
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (len(connection._STEPS),)


def test_a_patch_leaves_the_orders_by_name_and_age_alone(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    with closing(open_sqlite(path, Access.WRITE)) as record:
        fill(record)
    with closing(sqlite3.connect(path)) as file:
        statement = (Path(__file__).parents[2] / "queries/sql/change-node.sql").read_text()
        roots = dict(file.execute("SELECT rootpage, name FROM sqlite_master WHERE type = 'index'"))
        opened = {row[3] for row in file.execute(f"EXPLAIN {statement}", [None] * 4) if row[1] == "OpenWrite"}
    assert {roots[page] for page in opened if page in roots} == {"node_updated"}


@pytest.mark.parametrize("order", ORDERS[:6], ids=lambda order: f"{order.by.value}-{order.sort.value}")
def test_a_list_walks_the_index_of_its_order(tmp_path: Path, order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "registry.db"
    with closing(open_sqlite(path, Access.WRITE)) as record:
        fill(record)
        asked: list[str] = []
        with record._pool.connection() as reading:
            reading.set_trace_callback(asked.append)
        record.find(Find(AllOf(()), order))
    (walk,) = [text for text in asked if text.startswith("SELECT 0, n.")]
    with closing(sqlite3.connect(path)) as file:
        plan = " ".join(row[3] for row in file.execute(f"EXPLAIN QUERY PLAN {walk}"))
    assert isinstance(order.by, Key)
    assert ("INDEX" if order.by is Key.IRI else f"node_{order.by.value}") in plan
    assert "TEMP B-TREE" not in plan
