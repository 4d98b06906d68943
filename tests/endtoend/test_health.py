"""Readiness: what a load balancer goes by."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

import httpx
from starlette.applications import Starlette

from registry.api.graphql.serve.operations import Counts
from registry.api.http import health
from registry.app.core import open_registry
from registry.services.disk import Disk
from registry.services.transfer.importer import ImportOptions
from registry.settings import Settings
from tests.principals import LOCAL

PUMP = """<urn:e> a <https://w3id.org/semantic-twins/plant#Pump> ;
    <http://www.w3.org/2000/01/rdf-schema#label> "Pump" ;
    <https://w3id.org/semantic-twins/plant#ratedFlow> 12.5 .
"""


async def test_a_registry_is_not_ready_before_sparql_has_anything_to_ask(tmp_path: Path) -> None:
    file, loop = tmp_path / "pump.ttl", asyncio.get_running_loop()
    file.write_text(PUMP)
    with closing(open_registry(Settings(data=tmp_path / "data"))) as registry:
        assert registry.transfer.import_files(LOCAL, [file], ImportOptions()).stored == 1
    with closing(open_registry(Settings(data=tmp_path / "data"))) as registry:
        writer, projection = registry.writer, registry.projection
        assert writer is not None
        assert projection is not None
        disk = Disk(tmp_path / "data", tmp_path / "data" / "registry.db", 1)
        routes = health.routes(registry.record, writer, projection, registry.ontologies.active, Counts(), disk)
        transport = httpx.ASGITransport(Starlette(routes=routes))
        async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
            during: list[str] = []

            def look(done: int, total: int) -> None:
                during.extend(asyncio.run_coroutine_threadsafe(client.get("/ready"), loop).result().json()["reasons"])

            before = await client.get("/ready")
            await asyncio.to_thread(projection.rebuild, look)
            after = await client.get("/ready")
            metrics = dict(line.rsplit(" ", 1) for line in (await client.get("/metrics")).text.splitlines())
    assert before.status_code == 503
    assert before.json()["reasons"] == ["the projection is being built: SPARQL answers when it is done"]
    assert during == ["the projection is being built (1 of 1 resources): SPARQL answers when it is done"]
    assert after.status_code == 200
    assert after.json() == {"status": "ready", "reasons": []}
    for name in ("record", "projection", "free"):
        assert int(metrics[f"registry_{name}_bytes"]) > 0
