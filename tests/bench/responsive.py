"""How long point reads take while heavy SPARQL queries run in processes of their own."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.bench.served import READ, REGISTER, TWINS, fill, registrations
from tests.bench.table import Row, row
from tests.endtoend.serving import ServingRegistry

HEAVY = "SELECT (COUNT(*) AS ?n) WHERE { ?a a ?c . ?b a ?c . ?x a ?c }"
QUERIES, READS, ROUNDS = 4, 400, 4
MORE = 800
FALSE_START_SECONDS = 1.0


def measured(folder: Path) -> list[Row]:
    """The rows of this part."""
    with ServingRegistry(folder, environment={"REGISTRY_SPARQL_SECONDS": "120"}) as registry:
        fill(registry)
        for start in range(TWINS, TWINS + MORE, 100):
            registry.ask(REGISTER, commands=registrations(start, start + 100))
        alone, beside = asyncio.run(_both(registry.address))
    title = f"point read over GraphQL while {QUERIES} heavy SPARQL queries run"
    return [
        row(f"{title}, p50", [_at(found, 50) for found in beside], "ms", "alone", [_at(found, 50) for found in alone]),
        row(f"{title}, p99", [_at(found, 99) for found in beside], "ms", "alone", [_at(found, 99) for found in alone]),
    ]


async def _both(address: str) -> tuple[list[list[float]], list[list[float]]]:
    async with httpx.AsyncClient(base_url=address, timeout=None) as client:
        alone = [await _reads(client) for _ in range(ROUNDS)]
        async with _busy(client):
            beside = [await _reads(client) for _ in range(ROUNDS)]
    return alone, beside


@asynccontextmanager
async def _busy(client: httpx.AsyncClient) -> AsyncIterator[None]:
    """Queries that go on as long as the block does."""
    running = [asyncio.create_task(_again_and_again(client)) for _ in range(QUERIES)]
    await asyncio.sleep(FALSE_START_SECONDS)
    yield
    assert not any(one.done() for one in running), "a heavy query came to an end too soon"
    for one in running:
        one.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def _again_and_again(client: httpx.AsyncClient) -> None:
    while True:
        answer = await client.post(
            "/sparql", content=HEAVY, headers={"content-type": "application/sparql-query", "accept": "text/csv"}
        )
        assert answer.status_code == 200, answer.text


async def _reads(client: httpx.AsyncClient) -> list[float]:
    """The milliseconds of each of some reads, one after the other."""
    found = []
    for number in itertools.islice(itertools.cycle(range(TWINS)), READS):
        start = time.perf_counter()
        answer = await client.post("/graphql", json={"query": READ, "variables": {"iri": f"urn:t:{number}"}})
        found.append((time.perf_counter() - start) * 1e3)
        assert answer.status_code == 200
    return found


def _at(samples: Sequence[float], percent: int) -> float:
    return statistics.quantiles(samples, n=100)[percent - 1]
