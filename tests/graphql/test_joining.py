"""Whoever comes, wherever it begins and whatever others do: everything behind its position, once and in order."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.api.graphql.stream import execution as channel
from registry.api.graphql.stream import sharing as hub
from tests.graphql.conftest import REGISTER
from tests.graphql.server import Server
from tests.graphql.test_fanout import CHANGES, connected, subscribe

SECONDS = 120
CLIENTS = 30
WRITES = 60
APPLY = """mutation ($a: Value!, $b: Value!) { apply(commands: [
    { patchResource: { iri: "urn:e:a", set: [{ property: "ratedFlow", value: $a }] } }
    { patchResource: { iri: "urn:e:b", set: [{ property: "ratedFlow", value: $b }] } } ]) { position } }"""
TWINS = """subscription ($after: Position) { twinChanged(after: $after) {
    iri change { position } twin { entity { properties(names: ["ratedFlow"]) { value } } } } }"""
PUMPS = "subscription ($after: Position) { pumpChanged(after: $after) { iri pump { ratedFlow } change { position } } }"
ONE = 'subscription ($after: Position) { changes(after: $after, filter: {iri: ["urn:e:b"]}) { position } }'


@pytest.fixture(params=["as it is", "hardly anything kept"])
def server(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server with two pumps; once with so little kept for latecomers that they have to come by themselves."""
    if request.param != "as it is":
        monkeypatch.setattr(channel, "RECENT_BYTES", 150)
        monkeypatch.setattr(channel, "TOLD_AT_ONCE", 1)
        monkeypatch.setattr(hub, "MOST_BEHIND", 2)
    with Server(tmp_path) as running:
        for name in ("a", "b"):
            running.data(REGISTER, twin=f"urn:t:{name}", entity=f"urn:e:{name}", **{"class": "Pump"},
                         properties={"property": "ratedFlow", "value": 1})  # fmt: skip
        yield running


def places(message: dict[str, Any]) -> tuple[int, str]:
    """What an event is about: its position, and the resource where it names one."""
    (told,) = message["data"].values()
    return told.get("position") or told["change"]["position"], told.get("iri", "")


@pytest.mark.parametrize("query", [CHANGES, TWINS, PUMPS, ONE])
async def test_everything_comes_once_wherever_a_client_begins(server: Server, query: str) -> None:
    chance = random.Random(7)
    known, final = [0], 2 + WRITES
    names = ["urn:t:a", "urn:t:b"] if query is TWINS else ["urn:e:a", "urn:e:b"] if query is PUMPS else [""]

    async def write() -> None:
        for number in range(WRITES):
            answer = await asyncio.to_thread(server.data, APPLY, a=number + 2, b=number + 2)
            known.append(answer["apply"]["position"])

    async def told() -> tuple[int, list[tuple[int, str]]]:
        await asyncio.sleep(chance.uniform(0, 1.5))
        after = chance.choice(known[-3:] if chance.random() < 0.7 else known)
        heard: list[tuple[int, str]] = []
        async with connected(server) as ws:
            await subscribe(ws, "x", query, after=after)
            while after < final and (final, names[-1]) not in heard[-1:]:
                heard.append(places(json.loads(await ws.recv())["payload"]))
        return after, heard

    async with asyncio.timeout(SECONDS):
        writing = asyncio.create_task(write())
        everyone = await asyncio.gather(*(told() for _ in range(CLIENTS)))
        await writing
    for after, heard in everyone:
        assert heard == [
            (position, name)
            for position in range(after + 1, final + 1)
            for name in (names if position > 2 or names == [""] else [names[position - 1]])
            if query is not ONE or position != 1
        ]
