"""Whose pages may use a served registry: origin × surface, with one right answer each."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from registry.api.http.origins import Origins
from registry.errors import BadInput
from tests.endtoend.serving import ServingRegistry, run_cli

FRIEND = "https://yasgui.example.org"
JSON = "content-type: application/json"
ASK = b'{"query":"{ release { version } }"}'
PATCH = b'{"query":"mutation { patchResource(iri: \\"urn:none\\", set: []) { revision } }"}'
SURFACES: dict[str, tuple[str, str, list[str], bytes, int]] = {
    # Method, target, headers and body, and the status of a page that may ask.
    "GraphQL POST": ("POST", "/graphql", [JSON], ASK, 200),
    "GraphQL mutation": ("POST", "/graphql", [JSON], PATCH, 200),
    "GraphQL GET": ("GET", "/graphql?query={release{version}}", ["accept: application/json"], b"", 200),
    "SSE": ("POST", "/graphql/stream", [JSON], ASK, 200),
    "WebSocket": (
        "GET",
        "/graphql",
        [
            "connection: Upgrade",
            "upgrade: websocket",
            "sec-websocket-version: 13",
            f"sec-websocket-key: {base64.b64encode(bytes(16)).decode()}",
            "sec-websocket-protocol: graphql-transport-ws",
        ],
        b"",
        101,
    ),
    "REST": ("GET", "/releases", [], b"", 200),
    "REST that changes": ("POST", "/releases/previous/activation", [JSON], b"{}", 400),
    "change log": ("GET", "/changes", [], b"", 200),
    "SPARQL GET": ("GET", "/sparql?query=ASK%7B%7D", [], b"", 200),
    "SPARQL POST": ("POST", "/sparql", ["content-type: application/sparql-query"], b"ASK {}", 200),
    "SPARQL form": ("POST", "/sparql", ["content-type: application/x-www-form-urlencoded"], b"query=ASK%7B%7D", 200),
    "RDF": ("GET", "/ontology/core", [], b"", 200),
    "health": ("GET", "/health", [], b"", 200),
    "preflight": (
        "OPTIONS",
        "/graphql",
        ["access-control-request-method: POST", "access-control-request-headers: content-type,apollo-x"],
        b"",
        204,
    ),
}
ORIGINS = {
    # What a page's browser says, with {host} and {port} for what is asked, and whether it may.
    "absent": (None, True),
    "same": ("http://127.0.0.1:{port}", True),
    "allowed by the setting": (FRIEND, True),
    "allowed, default port written out": (FRIEND + ":443", True),
    "allowed name, other scheme": ("http://yasgui.example.org", False),
    "allowed name, other port": (FRIEND + ":8443", False),
    "allowed name as a suffix": ("https://evil.yasgui.example.org", False),
    "allowed name as a prefix": (FRIEND + ".evil.example", False),
    "other host": ("https://evil.example", False),
    "other loopback port": ("http://127.0.0.1:5173", False),
    "other loopback name": ("http://localhost:{port}", False),
    "other loopback family": ("http://[::1]:{port}", False),
    "no port": ("http://127.0.0.1", False),
    "other scheme": ("https://127.0.0.1:{port}", False),
    "null": ("null", False),
    "file": ("file://", False),
    "extension": ("chrome-extension://abcdef", False),
    "malformed": ("http://[", False),
    "two": ("http://127.0.0.1:{port} https://evil.example", False),
    "with a path": ("http://127.0.0.1:{port}/x", False),
    "empty": ("", False),
}


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingRegistry]:
    environment = {"REGISTRY_ALLOWED_ORIGINS": FRIEND, "REGISTRY_HOST_NAMES": "twins.example.org"}
    with ServingRegistry(tmp_path_factory.mktemp("origins"), environment=environment) as serving:
        yield serving


def exchange(
    address: str, method: str, target: str, headers: list[str], body: bytes, host: str = ""
) -> tuple[int, str]:
    """The status of an answer and its text, head and all. No client library: those mend what is odd."""
    place = urlsplit(address)
    lines = [f"{method} {target} HTTP/1.1", f"host: {host or place.netloc}", *headers]
    if body:
        lines.append(f"content-length: {len(body)}")
    if "upgrade: websocket" not in headers:
        lines.append("connection: close")
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=20) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        said = b""
        while part := connection.recv(65_536):
            said += part
            if said.startswith(b"HTTP/1.1 101"):
                break
    return int(said.split()[1]), said.decode(errors="replace")


@pytest.mark.parametrize("surface", SURFACES)
def test_one_right_answer_for_each_origin(surface: str, registry: ServingRegistry) -> None:
    method, target, headers, body, allowed = SURFACES[surface]
    wrong = []
    for kind, (template, may) in ORIGINS.items():
        origin = None if template is None else template.format(port=urlsplit(registry.address).port)
        given = headers if origin is None else [*headers, f"origin: {origin}"]
        status, said = exchange(registry.address, method, target, given, body)
        right = allowed if may else 403
        if surface == "preflight" and may and not (origin or "").startswith(FRIEND):
            right = 405  # Nobody asks for leave to ask at home.
        shared = f"access-control-allow-origin: {origin}" in said
        if status != right or shared != (may and (origin or "").startswith(FRIEND) and surface != "WebSocket"):
            wrong.append((kind, status, right, shared))
        assert "allow-credentials" not in said
    assert not wrong, wrong


def test_a_preflight_says_what_may_be_asked(registry: ServingRegistry) -> None:
    headers = [f"origin: {FRIEND}", "access-control-request-method: POST",
               "access-control-request-headers: content-type,apollo-require-preflight"]  # fmt: skip
    status, said = exchange(registry.address, "OPTIONS", "/graphql", headers, b"")
    assert status == 204
    assert "access-control-allow-headers: content-type,apollo-require-preflight" in said
    assert "POST" in said.partition("access-control-allow-methods:")[2].partition("\r\n")[0]


@pytest.mark.parametrize("surface", ["GraphQL POST", "SSE", "REST that changes"])
@pytest.mark.parametrize(
    "declared",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        "text/plain; application/json",
    ],
)
def test_what_changes_is_json_or_rdf(surface: str, declared: str, registry: ServingRegistry) -> None:
    method, target, _, body, _ = SURFACES[surface]
    headers = [f"content-type: {declared}"] if declared else []
    status, said = exchange(registry.address, method, target, headers, body)
    assert status == 415, said


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_pages_of_other_sites_embed_is_refused(surface: str, site: str, registry: ServingRegistry) -> None:
    """A script, a picture or a frame has no Origin, but a browser says where it is from."""
    method, target, headers, body, _ = SURFACES[surface]
    status, _ = exchange(registry.address, method, target, [*headers, f"sec-fetch-site: {site}"], body)
    assert status == 403


def test_a_link_leads_to_a_page_but_asks_nothing(registry: ServingRegistry) -> None:
    visit = ["sec-fetch-site: cross-site", "sec-fetch-mode: navigate", "sec-fetch-dest: document"]
    assert exchange(registry.address, "GET", "/ontology", visit, b"")[0] == 200
    assert exchange(registry.address, "GET", "/sparql?query=ASK%7B%7D", visit, b"")[0] == 403
    assert exchange(registry.address, "GET", "/sparql?query=ASK%7B%7D", ["sec-fetch-site: none"], b"")[0] == 200
    frame = [*visit[:2], "sec-fetch-dest: iframe"]
    assert exchange(registry.address, "GET", "/ontology", frame, b"")[0] == 403


@pytest.mark.parametrize(
    ("host", "right"),
    [
        ("localhost", 200), ("LOCALHOST:1", 200), ("[::1]:8080", 200), ("127.0.0.9", 200), ("twins.example.org", 200),
        ("twins.example.org:443", 200), ("evil.example", 403), ("127.0.0.1.evil.example", 403),
        ("localhost.evil.example", 403),
        ("192.0.2.1", 403), ("0.0.0.0", 403), ("evil.example@localhost", 400), ("localhost:x", 400), ("[::1", 400),
        ("http://localhost", 400), ("localhost:99999", 400),
    ],
)  # fmt: skip
@pytest.mark.parametrize("surface", ["health", "SPARQL GET", "GraphQL POST"])
def test_a_name_that_a_page_points_here_is_not_answered_to(
    host: str, right: int, surface: str, registry: ServingRegistry
) -> None:
    method, target, headers, body, _ = SURFACES[surface]
    status, said = exchange(registry.address, method, target, headers, body, host=host)
    assert status == right, said
    if right != 200:
        assert json.loads(said.partition("\r\n\r\n")[2])["code"] in ("NOT_ALLOWED", "BAD_INPUT")


def test_behind_a_proxy_the_page_is_of_the_name_that_was_asked(registry: ServingRegistry) -> None:
    for origin, right in (("https://twins.example.org", 200), ("http://twins.example.org", 403)):
        headers = [f"origin: {origin}", "x-forwarded-proto: https"]
        assert exchange(registry.address, "GET", "/health", headers, b"", host="twins.example.org")[0] == right


@pytest.mark.parametrize(
    "text", ["*", "example.org", "https://", "https://a.example/path", "ftp://a.example", "null", "http://["]
)
def test_a_setting_that_names_no_origin_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="allowed_origins"):
        Origins.of("", text)


def test_a_setting_that_names_no_host_is_refused(tmp_path: Path) -> None:
    environment = {"REGISTRY_HOST_NAMES": "a b"}
    done = run_cli("serve", "--port", "0", "--data", tmp_path / "data", check=2, environment=environment)
    assert "host_names" in done.stderr
