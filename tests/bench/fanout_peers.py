"""What fan-out is measured beside: bare ``websockets.broadcast``, and strawberry's own handler."""

from __future__ import annotations

import subprocess
import sys
from types import TracebackType

BROADCAST = """
import asyncio, sys, uvloop
from websockets.asyncio.server import broadcast, serve
everybody = set()
async def handle(connection):
    await connection.recv()
    await connection.send('{"type":"connection_ack"}')
    await connection.recv()
    everybody.add(connection)
    try:
        async for text in connection:
            broadcast(everybody, text)
    finally:
        everybody.discard(connection)
async def main():
    async with serve(
        handle, "127.0.0.1", 0, subprotocols=["graphql-transport-ws"], compression=None, ping_interval=None
    ) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()
uvloop.run(main())
"""
"""The first message of a client is its greeting, the second one its subscription, and each further one is for all."""

STRAWBERRY = """
import asyncio, socket, sys, strawberry, uvicorn
from typing import AsyncGenerator
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
queues = set()
@strawberry.type
class Statement:
    object: str
@strawberry.type
class Change:
    position: int
    cause: str
    added: list[Statement]
@strawberry.type
class Query:
    @strawberry.field
    def publish(self, value: str) -> bool:
        change = Change(position=1, cause="patchResource", added=[Statement(object=value)])
        for queue in queues:
            queue.put_nowait(change)
        return True
@strawberry.type
class Subscription:
    @strawberry.subscription
    async def changes(self, after: int | None = None) -> AsyncGenerator[Change, None]:
        queue = asyncio.Queue()
        queues.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            queues.discard(queue)
schema = strawberry.Schema(Query, subscription=Subscription, extensions=[ParserCache, ValidationCache])
app = GraphQL(schema, subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL])
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(1024)
print(listener.getsockname()[1], flush=True)
config = uvicorn.Config(app, log_level="error", ws="websockets-sansio", ws_per_message_deflate=False)
uvicorn.Server(config).run(sockets=[listener])
"""
"""The same subscription, executed for each subscriber, with the caches that strawberry offers."""


class Peer:
    """A server in a process of its own, on a free port, for as long as a ``with`` block."""

    def __init__(self, source: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", source], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self.pid = self._process.pid

    def __enter__(self) -> Peer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()
