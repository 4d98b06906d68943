"""A client that sends any bytes at all, and the registry that is asked, its log kept for the judgement at the end."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.endtoend.serving import ServingRegistry

SEED = 20261201
HANG_SECONDS = 30.0
SHORT = {"REGISTRY_SPARQL_SECONDS": "1"}
"""A query may try to take for ever, and the next one should not have to wait for the end of that."""

MASKED = b'"INTERNAL"'
ABANDONED = re.compile(
    r"Exception ignored in: <coroutine object [^\n]+\nTraceback[^\n]+\n"
    r"  File \"<string>\"[^\n]+\nKeyError: '__import__'\n"
)
"""What Python says of a coroutine that graphql-core made and left, because the field beside it was refused at once.

Where its garbage is found inside a named tuple, Python cannot import what it would warn with."""

REGISTER = """mutation($n: Iri!, $e: Iri!, $s: Value!) { registerTwin(input: {iri: $n, entity: {iri: $e,
  class: ["Pump"], name: "Pump", properties: [{property: "ratedFlow", value: 5.5},
  {property: "serialNumber", value: $s}]}}) { revision } }"""


class Answer(NamedTuple):
    """What came back; a status of 0 says that the server hung up without an answer, as it may on what is no HTTP."""

    status: int
    body: bytes


class Wire:
    """One connection that is opened again whenever the server closes it."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        assert parts.hostname is not None
        assert parts.port is not None
        self.host = f"{parts.hostname}:{parts.port}"
        self._place = (parts.hostname, parts.port)
        self._socket: socket.socket | None = None

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def ask(self, method: str, target: str, body: bytes = b"", **headers: str) -> Answer:
        """The answer to a well-formed request; ``_`` in a header's name stands for a hyphen."""
        head = {"host": self.host, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if body or method == "POST":
            head["content-length"] = str(len(body))
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        request = f"{method} {target} HTTP/1.1\r\n{lines}\r\n".encode() + body
        for _ in range(2):
            reused = self._socket is not None
            answer = self._exchange(request)
            if answer.status or not reused:
                return answer
        return answer

    def send(self, request: bytes) -> Answer:
        """The first answer to any bytes, sent over a connection of their own that is then closed for writing."""
        self.close()
        answer = self._exchange(request, is_whole=True)
        self.close()
        return answer

    def _exchange(self, request: bytes, is_whole: bool = False) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection(self._place, timeout=HANG_SECONDS)
        try:
            self._socket.sendall(request)
            if is_whole:
                self._socket.shutdown(socket.SHUT_WR)
            answer, goes_on = _answer(self._socket, has_body=not request.startswith(b"HEAD "))
        except ConnectionError:
            answer, goes_on = Answer(0, b""), False
        if not goes_on:
            self.close()
        return answer


def _answer(connection: socket.socket, has_body: bool) -> tuple[Answer, bool]:
    """An answer, and whether the connection goes on. Raises TimeoutError where nothing comes: that is a hang."""
    file = connection.makefile("rb")
    status = file.readline()
    if not status:
        return Answer(0, b""), False
    headers = {}
    while (line := file.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        headers[name.strip().lower()] = value.strip()
    code = int(status.split()[1])
    streams = headers.get(b"content-type", b"").startswith(b"text/event-stream")
    if streams:
        return Answer(code, b""), False
    if not has_body or code in (204, 304):
        body = b""
    elif b"content-length" in headers:
        body = file.read(int(headers[b"content-length"]))
    elif headers.get(b"transfer-encoding") == b"chunked":
        body = b"".join(_chunks(file))
    else:
        body = b""
    return Answer(code, body), headers.get(b"connection") != b"close"


def _chunks(file: object) -> Iterator[bytes]:
    read, line = file.read, file.readline  # type: ignore[attr-defined]
    while size := int(line() or b"0", 16):
        yield read(size)
        line()
    line()


@contextmanager
def hostile_ground(folder: Path) -> Iterator[Wire]:
    """A served registry with a few twins; at the end its log must tell of no bug, and it must still answer."""
    log = folder / "log"
    with ServingRegistry(folder / "data", environment=SHORT, log=log) as serving:
        for number in range(5):
            told = serving.ask(REGISTER, n=f"urn:t:{number}", e=f"urn:e:{number}", s=f"S{number}")
            assert "errors" not in told, told
        wire = Wire(serving.address)
        try:
            yield wire
            health = wire.ask("GET", "/health")
            assert json.loads(health.body)["status"] == "alive"
        finally:
            wire.close()
    written = ABANDONED.sub("", log.read_text(errors="replace"))
    assert "Traceback" not in written, written[written.index("Traceback") - 300 :][:6000]


def judge(answer: Answer, asked: object) -> None:
    """Fail for an answer that blames the server: a 500, or a bug behind a mask."""
    blamed = answer.status >= 500 and not (answer.status == 503 and b"STORE_UNAVAILABLE" in answer.body)
    assert not blamed, (answer, asked)
    assert MASKED not in answer.body, (answer, asked)
