"""What one answer costs the server in processor time, beside the stock executor and beside plain bytes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message

from registry.api.graphql.serve import documents
from registry.app.application import create_app
from registry.app.core import open_registry
from registry.garbage import settle
from registry.settings import Settings
from tests.bench.served import LINKED, LIST, PATCH, READ, REGISTER, TWINS, registrations
from tests.bench.table import Row, cpu_microseconds, row

NEVER = 10**9
TYPED = """{ pumps(first: 100) { edges { node { iri name ratedFlow ratedPower serialNumber
  twin { iri state { name } } } } } }"""


def measured(folder: Path) -> list[Row]:
    """The rows of this part."""
    with closing(open_registry(Settings(data=folder))) as registry, asyncio.Runner() as runner:
        asking = _Asking(create_app(registry), runner)
        for start in range(0, TWINS, 100):
            asking.ask(REGISTER, commands=registrations(start, start + 100))
        halls = [{"registerTwin": {"entity": {"iri": f"urn:h:{n}", "class": ["Facility"], "name": f"Hall {n}"}}}
                 for n in range(5)]  # fmt: skip
        asking.ask(REGISTER, commands=halls)
        for n in range(0, TWINS, 10):
            asking.ask(REGISTER, commands=[
                {"link": {"subject": f"urn:e:{n + k}", "predicate": "locatedIn", "object": f"urn:h:{h}"}}
                for k in range(10) for h in range(5)
            ])  # fmt: skip
        settle()  # As a serving process does before it answers.
        return list(_rows(asking))


def _rows(asking: _Asking) -> Iterator[Row]:
    for name, count, query, values in (
        ("one twin with its entity", 200, READ, {"iri": "urn:t:1"}),
        ("100 twins with their entities", 10, LIST, {}),
        ("100 pumps with five links each", 10, LINKED, {}),
        ("100 pumps with their twins, in the model's words", 10, TYPED, {}),
    ):
        ours = cpu_microseconds(asking.times(count, query, values))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(documents, "COMPILED_AT", NEVER)
            stock = cpu_microseconds(asking.times(max(3, count // 10), query, values))
        plain = _Asking(_plain(asking.ask(query, **values)), asking.runner)
        bytes_alone = cpu_microseconds(plain.times(count, query, values))
        title = f"in the server: {name}"
        yield row(title, ours, "µs CPU", "strawberry's own executor", stock)
        yield row(title, ours, "µs CPU", "Starlette + orjson, the same bytes", bytes_alone)
    number = iter(range(10**9))

    def patches() -> int:
        for _ in range(100):
            asking.ask(PATCH, iri=f"urn:e:{next(number) % TWINS}", value=1 + next(number) % 9_000 / 8)
        return 100

    yield row("in the server: a checked, durable patch alone", cpu_microseconds(patches), "µs CPU")


class _Asking:
    """Requests to an application in this process, without a socket."""

    def __init__(self, app: ASGIApp, runner: asyncio.Runner) -> None:
        self._app = app
        self.runner = runner

    def times(self, count: int, query: str, values: dict[str, Any]) -> Callable[[], int]:
        """Work that asks the same so many times."""

        async def all_of_them() -> None:
            for _ in range(count):
                await self._answer(query, values)

        def work() -> int:
            self.runner.run(all_of_them())
            return count

        return work

    def ask(self, query: str, **values: Any) -> bytes:
        """The answer. An error is a fault of the bench."""
        answer = self.runner.run(self._answer(query, values))
        assert b'"errors"' not in answer[:40], answer[:400]
        return answer

    async def _answer(self, query: str, values: dict[str, Any]) -> bytes:
        body = json.dumps({"query": query, "variables": values}).encode()
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
            "path": "/graphql", "raw_path": b"/graphql", "query_string": b"", "root_path": "", "state": {},
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
            "headers": [(b"host", b"localhost"), (b"content-type", b"application/json"),
                        (b"content-length", str(len(body)).encode())],
        }  # fmt: skip
        answered: list[bytes] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            answered.append(message.get("body", b""))

        await self._app(scope, receive, send)
        return b"".join(answered)


def _plain(content: bytes) -> Starlette:
    decoded = orjson.loads(content)

    async def answer(request: Request) -> Response:
        await request.body()
        return Response(orjson.dumps(decoded), media_type="application/json")

    return Starlette(routes=[Route("/graphql", answer, methods=["POST"])])
