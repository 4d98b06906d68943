"""One run of a compiled document: what it has still to read, level by level."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from registry.api.graphql.fixed.loaders import Batch
from registry.api.graphql.fixed.reads import Read
from registry.api.graphql.run.arguments import Given

if TYPE_CHECKING:
    from registry.api.graphql.fixed.context import Context

Complete: TypeAlias = Callable[[Any, "Run"], Any]
"""From a value that a resolver gave to its part of the answer. Raises for whatever is unusual."""

Answered: TypeAlias = dict[str, Any]


class _Open:
    """A field that is a read of its level, and every place in the answer that has the same value."""

    __slots__ = ("arguments", "complete", "key", "places", "read", "source")

    def __init__(self, key: Any, read: Read, source: Any, arguments: dict[str, Any], complete: Complete) -> None:
        self.key = key
        self.read = read
        self.source = source
        self.arguments = arguments
        self.complete = complete
        self.places: list[tuple[Answered, str]] = []

    def fill(self, found: Any, run: Run) -> None:
        """Answer it, once for all its places."""
        answer = self.complete(self.read.shown(found, self.source, run.context, **self.arguments), run)
        for into, name in self.places:
            into[name] = answer


class Run:
    """What is gathered while a level is completed, and then read at once. Resolvers get it for their ``info``."""

    __slots__ = ("_awaited", "_reads", "alike", "context", "given", "made")

    def __init__(self, context: Context, given: Given) -> None:
        self.context = context
        self.given = given
        self.made: dict[int, dict[str, Any]] = {}
        self._reads: dict[Batch, list[_Open]] = {}
        self.alike: dict[tuple[Any, Complete], list[tuple[Answered, str]]] = {}
        """The places in the answer that wait for the same value, by its key and how it is completed."""
        self._awaited: list[tuple[Awaitable[Any], Complete, Answered, str]] = []

    def read(
        self,
        key: Any,
        read: Read,
        source: Any,
        arguments: dict[str, Any],
        complete: Complete,
        into: Answered,
        name: str,
    ) -> None:
        """Answer a field with its level; of those whose value follows from the key, only the first of them asks."""
        opened = _Open(key, read, source, arguments, complete)
        opened.places.append((into, name))
        self._reads.setdefault(read.batch, []).append(opened)
        if read.by_key_alone:
            self.alike[key, complete] = opened.places

    def wait(self, coming: Awaitable[Any], complete: Complete, into: Answered, name: str) -> None:
        """Answer a field once its resolver has come to an end."""
        self._awaited.append((coming, complete, into, name))

    async def settle(self) -> None:
        """Read level by level until nothing is open."""
        while self._reads or self._awaited:
            if len(self._reads) + len(self._awaited) == 1:
                await self._one()
            else:
                await self._level()

    def close(self) -> None:
        """Give up what was not waited for, after a failure."""
        for coming, *_ in self._awaited:
            if asyncio.iscoroutine(coming):
                coming.close()

    async def _one(self) -> None:
        """A level with one question: no task is made for it."""
        if self._reads:
            batch, opened = self._reads.popitem()
            self.alike = {}
            self._fill(opened, await self.context.loaders.many(batch, [one.key for one in opened]))
            return
        coming, complete, into, name = self._awaited.pop()
        into[name] = complete(await coming, self)

    async def _level(self) -> None:
        reads, self._reads, self.alike = self._reads, {}, {}
        awaited, self._awaited = self._awaited, []
        loaders = self.context.loaders
        found = await asyncio.gather(
            *(loaders.many(batch, [one.key for one in opened]) for batch, opened in reads.items()),
            *(one[0] for one in awaited),
        )
        for opened, answers in zip(reads.values(), found, strict=False):
            self._fill(opened, answers)
        for (_, complete, into, name), value in zip(awaited, found[len(reads) :], strict=True):
            into[name] = complete(value, self)

    def _fill(self, opened: Sequence[_Open], answers: Sequence[Any]) -> None:
        for one, found in zip(opened, answers, strict=True):
            one.fill(found, self)
