"""How long point reads and patches take while heavy SPARQL queries run, and beside writes of 1,000 commands each."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.bench.served import PATCH, READ, REGISTER, TWINS, fill, registrations
from tests.bench.table import Row, row
from tests.endtoend.serving import ServingRegistry

HEAVY = "SELECT (COUNT(*) AS ?n) WHERE { ?a a ?c . ?b a ?c . ?x a ?c }"
QUERIES, READS, ROUNDS = 4, 400, 4
MORE = 800
COMMANDS = 1_000
FALSE_START_SECONDS = 1.0


def measured(folder: Path) -> list[Row]:
    """The rows of this part."""
    with ServingRegistry(folder, environment={"REGISTRY_SPARQL_SECONDS": "120"}) as registry:
        fill(registry)
        for start in range(TWINS, TWINS + MORE, 100):
            registry.ask(REGISTER, commands=registrations(start, start + 100))
        alone, beside = asyncio.run(_both(registry.address))
        writes = asyncio.run(_beside_writes(registry.address))
    title = f"point read over GraphQL while {QUERIES} heavy SPARQL queries run"
    return [
        row(f"{title}, p50", [_at(found, 50) for found in beside], "ms", "alone", [_at(found, 50) for found in alone]),
        row(f"{title}, p99", [_at(found, 99) for found in beside], "ms", "alone", [_at(found, 99) for found in alone]),
        *(
            row(f"{what} beside `apply` of {COMMANDS:,}, p{percent}", [_at(found, percent) for found in beside], "ms",
                "alone", [_at(found, percent) for found in alone])
            for what, (alone, beside) in writes.items() for percent in (50, 99)
        ),
    ]  # fmt: skip


async def _beside_writes(address: str) -> dict[str, tuple[list[list[float]], list[list[float]]]]:
    """Point reads and single patches, alone and while one client writes 1,000 commands at a time."""
    async with httpx.AsyncClient(base_url=address, timeout=None) as client:
        kinds = {"point read": _reads, "single patch": _patches}
        alone = {name: [await work(client) for _ in range(ROUNDS)] for name, work in kinds.items()}
        writing = asyncio.create_task(_writing(client))
        await asyncio.sleep(FALSE_START_SECONDS)
        beside = {name: [await work(client) for _ in range(ROUNDS)] for name, work in kinds.items()}
        assert not writing.done(), "the large writes came to an end too soon"
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    return {name: (alone[name], beside[name]) for name in kinds}


async def _writing(client: httpx.AsyncClient) -> None:
    for number in itertools.count():
        commands = [
            {"patchResource": {"iri": f"urn:e:{TWINS + n % MORE}",
                               "set": [{"property": "ratedPower", "value": 1 + (number + n // MORE) % 50}]}}
            for n in range(COMMANDS)
        ]  # fmt: skip
        answer = await client.post("/graphql", json={"query": REGISTER, "variables": {"commands": commands}})
        assert "errors" not in answer.json(), answer.text


async def _patches(client: httpx.AsyncClient) -> list[float]:
    found = []
    for number in range(READS):
        start = time.perf_counter()
        variables = {"iri": f"urn:e:{number % TWINS}", "value": 1 + next(_values) % 997}
        answer = await client.post("/graphql", json={"query": PATCH, "variables": variables})
        found.append((time.perf_counter() - start) * 1e3)
        assert "errors" not in answer.json(), answer.text
    return found


_values = itertools.count()


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
