"""One document and a thousand subscribers over real sockets, beside what sends to them without a registry."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import uvloop

from tests.bench.crowd import Client, Crowd, cpu_seconds, resident_bytes
from tests.bench.fanout_peers import BROADCAST, STRAWBERRY, Peer
from tests.bench.load import request_bytes
from tests.bench.table import Row, row
from tests.endtoend.serving import ServingRegistry

SUBSCRIBERS = 1_000
EVENTS = 100
GAP_SECONDS = 0.05
ROUNDS = 3
STALLED_ALIASES = 95
STALLED_SUBSCRIPTIONS = 60
SECONDS = 30

WATCH = "subscription { changes { position cause added { object } } }"
_ALIASED = " ".join(f"a{number}: added {{ object subject }}" for number in range(STALLED_ALIASES))
HEAVY = f"subscription {{ changes {{ position {_ALIASED} }} }}"
REGISTER = """mutation { registerTwin(input: {iri: "urn:t", entity: {iri: "urn:e", class: ["CentrifugalPump"],
  name: "Pump", properties: [{property: "ratedFlow", value: 1.5}]}}) { position } }"""
PATCH = """mutation($value: Value!) {
  patchResource(iri: "urn:e", set: [{property: "rdfs:comment", value: $value}]) { position } }"""

Publish: TypeAlias = Callable[[str], Awaitable[object]]


@dataclass
class Figures:
    """What several rounds with one server came to: deliveries a second and core, and milliseconds."""

    per_core: list[float]
    half_ms: list[float]
    most_ms: list[float]
    bytes_each: float
    lost: int


def measured(folder: Path) -> list[Row]:
    """The rows of this part."""
    with Peer(BROADCAST) as peer:
        bare = uvloop.run(_broadcast(peer))
    with Peer(STRAWBERRY) as peer:
        stock = uvloop.run(_strawberry(peer))
    with ServingRegistry(folder) as registry:
        assert "errors" not in registry.ask(REGISTER)
        ours, stalled = uvloop.run(_registry(registry))
    limit, other = "websockets.broadcast, the same bytes", "strawberry's own handler"
    return [
        row("deliveries to 1,000 subscribers, for each core", ours.per_core, "/s", limit, bare.per_core),
        row("deliveries to 1,000 subscribers, for each core", ours.per_core, "/s", other, stock.per_core),
        row("from the request to half of 1,000 subscribers", ours.half_ms, "ms", limit, bare.half_ms),
        row("from the request to 99 % of 1,000 subscribers", ours.most_ms, "ms", limit, bare.most_ms),
        row("from the request to 99 % of 1,000 subscribers", ours.most_ms, "ms", other, stock.most_ms),
        row("the same beside one client that does not read", stalled.most_ms, "ms", "without", ours.most_ms),
        row("lost, repeated or out of order", [ours.lost + stalled.lost], "", limit, [bare.lost]),
        row("memory of a subscriber", [ours.bytes_each / 1e3], "kB", limit, [bare.bytes_each / 1e3]),
    ]


async def _registry(registry: ServingRegistry) -> tuple[Figures, Figures]:
    port = int(registry.address.rpartition(":")[2])
    publish = _posting(port, lambda value: request_bytes("/graphql", PATCH, value=value))
    crowd = Crowd(f"ws://127.0.0.1:{port}/graphql")
    alone = await _figures(crowd, registry.pid, {"query": WATCH}, publish, EVENTS)
    beside = await _rounds(crowd, registry.pid, publish, EVENTS, _Stalled)
    crowd.close()
    return alone, beside


async def _broadcast(peer: Peer) -> Figures:
    crowd, teller = Crowd(f"ws://127.0.0.1:{peer.port}/"), Crowd(f"ws://127.0.0.1:{peer.port}/")
    await teller.open(1, {})
    telling: Client = teller.clients[0]
    message = {"id": "subscription-00001", "type": "next", "payload": {"data": {"changes": {
        "position": 1234, "cause": "patchResource", "added": [{"object": "TIME"}]}}}}  # fmt: skip
    text = json.dumps(message, separators=(",", ":"))

    async def publish(value: str) -> None:
        # As with the others, one event is out before the next one is asked for.
        had = len(telling.times)
        telling.say(text.replace("TIME", value))
        while len(telling.times) == had:
            await asyncio.sleep(0.001)

    figures = await _figures(crowd, peer.pid, {}, publish, EVENTS)
    crowd.close()
    teller.close()
    return figures


async def _strawberry(peer: Peer) -> Figures:
    query = "query($value: String!) { publish(value: $value) }"
    publish = _posting(peer.port, lambda value: request_bytes("/", query, value=value))
    crowd = Crowd(f"ws://127.0.0.1:{peer.port}/")
    figures = await _figures(crowd, peer.pid, {"query": WATCH}, publish, EVENTS // 10)
    crowd.close()
    return figures


async def _figures(crowd: Crowd, pid: int, payload: object, publish: Publish, events: int) -> Figures:
    before = resident_bytes(pid)
    await crowd.open(SUBSCRIBERS, payload)
    while not all(client.times for client in crowd.clients):
        await publish(str(time.monotonic_ns()))
        await asyncio.sleep(1)
    bytes_each = (resident_bytes(pid) - before) / SUBSCRIBERS
    figures = await _rounds(crowd, pid, publish, events)
    figures.bytes_each = bytes_each
    return figures


async def _rounds(
    crowd: Crowd, pid: int, publish: Publish, events: int, beside: type[_Stalled] | None = None
) -> Figures:
    """Rounds of events as fast as they go, for what a delivery costs, and in peace, for how long it takes."""
    figures = Figures([], [], [], 0, 0)
    for _ in range(ROUNDS + 1):
        crowd.forget()
        start = cpu_seconds(pid)
        for _ in range(events):
            await publish(str(time.monotonic_ns()))
        figures.lost += await crowd.all_have(events, SECONDS) + crowd.out_of_order()
        figures.per_core.append(SUBSCRIBERS * events / (cpu_seconds(pid) - start))
        crowd.forget()
        stalled = await beside.open(crowd.address) if beside is not None else None
        for _ in range(events // 2):
            await publish(str(time.monotonic_ns()))
            await asyncio.sleep(GAP_SECONDS)
        figures.lost += await crowd.all_have(events // 2, SECONDS) + crowd.out_of_order()
        if stalled is not None:
            await stalled.told()
        half, most = crowd.late_ms(0.5, 0.99)
        figures.half_ms.append(half)
        figures.most_ms.append(most)
    return figures


class _Stalled:
    """A client that asks for much and reads nothing."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._client = crowd.clients[0]

    @classmethod
    async def open(cls, address: str) -> _Stalled:
        """Connect, subscribe several times, and stop to read."""
        crowd = Crowd(address)
        await crowd.open(1, {"query": HEAVY}, buffer_bytes=4_096)
        for number in range(STALLED_SUBSCRIPTIONS):
            crowd.clients[0].say({"id": str(number), "type": "subscribe", "payload": {"query": HEAVY}})
        crowd.clients[0].transport.pause_reading()
        return cls(crowd)

    async def told(self) -> None:
        """Read on, up to being told that this was too slow, or to the end where that was too late as well."""
        self._client.transport.resume_reading()
        async with asyncio.timeout(SECONDS):
            while b"SLOW_CONSUMER" not in self._client.tail and not self._client.closed:
                await asyncio.sleep(0.02)
        self._crowd.close()


def _posting(port: int, make: Callable[[str], bytes]) -> Publish:
    """Posts on one connection, each answer awaited."""
    streams: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def publish(value: str) -> None:
        if not streams:
            streams.append(await asyncio.open_connection("127.0.0.1", port))
        reader, writer = streams[0]
        writer.write(make(value))
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]))
        assert b'"errors"' not in body[:40], body[:400]

    return publish
