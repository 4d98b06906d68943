"""Many who watch the same: executed once, told in order and once wherever each begins, and a slow one bound."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from registry.access.principal import Principal
from registry.api.graphql.fixed.schema import Schemas
from registry.api.graphql.serve.limits import Limits
from registry.api.graphql.serve.operations import Counts, Operations, Request
from registry.api.graphql.stream.sharing import likeness
from registry.domain.releases.release import compile_release
from registry.ontology.modules import ModuleKind, module_of, standard_modules
from tests.graphql.conftest import REGISTER, Pump
from tests.graphql.server import Server

PROTOCOL = Subprotocol("graphql-transport-ws")
SECONDS = 120
"""Longest a test waits for what must come; reached only where it never comes."""
CHANGES = "subscription ($after: Position) { changes(after: $after) { position added { object } } }"
TWINS = """subscription ($after: Position, $delivery: Delivery!) { twinChanged(after: $after, delivery: $delivery) {
    iri change { position added { object } } twin { revision } } }"""
PATCH = "mutation ($iri: Iri!, $set: [PropertyInput!]) { patchResource(iri: $iri, set: $set) { position } }"
MODEL = """
    @prefix : <https://next.example/model#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix plant: <https://w3id.org/semantic-twins/plant#> .
    <https://next.example/model> a owl:Ontology . :note a owl:DatatypeProperty ; rdfs:domain plant:Pump .
"""
WAITING_BYTES = 400_000
LARGE = "x" * 100_000


@pytest.fixture
def narrow(tmp_path: Path) -> Iterator[Server]:
    """A server with two twins that lets little wait for a client."""
    with Server(tmp_path, Limits(waiting_bytes=WAITING_BYTES)) as server:
        for name in ("a", "b"):
            server.data(REGISTER, twin=f"urn:t:{name}", entity=f"urn:e:{name}", **{"class": "Pump"},
                        properties={"property": "ratedFlow", "value": 1})  # fmt: skip
        yield server


def write(server: Server, iri: str, value: str) -> int:
    """Change a comment; answers the position."""
    answer = server.data(PATCH, iri=iri, set={"property": "rdfs:comment", "value": value})
    position: int = answer["patchResource"]["position"]
    return position


@asynccontextmanager
async def connected(server: Server, max_queue: int | None = None) -> AsyncIterator[ClientConnection]:
    """A greeted connection. One that keeps ``max_queue`` of 1 stops to read when it is not asked for messages."""
    async with (
        asyncio.timeout(SECONDS),
        connect(server.websocket, subprotocols=[PROTOCOL], max_queue=max_queue, max_size=None) as ws,
    ):
        await ws.send(json.dumps({"type": "connection_init"}))
        await ws.recv()
        yield ws


async def subscribe(ws: ClientConnection, identity: str, query: str, **variables: Any) -> None:
    message = {"id": identity, "type": "subscribe", "payload": {"query": query, "variables": variables}}
    await ws.send(json.dumps(message))


async def rest(ws: ClientConnection) -> tuple[list[Any], int | None, str | None]:
    """All that a connection still says, and how it ends."""
    heard: list[Any] = []
    with suppress(ConnectionClosed):
        while True:
            heard.append(json.loads(await ws.recv()))
    return heard, ws.close_code, ws.close_reason


async def test_a_client_that_does_not_read_is_told_where_to_go_on(narrow: Server) -> None:
    start = narrow.record.head()
    async with connected(narrow, 1) as slow, connected(narrow) as other:
        for ws in (slow, other):
            await subscribe(ws, "1", CHANGES, after=start)
        for number in range(120):
            await asyncio.to_thread(write, narrow, "urn:e:a", f"{number} {LARGE}")
        everything = [json.loads(await other.recv())["payload"]["data"]["changes"]["position"] for _ in range(120)]
        assert everything == list(range(start + 1, start + 121)), "the other one is told all"
        (*seen, error), code, reason = await rest(slow)
    assert (code, reason) == (1013, "SLOW_CONSUMER")
    positions = [message["payload"]["data"]["changes"]["position"] for message in seen]
    extensions = error["payload"][0]["extensions"]
    assert extensions == {"code": "SLOW_CONSUMER", "position": positions[-1], "limit": WAITING_BYTES}
    async with connected(narrow) as again:
        await subscribe(again, "1", CHANGES, after=extensions["position"])
        while positions[-1] < start + 120:
            positions.append(json.loads(await again.recv())["payload"]["data"]["changes"]["position"])
    assert positions == everything, "nothing is lost and nothing comes twice"


@pytest.mark.parametrize("behind", [1, 80])
async def test_who_was_alone_and_behind_is_told_what_comes_after(narrow: Server, behind: int) -> None:
    start = narrow.record.head()
    for number in range(behind):
        await asyncio.to_thread(write, narrow, "urn:e:a", str(number))
    async with connected(narrow) as alone:
        await subscribe(alone, "1", CHANGES, after=start)
        told = [json.loads(await alone.recv())["payload"]["data"]["changes"]["position"] for _ in range(behind)]
        for number in range(5):
            await asyncio.to_thread(write, narrow, "urn:e:a", f"later {number}")
            told.append(json.loads(await alone.recv())["payload"]["data"]["changes"]["position"])
    assert told == list(range(start + 1, start + behind + 6))


async def test_what_was_there_before_is_taken_at_the_client_s_pace(narrow: Server) -> None:
    start = narrow.record.head()
    for number in range(50):
        await asyncio.to_thread(write, narrow, "urn:e:a", f"{number} {5 * LARGE}")
    async with connected(narrow, 1) as unhurried:
        await subscribe(unhurried, "1", CHANGES, after=start)
        await asyncio.sleep(1)
        told = [json.loads(await unhurried.recv()) for _ in range(50)]
    assert [message["type"] for message in told] == ["next"] * 50
    assert [message["payload"]["data"]["changes"]["position"] for message in told] == list(range(start + 1, start + 51))


async def test_a_stream_that_is_not_read_is_told_where_to_go_on(narrow: Server) -> None:
    start = narrow.record.head()
    content = {"query": CHANGES, "variables": {"after": start}}
    request = httpx.Request("POST", f"{narrow.address}/graphql/stream", json=content, headers={"connection": "close"})
    head = [f"{name}: {value}" for name, value in request.headers.items()]
    reader, writer = await asyncio.open_connection(request.url.host, request.url.port, limit=1_000)
    writer.write("\r\n".join([f"POST {request.url.path} HTTP/1.1", *head, "", ""]).encode() + request.content)
    for number in range(120):
        await asyncio.to_thread(write, narrow, "urn:e:a", f"{number} {LARGE}")
    async with asyncio.timeout(SECONDS):
        told = (await reader.read()).decode()
    writer.close()
    ids = re.findall(r"^id: (\d+)", told, re.MULTILINE)
    assert [int(one) for one in ids] == list(range(start + 1, int(ids[-1]) + 1))
    assert len(ids) < 120
    assert f'"code":"SLOW_CONSUMER","position":{ids[-1]}' in told.rpartition("id: ")[2]
    assert "event: complete" in told.rpartition("id: ")[2]


async def test_what_waits_for_a_subscription_is_dropped_with_it(narrow: Server) -> None:
    start = narrow.record.head()
    async with connected(narrow, 1) as slow:
        await subscribe(slow, "1", TWINS, after=start, delivery="LATEST")
        for number in range(120):
            await asyncio.to_thread(write, narrow, "urn:e:a", f"{number} {LARGE}")
        await slow.send(json.dumps({"id": "1", "type": "complete"}))
        await subscribe(slow, "1", "subscription ($after: Position) { changes(after: $after) { position } }", after=2)
        payloads: list[dict[str, Any]] = []
        while not payloads or payloads[-1].get("changes") != {"position": start + 120}:
            payloads.append(json.loads(await slow.recv())["payload"]["data"])
    first = next(number for number, payload in enumerate(payloads) if "changes" in payload)
    before, after = payloads[:first], payloads[first:]
    assert before[-1]["twinChanged"]["change"]["position"] < start + 120, "the latest one waited, and waits no more"
    assert after == [{"changes": {"position": position}} for position in range(3, start + 121)]


async def test_a_slow_client_may_be_content_with_the_latest_of_each(narrow: Server) -> None:
    start = narrow.record.head()
    async with connected(narrow, 1) as slow:
        await subscribe(slow, "1", TWINS, after=start, delivery="LATEST")
        for number in range(120):
            await asyncio.to_thread(write, narrow, f"urn:e:{'ab'[number % 2]}", f"{number} {LARGE}")
        told: list[tuple[int, str]] = []
        while not told or told[-1][0] < start + 120:
            answer = json.loads(await slow.recv())["payload"]["data"]["twinChanged"]
            told.append((answer["change"]["position"], answer["iri"]))
    assert len(told) < 120, "what waited for the client was replaced by what came later"
    assert [position for position, _ in told] == sorted({position for position, _ in told})
    assert told[-2:] == [(start + 119, "urn:t:a"), (start + 120, "urn:t:b")], "the latest of each comes"


async def test_each_change_is_told_where_the_latest_is_not_asked_for(narrow: Server) -> None:
    start = narrow.record.head()
    async with connected(narrow, 1) as slow:
        await subscribe(slow, "1", TWINS, after=start, delivery="EACH")
        for number in range(120):
            await asyncio.to_thread(write, narrow, "urn:e:a", f"{number} {LARGE}")
        (*seen, error), code, _ = await rest(slow)
    positions = [message["payload"]["data"]["twinChanged"]["change"]["position"] for message in seen]
    assert positions == list(range(start + 1, start + 1 + len(seen)))
    assert (code, error["payload"][0]["extensions"]["position"]) == (1013, positions[-1])


async def test_a_subscription_is_executed_once_for_all_who_ask_for_the_same(server: Server, pump: Pump) -> None:
    twin = pump()
    query = """subscription ($iri: Iri, $after: Position) {
        twinChanged(iri: $iri, after: $after) { twin { history { edges { cursor } } } } }"""

    async def reads(subscribers: int) -> int:
        start = server.record.head()
        async with connected(server) as ws:
            for number in range(subscribers):
                await subscribe(ws, str(number), query, iri=twin, after=start if number % 2 else None)
            await ws.send(json.dumps({"type": "ping"}))
            assert json.loads(await ws.recv())["type"] == "pong"
            await asyncio.sleep(0.3)
            server.counting.calls.clear()
            await asyncio.to_thread(
                server.data, PATCH, iri=twin, set={"property": "rdfs:comment", "value": str(time.time())}
            )
            heard = [json.loads(await ws.recv()) for _ in range(subscribers)]
            assert {message["type"] for message in heard} == {"next"}
            assert len({json.dumps(message["payload"]) for message in heard}) == 1
            assert {message["id"] for message in heard} == {str(number) for number in range(subscribers)}
            return sum(server.counting.calls.values()) - server.counting.calls["entries"]

    assert await reads(1) == await reads(60)


async def test_all_who_share_a_subscription_are_told_that_the_model_changed(narrow: Server) -> None:
    old = narrow.ontologies.active()
    more = module_of("next", MODEL.encode(), ModuleKind.ONTOLOGY)
    new = compile_release([*old.modules, more], old.names)
    query = "subscription ($after: Position) { pumpChanged(after: $after) { iri } }"
    start = narrow.record.head()
    async with connected(narrow) as one, connected(narrow) as other:
        for ws, after in ((one, None), (one, start), (other, 0)):
            await subscribe(ws, f"from {after}", query, after=after)
        seen = [json.loads(await other.recv())["payload"]["data"]["pumpChanged"]["iri"] for _ in range(2)]
        assert seen == ["urn:e:a", "urn:e:b"]
        narrow.activate(new)
        errors = [json.loads(await ws.recv()) for ws in (one, one, other)]
        assert {error["id"] for error in errors} == {"from None", f"from {start}", "from 0"}
        expected = {"code": "RELEASE_CHANGED", "release": new.digest, "position": start}
        assert [error["payload"][0]["extensions"] for error in errors] == [expected] * 3
        await subscribe(one, "on the new one", query, after=start)
        await asyncio.to_thread(write, narrow, "urn:e:a", "changed")
        assert json.loads(await one.recv())["id"] == "on the new one"


NESTED = "subscription ($x: Position) { changes(after: $x) { position } ...F } fragment F on Subscription { %s }"
STANDARD = compile_release(standard_modules())
QUERIES = {
    "where it begins": (CHANGES, {"after": 1}, {"after": 2}, True),
    "where it begins, or not said": (CHANGES, {"after": 1}, {}, True),
    "what it asks for": (TWINS, {"delivery": "EACH"}, {"delivery": "LATEST"}, False),
    "another order": (TWINS, {"after": 1, "delivery": "EACH"}, {"delivery": "EACH", "after": 0}, True),
    "two uses": (NESTED % "changes(after: $x) { cause }", {"x": 1}, {"x": 2}, False),
}


@pytest.mark.parametrize(("query", "one", "other", "alike"), QUERIES.values(), ids=QUERIES)
def test_subscriptions_are_alike_but_for_where_they_begin(
    query: str, one: dict[str, Any], other: dict[str, Any], alike: bool
) -> None:
    limits = Limits()
    operations = Operations(Schemas(lambda: STANDARD, limits), limits, Counts())
    first, second = (asyncio.run(operations.prepare(Request(query, variables))) for variables in (one, other))
    actor = Principal("a")
    assert (likeness(first, actor, ["en"]) == likeness(second, actor, ["en"])) is alike
    assert likeness(first, actor, ["en"]) != likeness(first, Principal("b"), ["en"])
    assert likeness(first, actor, ["en"]) != likeness(first, Principal("a", frozenset()), ["en"])
    assert likeness(first, actor, ["en"]) != likeness(first, actor, ["de", "en"])
