"""SIGTERM ends like Ctrl-C: streams say where to go on, what was acknowledged is stored, nothing is left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from registry.app.announcement import address_file, serving_address
from tests.endtoend.serving import REGISTRY, ServingRegistry, run_cli
from tests.endtoend.test_crash import REGISTER, Load, check_kept
from tests.neo4j.session import emptied

ENDLESS = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?a ?b ?c . ?d ?e ?f . ?h ?i ?j . ?k ?l ?m } }"
WATCH = "subscription { changes { position } }"
SECONDS = 60.0


class Heard:
    """What clients heard, each in a thread of its own, which `all` waits for."""

    def __init__(self) -> None:
        self.of: dict[str, Any] = {}
        self.begun: dict[str, threading.Event] = {}
        self._threads: list[threading.Thread] = []

    def start(self, name: str, client: Callable[[threading.Event], Any]) -> None:
        begun = self.begun[name] = threading.Event()

        def run() -> None:
            self.of[name] = client(begun)

        self._threads.append(threading.Thread(target=run, name=name))
        self._threads[-1].start()

    def all(self) -> dict[str, Any]:
        for thread in self._threads:
            thread.join(SECONDS)
            assert not thread.is_alive(), f"{thread.name} was never ended"
        return self.of


def streamed(address: str, path: str) -> Callable[[threading.Event], list[str]]:
    def client(begun: threading.Event) -> list[str]:
        lines: list[str] = []
        headers = {"accept": "text/event-stream"}
        with httpx.stream("GET", f"{address}{path}", headers=headers, timeout=SECONDS) as answer:
            begun.set()
            lines.extend(answer.iter_lines())
        return lines

    return client


def subscribed(address: str) -> Callable[[threading.Event], tuple[list[int], int, str]]:
    def client(begun: threading.Event) -> tuple[list[int], int, str]:
        positions: list[int] = []
        url = address.replace("http", "ws") + "/graphql"
        with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as ws:
            ws.send(json.dumps({"type": "connection_init"}))
            ws.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": WATCH}}))
            begun.set()
            try:
                while True:
                    message = json.loads(ws.recv(SECONDS))
                    if message["type"] == "next":
                        positions.append(message["payload"]["data"]["changes"]["position"])
            except ConnectionClosed as closed:
                end = closed.rcvd
        return (positions, end.code, end.reason) if end is not None else (positions, 1006, "")

    return client


def asked(address: str) -> Callable[[threading.Event], httpx.Response]:
    def client(begun: threading.Event) -> httpx.Response:
        begun.set()
        return httpx.post(f"{address}/sparql", data={"query": ENDLESS}, timeout=SECONDS)

    return client


def last_id(lines: list[str]) -> int:
    ids = [int(line.removeprefix("id: ")) for line in lines if line.startswith("id: ")]
    assert [line for line in lines if line][-1] == f"id: {ids[-1]}", "the last thing said is where to go on"
    return ids[-1]


def test_sigterm_under_load_ends_streams_with_a_position_and_loses_nothing(tmp_path: Path) -> None:
    with ServingRegistry(tmp_path) as registry:
        heard, load = Heard(), Load("stopped", frozenset({"STORE_UNAVAILABLE"}))
        heard.start("socket", subscribed(registry.address))
        heard.start("changes", streamed(registry.address, "/changes"))
        heard.start("sse", streamed(registry.address, f"/graphql/stream?query={WATCH}"))
        heard.start("query", asked(registry.address))
        for begun in heard.begun.values():
            assert begun.wait(SECONDS)
        load.start(registry.address)
        load.wait()
        time.sleep(0.5)
        registry.signal(signal.SIGTERM)
        assert registry.ended() == 0
        load.stop()
        of = heard.all()
        assert load.registered
        assert not address_file(tmp_path).exists()
        assert not list(tmp_path.glob("serving.json*"))

        positions, code, reason = of["socket"]
        assert code == 1012
        found = re.fullmatch(r"the registry stops: go on after position (\d+)", reason)
        assert found is not None, reason
        assert positions[-1] == int(found[1])
        assert positions == list(range(positions[0], positions[-1] + 1))
        assert of["query"].status_code == 503, of["query"].text
        assert of["query"].json()["code"] == "STORE_UNAVAILABLE"

        registry.start()
        check_kept(registry, load)
        for name in ("changes", "sse"):
            position = last_id(of[name])
            head = httpx.get(f"{registry.address}/health").json()["position"]
            assert 0 < position <= head
            rest = httpx.get(f"{registry.address}/changes?after={position}").text.splitlines()
            assert [json.loads(line)["id"] for line in rest[:1]] == [str(position + 1)][: head - position]


def test_a_quiet_stream_ends_with_a_position_too(tmp_path: Path) -> None:
    with ServingRegistry(tmp_path) as registry:
        head = registry.ask(REGISTER, twin="urn:t", entity="urn:e")["data"]["registerTwin"]["position"]
        heard = Heard()
        heard.start("changes", streamed(registry.address, f"/changes?after={head}"))
        heard.start("sse", streamed(registry.address, f"/graphql/stream?query={WATCH}"))
        heard.start("socket", subscribed(registry.address))
        for begun in heard.begun.values():
            assert begun.wait(SECONDS)
        time.sleep(0.5)
        registry.signal(signal.SIGTERM)
        assert registry.ended() == 0
        of = heard.all()
        assert last_id(of["changes"]) == last_id(of["sse"]) == head
        assert of["socket"] == ([], 1012, f"the registry stops: go on after position {head}")


def test_a_large_write_that_runs_is_stored_and_answered(tmp_path: Path) -> None:
    entity = {"class": ["CentrifugalPump"], "properties": [{"property": "ratedFlow", "value": 1.5}]}
    commands = [
        {"registerTwin": {"iri": f"urn:t:{n}", "entity": {"iri": f"urn:e:{n}", "name": f"P{n}", **entity}}}
        for n in range(1_000)
    ]
    with ServingRegistry(tmp_path) as registry:
        heard = Heard()

        def client(begun: threading.Event) -> dict[str, Any]:
            begun.set()
            query = "mutation($c: [CommandInput!]!) { apply(commands: $c) { position } }"
            return registry.ask(query, c=commands)

        heard.start("write", client)
        assert heard.begun["write"].wait(SECONDS)
        time.sleep(0.3)
        registry.signal(signal.SIGTERM)
        assert registry.ended() == 0
        answer = heard.all()["write"]
        registry.start()
        (row,) = registry.sparql("SELECT (COUNT(?e) AS ?n) { ?e a plant:CentrifugalPump }")
        if "errors" in answer:
            # On a slow machine it had not come to the writer yet, and was told so.
            assert answer["errors"][0]["extensions"]["code"] == "STORE_UNAVAILABLE", answer
            assert row == {"n": "0"}
        else:
            assert answer == {"data": {"apply": {"position": 1}}}
            assert row == {"n": "1000"}


@contextmanager
def unfinished_request(address: str) -> Any:
    """A request whose body never comes, which holds a polite end up."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                           b"Content-Length: 100\r\n\r\n{")  # fmt: skip
        yield


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_other_ways_to_ask_politely_end_alike(tmp_path: Path, number: int) -> None:
    with ServingRegistry(tmp_path) as registry:
        registry.signal(number)
        assert registry.ended() == 0
        assert not address_file(tmp_path).exists()


def test_a_signal_before_anything_is_served_ends_the_start(tmp_path: Path) -> None:
    command = [*REGISTRY, "serve", "--data", str(tmp_path), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while not (tmp_path / "registry.db.lock").exists():
            time.sleep(0.005)
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
        assert process.wait(SECONDS) == 0


def test_a_second_signal_ends_at_once_and_leaves_no_file(tmp_path: Path) -> None:
    with ServingRegistry(tmp_path) as registry:
        load = Load("twice", frozenset({"STORE_UNAVAILABLE"}))
        load.start(registry.address)
        load.wait()
        with unfinished_request(registry.address):
            registry.signal(signal.SIGTERM)
            time.sleep(0.3)
            registry.signal(signal.SIGTERM)
            assert registry.ended() == 128 + signal.SIGTERM
        load.stop()
        assert not address_file(tmp_path).exists()
        registry.start()
        check_kept(registry, load)


def test_what_a_killed_process_left_says_nothing_though_its_number_lives_on(tmp_path: Path) -> None:
    with ServingRegistry(tmp_path) as registry:
        assert serving_address(tmp_path) == registry.address
        registry.kill()
        note = json.loads(address_file(tmp_path).read_text())
        # The number was given to another process, as happens after a restart of the machine or of a container.
        address_file(tmp_path).write_text(json.dumps({**note, "pid": os.getpid()}))
        assert serving_address(tmp_path) is None
        assert run_cli("query", "ASK { ?s ?p ?o }", "--data", tmp_path, "--json").stdout
        registry.start()
        assert serving_address(tmp_path) == registry.address
        assert json.loads(address_file(tmp_path).read_text())["pid"] == registry.pid
    assert serving_address(tmp_path) is None


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"pid": 1}', '{"pid": "x", "address": 1}'])
def test_a_note_that_is_none_says_nothing(tmp_path: Path, content: str) -> None:
    address_file(tmp_path).write_text(content)
    assert serving_address(tmp_path) is None


def test_a_command_that_is_ended_lets_go_and_goes_on_when_it_is_given_again(tmp_path: Path) -> None:
    file = tmp_path / "many.ttl"
    head = "@prefix plant: <https://w3id.org/semantic-twins/plant#> .\n"
    file.write_text(
        head + "".join(f'<urn:p:{n}> a plant:CentrifugalPump ; plant:ratedFlow "1.5" .\n' for n in range(9))
    )
    command = [*REGISTRY, "import", str(file), "--data", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while not (tmp_path / "registry.db.lock").exists():
            time.sleep(0.005)
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
        assert process.wait(SECONDS) == 128 + signal.SIGTERM
    run_cli("import", file, "--data", tmp_path, check=None)
    run_cli("doctor", "--data", tmp_path)


def test_sigterm_under_load_on_a_registry_in_neo4j_loses_nothing_and_leaves_no_file(tmp_path: Path) -> None:
    with ServingRegistry(tmp_path, environment={"REGISTRY_STORE": emptied()}) as registry:
        # A server of Neo4j that has just started takes its time for the first write of all.
        with httpx.Client(timeout=SECONDS) as client:
            first = {"query": REGISTER, "variables": {"twin": "urn:first:twin", "entity": "urn:first:pump"}}
            assert "errors" not in client.post(f"{registry.address}/graphql", json=first).json()
        load = Load("stopped", frozenset({"STORE_UNAVAILABLE"}))
        load.start(registry.address)
        load.wait()
        time.sleep(0.5)
        registry.signal(signal.SIGTERM)
        assert registry.ended() == 0
        load.stop()
        assert load.registered
        assert not list(tmp_path.glob("serving.json*"))
        registry.start()
        check_kept(registry, load)
