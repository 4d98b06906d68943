"""The real Neo4j Browser opens connected, loads our look and guide with no click, and draws in our colours."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from neo4j import GraphDatabase

from registry.neo4j_browser.style import looks
from registry.rdf.vocabulary import TWIN
from tests.endtoend.browser import browser_page
from tests.neo4j.browsing import BrowsablePlant, browsable_plant, drawn_nodes, run_from_guide
from tests.neo4j.session import can_start
from tests.neo4j.slides import slides_of
from tests.shapes.fixtures import release


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowsablePlant]:
    can_start()
    with browsable_plant(tmp_path_factory.mktemp("browser")) as started:
        yield started


def test_browser_shows_names_and_our_colours_with_no_click(plant: BrowsablePlant) -> None:
    with browser_page(plant.link) as page:
        page.wait_for("document.querySelectorAll('pre.runnable').length", seconds=60)
        asked = [url for url in page.requests if url.startswith(plant.registry)]
        assert {url.removeprefix(plant.registry) for url in asked} == {"/neo4j/style.grass", "/neo4j/guide.html"}
        run_from_guide(page, "Around one entity")
        nodes = drawn_nodes(page)
    names = release().names
    look = {name: looks(release().model)[names.resolve(name)] for name in ("CentrifugalPump", "Tank", "Valve", "Hall")}
    for name, caption in [("CentrifugalPump", "P-101"), ("Tank", "T-100"), ("Valve", "V-110"), ("Hall", "Hall 1")]:
        found = {node.fill for node in nodes if node.caption.startswith(caption) and "twin" not in node.caption}
        assert found == {look[name].fill}, name
    twins = [node for node in nodes if node.caption.endswith("twin")]
    ring = looks(release().model)[TWIN]
    assert {(node.fill, node.border_width) for node in twins} == {(ring.fill, f"{ring.border_width}px")}
    assert all(node.caption for node in nodes)


def test_only_pages_of_this_machine_are_answered_and_before_they_ask(plant: BrowsablePlant) -> None:
    for path in ("/neo4j/style.grass", "/neo4j/guide.html"):
        here, elsewhere = ({"origin": origin} for origin in ("http://127.0.0.1:7474", "https://example.org"))
        wish = {"access-control-request-method": "GET", "access-control-request-headers": "cache-control,pragma"}
        asked = httpx.options(plant.registry + path, headers=here | wish)
        assert asked.status_code == 204
        assert {"cache-control", "pragma"} <= set(asked.headers["access-control-allow-headers"].split(", "))
        answer = httpx.get(plant.registry + path, headers=here)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "Pump" in answer.text
        refused = httpx.get(plant.registry + path, headers=elsewhere)
        assert refused.status_code == 403
        assert "access-control-allow-origin" not in refused.headers


def test_every_query_of_the_guide_finds_something_in_the_plant(plant: BrowsablePlant) -> None:
    slides = slides_of(httpx.get(f"{plant.registry}/neo4j/guide.html").text)
    listed = {"Classes", "Links"}
    found = {query: 0 for slide in slides if slide.heading not in listed for query in slide.queries}
    assert len(found) == 8
    with GraphDatabase.driver(plant.server) as driver:
        for query in found:
            found[query] = len(driver.execute_query(query).records)
    assert all(found.values()), found


def test_a_name_and_the_last_changes_are_found_by_an_index(plant: BrowsablePlant) -> None:
    slides = {slide.heading: slide for slide in slides_of(httpx.get(f"{plant.registry}/neo4j/guide.html").text)}
    with GraphDatabase.driver(plant.server) as driver:
        for query in slides["Find and follow"].queries:
            plan = str(driver.execute_query(f"EXPLAIN {query}").summary.plan)
            assert "Index" in plan, plan
            assert "ByLabelScan" not in plan, plan
