"""``/graphql/stream``: GraphQL over server-sent events, distinct connections mode.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from graphql import OperationType
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from registry.api.graphql.fixed.context import Context
from registry.api.graphql.fixed.errors import Answer, Refused, refusal
from registry.api.graphql.serve.contexts import Contexts
from registry.api.graphql.serve.endpoint import request_from
from registry.api.graphql.serve.limits import Limits
from registry.api.graphql.serve.operations import Operation, Operations
from registry.api.graphql.stream.client_queue import Gone, Outbox
from registry.api.graphql.stream.execution import Event
from registry.api.graphql.stream.sharing import Hub
from registry.api.json_text import json_bytes
from registry.domain.change import Position
from registry.errors import BadInput, RegistryError, SlowConsumer

STREAM_TYPE = "text/event-stream"
COMPLETE = b"event: complete\ndata:\n\n"
KEEP_ALIVE = b":\n\n"


class Stream:
    """Answers one operation as a stream of events that ends with ``complete``.

    Each event of a subscription carries its position as ``id``. A browser that loses the connection, also because the
    server stops, asks again by itself and sends the last one as ``Last-Event-ID``: the stream then goes on behind it,
    without loss or repeat.
    """

    def __init__(self, operations: Operations, hub: Hub, contexts: Contexts, limits: Limits) -> None:
        self._operations = operations
        self._hub = hub
        self._contexts = contexts
        self._limits = limits

    async def answer(self, request: HttpRequest) -> Response:
        """GET for queries and subscriptions, POST for everything."""
        context = self._contexts.of(request)
        context.resume_after = _last_event(request)
        asked = await request_from(request, self._limits)
        headers = {"cache-control": "no-store", "x-accel-buffering": "no", "registry-request": context.request}
        try:
            operation = await self._operations.prepare(asked)
            if request.method == "GET" and operation.kind is OperationType.MUTATION:
                raise HTTPException(405, "a mutation must be posted", {"allow": "POST"})
            if operation.kind is OperationType.SUBSCRIPTION:
                return _Subscription(self._hub, operation, context, self._limits, headers)
            answer = await self._operations.run(operation, context)
        except (Refused, RegistryError) as fault:
            answer = refusal(fault, context.request)
        return Response(_next(answer) + COMPLETE, headers=headers, media_type=STREAM_TYPE)


class _Subscription(Response):
    """One subscription and the stream that is its own."""

    media_type = STREAM_TYPE

    def __init__(
        self, hub: Hub, operation: Operation, context: Context, limits: Limits, headers: Mapping[str, str]
    ) -> None:
        self.status_code = 200
        self.background = None
        self.init_headers(headers)
        self._hub = hub
        self._operation = operation
        self._context = context
        self._limits = limits
        self.position: Position = 0
        self._told = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the subscription ends, the client goes, or it has not heard for too long that it is too slow."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        self._outbox = Outbox(send, self._limits.waiting_bytes, self._too_slow)
        self._following = asyncio.create_task(self._follow())
        tasks = [self._following, asyncio.create_task(self._keep_alive()), asyncio.create_task(_hung_up(receive))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if self._outbox.closed:
                await self._outbox.emptied(self._limits.closing_seconds)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._outbox.end()

    def post(self, event: Event) -> None:
        self._outbox.post(self, event)

    async def deliver(self, event: Event) -> None:
        await self._outbox.deliver(self, event)

    def message(self, event: Event) -> Message:
        """The event as bytes, which are the same for all who are told it by a stream."""
        self._told += 1
        return _body(event.streamed)

    async def _follow(self) -> None:
        try:
            # The answer's head leaves at once, so that the client knows that it is heard.
            await self._outbox.send(_body(KEEP_ALIVE))
            following = self._hub.follow(self._operation, self._context, self)
            del self._operation, self._context  # Held while it follows, these would weigh more than all else.
            ended = await following
            # Where the server stops, an id without data is no event: a browser takes it as where to go on.
            farewell = b"id: %d\n\n" % self.position if ended is None else _next(ended) + COMPLETE
            await self._outbox.send(_body(farewell, more=False))
        except Gone:
            return

    async def _keep_alive(self) -> None:
        """A comment in each silence, so that nothing between here and the client gives up."""
        while True:
            told = self._told
            await asyncio.sleep(self._limits.keep_alive_seconds)
            if told == self._told:
                await self._outbox.send(_body(KEEP_ALIVE))

    def _too_slow(self) -> None:
        def told() -> Message:
            fault = SlowConsumer(self.position, self._limits.waiting_bytes)
            return _body(_next(refusal(fault, "")) + COMPLETE, more=False)

        self._outbox.dismiss(told)
        self._following.cancel()


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _body(content: bytes, more: bool = True) -> Message:
    return {"type": "http.response.body", "body": content, "more_body": more}


def _next(answer: Answer) -> bytes:
    return b"event: next\ndata: %s\n\n" % json_bytes(answer)


def _last_event(request: HttpRequest) -> int | None:
    text = request.headers.get("last-event-id", "")
    if text and not (text.isdecimal() and len(text) < 19):
        raise BadInput(f"Last-Event-ID is a position of the log, not {text[:40]!r}", argument="Last-Event-ID")
    return int(text) if text else None
