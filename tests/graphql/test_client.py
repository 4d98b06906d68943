"""npm graphql-ws, the protocol's own client, as the judge: what it can do, and kill -9 of the server under it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from pathlib import Path
from typing import Any

from tests.endtoend.serving import ServingRegistry
from tests.graphql.conftest import REGISTER
from tests.graphql.server import Server
from tests.npm import installed

SCRIPT = Path(__file__).with_name("graphql_ws.cjs")
PACKAGES = ("graphql@16", "graphql-ws@6", "ws@8")
KILLS = 3
PATCH = 'mutation ($set: [PropertyInput!]) { patchResource(iri: "urn:e", set: $set) { position } }'
FINAL = 200


def client(mode: str, *arguments: str) -> subprocess.Popen[str]:
    """The client in a process of its own."""
    modules = installed("graphql-ws", *PACKAGES) / "node_modules"
    return subprocess.Popen(
        ["node", SCRIPT, mode, *arguments], env={**os.environ, "NODE_PATH": str(modules)}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def told(process: subprocess.Popen[str]) -> str:
    """All that it prints, up to its end."""
    printed, faults = process.communicate(timeout=120)
    assert process.returncode == 0, faults
    return printed


def pump(server: Server | ServingRegistry) -> None:
    answer = server.ask(
        REGISTER, twin="urn:t", entity="urn:e", **{"class": "Pump"}, properties={"property": "ratedFlow", "value": 1}
    )
    assert "errors" not in answer, answer


def test_the_client_of_the_protocol_gets_on_with_the_server(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        pump(server)
        server.data(PATCH, set={"property": "ratedFlow", "value": 2})
        heard: dict[str, Any] = json.loads(told(client("converse", server.websocket)))
    changes = [
        {"data": {"changes": {"position": 1, "cause": "registerTwin"}}},
        {"data": {"changes": {"position": 2, "cause": "patchResource"}}},
    ]
    assert heard["twice"] == [changes, changes]
    assert heard["again"] == changes[:1]
    assert heard["query"] == [{"data": {"__typename": "Query"}}]
    assert [error["extensions"]["code"] for error in (*heard["refused"], *heard["late"])] == ["BAD_INPUT"] * 2
    assert heard["closed"] == 1000
    assert heard["pongs"] > 0


def test_the_client_misses_nothing_where_the_server_is_killed(tmp_path: Path) -> None:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    registry = ServingRegistry(tmp_path, port=port)
    with registry:
        pump(registry)
        followers = [client("follow", f"ws://127.0.0.1:{port}/graphql", str(FINAL)) for _ in range(2)]
        try:
            position = 1
            for kill in range(KILLS + 1):
                for _ in range((FINAL - 1) // (KILLS + 1) if kill < KILLS else FINAL - position):
                    answer = registry.ask(PATCH, set={"property": "rdfs:comment", "value": str(position)})
                    position = answer["data"]["patchResource"]["position"]
                if kill < KILLS:
                    registry.kill() if kill % 2 == 0 else registry.stop()
                    registry.start()
            for follower in followers:
                assert [int(line) for line in told(follower).split()] == list(range(1, FINAL + 1))
        finally:
            for follower in followers:
                follower.kill()
                follower.communicate()
