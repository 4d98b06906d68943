"""Writes and reads over GraphQL, with every write checked and durable."""

from __future__ import annotations

import itertools
import json
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.bench.load import request_bytes, rounds
from tests.bench.peers import PlainServer, bare_commits
from tests.bench.table import Row, per_second, row
from tests.endtoend.serving import ServingRegistry

TWINS = 200
SECONDS = 2.0
ROUNDS = 5

REGISTER = """mutation($commands: [CommandInput!]!) { apply(commands: $commands) { position } }"""
PATCH = """mutation($iri: Iri!, $value: Value!) {
  patchResource(iri: $iri, set: [{property: "ratedPower", value: $value}]) { revision } }"""
READ = """query($iri: Iri!) { twin(iri: $iri) { iri name state { name } entity { iri name
  properties(names: ["ratedFlow", "ratedPower", "serialNumber"]) { name value } } } }"""
LIST = """{ twins(first: 100) { edges { node { iri name revision state { name }
  entity { iri name classes properties(names: ["ratedFlow", "ratedPower"]) { name value } } } } } }"""

LINKED = """{ pumps(first: 100) { edges { node { iri name ratedFlow
  links(first: 5) { edges { name node { iri name } } } } } } }"""
CREATE = """mutation($iri: Iri!, $entity: Iri!) { registerTwin(input: {iri: $iri, entity: {
  iri: $entity, class: "CentrifugalPump", name: "A new pump", properties: [{property: "ratedFlow", value: 7.5}]}}) {
  revision } }"""
REVISION = "query($iri: Iri!) { resource(iri: $iri) { revision } }"


def measured(folder: Path) -> list[Row]:
    """The rows of this part."""
    with ServingRegistry(folder) as registry:
        fill(registry)
        return [*_writes(registry, folder), *_reads(registry, folder)]


def fill(registry: ServingRegistry) -> None:
    """Twins of pumps to write to and to read."""
    for start in range(0, TWINS, 100):
        answer = registry.ask(REGISTER, commands=registrations(start, start + 100))
        assert "errors" not in answer, answer


def registrations(start: int, end: int) -> list[dict[str, Any]]:
    """Commands that register twins of pumps."""
    return [
        {"registerTwin": {"iri": f"urn:t:{n}", "entity": {
            "iri": f"urn:e:{n}", "class": ["CentrifugalPump"], "name": f"Pump {n}",
            "properties": [{"property": "ratedFlow", "value": 12.5}, {"property": "ratedPower", "value": 3.5},
                           {"property": "serialNumber", "value": f"S{n}"}]}}}
        for n in range(start, end)
    ]  # fmt: skip


def _writes(registry: ServingRegistry, folder: Path) -> list[Row]:
    created = itertools.count()

    def patch(client: int, number: int) -> bytes:
        return request_bytes("/graphql", PATCH, iri=f"urn:e:{client}", value=1 + number % 50 + client / 100)

    def same(client: int, number: int) -> bytes:
        return request_bytes("/graphql", PATCH, iri="urn:e:7", value=1 + number / 8)

    def create(client: int, number: int) -> bytes:
        n = next(created)
        return request_bytes("/graphql", CREATE, iri=f"urn:new:t:{n}", entity=f"urn:new:e:{n}")

    def batch(client: int, number: int) -> bytes:
        commands = [
            {"patchResource": {"iri": f"urn:e:{(client * 50 + n) % TWINS}",
                               "set": [{"property": "ratedPower", "value": 1 + (number + n) % 50}]}}
            for n in range(100)
        ]  # fmt: skip
        return request_bytes("/graphql", REGISTER, commands=commands)

    folder.mkdir(parents=True, exist_ok=True)
    bare = per_second(bare_commits(folder / "bare.db", b"x" * 600))
    peer = "SQLite, the same rows unchecked, one at a time"
    one = rounds(registry.address, patch, 1, SECONDS, ROUNDS)
    many = rounds(registry.address, patch, 64, SECONDS, ROUNDS)
    batched = [100 * rate for rate in rounds(registry.address, batch, 4, SECONDS, ROUNDS)]
    sixteen = _without_loss(registry, same)
    new = rounds(registry.address, create, 16, SECONDS, ROUNDS)
    return [
        row("checked, durable patches, 1 client", one, "/s", peer, bare),
        row("checked, durable patches, 64 clients", many, "/s", peer, bare),
        row("the same in batches of 100, 4 clients", batched, "/s", peer, bare),
        row("checked, durable patches of one twin, 16 clients, none lost", sixteen, "/s", peer, bare),
        row("a new twin with its entity, 16 clients", new, "/s", peer, bare),
    ]


def _without_loss(registry: ServingRegistry, patch: Callable[[int, int], bytes]) -> Sequence[float]:
    """Patches of one resource by 16 clients, each of which must have left a revision of its own."""
    sent = itertools.count()

    def counted(client: int, number: int) -> bytes:
        # A value that was there already would be no change.
        return patch(client, next(sent))

    def revision() -> int:
        return int(registry.ask(REVISION, iri="urn:e:7")["data"]["resource"]["revision"])

    before = revision()
    rates = rounds(registry.address, counted, 16, SECONDS, ROUNDS)
    assert revision() - before == next(sent), "an update was lost"
    return rates


def _reads(registry: ServingRegistry, folder: Path) -> list[Row]:
    def one(client: int, number: int) -> bytes:
        return request_bytes("/graphql", READ, iri=f"urn:t:{(client + number) % TWINS}")

    def page(client: int, number: int) -> bytes:
        return request_bytes("/graphql", LIST)

    found = []
    for name, make, answer in (
        ("read one twin with its entity, 64 clients", one, registry.ask(READ, iri="urn:t:1")),
        ("list of 100 twins with their entities, 4 clients", page, registry.ask(LIST)),
    ):
        content = folder / "answer.json"
        content.write_text(json.dumps(answer))
        plain = PlainServer(_free_port(), content)
        clients = 64 if make is one else 4
        try:
            limit = rounds(plain.address, make, clients, SECONDS, ROUNDS)
        finally:
            plain.stop()
        ours = rounds(registry.address, make, clients, SECONDS, ROUNDS)
        found.append(row(name, ours, "/s", "Starlette + orjson, the same bytes", limit))
    return found


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
