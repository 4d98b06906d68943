"""GraphiQL from our own package: every file is here, nothing comes from elsewhere, and a person can work with it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from graphql import parse
from graphql.validation import specified_rules
from strawberry.schema.schema import validate_document

from registry.api.graphql.fixed.schema import fixed_half
from registry.share import folder, query
from tests.endtoend.browser import browser_page
from tests.graphql.conftest import Pump
from tests.graphql.server import Server

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_a_browser_gets_a_page_that_loads_from_here_alone(server: Server) -> None:
    page = httpx.get(f"{server.address}/graphql", headers=BROWSER)
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert not re.search(r"https?:", policy)
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    files = [address for address in loaded if not address.startswith("data:")]
    assert len(files) == 9
    for address in files:
        answer = httpx.get(server.address + address)
        assert (answer.status_code, answer.headers["x-content-type-options"]) == (200, "nosniff"), address


@pytest.mark.parametrize(
    "name", ["nonsense.js", "..%2Fexplorer.py", "%2e%2e/schema.py", "graphiql.html", "views.py", ""]
)
def test_no_other_file_can_be_asked_for(server: Server, name: str) -> None:
    assert httpx.get(f"{server.address}/graphql/assets/{name}").status_code == 404


@pytest.mark.parametrize("path", sorted((folder("queries") / "graphql").iterdir()), ids=lambda path: path.name)
def test_a_named_query_fits_the_schema_and_says_what_it_is(path: Path) -> None:
    text = query("graphql", path.stem)
    assert text.startswith("# ")
    assert validate_document(fixed_half()._schema, parse(text), tuple(specified_rules)) == []


def test_a_person_can_ask_and_watch_in_a_browser(server: Server, pump: Pump, fresh: Callable[[str], str]) -> None:
    pump("seen-in-a-browser")
    run = "document.querySelector('.graphiql-execute-button')"
    choose = "[...document.querySelectorAll('[role=menuitem]')].find(item => item.textContent.includes('%s'))"
    response = "document.querySelector('.result-window .CodeMirror')?.CodeMirror.getValue() ?? ''"
    patch = """mutation ($iri: Iri!, $flow: Value!) {
        patchResource(iri: $iri, set: {property: "ratedFlow", value: $flow}) { position } }"""
    with browser_page(f"{server.address}/graphql") as page:
        page.click(run)
        page.click(choose % "Twins")
        page.wait_for(f"({response}).includes('totalCount')")
        page.click(run)
        page.click(choose % "Changes")
        for flow in range(1, 200):  # Nothing says when the subscription has begun, so things change until it has.
            server.data(patch, iri=fresh("seen-in-a-browser"), flow=flow)
            time.sleep(0.1)
            if "patchResource" in page.evaluate(response):
                break
        else:
            pytest.fail(f"no change arrived; the page says {page.faults}")
        assert page.faults == []
        outside = [url for url in page.requests if not url.startswith((server.address, "data:", "blob:"))]
        assert outside == [server.websocket]
