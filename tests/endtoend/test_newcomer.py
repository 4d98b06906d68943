"""What a newcomer does: start it, look at it, use it with clients that are not ours."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.sync.client import connect

from tests.bench.load import request_bytes
from tests.endtoend.browser import browser_page
from tests.endtoend.serving import ServingRegistry, run_cli

REGISTER = """mutation($flow: Value!, $points: [PointInput!]) { registerTwin(input: {
  iri: "urn:t:1", entity: {iri: "urn:e:1", class: ["CentrifugalPump"], name: "Pump 1",
  properties: [{property: "ratedFlow", value: $flow}, {property: "serialNumber", value: "S1"}]}, points: $points
}) { position revision } }"""
MOVE = """mutation($trigger: String!) { transition(twin: "urn:t:1", trigger: $trigger) { twin { state { name } } } }"""
HALL = """mutation { apply(commands: [
  {registerTwin: {iri: "urn:t:h", entity: {iri: "urn:h", class: ["Hall"], name: "Hall"}}},
  {link: {subject: "urn:e:1", predicate: "locatedIn", object: "urn:h"}}
]) { position } }"""
UNIT = {"name": "flow", "properties": [{"property": "unit", "value": "http://qudt.org/vocab/unit/M3-PER-HR"}]}


def test_the_help_needs_no_heavy_library() -> None:
    heavy = ["rdflib", "pyshacl", "owlrl", "neo4j", "strawberry", "pyoxigraph", "uvicorn", "starlette", "graphql"]
    script = (
        "import sys; from registry.cli.program import program\n"
        "try: program(['--help'], standalone_mode=False)\nexcept BaseException: pass\n"
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr.strip().endswith("[]"), done.stderr


def test_register_refused_corrected_commissioned_watched_and_asked(tmp_path: Path) -> None:
    with ServingRegistry(tmp_path) as registry:
        seen: list[dict[str, Any]] = []
        with connect(
            registry.address.replace("http", "ws", 1) + "/graphql",
            subprotocols=["graphql-transport-ws"],  # type: ignore[list-item]
        ) as socket:
            socket.send(json.dumps({"type": "connection_init"}))
            socket.recv(timeout=20)
            watched = "iri previousState { name } twin { state { name } } change { position }"
            query = f"subscription {{ twinChanged {{ {watched} }} }}"
            socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": query}}))
            curl = ["curl", "-s", f"{registry.address}/graphql", "-H", "content-type: application/json", "-d"]
            body = json.dumps({"query": REGISTER, "variables": {"flow": "much"}})
            refused = json.loads(subprocess.run([*curl, body], capture_output=True, text=True, check=True).stdout)
            (error,) = refused["errors"]
            assert error["extensions"]["code"] == "SHAPES_VIOLATED"
            first = error["extensions"]["violations"][0]
            assert (first["path"], first["value"]) == ("<https://w3id.org/semantic-twins/plant#ratedFlow>", "much")

            assert "errors" not in registry.ask(REGISTER, flow=12.5, points=[UNIT])
            assert "errors" not in registry.ask(HALL)
            for trigger in ("configure", "validate", "commission"):
                assert "errors" not in registry.ask(MOVE, trigger=trigger)
            while not seen or seen[-1]["twin"]["state"]["name"] != "Active":
                seen.append(json.loads(socket.recv(timeout=20))["payload"]["data"]["twinChanged"])
        steps = [(s["previousState"] and s["previousState"]["name"], s["twin"]["state"]["name"]) for s in seen
                 if s["iri"] == "urn:t:1"]  # fmt: skip
        moves = [step for step in steps if step[0] != step[1]]
        assert moves == [(None, "Draft"), ("Draft", "Configured"), ("Configured", "Validated"), ("Validated", "Active")]
        positions = [s["change"]["position"] for s in seen]
        assert positions == sorted(positions)
        rows = registry.sparql("SELECT ?state { <urn:t:1> lifecycle:inState ?state }")
        assert rows == [{"state": "https://w3id.org/semantic-twins/lifecycle-standard#Active"}]


def test_five_hundred_clients_at_once_patch_one_twin_and_lose_no_update(tmp_path: Path) -> None:
    """Each sets a property of its own of the same twin: a write that began from an older state would drop others'."""
    patch = """mutation($name: Name!, $value: Value!) {
        patchResource(iri: "urn:t:1", set: [{property: $name, value: $value}]) { revision } }"""

    async def one(address: str, number: int, begin: asyncio.Barrier) -> int:
        where = urlsplit(address)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        await begin.wait()
        writer.write(request_bytes("/graphql", patch, name=f"https://own.example/p{number}", value=number))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        answer = json.loads(await reader.readexactly(length))
        writer.close()
        revision: int = answer["data"]["patchResource"]["revision"]
        return revision

    async def everybody(address: str) -> list[int]:
        begin = asyncio.Barrier(500)
        return await asyncio.gather(*(one(address, number, begin) for number in range(500)))

    with ServingRegistry(tmp_path) as registry:
        registry.ask(REGISTER, flow=1.5)
        revisions = asyncio.run(everybody(registry.address))
        assert sorted(revisions) == list(range(2, 502))
        after = registry.ask('{ resource(iri: "urn:t:1") { revision properties { predicate value } } }')["data"][
            "resource"
        ]
    assert after["revision"] == 501
    kept = {p["predicate"]: p["value"] for p in after["properties"] if "own.example" in p["predicate"]}
    assert kept == {f"https://own.example/p{number}": number for number in range(500)}


def test_who_asks_for_a_revision_never_overwrites_another(tmp_path: Path) -> None:
    """Clients count one number up, each from what it read; whoever comes late is told, and reads again."""
    read = '{ resource(iri: "urn:t:1") { revision properties(names: ["rdfs:label"]) { value } } }'
    patch = """mutation($value: Value!, $revision: Revision) {
        patchResource(iri: "urn:t:1", expectedRevision: $revision, set: [{property: "rdfs:label", value: $value}])
        { revision } }"""
    moved = []

    def add_five(address: str) -> None:
        with httpx.Client(base_url=address, timeout=120) as client:
            done = 0
            while done < 5:
                before = client.post("/graphql", json={"query": read}).json()["data"]["resource"]
                variables = {"value": str(int(before["properties"][0]["value"]) + 1), "revision": before["revision"]}
                answer = client.post("/graphql", json={"query": patch, "variables": variables}).json()
                if "errors" in answer:
                    assert answer["errors"][0]["extensions"]["code"] == "REVISION_MOVED", answer
                    moved.append(1)
                else:
                    done += 1

    with ServingRegistry(tmp_path) as registry:
        registry.ask(REGISTER, flow=1.5)
        registry.ask(patch, value="0")
        threads = [threading.Thread(target=add_five, args=(registry.address,)) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert moved, "nobody met anybody: the test proves nothing"
        assert registry.ask(read)["data"]["resource"]["properties"] == [{"value": "60"}]


def test_the_demo_is_alive_in_a_real_browser(tmp_path: Path) -> None:
    with ServingRegistry(tmp_path, "demo") as registry, browser_page(registry.address) as page:
        page.wait_for("document.querySelectorAll('article .state').length >= 10")
        page.wait_for("[...document.querySelectorAll('article .state')].some((s) => s.textContent === 'Active')")
        page.wait_for("document.querySelectorAll('#flow circle').length >= 10")
        page.wait_for("document.querySelectorAll('#changes li').length > 5")
        assert page.faults == []
        assert all(url.startswith((registry.address, "data:")) for url in page.requests if url != "about:blank")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org", "::"])
def test_nothing_listens_beyond_loopback(host: str, tmp_path: Path) -> None:
    done = run_cli("serve", "--host", host, "--port", "0", "--data", tmp_path / "data", check=2)
    assert "no authentication" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "headers",
    [
        [("Host", "evil.example")],
        [("Host", "evil.example"), ("Host", "localhost")],
        [("Host", "localhost"), ("Origin", "https://evil.example")],
        [("Host", "localhost"), ("Origin", "https://evil.example"), ("Origin", "http://localhost")],
    ],
)
def test_a_foreign_page_may_not_use_the_registry(headers: list[tuple[str, str]], tmp_path: Path) -> None:
    body = json.dumps({"query": "{ release { version } }"})
    with (
        ServingRegistry(tmp_path) as registry,
        closing(HTTPConnection(registry.address.removeprefix("http://"), timeout=30)) as connection,
    ):
        connection.putrequest("POST", "/graphql", skip_host=True)
        for name, value in (*headers, ("Content-Type", "application/json"), ("Content-Length", str(len(body)))):
            connection.putheader(name, value)
        connection.endheaders(body.encode())
        answer = connection.getresponse()
        assert (answer.status, json.load(answer)["code"]) == (403, "NOT_ALLOWED")


def test_a_second_writer_is_refused_and_a_reader_is_welcome(tmp_path: Path) -> None:
    with ServingRegistry(tmp_path) as registry:
        registry.ask(REGISTER, flow=1.5)
        file = tmp_path / "one.ttl"
        file.write_text("<urn:a> <urn:b> <urn:c> .")
        refused = run_cli("serve", "--port", "0", "--data", tmp_path, check=2)
        assert str(registry.pid) in refused.stderr
        assert "STORE_UNAVAILABLE" in refused.stderr
        assert "urn:t:1" in run_cli("export", "--data", tmp_path, "--format", "ntriples").stdout
        asked = run_cli("query", "SELECT ?t { ?t a core:Twin }", "--data", tmp_path)
        assert asked.stdout.split() == ["t", "urn:t:1"]
    assert "projection" in run_cli("doctor", "--data", tmp_path).stdout
