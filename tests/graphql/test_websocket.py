"""graphql-transport-ws, message by message, with a raw WebSocket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from registry.api.graphql.serve.limits import Limits
from tests.graphql.server import Server

PROTOCOL = Subprotocol("graphql-transport-ws")
INIT = {"type": "connection_init"}
WATCH = "subscription { changes { position } }"
SECONDS = 20


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    limits = Limits(subscriptions=2, greeting_seconds=0.3, request_bytes=2_000)
    with Server(tmp_path_factory.mktemp("socket"), limits) as server:
        yield server


def subscribe(identity: str, query: str) -> dict[str, Any]:
    return {"id": identity, "type": "subscribe", "payload": {"query": query}}


async def said(
    server: Server, *messages: Any, until: str = "closed", protocol: Subprotocol | None = PROTOCOL
) -> list[Any]:
    """Everything the server says to these messages, up to a type of message, the code of the closing included."""
    heard: list[Any] = []
    async with asyncio.timeout(SECONDS), connect(server.websocket, subprotocols=[protocol] if protocol else None) as ws:
        try:
            for message in messages:
                await ws.send(message if isinstance(message, str | bytes) else json.dumps(message))
            while not heard or heard[-1]["type"] != until:
                heard.append(json.loads(await ws.recv()))
        except ConnectionClosed as closed:
            heard.append(closed.rcvd and closed.rcvd.code)
    return heard


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([], 4408),
        ([{"type": "ping"}], 4408),
        ([subscribe("1", "{ __typename }")], 4401),
        ([INIT, INIT], 4429),
        ([INIT, "{"], 4400),
        ([INIT, "[]"], 4400),
        ([INIT, "null"], 4400),
        ([INIT, b"{}"], 4400),
        ([INIT, {"type": "nonsense"}], 4400),
        ([INIT, {"type": 7}], 4400),
        ([INIT, {"type": "subscribe", "payload": {"query": WATCH}}], 4400),
        ([INIT, {"type": "subscribe", "id": "", "payload": {"query": WATCH}}], 4400),
        ([INIT, {"type": "complete"}], 4400),
        ([INIT, subscribe("1", WATCH), subscribe("1", WATCH)], 4409),
        ([INIT, {"type": "ping", "payload": "x" * 2_000}], 1009),
        (["[" * 1_500], 4400),
    ],
)
async def test_a_client_that_breaks_the_protocol_is_shown_out(strict: Server, messages: list[Any], code: int) -> None:
    assert (await said(strict, *messages))[-1] == code


@pytest.mark.parametrize("protocol", [None, Subprotocol("graphql-ws"), Subprotocol("nonsense")])
async def test_another_protocol_is_not_spoken(strict: Server, protocol: Subprotocol | None) -> None:
    assert await said(strict, protocol=protocol) == [4406]


async def test_a_ping_is_answered_before_and_after_the_greeting(strict: Server) -> None:
    messages = ({"type": "ping"}, INIT, {"type": "pong"}, {"type": "ping"}, subscribe("1", "{ __typename }"))
    heard = await said(strict, *messages, until="complete")
    assert [message["type"] for message in heard] == ["pong", "connection_ack", "pong", "next", "complete"]


async def test_queries_and_mutations_run_too(strict: Server) -> None:
    mutation = 'mutation { deleteResource(iri: "urn:nobody") { revision } }'
    heard = await said(strict, INIT, subscribe("1", mutation), until="complete")
    assert heard[1]["payload"]["data"] is None
    assert heard[1]["payload"]["errors"][0]["extensions"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("payload", [None, [], {}, {"query": 7}, {"query": "{"}, {"query": "{ nonsense }"}])
async def test_what_cannot_run_is_an_error_of_its_operation_only(strict: Server, payload: Any) -> None:
    wrong = {"id": "1", "type": "subscribe", "payload": payload}
    heard = await said(strict, INIT, wrong, subscribe("2", "{ __typename }"), until="complete")
    (error,) = [message for message in heard if message["type"] == "error"]
    assert (error["id"], error["payload"][0]["extensions"]["code"]) == ("1", "BAD_INPUT")
    assert heard[-1] == {"id": "2", "type": "complete"}


async def test_a_connection_has_so_many_operations_and_each_id_can_be_used_again(strict: Server) -> None:
    full = [INIT, subscribe("1", WATCH), subscribe("2", WATCH)]
    heard = await said(strict, *full, subscribe("3", WATCH), until="error")
    assert heard[-1]["id"] == "3"
    assert heard[-1]["payload"][0]["extensions"] == {"code": "QUERY_TOO_LARGE", "actual": 3, "limit": 2}
    ended = {"type": "complete", "id": "1"}
    heard = await said(strict, *full, ended, ended, subscribe("1", "{ __typename }"), until="complete")
    assert heard[-1] == {"id": "1", "type": "complete"}


async def test_a_client_that_does_not_read_holds_up_nobody(server: Server) -> None:
    from tests.graphql.conftest import REGISTER

    server.data(REGISTER, twin="urn:slow:t", entity="urn:slow:e", **{"class": "Pump"},
                properties={"property": "ratedFlow", "value": 1})  # fmt: skip
    start = server.record.head()
    watch = "subscription ($after: Position) { changes(after: $after) { position added { object } } }"
    request = {"id": "1", "type": "subscribe", "payload": {"query": watch, "variables": {"after": start}}}
    patch = 'mutation ($set: [PropertyInput!]) { patchResource(iri: "urn:slow:e", set: $set) { position } }'

    async def write() -> None:
        for number in range(30):
            value = {"property": "rdfs:comment", "value": f"{number} " + "x" * 100_000}
            await asyncio.to_thread(server.data, patch, set=value)

    async with asyncio.timeout(60), connect(server.websocket, subprotocols=[PROTOCOL], max_queue=1) as stalled:
        await stalled.send(json.dumps(INIT))
        await stalled.send(json.dumps(request))
        async with connect(server.websocket, subprotocols=[PROTOCOL]) as reading:
            await reading.send(json.dumps(INIT))
            await reading.send(json.dumps(request))
            writing = asyncio.create_task(write())
            heard = [json.loads(await reading.recv()) for _ in range(31)]
            await writing
        assert [m["payload"]["data"]["changes"]["position"] for m in heard[1:]] == list(range(start + 1, start + 31))
        late = [json.loads(await stalled.recv()) for _ in range(31)]
    assert late == heard, "the slow one missed nothing"
