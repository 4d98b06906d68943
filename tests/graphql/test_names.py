"""What a resource is called: in which language it is read, which label a new name replaces; and how much is echoed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from registry.api.graphql.serve import documents
from tests.graphql.server import Server

Fresh = Callable[[str], str]
Pump = Callable[..., str]
LABELS = ["Pump", ("Pumpe", "de"), ("Pompe", "fr"), ("Bomba", "es-419")]
NAME = """query ($iri: Iri!) { resource(iri: $iri) { name }
    resources(filter: {iri: [$iri]}) { edges { node { name iri } } } pump(iri: $iri) { iri name } }"""


@pytest.fixture(params=["compiled", "stock"])
def runner(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "COMPILED_AT", 1 if request.param == "compiled" else 10**9)


def ask(server: Server, language: str | None, query: str, **variables: Any) -> dict[str, Any]:
    """The data that a reader of a language gets."""
    headers = {} if language is None else {"accept-language": language}
    answer = httpx.post(
        f"{server.address}/graphql", json={"query": query, "variables": variables}, headers=headers, timeout=30
    ).json()
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"]
    return found


def name(server: Server, iri: str, language: str | None) -> str:
    """The name, the same however it is asked for."""
    data = ask(server, language, NAME, iri=iri)
    found = {data["resource"]["name"], data["resources"]["edges"][0]["node"]["name"], data["pump"]["name"]}
    assert len(found) == 1, found
    return str(found.pop())


def labels(server: Server, iri: str) -> set[tuple[str, str | None]]:
    query = 'query ($iri: Iri!) { resource(iri: $iri) { properties(names: ["rdfs:label"]) { lexical language } } }'
    found = server.data(query, iri=iri)["resource"]["properties"]
    assert len(found) == len({(one["lexical"], one["language"]) for one in found})
    return {(one["lexical"], one["language"]) for one in found}


@pytest.fixture
def labelled(server: Server, pump: Pump, fresh: Fresh) -> str:
    """A pump with a label in four languages, one of them none."""
    pump()
    given = [label if isinstance(label, tuple) else (label, None) for label in LABELS]
    server.data(
        "mutation ($iri: Iri!, $set: [PropertyInput!]) { patchResource(iri: $iri, set: $set) { revision } }",
        iri=fresh("pump"),
        set=[{"property": "rdfs:label", "value": text, "language": tag or ""} for text, tag in given],
    )  # fmt: skip
    assert labels(server, fresh("pump")) == set(given)
    return fresh("pump")


@pytest.mark.usefixtures("runner")
def test_a_name_follows_the_language_that_is_asked_for(server: Server, labelled: str) -> None:
    for language, wanted in (
        (None, "Pump"), ("de", "Pumpe"), ("de-AT", "Pumpe"), ("fr;q=0.5, de;q=0.9", "Pumpe"), ("it", "Pump"),
        ("it, fr;q=0.1", "Pompe"), ("es", "Bomba"), ("*", "Pump"), ("en", "Pump"), ("DE", "Pumpe"),
    ):  # fmt: skip
        assert name(server, labelled, language) == wanted, language


@pytest.mark.parametrize("way", ["typed", "generic", "apply"])
@pytest.mark.parametrize(("language", "replaced"), [(None, None), ("de", "de"), ("fr-CH", "fr"), ("it", None)])
def test_setting_a_name_replaces_the_label_it_showed(
    server: Server, labelled: str, way: str, language: str | None, replaced: str | None
) -> None:
    query = {
        "typed": "mutation ($i: Iri!, $n: String) { patchPump(iri: $i, set: {name: $n}) { pump { name } } }",
        "generic": "mutation ($i: Iri!, $n: String) { patchResource(iri: $i, name: $n) { resource { name } } }",
        "apply": """mutation ($i: Iri!, $n: String) {
            apply(commands: [{patchResource: {iri: $i, name: $n}}]) { resource { name } } }""",
    }[way]
    before = labels(server, labelled)
    payload = ask(server, language, query, i=labelled, n="New")
    ((answered,),) = (list(one.values()) for one in payload.values())
    assert answered == {"name": "New"} == {"name": name(server, labelled, language)}
    assert labels(server, labelled) == {one for one in before if one[1] != replaced} | {("New", replaced)}
    ask(server, language, query, i=labelled, n=None)
    assert labels(server, labelled) == {one for one in before if one[1] != replaced}


def test_a_name_shows_at_once_whatever_labels_stood_before(server: Server, pump: Pump, fresh: Fresh) -> None:
    pump()
    iri = fresh("pump")
    setting = """mutation ($i: Iri!, $s: [PropertyInput!]) {
        patchResource(iri: $i, unset: ["rdfs:label"], set: $s) { revision } }"""
    for stood in (
        ["A", ("B", "en")],
        [("A", "en"), "B"],
        [("A", "de"), ("B", "fr")],
        ["A", "B"],
        [("A", "en"), ("B", "en")],
        [],
    ):
        pairs = [one if isinstance(one, tuple) else (one, "") for one in stood]
        given = [{"property": "rdfs:label", "value": text, "language": tag} for text, tag in pairs]
        server.data(setting, i=iri, s=given)
        server.data('mutation ($i: Iri!) { patchPump(iri: $i, set: {name: "New"}) { revision } }', i=iri)
        assert name(server, iri, None) == "New", stood


def test_values_in_a_language_replace_those_of_that_language_only(server: Server, labelled: str) -> None:
    query = """mutation ($i: Iri!, $s: [PropertyInput!], $u: [Name!]) {
        patchResource(iri: $i, set: $s, unset: $u) { revision } }"""
    one = {"property": "rdfs:label", "value": "Kreiselpumpe", "language": "DE"}
    server.data(query, i=labelled, s=[one])
    assert labels(server, labelled) == {("Pump", None), ("Kreiselpumpe", "DE"), ("Pompe", "fr"), ("Bomba", "es-419")}
    server.data(query, i=labelled, s=[{**one, "language": "de", "value": "Pumpe"}], u=["rdfs:label"])
    assert labels(server, labelled) == {("Pumpe", "de")}
    server.data(query, i=labelled, s=[{"property": "rdfs:label", "value": "All"}])
    assert labels(server, labelled) == {("All", None)}


def test_what_is_large_is_not_echoed_whole(
    server: Server, labelled: str, fresh: Fresh, caplog: pytest.LogCaptureFixture
) -> None:
    large = "long word " * 100_000
    setting = """mutation ($i: Iri!, $s: [PropertyInput!]) {
        patchResource(iri: $i, set: $s) { revision warnings { message } } }"""
    point = "query ($f: ResourceFilter) { resources(filter: $f) { totalCount } }"
    asked: list[tuple[str, dict[str, Any]]] = [
        (setting, {"i": labelled, "s": [{"property": "criticality", "value": large}]}),
        (setting, {"i": labelled, "s": [{"property": "ratedFlow", "value": large, "datatype": "xsd:string"}]}),
        (setting, {"i": labelled, "s": [{"property": large, "value": 1}]}),
        (setting, {"i": labelled, "s": [{"property": "rdfs:label", "value": large, "datatype": large}]}),
        (setting, {"i": labelled, "s": [{"property": "ratedFlow", "value": 1, large: 2}]}),
        (setting, {"i": large, "s": []}),
        (setting, {"i": "urn:" + "x" * 1_000_000, "s": [{"property": "rdfs:label", "value": "x"}]}),
        (point, {"f": {"class": [large]}}),
        (point, {"f": {large: 1}}),
        (point, {"f": large}),
        ("mutation ($t: Iri!, $n: String!) { transition(twin: $t, trigger: $n) { revision } }",
         {"t": labelled + "-twin", "n": large}),
        ("query ($t: String!) { validate(turtle: $t) { message value valueLabel suggestion focus focusLabel } }",
         {"t": f'<urn:x> a <https://w3id.org/semantic-twins/plant#Pump>; '
               f'<https://w3id.org/semantic-twins/plant#criticality> "{large}" .'}),
        ('mutation ($i: Iri!) { transition(twin: $i, trigger: "discard") { revision } }', {"i": "<" + "x" * 1_000_000}),
    ]  # fmt: skip
    with caplog.at_level(logging.INFO):
        for query, variables in asked:
            answer = httpx.post(
                f"{server.address}/graphql", json={"query": query, "variables": variables}, timeout=60
            )  # fmt: skip
            assert answer.status_code < 500
            assert "errors" in answer.json() or "validate" in query, query
            assert len(answer.content) < 30_000, (query, len(answer.content))
    assert all(len(record.getMessage()) < 50_000 for record in caplog.records)
