"""HTTP as uvicorn serves it, with what it leaves out: a time for heads and bodies to arrive in, and a bound of
connections.

Whoever sends a head byte by byte, or a body, holds a connection and with it a descriptor of the process (a slow-head
attack), and a process without descriptors answers nobody. So a head has a time, a body a least speed, an answer has to
be read, and where all places are taken the connection that has waited longest without asking anything makes room.
"""

from __future__ import annotations

import asyncio
import resource
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LEAST_BYTES_PER_SECOND = 1_000
"""A body that comes more slowly than this is cut off; a modem brought five times as much."""

UNREAD_SECONDS = 60.0
"""So long a client may read nothing of an answer that waits for it."""

HEAD_BYTES = 65_536
OWN_DESCRIPTORS = 256
"""What the record, the projection, workers, helpers and a backup open beside connections."""

MOST_CONNECTIONS = 20_000
_REFUSALS = {
    408: (b"408 Request Timeout", "the request did not arrive in time: send it faster"),
    431: (b"431 Request Header Fields Too Large", f"the head of a request may have {HEAD_BYTES:,} bytes"),
    503: (b"503 Service Unavailable", "all connections are in use: come back"),
}
_CODES = {408: "BAD_INPUT", 431: "QUERY_TOO_LARGE", 503: "STORE_UNAVAILABLE"}


def room_for_connections(wanted: int) -> int:
    """How many connections the process may hold: as many as wanted, or as its descriptors allow where that is less.

    The soft limit of descriptors is raised as far as the hard one lets it; ``wanted`` 0 asks for what fits.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    aim = MOST_CONNECTIONS + OWN_DESCRIPTORS if hard == resource.RLIM_INFINITY else hard
    aim = min(aim, MOST_CONNECTIONS + OWN_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < aim:
        resource.setrlimit(resource.RLIMIT_NOFILE, (aim, hard))
        soft = aim
    free = MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else max(16, soft - OWN_DESCRIPTORS)
    return min(wanted, free) if wanted else min(free, MOST_CONNECTIONS)


@dataclass(slots=True)
class Bounds:
    """What all connections of a server share. ``asking_nothing`` are those between requests, the oldest first."""

    connections: int
    head_seconds: float
    asking_nothing: OrderedDict[BoundedHttp, None] = field(default_factory=OrderedDict)


class BoundedHttp(HttpToolsProtocol):
    """One connection. It is between requests, takes a head, takes a body, or waits for its answer."""

    def __init__(self, bounds: Bounds, **given: Any) -> None:
        super().__init__(**given)
        self._bounds = bounds
        self._head: asyncio.TimerHandle | None = None
        self._body: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._is_ours = True
        self._is_body_due = False
        self._head_bytes = 0
        self._body_bytes = 0
        self._body_since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, if need be in the place of one that asks nothing."""
        super().connection_made(transport)
        bounds = self._bounds
        if len(self.connections) > bounds.connections:
            if not bounds.asking_nothing:
                self._refuse(503)
                return
            longest, _ = bounds.asking_nothing.popitem(last=False)
            longest.transport.abort()
            self.connections.discard(longest)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget its timers with it."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what a client sends, as long as it is on time.

        Most requests come whole, in one piece: a clock is started only for a head or a body of which a part is missing.
        """
        super().data_received(data)
        if not self._is_ours or self.transport.is_closing():
            return
        if self._is_idle():
            if self._head is None:
                self._expect_head()
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._refuse(431)
        elif self._is_body_due and self._body is None:
            self._expect_body()

    def on_headers_complete(self) -> None:
        """The head is here; a body may follow."""
        self._end_head()
        super().on_headers_complete()
        self._is_body_due = True

    def on_body(self, body: bytes) -> None:
        """A part of a body."""
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The whole request is here: what follows is for the server to do, however long it takes."""
        self._end_body()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Between requests again, where uvicorn bounds the silence and the next byte begins a head."""
        super().on_response_complete()
        if self._is_idle() and not self.transport.is_closing():
            self._bounds.asking_nothing[self] = None

    def handle_websocket_upgrade(self) -> None:
        """Another protocol takes the connection over, with its own greeting and its own pings."""
        self._stop()
        self._is_ours = False
        super().handle_websocket_upgrade()

    def pause_writing(self) -> None:
        """The client does not read as fast as it is answered."""
        super().pause_writing()
        self._unread = self.loop.call_later(UNREAD_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """It has read."""
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
        super().resume_writing()

    def _is_idle(self) -> bool:
        return (self.cycle is None or self.cycle.response_complete) and not self.pipeline

    def _expect_head(self) -> None:
        self._head_bytes = 0
        self._bounds.asking_nothing.setdefault(self, None)
        self._head = self.loop.call_later(self._bounds.head_seconds, self._refuse, 408)

    def _end_head(self) -> None:
        self._bounds.asking_nothing.pop(self, None)
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _expect_body(self) -> None:
        self._body_bytes, self._body_since = 0, self.loop.time()
        self._body = self.loop.call_later(self._bounds.head_seconds, self._judge_body)

    def _end_body(self) -> None:
        self._is_body_due = False
        if self._body is not None:
            self._body.cancel()
            self._body = None

    def _judge_body(self) -> None:
        """Cut off a body that trickles. Time in which nothing is read, because a request waits, is not counted."""
        now, seconds = self.loop.time(), self._bounds.head_seconds
        if self.flow.read_paused:
            self._body_bytes, self._body_since = 0, now
        elif self._body_bytes < LEAST_BYTES_PER_SECOND * (now - self._body_since):
            self._refuse(408)
            return
        self._body = self.loop.call_later(seconds, self._judge_body)

    def _refuse(self, status: int) -> None:
        """Say why, where nothing has been said yet, and hang up."""
        self._stop()
        if self.transport.is_closing():
            return
        if self._is_idle() or not self.cycle.response_started:
            line, detail = _REFUSALS[status]
            body = b'{"type":"about:blank","title":"%s","status":%d,"detail":"%s","code":"%s"}' % (
                line[4:], status, detail.encode(), _CODES[status].encode()
            )  # fmt: skip
            head = b"HTTP/1.1 %s\r\ncontent-type: application/problem+json\r\ncontent-length: %d\r\n" % (
                line,
                len(body),
            )
            self.transport.write(head + b"retry-after: 1\r\nconnection: close\r\n\r\n" + body)
        if self.cycle is not None and not self.cycle.response_complete:
            # Whoever reads the body is told that the client is gone, and says nothing more.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()

    def _stop(self) -> None:
        self._end_head()
        self._end_body()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None


def bounded_http(connections: int, head_seconds: float) -> Any:
    """The protocol for `uvicorn.Config`; ``connections`` 0 stands for as many as descriptors allow."""
    return partial(BoundedHttp, Bounds(room_for_connections(connections), head_seconds))
