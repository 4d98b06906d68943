"""Subscriptions with clients that others wrote: in order, once, resumed over disconnects and restarts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from gql import Client, gql
from gql.client import AsyncClientSession
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport

from registry.api.graphql.serve.limits import Limits
from tests.graphql.conftest import REGISTER, Pump
from tests.graphql.server import Server

Fresh = Callable[[str], str]
SECONDS = 20
CHANGES = """subscription ($filter: ChangeFilter, $after: Position) { changes(filter: $filter, after: $after) {
    position cause actor touched { iri revision } events { kind subject } added { name object } } }"""
TWIN = """subscription ($iri: Iri, $filter: ResourceFilter, $after: Position) {
    twinChanged(iri: $iri, filter: $filter, after: $after) {
      iri previousState { name } change { position cause }
      twin { revision name state { name } entity { name } properties(names: ["rdfs:label"]) { value } } } }"""
PATCH = "mutation ($iri: Iri!, $set: [PropertyInput!]) { patchResource(iri: $iri, set: $set) { position } }"


@asynccontextmanager
async def client(server: Server) -> AsyncIterator[AsyncClientSession]:
    transport = WebsocketsTransport(url=server.websocket)
    async with asyncio.timeout(SECONDS), Client(transport=transport) as session:
        yield session


async def take(session: AsyncClientSession, query: str, count: int, **variables: Any) -> list[dict[str, Any]]:
    """The first results of a subscription."""
    found: list[dict[str, Any]] = []
    document = gql(query)
    document.variable_values = variables
    async for result in session.subscribe(document):
        (answer,) = result.values()
        found.append(answer)
        if len(found) == count:
            break
    return found


def flow(server: Server, iri: str, value: float) -> int:
    position: int = server.data(PATCH, iri=iri, set={"property": "ratedFlow", "value": value})["patchResource"][
        "position"
    ]
    return position


async def test_each_step_arrives_in_order_as_it_is_committed(server: Server, pump: Pump, fresh: Fresh) -> None:
    pump()
    async with client(server) as session:
        taking = asyncio.create_task(take(session, CHANGES, 5, filter={"iri": [fresh("pump")]}))
        await asyncio.sleep(0.3)
        positions = [await asyncio.to_thread(flow, server, fresh("pump"), value) for value in range(1, 6)]
        changes = await taking
    assert [change["position"] for change in changes] == positions
    assert [change["touched"][0]["revision"] for change in changes] == [2, 3, 4, 5, 6]
    assert [change["added"][0]["object"] for change in changes] == ["1", "2", "3", "4", "5"]


async def test_a_hundred_subscribers_see_the_same(server: Server, pump: Pump, fresh: Fresh) -> None:
    pump()
    start = server.record.head()
    server.counting.calls.clear()
    async with client(server) as one, client(server) as other:
        everyone = [
            asyncio.create_task(take(session, CHANGES, 20, after=start, filter={"iri": [fresh("pump")]}))
            for session in (one, other)
            for _ in range(50)
        ]
        for value in range(1, 21):
            await asyncio.to_thread(flow, server, fresh("pump"), value)
        results = await asyncio.gather(*everyone)
    assert all(result == results[0] for result in results)
    assert len(results[0]) == 20
    assert server.counting.calls["entries"] < 150, "the log is read once for all, not once for each"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, ["registerTwin", "patchResource", "transition discard"]),
        ({"kind": ["StateChanged"]}, ["transition discard"]),
        ({"kind": ["TwinRegistered", "ResourceChanged"]}, ["registerTwin", "patchResource"]),
        ({"predicate": ["ratedFlow"]}, ["registerTwin", "patchResource"]),
        ({"predicate": ["inState"]}, ["registerTwin", "transition discard"]),
        ({"class": ["Equipment"]}, ["registerTwin", "patchResource"]),
        ({"class": ["Twin"]}, ["registerTwin", "transition discard"]),
        ({"actor": ["tester"], "class": ["TransitionRecord"]}, ["transition discard"]),
    ],
)
async def test_a_filter_picks_changes(
    server: Server, pump: Pump, fresh: Fresh, given: dict[str, Any] | None, expected: list[str]
) -> None:
    start = server.record.head()
    twin = pump()
    flow(server, fresh("pump"), 3)
    server.data('mutation ($t: Iri!) { transition(twin: $t, trigger: "discard") { position } }', t=twin)
    async with client(server) as session:
        changes = await take(session, CHANGES, len(expected), after=start, filter=given)
    assert [change["cause"] for change in changes] == expected


async def test_a_wrong_position_or_name_is_refused_with_its_code(server: Server) -> None:
    async with client(server) as session:
        wrong: list[dict[str, Any]] = [
            {"after": 10**9}, {"filter": {"class": ["Pmp"]}}, {"filter": {"predicate": ["x y"]}},
            {"filter": {}}, {"filter": {"iri": None}},
        ]  # fmt: skip
        for variables in wrong:
            with pytest.raises(TransportQueryError) as refused:
                await take(session, CHANGES, 1, **variables)
            assert refused.value.errors is not None
            assert refused.value.errors[0]["extensions"]["code"] == "BAD_INPUT"


async def test_a_twin_is_shown_as_it_was_right_after_each_change(server: Server, pump: Pump, fresh: Fresh) -> None:
    start = server.record.head()
    twin = pump()
    server.data(PATCH, iri=twin, set={"property": "rdfs:label", "value": "One"})
    flow(server, fresh("pump"), 4)
    server.data(PATCH, iri=twin, set={"property": "rdfs:label", "value": "Two"})
    async with client(server) as session:
        changes = await take(session, TWIN, 4, iri=twin, after=start)
    told = [(c["change"]["cause"], c["twin"]["revision"], c["twin"]["name"]) for c in changes]
    assert told == [
        ("registerTwin", 1, "Pump"),
        ("patchResource", 2, "One"),
        ("patchResource", 2, "One"),
        ("patchResource", 3, "Two"),
    ]


async def test_a_twin_that_is_gone_is_told_and_was_once_there(server: Server, pump: Pump) -> None:
    start = server.record.head()
    twin = pump()
    server.data("mutation ($t: Iri!) { deleteResource(iri: $t) { position } }", t=twin)
    async with client(server) as session:
        made, gone = await take(session, TWIN, 2, iri=twin, after=start)
    assert (made["change"]["cause"], made["twin"]["state"]) == ("registerTwin", {"name": "Draft"})
    assert (gone["change"]["cause"], gone["twin"], gone["previousState"]) == ("deleteResource", None, {"name": "Draft"})


async def test_each_event_is_read_anew(server: Server, pump: Pump, fresh: Fresh) -> None:
    twin = pump()
    names: list[str] = []
    async with client(server) as session:
        document = gql(TWIN)
        document.variable_values = {"iri": twin, "after": server.record.head()}
        await asyncio.to_thread(flow, server, fresh("pump"), 1)
        async for result in session.subscribe(document):
            names.append(result["twinChanged"]["twin"]["entity"]["name"])
            if len(names) == 3:
                break
            renamed = {"property": "rdfs:label", "value": f"Pump {len(names)}"}
            await asyncio.to_thread(server.data, PATCH, iri=fresh("pump"), set=renamed)
    assert names == ["Pump", "Pump 1", "Pump 2"]


async def test_a_twin_that_moves_tells_where_it_was(server: Server, pump: Pump) -> None:
    start = server.record.head()
    twin = pump(points=[{"name": "flow"}])
    for trigger in ("configure", "discard"):
        move = "mutation ($t: Iri!, $trigger: String!) { transition(twin: $t, trigger: $trigger) { position } }"
        server.data(move, t=twin, trigger=trigger)
    async with client(server) as session:
        changes = await take(session, TWIN, 3, iri=twin, after=start)
    moves = [(c["previousState"] and c["previousState"]["name"], c["twin"]["state"]["name"]) for c in changes]
    assert moves == [(None, "Draft"), ("Draft", "Configured"), ("Configured", "Discarded")]


async def test_twins_are_watched_by_a_filter_and_by_what_their_points_report(
    server: Server, pump: Pump, fresh: Fresh
) -> None:
    start = server.record.head()
    watched, other = pump("watched", points=[{"name": "flow"}]), pump("other", points=[{"name": "flow"}])
    for twin in (other, watched):
        server.data(
            """mutation ($t: Iri!) { reportState(twin: $t, values: {point: "flow", value: 1}) { position } }""", t=twin
        )
    async with client(server) as session:
        changes = await take(session, TWIN, 2, filter={"name": {"eq": "Watched"}}, after=start)
    assert [(change["iri"], change["change"]["cause"]) for change in changes] == [
        (watched, "registerTwin"), (watched, "reportState"),
    ]  # fmt: skip


async def test_a_client_that_comes_back_gets_everything_once_over_restarts(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        server.data(REGISTER, twin="urn:t", entity="urn:e", **{"class": "Pump"},
                    properties={"property": "ratedFlow", "value": 0.5})  # fmt: skip
        seen: list[int] = []
        for visit in range(4):
            async with client(server) as session:
                taking = asyncio.create_task(take(session, CHANGES, 5, after=seen[-1] if seen else 0))
                for value in range(1, 11 if visit < 3 else 1):
                    await asyncio.to_thread(flow, server, "urn:e", visit * 100 + value)
                seen += [change["position"] for change in await taking]
            if visit % 2:
                await asyncio.to_thread(server.restart)
        async with client(server) as session:
            rest = await take(session, CHANGES, server.record.head() - seen[-1], after=seen[-1])
        seen += [change["position"] for change in rest]
        assert seen == list(range(1, 32))


def events(text: str) -> list[dict[str, str]]:
    """Server-sent events as their fields; comments are left out."""
    blocks = [block for block in text.split("\n\n") if block.strip() and not block.startswith(":")]
    fields = [[line.partition(":") for line in block.splitlines()] for block in blocks]
    return [{name: value.strip() for name, _, value in block} for block in fields]


async def streamed(server: Server, count: int, variables: dict[str, Any], last: str = "") -> list[dict[str, str]]:
    """The first events of a stream of changes, asked for as a browser does."""
    url = httpx.URL(f"{server.address}/graphql/stream", params={"query": CHANGES, "variables": json.dumps(variables)})
    headers = {"last-event-id": last} if last else {}
    text = ""
    async with (
        asyncio.timeout(SECONDS),
        httpx.AsyncClient() as http,
        http.stream("GET", url, headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for part in answer.aiter_text():
            text += part
            if text.endswith("\n\n") and len(events(text)) >= count:
                break
    return events(text)[:count]


async def test_server_sent_events_go_on_where_the_browser_lost_them(server: Server, pump: Pump, fresh: Fresh) -> None:
    start = server.record.head()
    pump()
    positions = [start + 1, *(flow(server, fresh("pump"), value) for value in range(1, 6))]
    first = await streamed(server, 3, {"after": start})
    assert [event["event"] for event in first] == ["next"] * 3
    assert [int(event["id"]) for event in first] == positions[:3]
    assert [json.loads(event["data"])["data"]["changes"]["position"] for event in first] == positions[:3]
    rest = await streamed(server, 3, {"after": start}, last=first[-1]["id"])
    assert [int(event["id"]) for event in rest] == positions[3:]


async def test_a_stream_ends_with_complete(server: Server) -> None:
    async with httpx.AsyncClient() as http:
        url = f"{server.address}/graphql/stream"
        query = await http.post(url, json={"query": "{ release { version } }"})
        assert [event["event"] for event in events(query.text)] == ["next", "complete"]
        wrong = await http.post(url, json={"query": "subscription { nonsense }"})
        assert [event["event"] for event in events(wrong.text)] == ["next", "complete"]
        assert json.loads(events(wrong.text)[0]["data"])["errors"][0]["extensions"]["code"] == "BAD_INPUT"
        late = await http.post(url, json={"query": CHANGES, "variables": {"after": 10**9}})
        assert json.loads(events(late.text)[0]["data"])["errors"][0]["extensions"]["code"] == "BAD_INPUT"
        assert (await http.post(url, content=b"{", headers={"content-type": "application/json"})).status_code == 400
        assert (await http.post(url, content=b"{}", headers={"content-type": "text/plain"})).status_code == 415
        mutation = 'mutation { deleteResource(iri: "u:x") { revision } }'
        assert (await http.get(url, params={"query": mutation})).status_code == 405
        nonsense = {"last-event-id": "x"}
        assert (await http.get(url, params={"query": CHANGES}, headers=nonsense)).status_code == 400


async def test_a_silent_stream_is_kept_alive(tmp_path: Path) -> None:
    with Server(tmp_path, Limits(keep_alive_seconds=0.05)) as server:
        heard = b""
        request = ("POST", f"{server.address}/graphql/stream")
        client = httpx.AsyncClient()
        async with asyncio.timeout(SECONDS), client, client.stream(*request, json={"query": CHANGES}) as answer:
            async for part in answer.aiter_bytes():
                heard += part
                if heard.count(b":\n\n") > 3:
                    break
