"""One process that serves: the composed application under uvicorn, announced once it answers."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import uvicorn

from registry.api.http.gate import checked_host
from registry.app.core import Registry, create_app, open_registry
from registry.app.websocket_protocol import WebSockets
from registry.errors import BadInput
from registry.garbage import settle
from registry.settings import Settings


class _Server(uvicorn.Server):
    """uvicorn that says when it answers, and where; the port may have been chosen by the system."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self._stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping()
        await super().shutdown(sockets)


def serve(
    settings: Settings,
    ready: Callable[[str, Registry], None],
    prepare: Callable[[Registry], None] = lambda registry: None,
) -> None:
    """Serve until interrupted. ``prepare`` runs before anybody can ask, ``ready`` once requests are answered.

    Raises BadInput where the address cannot be listened on, StoreUnavailable where another process writes here.
    """
    listener = _listen(checked_host(settings.host), settings.port)
    host, port = listener.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    registry = open_registry(settings)
    note = address_file(settings.data)
    try:
        prepare(registry)
        app = create_app(registry)
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, lifespan="on", ws=WebSockets,
            ws_per_message_deflate=False, timeout_graceful_shutdown=3,
        )  # fmt: skip

        def announce() -> None:
            note.write_text(json.dumps({"pid": os.getpid(), "address": address}))
            ready(address, registry)

        registry.releases.ready(lambda release: settle())
        settle()
        _Server(config, announce, app.state.end_streams).run(sockets=[listener])
    finally:
        with suppress(FileNotFoundError):
            note.unlink()
        registry.close()
        listener.close()


def address_file(data: Path) -> Path:
    """Where a serving process leaves its address, for commands that ask it instead of opening its files."""
    return data / "serving.json"


def serving_address(data: Path) -> str | None:
    """The address of the process that serves this data folder, or None where none is alive."""
    try:
        note = json.loads(address_file(data).read_text())
        os.kill(note["pid"], 0)
    except (OSError, ValueError, KeyError):
        return None
    return str(note["address"])


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
