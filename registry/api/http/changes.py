"""``/changes``: the change log as CloudEvents 1.0, in lines for programs that fetch or as a stream that stays open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from registry.api.authentication import Authenticate
from registry.api.http.negotiation import negotiated
from registry.domain.change import Entry, Position
from registry.errors import BadInput
from registry.log.feed import Feed
from registry.rdf.oxigraph import triple
from registry.rdf.terms import Statement
from registry.rdf.vocabulary import BASE
from registry.stores.port import Store

LINES_TYPE = "application/x-ndjson"
STREAM_TYPE = "text/event-stream"
EVENT_TYPE = "org.w3id.semantic-twins.change"
MOST_LINES = 1_000
_PAGE = 50
_KEEP_ALIVE_SECONDS = 15.0
_MOST_KEPT = 64
_LONGEST_KEPT_BYTES = 65_536


def routes(store: Store, feed: Feed, authenticate: Authenticate) -> list[Route]:
    """The route of the change log."""
    frames = _Frames()

    async def changes(request: Request) -> Response:
        kind = negotiated(request, [LINES_TYPE, STREAM_TYPE])
        after = _after(request, store.head())
        if kind == STREAM_TYPE:
            entries = feed.entries(authenticate(request), after)
            headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept"}
            return StreamingResponse(_events(after, entries, frames), media_type=STREAM_TYPE, headers=headers)
        # Positions are gapless, so where the answer ends is known before it is read.
        until = min(store.head(), after + MOST_LINES)
        headers = {"Registry-Position": str(until), "Vary": "Accept"}
        return StreamingResponse(_lines(store, after, until), media_type=LINES_TYPE, headers=headers)

    return [Route("/changes", changes)]


def cloud_event(entry: Entry) -> dict[str, Any]:
    """An entry as a CloudEvent. ``id`` is the position; statements are N-Triples without the final dot."""
    event = {
        "specversion": "1.0",
        "id": str(entry.position),
        "source": BASE,
        "type": EVENT_TYPE,
        "time": entry.time,
        "datacontenttype": "application/json",
        "data": {
            "position": entry.position,
            "actor": entry.actor,
            "cause": entry.cause,
            "release": entry.release,
            "revisions": dict(entry.revisions),
            "events": [{"kind": e.kind, "subject": e.subject, "data": dict(e.data)} for e in entry.events],
            "removed": [_text(statement) for statement in entry.removed],
            "added": [_text(statement) for statement in entry.added],
        },
    }
    if len(entry.revisions) == 1:
        event["subject"] = next(iter(entry.revisions))
    return event


def _text(statement: Statement) -> str:
    return str(triple(statement))


def _after(request: Request, head: Position) -> Position:
    """The position to go on from: where a browser lost its stream, or where the address says."""
    text = request.headers.get("last-event-id") or request.query_params.get("after", "0")
    if not text.isdecimal():
        raise BadInput(f"`after` is a position of the log, not {text!r}", argument="after")
    if int(text) > head:
        raise BadInput(f"position {text} is not in the log, which ends at {head}", argument="after", head=head)
    return int(text)


async def _lines(store: Store, after: Position, until: Position) -> AsyncIterator[bytes]:
    while after < until:
        entries = await asyncio.to_thread(store.entries, after, min(_PAGE, until - after))
        for entry in entries:
            yield orjson.dumps(cloud_event(entry), option=orjson.OPT_APPEND_NEWLINE)
        after = entries[-1].position


class _Frames:
    """The events that were sent last: everybody who follows the log is sent the same bytes."""

    def __init__(self) -> None:
        self._kept: dict[Position, bytes] = {}

    def of(self, entry: Entry) -> bytes:
        """A change as a server-sent event."""
        frame = self._kept.get(entry.position)
        if frame is None:
            frame = b"id: %d\nevent: change\ndata: %b\n\n" % (entry.position, orjson.dumps(cloud_event(entry)))
            if len(frame) <= _LONGEST_KEPT_BYTES:
                self._kept[entry.position] = frame
            if len(self._kept) > _MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        return frame


async def _events(after: Position, entries: AsyncIterator[Entry], frames: _Frames) -> AsyncIterator[bytes]:
    """Server-sent events; a comment now and then keeps proxies from closing a quiet stream.

    The last thing that is sent by a server that stops is an id without data: no event, but where to go on.
    """
    following = asyncio.ensure_future(anext(entries))
    try:
        while True:
            done, _ = await asyncio.wait({following}, timeout=_KEEP_ALIVE_SECONDS)
            if not done:
                yield b": quiet\n\n"
                continue
            try:
                entry = following.result()
            except StopAsyncIteration:
                yield b"id: %d\n\n" % after
                return
            yield frames.of(entry)
            after = entry.position
            following = asyncio.ensure_future(anext(entries))
    finally:
        following.cancel()
