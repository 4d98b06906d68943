"""SPARQL, REST and raw HTTP, odd from the address to the last byte."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.fuzz.tables import BODIES, HEADER_VALUES, HEADERS, PARAMETERS, PARTS, PATHS
from tests.fuzz.values import INTEGERS, IRIS, NAMES, TEXTS, any_json, mutated
from tests.fuzz.wire import SEED, Wire, hostile_ground, judge

QUERIES, REST, RAW = 2_000, 3_500, 2_500
JSON = "application/json"
NO_ADDRESSES = ("http://[", "[::1", "[", "http://]:[", "localhost:x", "localhost:99999", "http://localhost/path")


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    with hostile_ground(tmp_path_factory.mktemp("interfaces")) as ready:
        yield ready


@pytest.mark.timeout(900)
def test_sparql(wire: Wire) -> None:
    chance = random.Random(SEED + 3)
    seen: Counter[int] = Counter()
    for _ in range(QUERIES):
        text = " ".join(chance.sample(PARTS, chance.choice((1, 2, 3, 5))))
        content = (text if chance.random() < 0.7 else chance.choice(PARTS[:5])).encode()
        if chance.random() < 0.3:
            content = mutated(content, chance)
        accept = chance.choice((*HEADER_VALUES[:6], "text/csv", "application/sparql-results+json", "text/turtle"))
        if chance.random() < 0.3:
            answer = wire.ask("GET", f"/sparql?query={quote(content)}", accept=accept)
        elif chance.random() < 0.5:
            answer = wire.ask("POST", "/sparql", content, content_type="application/sparql-query", accept=accept)
        else:
            form = f"query={quote(content)}&default-graph-uri={quote(chance.choice(IRIS))}".encode()
            answer = wire.ask("POST", "/sparql", form, content_type="application/x-www-form-urlencoded", accept=accept)
        judge(answer, content)
        seen[answer.status] += 1
    assert seen[200] > QUERIES / 20, seen


@pytest.mark.timeout(900)
def test_rest(wire: Wire) -> None:
    chance = random.Random(SEED + 4)
    seen: Counter[int] = Counter()
    for _ in range(REST):
        target = chance.choice(PATHS)
        if chance.random() < 0.5:
            value = chance.choice((*IRIS, *NAMES, *TEXTS[:-1], *map(str, INTEGERS)))
            target += f"?{chance.choice(PARAMETERS)}={quote(value, errors='replace')}"
        method = chance.choice(("GET", "GET", "GET", "POST", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"))
        headers = {"accept": "*/*", "content_type": JSON}
        if chance.random() < 0.5:
            headers |= {chance.choice(HEADERS[:7]).replace("-", "_"): chance.choice(HEADER_VALUES[:20])}
        body = b""
        if method == "POST":
            body = json.dumps(chance.choice((*BODIES, any_json(chance)))).encode()
            body = mutated(body, chance) if chance.random() < 0.3 else body
        answer = wire.ask(method, target, body, **headers)
        judge(answer, (method, target, headers, body))
        seen[answer.status] += 1
    assert seen[200] > REST / 10, seen


@pytest.mark.timeout(900)
def test_raw_http(wire: Wire) -> None:
    chance = random.Random(SEED + 5)
    good = json.dumps({"query": "{ resources(first: 1) { totalCount } }"}).encode()
    seen: Counter[int] = Counter()
    for _ in range(RAW):
        method = chance.choice(("GET", "POST", "OPTIONS", "HEAD", "CONNECT", "TRACE", "get", "G\u00cbT", ""))
        target = chance.choice((*PATHS, "*", "http://127.0.0.1/health", "/\u00fc", "", "/?" + "q" * 9_000, "/health#x"))
        version = chance.choice(("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/9", ""))
        body = chance.choice((b"", good, good, b"0\r\n\r\n", b"5\r\nhello\r\n0\r\n\r\n", b"fffffffffffffffff\r\n"))
        lines = [f"host: {wire.host}", f"content-length: {len(body)}", f"content-type: {JSON}"]
        lines += [f"{chance.choice(HEADERS)}: {chance.choice(HEADER_VALUES)}" for _ in range(chance.randrange(4))]
        head = "\r\n".join([f"{method} {target} {version}", *chance.sample(lines, chance.randrange(len(lines) + 1))])
        head = head if chance.random() < 0.8 else "\r\n".join([f"GET {target} HTTP/1.1", f"host: {wire.host}"])
        request = head.encode("latin-1", errors="replace") + b"\r\n\r\n" + body
        if chance.random() < 0.3:
            request = mutated(request, chance)
        answer = wire.send(request)
        judge(answer, request)
        seen[answer.status] += 1
    assert seen[200] > RAW / 100, seen
    assert seen[400] > RAW / 10, seen


@pytest.mark.parametrize("waivers", [None, 5, "x", {"shape": "s", "reason": "r"}, [None], [[]], True])
def test_waivers_that_are_no_list(waivers: object, wire: Wire) -> None:
    body = json.dumps({"waivers": waivers}).encode()
    answer = wire.ask("POST", "/releases/active/activation", body, content_type=JSON)
    judge(answer, body)
    assert answer.status in (200, 400)
    assert waivers is None or b"BAD_INPUT" in answer.body


@pytest.mark.parametrize("name", ["host", "origin"])
@pytest.mark.parametrize(
    "value", ["http://[", "[::1", "[", "http://]:[", "localhost:x", "localhost:99999", "\u00b2", "a@b", ""]
)
def test_a_host_or_origin_that_is_no_address(name: str, value: str, wire: Wire) -> None:
    lines = {"host": wire.host, name: value}
    head = "".join(f"{key}: {text}\r\n" for key, text in lines.items())
    answer = wire.send(f"GET /health HTTP/1.1\r\n{head}\r\n".encode("latin-1"))
    judge(answer, value)
    assert answer.status in (400, 403), answer
    assert b'"code"' in answer.body, answer
