"""The registry as a Python library for callers that wait: the same methods, run on an event loop in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import suppress
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from registry.app.library import (
    AsyncCatalogue,
    AsyncChanges,
    AsyncRegistry,
    AsyncReleases,
    AsyncSparql,
    AsyncTwins,
    Part,
)
from registry.domain.change import Entry, Position

P = ParamSpec("P")
T = TypeVar("T")
A = TypeVar("A", bound=Part)


class Loop:
    """An event loop in a thread of its own, for callers that block."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="registry", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine, once it is there."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Blocking(Generic[A]):
    """One part of an open registry."""

    def __init__(self, part: A, loop: Loop) -> None:
        self._part = part
        self._loop = loop


def blocking(
    method: Callable[Concatenate[A, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[Blocking[A], P], T]:
    """The same method for callers that wait for its result."""

    def call(self: Blocking[A], /, *arguments: P.args, **named: P.kwargs) -> T:
        return self._loop.run(method(self._part, *arguments, **named))

    call.__name__, call.__doc__ = method.__name__, method.__doc__
    return call


class Twins(Blocking[AsyncTwins]):
    """Twins and what they stand for, changed. Every method raises the RegistryError that refused the write."""

    carry_out = blocking(AsyncTwins.carry_out)
    register = blocking(AsyncTwins.register)
    patch = blocking(AsyncTwins.patch)
    link = blocking(AsyncTwins.link)
    unlink = blocking(AsyncTwins.unlink)
    transition = blocking(AsyncTwins.transition)
    delete = blocking(AsyncTwins.delete)
    apply = blocking(AsyncTwins.apply)


class Catalogue(Blocking[AsyncCatalogue]):
    """What is there, looked up."""

    resource = blocking(AsyncCatalogue.resource)
    find = blocking(AsyncCatalogue.find)
    history = blocking(AsyncCatalogue.history)


class SparqlQueries(Blocking[AsyncSparql]):
    """SPARQL on the projection. An answer reflects every write that was acknowledged before it was asked for."""

    select = blocking(AsyncSparql.select)
    answer = blocking(AsyncSparql.answer)


class Releases(Blocking[AsyncReleases]):
    """The model: the release in force, and those before and after it."""

    active = blocking(AsyncReleases.active)
    notes = blocking(AsyncReleases.notes)
    publish = blocking(AsyncReleases.publish)
    activate = blocking(AsyncReleases.activate)


class Changes(Blocking[AsyncChanges]):
    """The log of what was committed."""

    head = blocking(AsyncChanges.head)
    after = blocking(AsyncChanges.after)

    def follow(self, after: Position | None = None) -> Iterator[Entry]:
        """Every entry behind a position, and then each further one; None begins with what comes next."""
        entries = self._part.follow(after)
        with suppress(StopAsyncIteration):
            while True:
                yield self._loop.run(_following(entries))


async def _following(entries: AsyncIterator[Entry]) -> Entry:
    return await anext(entries)


class BlockingRegistry:
    """An open registry whose methods wait for their results."""

    def __init__(self, registry: AsyncRegistry, loop: Loop) -> None:
        self.twins = Twins(registry.twins, loop)
        self.catalogue = Catalogue(registry.catalogue, loop)
        self.sparql = SparqlQueries(registry.sparql, loop)
        self.releases = Releases(registry.releases, loop)
        self.changes = Changes(registry.changes, loop)
