"""Each store as a fixture: a test that takes `record` is part of the contract, and runs on all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from registry.stores.access import Access
from registry.stores.port import Record
from registry.stores.sqlite.record import open_sqlite

Opener = Callable[[], Record]


@pytest.fixture(params=["sqlite"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Opens the record of this test for writing; opened again after a close, it holds the same."""
    return {"sqlite": lambda: open_sqlite(tmp_path / "registry.db", Access.WRITE)}[request.param]


@pytest.fixture
def record(opener: Opener) -> Iterator[Record]:
    """An empty record."""
    with closing(opener()) as opened:
        yield opened
