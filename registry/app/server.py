"""One process that serves: the composed application under uvicorn, announced once it answers."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from registry.api.http.gate import checked_host
from registry.app.announcement import Announcement
from registry.app.application import create_app
from registry.app.core import Registry, open_registry
from registry.app.http_protocol import bounded_http
from registry.app.signals import stopping
from registry.app.websocket_protocol import WebSockets
from registry.errors import BadInput
from registry.garbage import settle
from registry.settings import Settings

GRACE_SECONDS = 5
"""So long requests may go on after the registry was asked to stop; containers are given ten seconds in all."""

QUERY_GRACE_SECONDS = 2
"""So long SPARQL queries may: one that takes longer is told that the registry closes."""


class _Server(uvicorn.Server):
    """uvicorn that says when it answers, and ends in order; the port may have been chosen by the system."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], end_streams: Callable[[], None],
        end_queries: Callable[[], None], end_writes: Callable[[], None], closed: Callable[[], None],
    ) -> None:  # fmt: skip
        super().__init__(config)
        self._ready = ready
        self._end_streams = end_streams
        self._end_queries = end_queries
        self._end_writes = end_writes
        self._closed = closed

    def stop(self) -> None:
        """Ask for the end. Any time, from a handler of a signal."""
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `registry.app.signals`: uvicorn would raise them again once it is done."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End streams first, then requests, then the registry, so that work in other threads ends with its record.

        Writes that are queued are finished however long that takes: who waits for one is answered before the rest ends.
        """
        for server in self.servers:
            server.close()
        self._end_streams()
        asyncio.get_running_loop().call_later(QUERY_GRACE_SECONDS, self._end_queries)
        await asyncio.to_thread(self._end_writes)
        await super().shutdown(sockets)
        self._closed()


def serve(
    settings: Settings,
    ready: Callable[[str, Registry], None],
    prepare: Callable[[Registry], None] = lambda registry: None,
) -> None:
    """Serve until a signal asks to stop. ``prepare`` runs before anybody can ask, ``ready`` once requests are answered.

    Raises BadInput where the address cannot be listened on, StoreUnavailable where another process writes here.
    """
    # What the projection's engine writes from now on has no other way to be private.
    os.umask(0o077)
    with stopping() as signals:
        listener = _listen(checked_host(settings.host), settings.port)
        host, port = listener.getsockname()[:2]
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        note = Announcement(settings.data)
        try:
            registry = open_registry(settings)
            try:
                prepare(registry)
                app = create_app(registry)
                config = uvicorn.Config(
                    app, log_level="warning", access_log=False, lifespan="on", ws=WebSockets,
                    http=bounded_http(settings.connections, settings.head_seconds),
                    ws_per_message_deflate=False, timeout_graceful_shutdown=GRACE_SECONDS,
                )  # fmt: skip

                def announce() -> None:
                    note.publish(address)
                    ready(address, registry)

                registry.releases.ready(lambda release: settle())
                settle()
                ends = app.state.end_streams, app.state.end_queries, app.state.end_writes, registry.close
                server = _Server(config, announce, *ends)
                signals.ask(server.stop, note.withdraw)
                server.run(sockets=[listener])
            finally:
                registry.close()
        finally:
            note.withdraw()
            listener.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise BadInput(
            f"cannot listen on {host}:{port}: {error}; --port 0 takes a free one", argument="port"
        ) from error
    return listener
