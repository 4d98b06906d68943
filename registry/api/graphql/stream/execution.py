"""One execution of a subscription, whose events are encoded once and told to all who subscribed to the same."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from registry.api.graphql.fixed.context import Context
from registry.api.graphql.fixed.errors import Answer, refusal
from registry.api.json_text import json_bytes
from registry.domain.change import Position
from registry.rdf.terms import Iri

RECENT_BYTES = 64_000
"""So much of what a channel told last is kept, for those who come a moment late."""

TOLD_AT_ONCE = 250
"""So many clients are told of an event before anything else gets its turn."""


class Event:
    """One answer of a subscription. ``entry`` is the change that it is of; the rest is as `Context` has it."""

    def __init__(self, answer: Answer, context: Context) -> None:
        assert context.position is not None
        self.content: bytes = json_bytes(answer)
        self.entry: Position = context.entry
        self.position: Position = context.position
        self.latest_of: Iri | None = context.latest_of

    @cached_property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode()

    @cached_property
    def streamed(self) -> bytes:
        """The content as a server-sent event."""
        return b"event: next\nid: %d\ndata: %s\n\n" % (self.position, self.content)


class Listener(Protocol):
    """Who is told."""

    def post(self, event: Event) -> None:
        """Take an event. It never waits."""


@dataclass(slots=True, eq=False)
class Member:
    """A listener of a channel that is told what comes behind a position, until ``ended`` says why no more does."""

    listener: Listener
    behind: Position
    ended: asyncio.Future[Answer | None]


class Channel:
    """Tells its members every event behind the position that each of them has, once and in order.

    It keeps its latest events, so whoever is only a little behind is told them again instead of having them executed.
    It ends with its last member, or with its execution: then each member has the answer that says why, or None where
    the server stops.
    """

    def __init__(self, answers: AsyncGenerator[Answer], context: Context, ended: Callable[[], object]) -> None:
        self._answers = answers
        self._context = context
        self._ended = ended
        self._members: dict[Member, None] = {}
        self._recent: deque[Event] = deque()
        self._recent_bytes = 0
        self._recent_behind: Position = context.reached
        self._running = asyncio.get_running_loop().create_task(self._run())

    @property
    def reached(self) -> Position:
        """Whoever has all up to here, or more, can join."""
        return max(self._context.reached, self._recent_behind)

    def covers(self, position: Position) -> bool:
        """Whether all that comes behind a position is still kept or yet to come."""
        return position >= self._recent_behind

    def join(self, listener: Listener, position: Position) -> Member:
        """Tell a listener all that comes behind a position which the channel covers."""
        member = Member(listener, position, asyncio.get_running_loop().create_future())
        for event in self._recent:
            if event.entry > position:
                listener.post(event)
        self._members[member] = None
        return member

    async def leave(self, member: Member) -> None:
        """Tell a member no more."""
        member.behind = sys.maxsize
        if member not in self._members:
            return
        del self._members[member]
        if not self._members:
            self._ended()
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _run(self) -> None:
        last: Answer | None = None
        told = 0
        try:
            async with aclosing(self._answers) as answers:
                async for answer in answers:
                    if "data" not in answer:
                        last = answer
                        break
                    event = Event(answer, self._context)
                    self._remember(event)
                    for member in list(self._members):
                        if event.entry > member.behind:
                            member.listener.post(event)
                            told += 1
                            if told >= TOLD_AT_ONCE:
                                told = 0
                                await asyncio.sleep(0)
        except Exception as fault:
            last = refusal(fault, self._context.request)
        self._ended()
        members, self._members = self._members, {}
        for member in members:
            if not member.ended.done():
                member.ended.set_result(last)

    def _remember(self, event: Event) -> None:
        self._recent.append(event)
        self._recent_bytes += len(event.content)
        while self._recent_bytes > RECENT_BYTES:
            oldest = self._recent.popleft()
            self._recent_bytes -= len(oldest.content)
            self._recent_behind = oldest.entry
