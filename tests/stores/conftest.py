"""Each store as a fixture: a test that takes `record` is part of the contract, and runs on all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from registry.stores.neo4j.record import open_neo4j
from registry.stores.open_mode import Access
from registry.stores.port import Record
from registry.stores.sqlite.record import open_sqlite
from tests.neo4j.session import emptied

Opener = Callable[[], Record]
STORES = ["sqlite", "neo4j"]


def opener_of(store: str, folder: Path) -> Opener:
    """Opens an empty record for writing; opened again after a close, it holds the same."""
    if store == "neo4j":
        url = emptied()
        return lambda: open_neo4j(url, Access.WRITE)
    return lambda: open_sqlite(folder / "registry.db", Access.WRITE)


@pytest.fixture(params=STORES)
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Opens the record of this test for writing; opened again after a close, it holds the same."""
    return opener_of(request.param, tmp_path)


@pytest.fixture
def record(opener: Opener) -> Iterator[Record]:
    """An empty record."""
    with closing(opener()) as opened:
        yield opened
