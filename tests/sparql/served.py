"""A registry's reading half under a real server on a free port of this machine."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import HTTPConnection

from registry.access.principal import Principal
from registry.api.http import changes, problems, rdf, sparql
from registry.domain.change import Position
from registry.domain.releases.release import Release
from registry.log.feed import Feed
from registry.services.releases.ontologies import Ontologies
from registry.sparql.projection import Projection
from registry.sparql.service import Sparql
from registry.sparql.worker_pool import Limits
from registry.stores.open_mode import Access
from registry.stores.port import Record
from tests.principals import LOCAL
from tests.sparql.plant import opened


@dataclass
class Served:
    """The parts behind an address, and a client for it."""

    address: str
    http: httpx.Client
    record: Record
    projection: Projection
    feed: Feed
    checkpoints: Path

    def select(self, query: str, at_least: Position = 0) -> list[dict[str, str]]:
        """The rows of a SELECT, each variable's value as text."""
        headers = {"Registry-At-Least": str(at_least)}
        answer = self.http.get("/sparql", params={"query": query}, headers=headers)
        assert answer.status_code == 200, answer.text
        return [{name: term["value"] for name, term in row.items()} for row in answer.json()["results"]["bindings"]]


@contextlib.contextmanager
def serving(folder: Path, active: Release, limits: Limits = Limits()) -> Iterator[Served]:  # noqa: B008 - frozen
    """Serve the record of a folder until the block ends."""
    record = opened(folder)
    projection = Projection(folder / "projection", record, lambda: active)
    feed = Feed(record, poll_seconds=0.05)
    checkpoints = folder / "checkpoints"
    ontologies = Ontologies(record, active.modules, Access.WRITE)
    service = Sparql(projection, checkpoints, lambda: active, limits)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        projection.start()
        yield
        feed.close()
        await service.close()

    def authenticate(connection: HTTPConnection) -> Principal:
        return LOCAL

    routes = [
        *sparql.routes(service, authenticate),
        *rdf.routes(record, ontologies, authenticate),
        *changes.routes(record, feed, authenticate),
    ]
    app = Starlette(routes=routes, exception_handlers=problems.HANDLERS, lifespan=lifespan)
    with contextlib.closing(record), contextlib.closing(projection), socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=2))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.005)
            with httpx.Client(base_url=address, timeout=30) as http:
                yield Served(address, http, record, projection, feed, checkpoints)
        finally:
            server.should_exit = True
            thread.join()
