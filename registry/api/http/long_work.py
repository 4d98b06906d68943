"""Long work as lines of JSON: how far it is, and at last its result or its error."""

from __future__ import annotations

import asyncio
import logging
import queue
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson
from starlette.responses import Response, StreamingResponse

from registry.api.json_text import json_bytes
from registry.errors import RegistryError

LINES_TYPE = "application/x-ndjson"
_log = logging.getLogger(__name__)

Work = Callable[[Callable[[str, int, int], None]], dict[str, Any]]
Run = Callable[[Work, Callable[[str, int, int], None]], Awaitable[dict[str, Any]]]


def in_lines(work: Work, run: Run = asyncio.to_thread, gone: Callable[[], None] = lambda: None) -> Response:
    """An answer that tells progress while ``run`` does the work; ``gone`` is called once nobody reads it any more."""
    return StreamingResponse(_lines(work, run, gone), media_type=LINES_TYPE, headers={"Cache-Control": "no-store"})


async def _lines(work: Work, run: Run, gone: Callable[[], None]) -> AsyncIterator[bytes]:
    told: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def tell(stage: str, done: int, total: int) -> None:
        told.put({"stage": stage, "done": done, "total": total})

    task = asyncio.ensure_future(run(work, tell))
    task.add_done_callback(_retrieved)
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=0.25)
            latest = None
            while not told.empty():
                latest = told.get()
            if latest is not None and not task.done():
                yield orjson.dumps(latest, option=orjson.OPT_APPEND_NEWLINE)
        try:
            yield json_bytes({"result": task.result()}, orjson.OPT_APPEND_NEWLINE)
        except RegistryError as error:
            refusal = {"message": error.message, **error.extensions()}
            yield json_bytes({"error": refusal}, orjson.OPT_APPEND_NEWLINE)
        except Exception:
            # The answer has begun, so it ends with the same words that any other bug is answered with.
            _log.exception("long work failed")
            masked = {"message": "internal error; the log knows more", "code": "INTERNAL"}
            yield orjson.dumps({"error": masked}, option=orjson.OPT_APPEND_NEWLINE)
    finally:
        gone()


def _retrieved(task: asyncio.Future[Any]) -> None:
    """Take the outcome of work that nobody waits for any more: a refusal is no bug, and a bug belongs in the log."""
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, RegistryError):
        _log.error("work that a client left failed", exc_info=error)
