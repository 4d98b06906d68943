"""``/graphql`` by WebSocket: graphql-transport-ws (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md)."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from enum import IntEnum
from typing import Any
from urllib.parse import urlsplit

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from registry.api.graphql.contexts import Contexts
from registry.api.graphql.errors import Answer, refusal
from registry.api.graphql.limits import Limits, too_large
from registry.api.graphql.operations import Operations, request_of
from registry.api.security import is_loopback

PROTOCOL = "graphql-transport-ws"


class Close(IntEnum):
    """Why the server ends a connection; numbers from the protocol, and 1009 from RFC 6455."""

    TOO_BIG = 1009
    INVALID_MESSAGE = 4400
    UNAUTHORISED = 4401
    FORBIDDEN = 4403
    NO_SUBPROTOCOL = 4406
    NO_GREETING = 4408
    ID_IN_USE = 4409
    GREETED_TWICE = 4429


class Closing(Exception):
    """Ends the connection with a code and a reason."""

    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class _Gone(Exception):
    """The connection has ended while something was sent; the receiving side ends everything."""


class Sockets:
    """Accepts connections and serves each until it ends."""

    def __init__(self, operations: Operations, contexts: Contexts, limits: Limits) -> None:
        self._operations = operations
        self._contexts = contexts
        self._limits = limits

    async def serve(self, websocket: WebSocket) -> None:
        """Serve one connection. Pages of another site are turned away: they could act in a visitor's name."""
        if not from_here(websocket.headers.get("origin"), websocket.headers.get("host", "")):
            await websocket.close(Close.FORBIDDEN)
            return
        if PROTOCOL not in websocket.scope.get("subprotocols", []):
            await websocket.accept()
            await websocket.close(Close.NO_SUBPROTOCOL, f"this server speaks {PROTOCOL}")
            return
        await websocket.accept(PROTOCOL)
        await _Connection(websocket, self._operations, self._contexts, self._limits).serve()


def from_here(origin: str | None, host: str) -> bool:
    """Whether a connection may come from a page of this origin; programs, which send none, may always connect."""
    if origin is None:
        return True
    page, server = urlsplit(origin), urlsplit(f"//{host}")
    return page.netloc == host or (is_loopback(page.hostname or "") and is_loopback(server.hostname or ""))


class _Connection:
    """One client: its greeting, its operations by id, and nothing queued for it.

    Each operation waits until its last message has left before it asks for the next one, so a client that does not
    read costs no memory and holds up no other; what it misses meanwhile it gets from the log.
    """

    def __init__(self, websocket: WebSocket, operations: Operations, contexts: Contexts, limits: Limits) -> None:
        self._websocket = websocket
        self._operations = operations
        self._contexts = contexts
        self._limits = limits
        self._running: dict[str, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        """Serve until either side ends the connection; whatever runs for it then ends too."""
        try:
            await self._greet()
            while True:
                await self._handle(await self._receive())
        except Closing as closing:
            with suppress(RuntimeError, WebSocketDisconnect):
                await self._websocket.close(closing.code, str(closing))
        except (WebSocketDisconnect, _Gone):
            pass
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _greet(self) -> None:
        """The client speaks first, and soon: an idle connection that never says what it wants is ended."""
        try:
            async with asyncio.timeout(self._limits.greeting_seconds):
                while (message := await self._receive())["type"] != "connection_init":
                    if message["type"] not in ("ping", "pong"):
                        raise Closing(Close.UNAUTHORISED, "Unauthorized")
                    await self._handle(message)
        except TimeoutError:
            raise Closing(Close.NO_GREETING, "Connection initialisation timeout") from None
        await self._send({"type": "connection_ack"})

    async def _receive(self) -> dict[str, Any]:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1000))
        content = message.get("text")
        if content is None:
            raise Closing(Close.INVALID_MESSAGE, "messages are JSON texts")
        if len(content) > self._limits.request_bytes:
            raise Closing(Close.TOO_BIG, f"a message may have {self._limits.request_bytes} bytes")
        try:
            decoded = orjson.loads(content)
        except orjson.JSONDecodeError:
            decoded = None
        if not isinstance(decoded, dict) or not isinstance(decoded.get("type"), str):
            raise Closing(Close.INVALID_MESSAGE, "a message is a JSON object with `type`")
        return decoded

    async def _handle(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "subscribe":
                await self._subscribe(_id(message), message.get("payload"))
            case "complete":
                task = self._running.pop(_id(message), None)
                if task is not None:
                    task.cancel()
            case "ping":
                await self._send({"type": "pong"})
            case "pong":
                pass
            case "connection_init":
                raise Closing(Close.GREETED_TWICE, "Too many initialisation requests")
            case unknown:
                raise Closing(Close.INVALID_MESSAGE, f"unknown message type {unknown[:40]!r}")

    async def _subscribe(self, identity: str, payload: object) -> None:
        if identity in self._running:
            raise Closing(Close.ID_IN_USE, f"Subscriber for {identity[:80]} already exists")
        if len(self._running) >= self._limits.subscriptions:
            limit = self._limits.subscriptions
            fault = too_large("the number of operations of this connection", limit + 1, limit, "end one first")
            await self._send({"id": identity, "type": "error", "payload": refusal(fault, "")["errors"]})
            return
        task = asyncio.create_task(self._run(identity, payload))
        self._running[identity] = task

    async def _run(self, identity: str, payload: object) -> None:
        """Run one operation to its end. After ``error`` or ``complete`` its id is free again."""
        last: dict[str, Any] = {"id": identity, "type": "complete"}
        request = ""
        try:
            context = self._contexts.of(self._websocket)
            request = context.request
            operation = self._operations.prepare(request_of(payload))
            async with aclosing(self._operations.stream(operation, context)) as answers:
                async for answer in answers:
                    if "data" not in answer:
                        last = _error(identity, answer)
                        break
                    await self._send({"id": identity, "type": "next", "payload": answer})
        except _Gone:
            return
        except Exception as fault:
            last = _error(identity, refusal(fault, request))
        if self._running.pop(identity, None) is not None:
            with suppress(_Gone):
                await self._send(last)

    async def _send(self, message: dict[str, Any]) -> None:
        try:
            await self._websocket.send_text(orjson.dumps(message, default=str).decode())
        except (WebSocketDisconnect, RuntimeError) as fault:
            raise _Gone from fault


def _id(message: dict[str, Any]) -> str:
    identity = message.get("id")
    if not isinstance(identity, str) or not identity:
        raise Closing(Close.INVALID_MESSAGE, "the message needs an `id`")
    return identity


def _error(identity: str, answer: Answer) -> dict[str, Any]:
    return {"id": identity, "type": "error", "payload": answer["errors"]}
