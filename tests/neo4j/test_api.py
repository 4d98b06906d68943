"""What GraphQL reads and writes, once more on Neo4j: the very tests of `tests.graphql`, with another record below."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from registry.stores.neo4j.record import open_neo4j
from registry.stores.open_mode import Access
from tests.graphql.conftest import fresh, pump
from tests.graphql.server import Server
from tests.graphql.test_clients import *  # noqa: F403
from tests.graphql.test_reads import *  # noqa: F403
from tests.graphql.test_writes import *  # noqa: F403
from tests.neo4j.session import emptied

__all__ = ["fresh", "pump", "server"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    url = emptied()
    with Server(tmp_path_factory.mktemp("neo4j"), opener=lambda: open_neo4j(url, Access.WRITE)) as running:
        yield running
