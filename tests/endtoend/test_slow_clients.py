"""Clients that send slowly, say nothing, or are too many: real sockets against a served registry."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from registry.app.http_protocol import OWN_DESCRIPTORS, room_for_connections
from tests.endtoend.serving import ServingRegistry

HEAD_SECONDS, CONNECTIONS = 2.0, 60
HEAD = b"POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
JSON = {"content-type": "application/json"}
QUERY = json.dumps({"query": "{ release { version } }"}).encode()


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingRegistry]:
    environment = {"REGISTRY_HEAD_SECONDS": str(HEAD_SECONDS), "REGISTRY_CONNECTIONS": str(CONNECTIONS)}
    with ServingRegistry(tmp_path_factory.mktemp("slow"), environment=environment) as serving:
        yield serving


def opened(registry: ServingRegistry) -> socket.socket:
    place = urlsplit(registry.address)
    return socket.create_connection((place.hostname or "", place.port or 0), timeout=30)


def all_said(connection: socket.socket) -> bytes:
    """What the server says until it hangs up. Raises TimeoutError where it never does."""
    said = b""
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(65_536):
            said += part
    return said


def trickle(connection: socket.socket, content: bytes, seconds: float = 30) -> bytes:
    """Send a byte at a time until the server has enough of it; what it said."""
    connection.settimeout(0.1)
    end = time.monotonic() + seconds
    said = b""
    for byte in content * 1_000:
        assert time.monotonic() < end, "the server waits for ever"
        try:
            connection.sendall(bytes([byte]))
            part = connection.recv(65_536)
        except TimeoutError:
            continue
        except ConnectionError:
            return said
        said += part
        if not part:
            return said
    return said


@pytest.mark.parametrize(
    "start", [b"", b"GET /health HT", HEAD, b"\r\n\r\n"], ids=["nothing", "line", "head", "blank lines"]
)
def test_a_head_that_never_ends_is_cut_off(start: bytes, registry: ServingRegistry) -> None:
    with opened(registry) as connection:
        connection.sendall(start)
        assert all_said(connection).startswith(b"HTTP/1.1 408 ")


def test_a_head_that_trickles_is_cut_off(registry: ServingRegistry) -> None:
    with opened(registry) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nhost: localhost\r\nx: ")
        assert b" 408 " in trickle(connection, b"x")


def test_blank_lines_between_requests_are_no_way_to_stay(registry: ServingRegistry) -> None:
    with opened(registry) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n")
        said = trickle(connection, b"\r\n")
        assert said.startswith(b"HTTP/1.1 200 ")
        assert b" 408 " in said


@pytest.mark.parametrize("framing", [b"content-length: 4000\r\n\r\n", b"transfer-encoding: chunked\r\n\r\n5\r\n"])
@pytest.mark.parametrize("path", [b"/graphql", b"/sparql", b"/releases"])
def test_a_body_that_never_comes_is_cut_off(framing: bytes, path: bytes, registry: ServingRegistry) -> None:
    head = HEAD.replace(b"/graphql", path)
    if path == b"/sparql":
        head = head.replace(b"application/json", b"application/sparql-query")
    with opened(registry) as connection:
        connection.sendall(head + framing)
        assert all_said(connection).startswith(b"HTTP/1.1 408 ")


def test_a_body_that_trickles_is_cut_off(registry: ServingRegistry) -> None:
    with opened(registry) as connection:
        connection.sendall(HEAD + b"content-length: 4000\r\n\r\n")
        assert b" 408 " in trickle(connection, b"x")


def test_a_head_without_end_is_cut_off(registry: ServingRegistry) -> None:
    with opened(registry) as connection, contextlib.suppress(ConnectionError):
        for _ in range(400):
            connection.sendall(b"GET /health HTTP/1.1\r\nx: y" if _ == 0 else b"y" * 1_000)
            time.sleep(0.001)
        assert all_said(connection).startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))


def test_a_slow_body_that_goes_on_is_taken(registry: ServingRegistry) -> None:
    """Slower than the time for a head, but not than the least speed."""
    text = b'{"query":"{ release { version } }","x":"' + b"x" * 12_000 + b'"}'
    with opened(registry) as connection:
        connection.sendall(HEAD + b"connection: close\r\ncontent-length: %d\r\n\r\n" % len(text))
        for at in range(0, len(text), 2_000):
            time.sleep(HEAD_SECONDS / 4)
            connection.sendall(text[at : at + 2_000])
        assert all_said(connection).startswith(b"HTTP/1.1 200 ")


def test_slow_heads_leave_places_for_real_requests(registry: ServingRegistry) -> None:
    """Many more slow heads than there are places, and each real request is answered all the same."""
    slow: list[socket.socket] = []
    try:
        for number in range(4 * CONNECTIONS):
            connection = opened(registry)
            connection.sendall(HEAD)
            slow.append(connection)
            if number % 20 == 0:
                assert httpx.get(f"{registry.address}/health", timeout=20).status_code == 200
                answer = httpx.post(
                    f"{registry.address}/graphql", json={"query": "{ release { version } }"}, timeout=20
                )
                assert "data" in answer.json()
        descriptors = len(list(Path(f"/proc/{registry.pid}/fd").iterdir()))
        assert descriptors < CONNECTIONS + OWN_DESCRIPTORS
    finally:
        for connection in slow:
            connection.close()


def test_where_all_places_ask_something_a_further_client_is_sent_away(registry: ServingRegistry) -> None:
    streams: list[socket.socket] = []
    try:
        for _ in range(CONNECTIONS):
            connection = opened(registry)
            connection.sendall(b"GET /changes HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n")
            assert connection.recv(1_000).startswith(b"HTTP/1.1 200 ")
            streams.append(connection)
        with opened(registry) as further:
            said = all_said(further)
        assert said.startswith(b"HTTP/1.1 503 ")
        assert b"STORE_UNAVAILABLE" in said
        streams.pop().close()
        time.sleep(0.5)
        assert httpx.get(f"{registry.address}/health", timeout=20).status_code == 200
    finally:
        for connection in streams:
            connection.close()


def test_connections_leave_descriptors_for_the_rest() -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        assert 1 <= room_for_connections(10) <= 10
        room = room_for_connections(0)
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert soft == resource.RLIM_INFINITY or room <= max(16, soft - OWN_DESCRIPTORS)
        assert room_for_connections(10**9) == room
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
