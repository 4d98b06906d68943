"""What leaves for one client: at once while it reads, from a bounded queue while it does not."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass
from typing import Any, Protocol, cast

from starlette.types import Message, Send

from registry.api.graphql.stream.execution import Event
from registry.domain.change import Position

LETTER_BYTES = 400
"""What a waiting event weighs beside its content, which all clients share."""

AT_ONCE = "registry.send_at_once"
"""Extension of a scope: sends a text message there and then, or says by False that it has to wait."""

_LOST = (OSError, RuntimeError)
"""What servers raise where there is nobody to send to any more."""


def has_to_wait(message: Message) -> bool:
    """What stands for `AT_ONCE` where the server has no such extension."""
    return False


class Gone(Exception):
    """The connection has ended; the receiving side hears of it too and ends everything."""


class Recipient(Protocol):
    """One subscription of a client. ``position`` is the one of the last event that left for it."""

    position: Position

    def message(self, event: Event) -> Message:
        """An event as this subscription is told it."""


@dataclass(slots=True, eq=False)
class _Letter:
    """Something that waits, made up when it leaves. ``weight`` counts against the limit of the queue."""

    make: Callable[[], Message]
    recipient: Recipient | None = None
    event: Event | None = None
    weight: int = 0
    left: asyncio.Future[None] | None = None

    def sent(self) -> None:
        if self.recipient is not None and self.event is not None:
            self.recipient.position = self.event.position
        if self.left is not None and not self.left.done():
            self.left.set_result(None)

    def lost(self) -> None:
        if self.left is not None and not self.left.done():
            self.left.set_exception(Gone())


class Outbox:
    """Sends to one client in order, and never lets it hold up another.

    A send of ASGI ends at once while the client reads, so it is driven right here, without a task. Where it has to
    wait, a task of this client goes on with it, and events queue up to ``waiting_bytes``, of which one event may be
    more. Beyond that ``too_slow`` is called: it is to `dismiss` the client.
    """

    def __init__(
        self,
        send: Send,
        waiting_bytes: int,
        too_slow: Callable[[], None],
        at_once: Callable[[Message], bool] = has_to_wait,
    ) -> None:
        # What servers hand to an application is a coroutine function, which can be driven; its type says less.
        self._send = cast(Callable[[Message], Coroutine[Any, Any, None]], send)
        self._at_once = at_once
        self._waiting_bytes = waiting_bytes
        self._too_slow = too_slow
        self._waiting: OrderedDict[object, _Letter] = OrderedDict()
        self._weight = 0
        self._sending: asyncio.Task[None] | None = None
        self.closed = False
        """Whether nothing more is taken: the client was dismissed, or is gone."""

    def post(self, recipient: Recipient, event: Event) -> None:
        """Send an event, now or when the client reads again. It never waits."""
        if self.closed:
            return
        if self._sending is None:
            message = recipient.message(event)
            begun = None if self._at_once(message) else self._begin(message)
            if begun is None:
                recipient.position = event.position
                return
            self._go_on(begun, self._letter(recipient, event))
            return
        letter = self._letter(recipient, event)
        # An event that is all about the latest state of a resource takes the place of the one that waits.
        key = letter if event.latest_of is None else (recipient, event.latest_of)
        replaced = self._waiting.pop(key, None)
        self._weight -= replaced.weight if replaced is not None else 0
        if self._weight and self._weight + letter.weight > self._waiting_bytes:
            self._too_slow()
            return
        self._weight += letter.weight
        self._waiting[key] = letter

    async def deliver(self, recipient: Recipient, event: Event) -> None:
        """Send an event and wait until it has left, however long the client takes. Raises Gone."""
        letter = self._letter(recipient, event)
        letter.weight = 0  # Who waits for it brings no other meanwhile.
        await self._leaving(letter)

    async def send(self, message: Message) -> None:
        """Send anything else, in its turn, and wait until it has left. Raises Gone."""
        await self._leaving(_Letter(lambda: message))

    def forget(self, recipient: Recipient) -> None:
        """Drop what waits for a subscription that the client ended: it may use the same id again."""
        for key, letter in list(self._waiting.items()):
            if letter.recipient is recipient:
                del self._waiting[key]
                self._weight -= letter.weight
                letter.lost()

    def dismiss(self, *farewell: Callable[[], Message]) -> None:
        """Forget all events that wait, send these messages, each made up when it leaves, and nothing more."""
        if self.closed:
            return
        self.closed = True
        for key, letter in list(self._waiting.items()):
            if letter.event is not None:
                del self._waiting[key]
                letter.lost()
        for make in farewell:
            letter = _Letter(make)
            self._waiting[letter] = letter
        if self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._empty())

    async def emptied(self, seconds: float) -> None:
        """Wait until all has left, but no longer than so."""
        if self._sending is not None:
            await asyncio.wait({self._sending}, timeout=seconds)

    async def end(self) -> None:
        """Send nothing more, for a connection that is over."""
        self.closed = True
        self._lose()
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)

    @staticmethod
    def _letter(recipient: Recipient, event: Event) -> _Letter:
        return _Letter(lambda: recipient.message(event), recipient, event, LETTER_BYTES + len(event.content))

    async def _leaving(self, letter: _Letter) -> None:
        if self.closed:
            raise Gone
        if self._sending is None:
            begun = self._begin(letter.make())
            if begun is None:
                if self.closed:
                    raise Gone
                letter.sent()
                return
            self._go_on(begun, letter)
        else:
            self._waiting[letter] = letter
        letter.left = asyncio.get_running_loop().create_future()
        await letter.left

    def _begin(self, message: Message) -> _Begun | None:
        """Drive a send until it ends, which is None, or has to wait."""
        sending = self._send(message)
        try:
            return _Begun(sending, sending.send(None))
        except StopIteration:
            return None
        except _LOST:
            self.closed = True
            return None

    def _go_on(self, begun: _Begun, letter: _Letter) -> None:
        self._sending = asyncio.get_running_loop().create_task(self._empty(begun, letter))

    async def _empty(self, begun: _Begun | None = None, letter: _Letter | None = None) -> None:
        """Send what waits, after that which was begun, until nothing does."""
        try:
            if begun is not None and letter is not None:
                await begun
                letter.sent()
            while self._waiting:
                _, letter = self._waiting.popitem(last=False)
                self._weight -= letter.weight
                await self._send(letter.make())
                letter.sent()
            self._sending = None
        except _LOST:
            self.closed = True
        finally:
            if self._sending is not None:
                if letter is not None:
                    letter.lost()
                self._lose()

    def _lose(self) -> None:
        for letter in self._waiting.values():
            letter.lost()
        self._waiting.clear()
        self._weight = 0


class _Begun:
    """A coroutine that was driven up to its first wait, for a task to go on with."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], waits_for: Any) -> None:
        self._coroutine = coroutine
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, None, None]:
        try:
            while True:
                yield self._waits_for
                try:
                    self._waits_for = self._coroutine.send(None)
                except StopIteration:
                    return
        finally:
            self._coroutine.close()
