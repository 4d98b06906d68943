"""A mistyped IRI is repaired: links move, history stays, the old IRI is an alias and never used again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.endtoend.serving import ServingRegistry, run_cli

REGISTER = "mutation($input: RegisterTwinInput!) { registerTwin(input: $input) { revision } }"
REPLACE = """mutation($from: Iri!, $to: Iri!, $revision: Revision, $dryRun: Boolean! = false) {
  replaceIri(from: $from, to: $to, expectedRevision: $revision, dryRun: $dryRun) {
    revision position resource { iri name } touched { iri revision } } }"""
APPLY = "mutation($commands: [CommandInput!]!) { apply(commands: $commands) { position } }"
LINKS = (
    "query($iri: Iri!) { resource(iri: $iri) { iri links { edges { name properties { name value } node { iri } } } } }"
)
HISTORY = "query($iri: Iri!) { history(iri: $iri) { edges { node { events { kind subject data { name value } } } } } }"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingRegistry]:
    with ServingRegistry(tmp_path_factory.mktemp("replace") / "data") as serving:
        yield serving


def plant(registry: ServingRegistry, name: str) -> None:
    """A pump with a twin that feeds a tank with a twin, in a hall; the link to the hall has data of its own."""
    for kind, other, flow in (("tnak", "Tank", "capacity"), ("pump", "Pump", "ratedFlow")):
        says = [{"property": flow, "value": 5.5}, {"property": "serialNumber", "value": f"{name}-{kind}"}]
        entity = {"iri": f"urn:{name}:{kind}", "class": [other], "name": kind, "properties": says}
        answer = registry.ask(REGISTER, input={"iri": f"urn:{name}:{kind}:twin", "entity": entity})
        assert "errors" not in answer, answer
    link = {"subject": f"urn:{name}:pump", "predicate": "feeds", "object": f"urn:{name}:tnak",
            "properties": [{"property": "core_description", "value": "by a hose"}]}  # fmt: skip
    answer = registry.ask(APPLY, commands=[{"link": link}])
    assert "errors" not in answer, answer


def code(answer: dict[str, Any]) -> str:
    (error,) = answer["errors"]
    return str(error["extensions"]["code"])


def test_links_their_data_and_history_move_and_the_old_iri_leads_on(registry: ServingRegistry) -> None:
    plant(registry, "one")
    old, new = "urn:one:tnak", "urn:one:tank"
    dry = registry.ask(REPLACE, **{"from": old, "to": new, "dryRun": True})["data"]["replaceIri"]
    assert dry["revision"] == 1
    done = registry.ask(REPLACE, **{"from": old, "to": new, "revision": 1})["data"]["replaceIri"]
    assert done["resource"] == {"iri": new, "name": "tnak"}
    touched = {one["iri"]: one["revision"] for one in done["touched"]}
    assert (touched[old], touched[new]) == (0, 1)
    (edge,) = [
        edge
        for edge in registry.ask(LINKS, iri="urn:one:pump")["data"]["resource"]["links"]["edges"]
        if edge["name"] == "feeds"
    ]
    assert edge["node"]["iri"] == new
    assert {"name": "core_description", "value": "by a hose"} in edge["properties"]
    twin = registry.ask('{ twin(iri: "urn:one:tnak:twin") { entity { iri } } }')["data"]["twin"]
    assert twin == {"entity": {"iri": new}}
    assert registry.ask(LINKS, iri=old)["data"]["resource"] is None
    for iri in (old, new):
        latest = registry.ask(HISTORY, iri=iri)["data"]["history"]["edges"][0]["node"]["events"]
        facts = [{"name": "from", "value": old}, {"name": "to", "value": new}]
        assert latest == [{"kind": "IriReplaced", "subject": new, "data": facts}]
    moved = httpx.get(f"{registry.address}/resource", params={"iri": old}, follow_redirects=False)
    assert moved.status_code == 301
    assert new.encode() in httpx.get(f"{registry.address}/resource", params={"iri": old}, follow_redirects=True).content
    patch = {"iri": old, "set": [{"property": "capacity", "value": 6.5}]}
    refused = registry.ask(APPLY, commands=[{"patchResource": patch}])
    assert refused["errors"][0]["extensions"]["successor"] == new, refused
    asked = "SELECT ?new WHERE { ?new core:formerIri ?old FILTER(STR(?old) = 'urn:one:tnak') }"
    assert registry.sparql(asked) == [{"new": new}]


def test_what_makes_no_sense_is_refused_and_changes_nothing(registry: ServingRegistry) -> None:
    plant(registry, "two")
    for said, expected in (
        ({"from": "urn:two:nothing", "to": "urn:two:x"}, "NOT_FOUND"),
        ({"from": "urn:two:tnak", "to": "urn:two:pump"}, "ALREADY_EXISTS"),
        ({"from": "urn:two:tnak", "to": "urn:two:tnak"}, "BAD_INPUT"),
        ({"from": "urn:two:tnak", "to": "https://w3id.org/semantic-twins/plant#Pump"}, "ALREADY_EXISTS"),
        ({"from": "urn:two:tnak", "to": "urn:two:tank", "revision": 7}, "REVISION_MOVED"),
    ):
        assert code(registry.ask(REPLACE, **said)) == expected, said
    assert "errors" in registry.ask(REPLACE, **{"from": "urn:two:tnak", "to": "no iri"})
    assert registry.ask(LINKS, iri="urn:two:tnak")["data"]["resource"] is not None


def test_several_in_one_write_and_what_was_used_is_never_used_again(registry: ServingRegistry) -> None:
    plant(registry, "three")
    swap = [
        {"replaceIri": {"from": "urn:three:tnak", "to": "urn:three:middle"}},
        {"replaceIri": {"from": "urn:three:pump", "to": "urn:three:pomp"}},
        {"replaceIri": {"from": "urn:three:middle", "to": "urn:three:tank"}},
    ]
    assert "errors" not in registry.ask(APPLY, commands=swap)
    (edge,) = [
        edge
        for edge in registry.ask(LINKS, iri="urn:three:pomp")["data"]["resource"]["links"]["edges"]
        if edge["name"] == "feeds"
    ]
    assert edge["node"]["iri"] == "urn:three:tank"
    assert {"name": "core_description", "value": "by a hose"} in edge["properties"]
    assert code(registry.ask(REPLACE, **{"from": "urn:three:tank", "to": "urn:three:tnak"})) == "ALREADY_EXISTS"


def test_the_log_says_what_the_record_says(registry: ServingRegistry) -> None:
    registry.stop()
    found = json.loads(run_cli("doctor", "--shapes", "--json", "--data", registry.data).stdout)
    assert not [one for one in found if one["verdict"] == "fault"]
    registry.start()
