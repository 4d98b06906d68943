"""The proxy of `behind-a-proxy.md` carries queries, streams and WebSocket, and refuses what the registry refuses."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from registry.settings import known_settings
from tests.endtoend.documents import blocks
from tests.endtoend.serving import ServingRegistry
from tests.places import CHECKOUT

PAGE = CHECKOUT / "docs" / "how-to" / "behind-a-proxy.md"
NAME = "twins.example.org"
FRAME = """\
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log; worker_rlimit_nofile 512;
events {{ worker_connections 128; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{site}
}}
"""


def site() -> str:
    """The configuration that the page shows."""
    (found,) = (block.text for block in blocks(PAGE) if block.language == "nginx")
    return found


def test_the_example_balances_and_the_settings_of_the_page_exist() -> None:
    plain = re.sub(r"#.*", "", site())
    assert plain.count("{") == plain.count("}")
    for line in filter(None, map(str.strip, plain.splitlines())):
        assert line[-1] in "{};", line
    text = PAGE.read_text(encoding="utf-8")
    named = {"allowed_origins", "host_names", "actor"}
    assert all(f"`{name}" in text for name in named)
    assert named <= known_settings().keys()


@contextmanager
def proxied(nginx: str, address: str, folder: Path) -> Iterator[int]:
    """The page's proxy before a registry, on a free port, which it yields."""
    folder.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    text = site().replace("listen 80;", f"listen 127.0.0.1:{port};").replace("http://127.0.0.1:8080", address)
    file = folder / "nginx.conf"
    file.write_text(FRAME.format(folder=folder, site=text))
    process = subprocess.Popen([nginx, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(file)])
    try:
        with httpx.Client(transport=httpx.HTTPTransport(retries=6)) as client:
            client.get(f"http://127.0.0.1:{port}/health")
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def test_the_proxy_carries_queries_streams_and_websocket(tmp_path: Path) -> None:
    if (nginx := shutil.which("nginx")) is None:
        reason = "needs nginx"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with (
        ServingRegistry(tmp_path / "data", environment={"REGISTRY_HOST_NAMES": NAME}) as registry,
        proxied(nginx, registry.address, tmp_path / "proxy") as port,
    ):
        address, own = f"http://127.0.0.1:{port}", f"http://{NAME}:{port}"
        host = {"host": f"{NAME}:{port}"}
        document = {"query": "{ __typename }"}
        for origin, status in ((own, 200), ("http://elsewhere.example.org", 403), (f"https://{NAME}:{port}", 403)):
            asked = httpx.post(f"{address}/graphql", json=document, headers={**host, "origin": origin}, timeout=30)
            assert asked.status_code == status, asked.text
        assert httpx.get(f"{address}/health", headers={"host": "other.example.org"}, timeout=30).status_code == 403
        with connect(
            f"ws://127.0.0.1:{port}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")],
            origin=Origin(f"http://127.0.0.1:{port}"),
        ) as client:  # fmt: skip
            client.send(json.dumps({"type": "connection_init"}))
            assert json.loads(client.recv(timeout=20))["type"] == "connection_ack"
        stream = {"accept": "text/event-stream", **host}
        with httpx.stream("GET", f"{address}/changes?after=0", headers=stream, timeout=30) as events:
            assert events.status_code == 200
            assert next(iter(events.iter_lines())) is not None
