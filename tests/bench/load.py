"""A load over HTTP that costs as little as can be: many connections on one event loop, bytes in, bytes out."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit


def request_bytes(path: str, query: str, **variables: Any) -> bytes:
    """One GraphQL request over HTTP/1.1."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    lines = (
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*lines, "", "")).encode() + body


async def _client(
    host: str, port: int, make: Callable[[int, int], bytes], number: int, until: float, counts: list[int]
) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    sent = 0
    while time.perf_counter() < until:
        writer.write(make(number, sent))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        if b'"errors"' in body[:40]:
            raise AssertionError(body[:400])
        sent += 1
    counts[number] = sent
    writer.close()


def load(address: str, make: Callable[[int, int], bytes], clients: int, seconds: float) -> float:
    """Answers a second to so many clients, each asking again as soon as it is answered."""
    where = urlsplit(address)
    counts = [0] * clients

    async def run() -> float:
        start = time.perf_counter()
        tasks = [
            _client(where.hostname or "", where.port or 0, make, number, start + seconds, counts)
            for number in range(clients)
        ]
        await asyncio.gather(*tasks)
        return time.perf_counter() - start

    seconds_taken = asyncio.run(run())
    return sum(counts) / seconds_taken


def rounds(
    address: str, make: Callable[[int, int], bytes], clients: int, seconds: float, count: int
) -> Sequence[float]:
    """Several rounds of `load`, the first of them to warm up."""
    return [load(address, make, clients, seconds) for _ in range(count + 1)]
