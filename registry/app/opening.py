"""Where a Python program opens a registry: `registry.open`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from registry.app.blocking import BlockingRegistry, Loop
from registry.app.capabilities import sections
from registry.app.core import Registry, open_queries, open_registry
from registry.app.library import AsyncRegistry
from registry.errors import BadInput
from registry.log.feed import Feed
from registry.settings import Settings, load
from registry.sparql.service import Sparql


def settings_for(place: str | Path, settings: Mapping[str, Any]) -> Settings:
    """The settings of a registry at a data folder or at the URL of a store."""
    is_url = isinstance(place, str) and "://" in place
    if is_url and str(place).startswith(("http://", "https://")):
        raise BadInput(f"{place} is the address of a server: ask it over GraphQL or SPARQL", argument="place")
    return load({**({"store": place} if is_url else {"data": Path(place)}), **settings}, sections=sections())


class Opening:
    """A registry that opens where a block begins and closes where it ends."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._registry: Registry | None = None
        self._sparql: Sparql | None = None
        self._feed: Feed | None = None
        self._loop: Loop | None = None

    def __enter__(self) -> BlockingRegistry:
        self._loop = Loop()
        try:
            return BlockingRegistry(self._loop.run(self._opened()), self._loop)
        except BaseException:
            self._loop.close()
            raise

    def __exit__(self, *error: object) -> None:
        assert self._loop is not None
        try:
            self._loop.run(self._closed())
        finally:
            self._loop.close()

    async def __aenter__(self) -> AsyncRegistry:
        return await self._opened()

    async def __aexit__(self, *error: object) -> None:
        await self._closed()

    async def _opened(self) -> AsyncRegistry:
        self._registry = registry = await asyncio.to_thread(open_registry, self._settings)
        assert registry.writer is not None
        assert registry.projection is not None
        self._feed = feed = Feed(registry.record)
        registry.writer.follow(feed.wake)
        registry.projection.start()
        self._sparql = open_queries(registry)
        return AsyncRegistry(registry, self._sparql, feed)

    async def _closed(self) -> None:
        if self._feed is not None:
            self._feed.close()
        if self._sparql is not None:
            await self._sparql.close()
        if self._registry is not None:
            await asyncio.to_thread(self._registry.close)
