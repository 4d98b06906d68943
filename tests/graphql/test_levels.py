"""A page costs the same number of questions to the record whatever its size: they are asked level by level."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from registry.stores.neo4j.record import Neo4jRecord
from tests.graphql.server import Server
from tests.stores.conftest import STORES, opener_of

PUMPS = 120

TWO_LEVELS = """query ($n: Int!) { twins(first: $n) { edges { node {
  iri name state { name } allowedTransitions { name }
  entity { iri name ... on Entity { twin { iri } } properties { name value } }
} } } }"""
THREE_LEVELS = """query ($n: Int!) { resources(class: "Pump", first: $n) { edges { node {
  iri
  out: links(predicate: "feeds", first: 5) { edges { properties { name } node { iri
    links(predicate: "feeds", first: 2) { edges { node { iri ... on Entity { twin { iri state { name } } } } } }
  } } }
  in: links(direction: IN, first: 5) { edges { name node { iri name } } }
  linksCount(direction: IN)
} } } }"""


def pump(number: int) -> str:
    return f"urn:ring:{number % PUMPS:03}"


def entity(number: int) -> dict[str, object]:
    flow = {"property": "ratedFlow", "value": 10 + number}
    return {"iri": pump(number), "class": ["Pump"], "name": f"Pump {number:03}", "properties": [flow]}


ONE_LEVEL = """query ($n: Int!) { resources(class: "Pump", first: $n) { edges { node {
  iri name links(predicate: "feeds", first: 5) { edges { node { iri name } } }
} } } }"""
ONE_TYPED_LEVEL = """query ($n: Int!) { pumps(first: $n) { nodes { iri name ratedFlow
  feeds(first: 5) { nodes { iri name } } isFedBy(first: 5) { nodes { iri name } }
} } }"""


@pytest.fixture(scope="module", params=STORES)
def plant(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A ring of pumps, each of which feeds the next two; some feeds say since when."""
    folder = tmp_path_factory.mktemp("plant")
    with Server(folder, opener=opener_of(request.param, folder)) as server:
        made = [{"registerTwin": {"iri": f"{pump(n)}:twin", "entity": entity(n)}} for n in range(PUMPS)]
        since = [{"property": "validFrom", "value": "2026-01-01T00:00:00Z"}]
        linked = [
            {"link": {"subject": pump(n), "predicate": "feeds", "object": pump(n + step), "properties": properties}}
            for n in range(PUMPS)
            for step, properties in ((1, since), (2, []))
        ]
        query = "mutation ($c: [CommandInput!]!) { apply(commands: $c) { position } }"
        server.data(query, c=made)
        server.data(query, c=linked)
        yield server


@pytest.mark.parametrize("query", [TWO_LEVELS, THREE_LEVELS])
def test_a_page_of_any_size_asks_the_same_number_of_questions(plant: Server, query: str) -> None:
    asked = []
    for size in (1, 10, 100):
        plant.counting.calls.clear()
        (listing,) = plant.data(query, n=size).values()
        assert len(listing["edges"]) == size
        asked.append(dict(plant.counting.calls))
    # What becomes known in the same moment shares a question, so that there may be one more or less; never one each.
    assert all(sum(calls.values()) <= 12 for calls in asked), asked


@pytest.mark.parametrize(("query", "most"), [(ONE_LEVEL, 2), (ONE_TYPED_LEVEL, 3)])
def test_a_level_of_links_is_two_questions_at_most(plant: Server, query: str, most: int) -> None:
    """A page, what it links to, and who links to it where others may state the link; on a server each is one trip."""
    for size in (10, 100):
        trips = round_trips(plant)
        plant.counting.calls.clear()
        plant.data(query, n=size)
        assert plant.counting.calls["find"] == 1
        assert sum(plant.counting.calls.values()) == most, plant.counting.calls
        if trips is not None:
            assert round_trips(plant) == trips + most


def round_trips(plant: Server) -> int | None:
    """How often a server was asked; None for a record in a file."""
    return plant.record.round_trips if isinstance(plant.record, Neo4jRecord) else None


def test_what_is_asked_level_by_level_is_what_is_there(plant: Server) -> None:
    pumps = plant.data(THREE_LEVELS, n=PUMPS)["resources"]["edges"]
    for number, node in enumerate(edge["node"] for edge in pumps):
        assert node["iri"] == pump(number)
        assert [edge["node"]["iri"] for edge in node["out"]["edges"]] == sorted([pump(number + 1), pump(number + 2)])
        for edge in node["out"]["edges"]:
            said = [value["name"] for value in edge["properties"]]
            assert ("validFrom" in said) == (edge["node"]["iri"] == pump(number + 1))
            for second in edge["node"]["links"]["edges"]:
                assert second["node"]["twin"] == {"iri": second["node"]["iri"] + ":twin", "state": {"name": "Draft"}}
        assert [edge["name"] for edge in node["in"]["edges"]].count("feeds") == 2
        assert node["linksCount"] == len(node["in"]["edges"]) == 5  # feeds twice, linkSource, linkTarget, twinOf


def test_what_many_commands_were_about_is_read_at_once(plant: Server) -> None:
    query = "mutation ($c: [CommandInput!]!) { apply(commands: $c) { resources { name } } }"
    points = [{"name": "flow"}]
    stated = {"iri": "urn:ring:stated", "class": ["Pump"], "properties": [{"property": "ratedFlow", "value": 1}]}
    plant.data(query, c=[{"registerTwin": {"iri": "urn:ring:stated:twin", "entity": stated, "points": points}}])
    report = {"twin": "urn:ring:stated:twin", "values": [{"point": "flow", "value": 2}]}
    links = [{"link": {"subject": pump(n), "predicate": "dependsOn", "object": pump(n + 1)}} for n in range(50)]
    plant.counting.calls.clear()
    told = plant.data(query, c=[*links, {"reportState": report}, {"reportState": report}])["apply"]["resources"]
    assert [resource["name"] for resource in told[:50]] == [f"Pump {n:03}" for n in range(50)]
    assert plant.counting.calls["resources"] <= 2, plant.counting.calls
