"""``/graphql`` by WebSocket: graphql-transport-ws (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from enum import IntEnum
from functools import partial
from typing import Any

from graphql import OperationType
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from registry.api.graphql.fixed.errors import Answer, refusal
from registry.api.graphql.serve.contexts import Contexts
from registry.api.graphql.serve.json_input import decoded
from registry.api.graphql.serve.limits import Limits, too_large
from registry.api.graphql.serve.operations import Operations, request_of
from registry.api.graphql.stream.client_queue import AT_ONCE, Gone, Outbox, has_to_wait
from registry.api.graphql.stream.execution import Event
from registry.api.graphql.stream.sharing import Hub
from registry.api.json_text import json_bytes
from registry.domain.change import Position
from registry.errors import BadInput, SlowConsumer, TooLarge

PROTOCOL = "graphql-transport-ws"


class Close(IntEnum):
    """Why the server ends a connection; numbers from the protocol, and 10xx from RFC 6455 and its registry."""

    TOO_BIG = 1009
    RESTARTING = 1012
    TRY_AGAIN = 1013
    INVALID_MESSAGE = 4400
    UNAUTHORISED = 4401
    NO_SUBPROTOCOL = 4406
    NO_GREETING = 4408
    ID_IN_USE = 4409
    GREETED_TWICE = 4429


class Closing(Exception):
    """Ends the connection with a code and a reason."""

    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Sockets:
    """The ASGI application of the WebSocket: accepts connections and serves each until it ends."""

    def __init__(self, operations: Operations, hub: Hub, contexts: Contexts, limits: Limits) -> None:
        self._operations = operations
        self._hub = hub
        self._contexts = contexts
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        websocket = WebSocket(scope, receive, send)
        if PROTOCOL not in websocket.scope.get("subprotocols", []):
            await websocket.accept()
            await websocket.close(Close.NO_SUBPROTOCOL, f"this server speaks {PROTOCOL}")
            return
        await websocket.accept(PROTOCOL)
        await _Connection(websocket, send, self._operations, self._hub, self._contexts, self._limits).serve()


class _Subscription:
    """One subscription of a connection: the client's id for it, and how far it has come."""

    def __init__(self, identity: str, outbox: Outbox) -> None:
        self._before = f'{{"id":{json_bytes(identity).decode()},"type":"next","payload":'
        self._outbox = outbox
        self._ended = False
        self.position: Position = 0

    def post(self, event: Event) -> None:
        if not self._ended:
            self._outbox.post(self, event)

    def end(self) -> None:
        """Tell the client no more, not even what waits for it: it ended the subscription itself."""
        self._ended = True
        self._outbox.forget(self)

    async def deliver(self, event: Event) -> None:
        await self._outbox.deliver(self, event)

    def message(self, event: Event) -> Message:
        """The bytes that all share, between those that only this client gets."""
        return {"type": "websocket.send", "text": f"{self._before}{event.text}}}"}


class _Connection:
    """One client: its greeting, its operations by id, and what waits for it."""

    def __init__(
        self, websocket: WebSocket, send: Send, operations: Operations, hub: Hub, contexts: Contexts, limits: Limits
    ) -> None:
        self._websocket = websocket
        self._operations = operations
        self._hub = hub
        self._contexts = contexts
        self._limits = limits
        self._running: dict[str, asyncio.Task[None]] = {}
        self._subscriptions: dict[str, _Subscription] = {}
        self._stopped: list[_Subscription] = []
        at_once = websocket.scope.get("extensions", {}).get(AT_ONCE, has_to_wait)
        self._outbox = Outbox(send, limits.waiting_bytes, self._too_slow, at_once)
        self._patience = asyncio.timeout(None)

    async def serve(self) -> None:
        """Serve until either side ends the connection; whatever runs for it then ends too."""
        try:
            async with self._patience:
                await self._greet()
                while True:
                    message = await self._receive()
                    if not self._outbox.closed:
                        await self._handle(message)
        except Closing as closing:
            self._outbox.dismiss(partial(_closed, closing.code, str(closing)))
            await self._outbox.emptied(self._limits.closing_seconds)
        except (WebSocketDisconnect, Gone, TimeoutError):
            pass
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)
            await self._outbox.end()

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
        received = await self._websocket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", 1000))
        content = received.get("text")
        if content is None:
            raise Closing(Close.INVALID_MESSAGE, "messages are JSON texts")
        if len(content) > self._limits.request_bytes:
            raise Closing(Close.TOO_BIG, f"a message may have {self._limits.request_bytes} bytes")
        try:
            message = decoded(content, self._limits, "the message")
        except TooLarge as fault:
            raise Closing(Close.TOO_BIG, fault.message) from fault
        except BadInput:
            message = None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise Closing(Close.INVALID_MESSAGE, "a message is a JSON object with `type`")
        return message

    async def _handle(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "subscribe":
                await self._subscribe(_id(message), message.get("payload"))
            case "complete":
                task = self._running.pop(_id(message), None)
                if task is not None:
                    task.cancel()
                subscription = self._subscriptions.pop(_id(message), None)
                if subscription is not None:
                    subscription.end()
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
        last: dict[str, Any]
        request = ""
        try:
            context = self._contexts.of(self._websocket)
            request = context.request
            operation = await self._operations.prepare(request_of(payload))
            if operation.kind is OperationType.SUBSCRIPTION:
                subscription = self._subscriptions[identity] = _Subscription(identity, self._outbox)
                following = self._hub.follow(operation, context, subscription)
                del operation, context, payload  # Held while it follows, these would weigh more than all else.
                ended = await following
                if ended is None:
                    self._stop(identity, subscription)
                    return
                last = _error(identity, ended)
            else:
                answer = await self._operations.run(operation, context)
                if "data" in answer:
                    await self._send({"id": identity, "type": "next", "payload": answer})
                    last = {"id": identity, "type": "complete"}
                else:
                    last = _error(identity, answer)
        except Gone:
            return
        except Exception as fault:
            last = _error(identity, refusal(fault, request))
        self._subscriptions.pop(identity, None)
        if self._running.pop(identity, None) is not None:
            with suppress(Gone):
                await self._send(last)

    def _stop(self, identity: str, subscription: _Subscription) -> None:
        """The server stops. After the last subscription the client hears where all of them can go on."""
        self._running.pop(identity, None)
        self._subscriptions.pop(identity, None)
        self._stopped.append(subscription)
        if self._running:
            return

        def farewell() -> Message:
            position = min(stopped.position for stopped in self._stopped)
            return _closed(Close.RESTARTING, f"the registry stops: go on after position {position}")

        self._outbox.dismiss(farewell)
        self._patience.reschedule(asyncio.get_running_loop().time() + self._limits.closing_seconds)

    def _too_slow(self) -> None:
        """Tell a client that does not read where to go on, if it ever does, and that it is shown out."""

        def told(identity: str, subscription: _Subscription) -> Message:
            fault = SlowConsumer(subscription.position, self._limits.waiting_bytes)
            return _message(_error(identity, refusal(fault, "")))

        errors = (partial(told, *one) for one in self._subscriptions.items())
        self._outbox.dismiss(*errors, partial(_closed, Close.TRY_AGAIN, SlowConsumer.code))
        for task in self._running.values():
            task.cancel()
        self._patience.reschedule(asyncio.get_running_loop().time() + self._limits.closing_seconds)

    async def _send(self, message: dict[str, Any]) -> None:
        await self._outbox.send(_message(message))


def _closed(code: Close, reason: str) -> Message:
    return {"type": "websocket.close", "code": code, "reason": reason}


def _message(message: dict[str, Any]) -> Message:
    return {"type": "websocket.send", "text": json_bytes(message).decode()}


def _id(message: dict[str, Any]) -> str:
    identity = message.get("id")
    if not isinstance(identity, str) or not identity:
        raise Closing(Close.INVALID_MESSAGE, "the message needs an `id`")
    return identity


def _error(identity: str, answer: Answer) -> dict[str, Any]:
    return {"id": identity, "type": "error", "payload": answer["errors"]}
