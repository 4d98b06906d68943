"""kill -9 of the registry and of the server under load; a lost connection is told, and heals without a restart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from registry.errors import StoreUnavailable
from registry.stores.neo4j.record import open_neo4j
from registry.stores.open_mode import Access
from registry.stores.writer import Writer
from tests.endtoend.serving import ServingRegistry, run_cli
from tests.endtoend.test_crash import REGISTER, Load, check_kept
from tests.neo4j.server import Neo4jServer
from tests.neo4j.session import can_start
from tests.stores.plant import EX, FLOW, adding, integer, release, whole_log


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Neo4jServer]:
    """A server of this test alone, because it is to be killed."""
    can_start()
    with Neo4jServer(tmp_path / "neo4j") as running:
        yield running


def test_a_lost_connection_is_told_and_heals(own_server: Neo4jServer) -> None:
    compiled = release()
    with closing(open_neo4j(own_server.url, Access.WRITE)) as record:
        writer = Writer(record, lambda: compiled)
        try:
            assert writer.submit(adding((EX + "a", FLOW, integer(1)))).result().position == 1
            own_server.kill()
            assert isinstance(writer.submit(adding((EX + "b", FLOW, integer(1)))).exception(), StoreUnavailable)
            with pytest.raises(StoreUnavailable, match="cannot be reached"):
                record.head()
            own_server.start()
            assert record.head() == 1
            assert writer.submit(adding((EX + "c", FLOW, integer(1)))).result().position == 2
            assert not record.verify()
        finally:
            writer.close()


def test_nothing_acknowledged_is_lost(own_server: Neo4jServer, tmp_path: Path) -> None:
    crash_rounds(own_server, tmp_path, rounds=1)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_nothing_acknowledged_is_lost_in_forty_crashes(own_server: Neo4jServer, tmp_path: Path) -> None:
    crash_rounds(own_server, tmp_path, rounds=20)


def crash_rounds(own_server: Neo4jServer, tmp_path: Path, rounds: int) -> None:
    """In each round the registry is killed once, and the server once, while clients write."""
    registry = ServingRegistry(tmp_path / "data", environment={"REGISTRY_STORE": own_server.url})
    loads = []
    for number, victim in enumerate(("registry", "server") * rounds):
        registry.start()
        load = Load(f"r{number}", frozenset({"STORE_UNAVAILABLE"}))
        load.start(registry.address)
        load.wait()
        if victim == "registry":
            registry.kill()
            load.stop()
        else:
            own_server.kill()
            load.stop()
            answer = httpx.post(f"{registry.address}/graphql", json={"query": REGISTER, "variables": {
                "twin": "urn:none:twin", "entity": "urn:none:pump"}}, timeout=60).json()  # fmt: skip
            assert answer["errors"][0]["extensions"]["code"] == "STORE_UNAVAILABLE"
            own_server.start()
            registry.stop()
        assert load.registered, "nothing was written before the kill: the round proves nothing"
        loads.append(load)
    registry.start()
    try:
        for load in loads:
            check_kept(registry, load)
    finally:
        registry.stop()
    with closing(open_neo4j(own_server.url, Access.READ)) as record:
        log = whole_log(record)
        assert [entry.position for entry in log] == list(range(1, len(log) + 1))
        assert log[-1].position == record.head()
    command = ("doctor", "--store", own_server.url, "--data", tmp_path / "data", "--json")
    found = {finding["part"]: finding["verdict"] for finding in json.loads(run_cli(*command).stdout)}
    assert (found["record"], found["log"], found["projection"]) == ("good", "good", "good")
