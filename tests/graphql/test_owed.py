"""What is owed: everything in the registry, page by page, without knowing the twin that owes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from registry.access.principal import Principal
from registry.domain.change import Change
from registry.rdf.syntax import Syntax, parse
from registry.services.audit import audit
from registry.stores.submission import Faults, Submission
from tests.graphql.server import Server

PREFIX = (
    "@prefix plant: <https://w3id.org/semantic-twins/plant#> . @prefix core: <https://w3id.org/semantic-twins/core#> ."
)
OWED = "".join(f'<urn:owed:{number}> a plant:Tank ; plant:serialNumber "T{number}" .' for number in range(9))
DANGLING = (
    '<urn:owed:dangling> a plant:Tank ; plant:serialNumber "X" ; plant:capacity 1.0 ; core:locatedIn <urn:nowhere> .'
)
QUERY = """query ($severity: Severity, $shape: Iri, $first: Int, $after: String) {
  violations(severity: $severity, shape: $shape, first: $first, after: $after) {
    edges { cursor node { focus path message severity shape component } } pageInfo { hasNextPage endCursor } } }"""


@pytest.fixture(scope="module")
def owing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A registry with nine tanks of unknown capacity and one that stands nowhere."""
    statements = tuple(parse((PREFIX + OWED + DANGLING).encode(), Syntax.TURTLE).statements)
    with Server(tmp_path_factory.mktemp("owing")) as running:
        work = Submission(lambda view: Change(added=statements), Principal("test"), "import", faults=Faults.OWE)
        running.writer.submit(work).result()
        yield running


def listed(server: Server, **wanted: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = server.data(QUERY, after=after, **wanted)["violations"]
        found += [edge["node"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found


def test_all_that_is_owed_is_listed(owing: Server) -> None:
    found = listed(owing, severity="VIOLATION")
    tanks = [one["focus"] for one in found if one["shape"].endswith("#Tank-capacity")]
    assert tanks == [f"urn:owed:{number}" for number in range(9)]
    dangling = [one for one in found if one["component"].endswith("DanglingLink")]
    assert [one["focus"] for one in dangling] == ["urn:owed:dangling"]
    warned = listed(owing, severity="WARNING")
    assert {one["severity"] for one in warned} <= {"WARNING"}
    assert len(listed(owing)) == len(found) + len(warned) + len(listed(owing, severity="INFO"))


@pytest.mark.parametrize("first", [1, 2, 5, 1_000])
def test_pages_neither_skip_nor_repeat(owing: Server, first: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = listed(owing, first=1_000)
    monkeypatch.setattr(audit, "PAGE", 3)
    monkeypatch.setattr(audit, "MOST_LOOKED_AT", 3)
    assert listed(owing, first=first) == whole
    shape = whole[0]["shape"]
    assert listed(owing, first=first, shape=shape) == [one for one in whole if one["shape"] == shape]


def test_a_page_that_looked_at_enough_says_that_more_may_follow(owing: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "PAGE", 2)
    monkeypatch.setattr(audit, "MOST_LOOKED_AT", 2)
    page = owing.data(QUERY, shape="urn:no:shape", first=5)["violations"]
    assert page["edges"] == []
    assert page["pageInfo"]["hasNextPage"]
    assert page["pageInfo"]["endCursor"]


def test_a_foreign_cursor_is_refused(owing: Server) -> None:
    assert owing.refused(QUERY, after="bm9uZQ")["code"] == "BAD_INPUT"


def test_a_twin_lists_what_it_and_its_entity_owe(owing: Server) -> None:
    statements = tuple(
        parse(
            (PREFIX + "<urn:owed:twin> a core:Twin ; core:twinOf <urn:owed:dangling> .").encode(), Syntax.TURTLE
        ).statements
    )
    work = Submission(lambda view: Change(added=statements), Principal("test"), "import", faults=Faults.OWE)
    owing.writer.submit(work).result()
    found = owing.data('{ twin(iri: "urn:owed:twin") { violations(severity: VIOLATION) { focus component } } }')
    components = {one["component"].rpartition("#")[2] for one in found["twin"]["violations"]}
    assert "DanglingLink" in components
    assert {one["focus"] for one in found["twin"]["violations"]} == {"urn:owed:twin", "urn:owed:dangling"}
