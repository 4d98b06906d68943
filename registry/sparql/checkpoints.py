"""Copies of the projection that worker processes read: made when asked for, dropped when nobody reads them."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from registry.domain.change import Position
from registry.private import make_folder
from registry.sparql.projection import Projection
from registry.sparql.projection_update import State


@dataclass(slots=True)
class Checkpoint:
    """A folder that never changes, what it shows, and how many queries read it."""

    folder: Path
    state: State
    taken: float
    readers: int = 0


class Checkpoints:
    """The latest checkpoint, renewed at most every ``refresh_seconds`` unless a position is asked for.

    ``folder`` must be on the projection's file system, and what an earlier process left there is removed. Belongs to
    one event loop.
    """

    def __init__(self, projection: Projection, folder: Path, refresh_seconds: float = 0.25) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        make_folder(folder)
        self._projection = projection
        self._folder = folder
        self._refresh_seconds = refresh_seconds
        self._latest: Checkpoint | None = None
        self._taking: asyncio.Task[Checkpoint] | None = None
        self._count = 0

    @asynccontextmanager
    async def lease(self, at_least: Position) -> AsyncIterator[Checkpoint]:
        """A checkpoint to read that shows a position the projection has reached. Raises StoreUnavailable for none."""
        checkpoint = await self._current(at_least)
        checkpoint.readers += 1
        try:
            yield checkpoint
        finally:
            checkpoint.readers -= 1
            await self._drop_unless_used(checkpoint)

    async def close(self) -> None:
        """Remove every checkpoint."""
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def _current(self, at_least: Position) -> Checkpoint:
        while True:
            latest = self._latest
            if latest is not None and not self._is_stale(latest, at_least):
                return latest
            # One is taken at a time, whoever waits for it, and a waiter that is cancelled leaves it to the others.
            if self._taking is None:
                self._taking = asyncio.create_task(self._take())
            await asyncio.shield(self._taking)

    def _is_stale(self, latest: Checkpoint, at_least: Position) -> bool:
        if latest.state.position < at_least:
            return True
        moved = latest.state != self._projection.state
        return moved and time.monotonic() - latest.taken >= self._refresh_seconds

    async def _take(self) -> Checkpoint:
        try:
            self._count += 1
            folder = self._folder / str(self._count)
            state = await asyncio.to_thread(self._projection.checkpoint, folder)
            former, self._latest = self._latest, Checkpoint(folder, state, time.monotonic())
            if former is not None:
                await self._drop_unless_used(former)
            return self._latest
        finally:
            self._taking = None

    async def _drop_unless_used(self, checkpoint: Checkpoint) -> None:
        if checkpoint is not self._latest and not checkpoint.readers:
            await asyncio.to_thread(shutil.rmtree, checkpoint.folder, ignore_errors=True)
