"""``/graphql/stream``: GraphQL over server-sent events, distinct connections mode.

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import orjson
from graphql import OperationType
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import Response, StreamingResponse

from registry.api.graphql.context import Context
from registry.api.graphql.contexts import Contexts
from registry.api.graphql.endpoint import request_from
from registry.api.graphql.errors import Answer, Refused, refusal
from registry.api.graphql.limits import Limits
from registry.api.graphql.operations import Operation, Operations
from registry.errors import BadInput, RegistryError

STREAM_TYPE = "text/event-stream"
COMPLETE = b"event: complete\ndata:\n\n"
KEEP_ALIVE = b":\n\n"


class Stream:
    """Answers one operation as a stream of events that ends with ``complete``.

    Each event of a subscription carries its position as ``id``. A browser that loses the connection asks again by
    itself and sends the last one as ``Last-Event-ID``: the stream then goes on behind it, without loss or repeat.
    """

    def __init__(self, operations: Operations, contexts: Contexts, limits: Limits) -> None:
        self._operations = operations
        self._contexts = contexts
        self._keep_alive_seconds = limits.keep_alive_seconds

    async def answer(self, request: HttpRequest) -> Response:
        """GET for queries and subscriptions, POST for everything."""
        context = self._contexts.of(request)
        context.resume_after = _last_event(request)
        asked = await request_from(request)
        try:
            operation = self._operations.prepare(asked)
            if request.method == "GET" and operation.kind is OperationType.MUTATION:
                raise HTTPException(405, "a mutation must be posted", {"allow": "POST"})
            content = self._with_keep_alive(self._events(operation, context))
        except (Refused, RegistryError) as fault:
            content = _refused(refusal(fault, context.request))
        headers = {"cache-control": "no-store", "x-accel-buffering": "no", "registry-request": context.request}
        return StreamingResponse(content, headers=headers, media_type=STREAM_TYPE)

    async def _events(self, operation: Operation, context: Context) -> AsyncIterator[bytes]:
        async for answer in self._operations.stream(operation, context):
            yield _next(answer, context.position)
        yield COMPLETE

    async def _with_keep_alive(self, events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The events, with a comment in each silence, so that nothing between here and the client gives up."""
        coming: asyncio.Task[bytes] | None = None
        yield KEEP_ALIVE  # The answer's head leaves at once, so that the client knows that it is heard.
        try:
            while True:
                coming = coming or asyncio.ensure_future(anext(events))
                done, _ = await asyncio.wait({coming}, timeout=self._keep_alive_seconds)
                if not done:
                    yield KEEP_ALIVE
                    continue
                event, coming = coming.result(), None
                yield event
        except StopAsyncIteration:
            return
        finally:
            if coming is not None:
                coming.cancel()


async def _refused(answer: Answer) -> AsyncIterator[bytes]:
    yield _next(answer, None)
    yield COMPLETE


def _next(answer: Answer, position: int | None) -> bytes:
    identity = b"" if position is None else b"id: %d\n" % position
    return b"event: next\n%sdata: %s\n\n" % (identity, orjson.dumps(answer, default=str))


def _last_event(request: HttpRequest) -> int | None:
    text = request.headers.get("last-event-id", "")
    if text and not (text.isdecimal() and len(text) < 19):
        raise BadInput(f"Last-Event-ID is a position of the log, not {text[:40]!r}", argument="Last-Event-ID")
    return int(text) if text else None
