"""Many WebSocket clients that cost as little as can be: bytes in, two numbers read out of each message."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import resource
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

OPENED_AT_ONCE = 50
_HEAD = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
_SENT = re.compile(rb'"(\d{12,20})"')
_PING = b"\x89\x04"
"""How uvicorn's pings begin: four bytes follow. No byte of a JSON message is like the first."""

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used, in all its threads, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_bytes(pid: int) -> int:
    """Memory that a process has in use."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()


class Client(asyncio.Protocol):
    """One connection. It greets, subscribes, and takes the time at which each message was asked for out of it."""

    def __init__(self, address: str, identity: str, payload: object) -> None:
        self._where = urlsplit(address)
        self._subscribe = {"id": identity, "type": "subscribe", "payload": payload}
        self._greeting = 0
        self._rest = b""
        self.ready = asyncio.get_running_loop().create_future()
        self.times: list[int] = []
        self.late: list[int] = []
        self.tail = b""
        self.closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        key = base64.b64encode(os.urandom(16)).decode()
        head = _HEAD.format(path=self._where.path or "/", host=self._where.netloc, key=key)
        self.transport.write(head.encode())

    def say(self, message: object) -> None:
        """Send a JSON message in a masked frame, the mask being zero."""
        content = message.encode() if isinstance(message, str) else json.dumps(message).encode()
        size = len(content)
        length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + size.to_bytes(2, "big")
        self.transport.write(b"\x81" + length + b"\0\0\0\0" + content)

    def data_received(self, data: bytes) -> None:
        if self._greeting < 2:
            self._greet(data)
            return
        now = time.monotonic_ns()
        ping = data.find(_PING)
        if ping >= 0:
            self.transport.write(b"\x8a\x84\0\0\0\0" + data[ping + 2 : ping + 6])
        # A message that arrives in two parts is looked at when it is whole.
        data, self._rest = self._rest + data, b""
        end = data.rfind(b"}")
        if end != len(data) - 1:
            data, self._rest = data[: end + 1], data[end + 1 :]
        for found in _SENT.finditer(data):
            sent = int(found[1])
            self.times.append(sent)
            self.late.append(now - sent)
        self.tail = data[-400:]

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True

    def _greet(self, data: bytes) -> None:
        if self._greeting == 0:
            assert b" 101 " in data[:20], data[:200]
            self._greeting = 1
            self.say({"type": "connection_init"})
            data = data.partition(b"\r\n\r\n")[2]
        if b"connection_ack" in data:
            self._greeting = 2
            self.say(self._subscribe)
            self.ready.set_result(None)


class Crowd:
    """So many clients of one address."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.clients: list[Client] = []

    async def open(self, count: int, payload: object, buffer_bytes: int | None = None) -> None:
        """Connect and subscribe. A small buffer lets the server feel at once that a client does not read."""
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
        for start in range(0, count, OPENED_AT_ONCE):
            numbers = range(start, min(count, start + OPENED_AT_ONCE))
            opening = (self._open_one(f"subscription-{number:05}", payload, buffer_bytes) for number in numbers)
            await asyncio.gather(*opening)

    async def _open_one(self, identity: str, payload: object, buffer_bytes: int | None) -> Client:
        where = urlsplit(self.address)
        loop = asyncio.get_running_loop()
        found = socket.socket()
        if buffer_bytes is not None:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
        found.setblocking(False)
        await loop.sock_connect(found, (where.hostname, where.port))
        connecting = loop.create_connection(lambda: Client(self.address, identity, payload), sock=found)
        _, client = await connecting
        await client.ready
        self.clients.append(client)
        return client

    def forget(self) -> None:
        """Begin to count anew."""
        for client in self.clients:
            client.times.clear()
            client.late.clear()

    async def all_have(self, events: int, seconds: float) -> int:
        """Wait until each client has so many events, or for so long; how many are missing then."""
        end = time.monotonic() + seconds
        while (missing := sum(events - len(client.times) for client in self.clients)) and time.monotonic() < end:
            await asyncio.sleep(0.02)
        return missing

    def out_of_order(self) -> int:
        """How many clients were told something twice or not in order."""
        return sum(client.times != self.clients[0].times for client in self.clients)

    def late_ms(self, *shares: float) -> Sequence[float]:
        """Within how many milliseconds these shares of all events arrived."""
        late = sorted(one for client in self.clients for one in client.late)
        return [late[min(len(late) - 1, int(len(late) * share))] / 1e6 for share in shares]

    def close(self) -> None:
        """Hang up."""
        for client in self.clients:
            client.transport.abort()
