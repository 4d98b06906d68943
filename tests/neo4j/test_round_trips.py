"""How often GraphQL asks Neo4j: once for a page, and once more for each level of links, whatever the size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from registry.stores.neo4j.record import Neo4jRecord, open_neo4j
from registry.stores.open_mode import Access
from tests.graphql.server import Server
from tests.neo4j.session import emptied

PUMPS = 110
REGISTER = "mutation ($commands: [CommandInput!]!) { apply(commands: $commands) { position } }"
PAGE = """query ($first: Int!) { resources(class: "Pump", first: $first) { edges { node { iri name
          links(predicate: "feeds", first: 2) { edges { node { iri name } } } } } } }"""
TWINS = "query ($first: Int!) { twins(first: $first) { edges { node { iri name entity { iri name } } } } }"


def entity(number: int) -> str:
    return f"urn:x:pump-{number:03}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    url = emptied()
    with Server(tmp_path_factory.mktemp("neo4j"), opener=lambda: open_neo4j(url, Access.WRITE)) as running:
        pumps: list[dict[str, Any]] = [
            {"registerTwin": {"entity": {"iri": entity(n), "class": ["Pump"], "name": f"Pump {n:03}",
                "properties": [{"property": "ratedFlow", "value": 1.5}]}}} for n in range(PUMPS)
        ]  # fmt: skip
        pumps += [{"link": {"subject": entity(n), "predicate": "feeds", "object": entity(n + 1)}}
                  for n in range(PUMPS - 1)]  # fmt: skip
        running.data(REGISTER, commands=pumps)
        yield running


@pytest.mark.parametrize("first", [1, 100])
def test_a_page_with_one_level_of_links_is_two_round_trips(server: Server, first: int) -> None:
    assert trips(server, PAGE, first) == 2
    found = server.data(PAGE, first=first)["resources"]["edges"]
    assert [edge["node"]["iri"] for edge in found] == [entity(n) for n in range(first)]
    ends = [edge["node"]["links"]["edges"][0]["node"]["name"] for edge in found]
    assert ends == [f"Pump {n + 1:03}" for n in range(first)]


def test_a_page_of_twins_with_their_entities_is_two_round_trips(server: Server) -> None:
    assert trips(server, TWINS, 100) == 2


def trips(server: Server, query: str, first: int) -> int:
    record = cast(Neo4jRecord, server.record)
    server.data(query, first=first)
    before = record.round_trips
    server.data(query, first=first)
    return record.round_trips - before
