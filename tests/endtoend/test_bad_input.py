"""Bad input that twin platforms are known to accept: refused over GraphQL and by import, with path and value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.endtoend.serving import ServingRegistry, run_cli

PLANT = "https://w3id.org/semantic-twins/plant#"
CORE = "https://w3id.org/semantic-twins/core#"
REGISTER = """mutation($input: RegisterTwinInput!) { registerTwin(input: $input) { revision } }"""
PATCH = """mutation($iri: Iri!, $set: [PropertyInput!], $unset: [Name!], $revision: Revision) {
  patchResource(iri: $iri, set: $set, unset: $unset, expectedRevision: $revision) { revision } }"""


def pump(number: int, **changed: Any) -> dict[str, Any]:
    properties = [{"property": "ratedFlow", "value": 5.5}, {"property": "serialNumber", "value": f"S{number}"}]
    entity = {"iri": f"urn:e:{number}", "class": ["Pump"], "name": "Pump", "properties": properties}
    return {"iri": f"urn:t:{number}", "entity": {**entity, **changed.pop("entity", {})}, **changed}


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingRegistry]:
    with ServingRegistry(tmp_path_factory.mktemp("bad-input")) as serving:
        assert "errors" not in serving.ask(REGISTER, input=pump(1))
        yield serving


def refused(answer: dict[str, Any], code: str) -> dict[str, Any]:
    assert answer["data"] is None, answer
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == code, answer
    extensions: dict[str, Any] = error["extensions"]
    return extensions


def faults(extensions: dict[str, Any]) -> set[tuple[str, str, str | None]]:
    return {(v["focus"], v["path"], v["value"]) for v in extensions["violations"] if v["severity"] == "Violation"}


def state(registry: ServingRegistry) -> Any:
    return registry.ask("{ resources(first: 100) { totalCount edges { node { iri revision } } } }")


def test_wrong_type_at_create(registry: ServingRegistry) -> None:
    bad = pump(2, entity={"properties": [{"property": "ratedFlow", "value": "fast"}]})
    found = faults(refused(registry.ask(REGISTER, input=bad), "SHAPES_VIOLATED"))
    assert ("urn:e:2", f"<{PLANT}ratedFlow>", "fast") in found


def test_wrong_type_in_a_patch(registry: ServingRegistry) -> None:
    before = state(registry)
    answer = registry.ask(PATCH, iri="urn:e:1", set=[{"property": "ratedFlow", "value": "fast"}])
    assert ("urn:e:1", f"<{PLANT}ratedFlow>", "fast") in faults(refused(answer, "SHAPES_VIOLATED"))
    assert state(registry) == before


def test_mandatory_property_missing(registry: ServingRegistry) -> None:
    bad = pump(3, entity={"properties": []})
    assert faults(refused(registry.ask(REGISTER, input=bad), "SHAPES_VIOLATED")) == {
        ("urn:e:3", f"<{PLANT}ratedFlow>", None)
    }
    answer = registry.ask(PATCH, iri="urn:e:1", unset=["ratedFlow"])
    assert faults(refused(answer, "SHAPES_VIOLATED")) == {("urn:e:1", f"<{PLANT}ratedFlow>", None)}


@pytest.mark.parametrize("name", ["ratedFlw", "plant:ratedFlw", PLANT + "ratedFlw"])
def test_unknown_property(name: str, registry: ServingRegistry) -> None:
    answer = registry.ask(PATCH, iri="urn:e:1", set=[{"property": name, "value": 1.5}])
    if name == "ratedFlw":
        refused(answer, "BAD_INPUT")
        assert "did you mean 'ratedFlow'" in answer["errors"][0]["message"]
    else:
        assert faults(refused(answer, "SHAPES_VIOLATED")) == {("urn:e:1", f"<{PLANT}ratedFlw>", "1.5")}


def test_link_to_nothing(registry: ServingRegistry) -> None:
    link = """mutation { link(subject: "urn:e:1", predicate: "feeds", object: "urn:nothing") { revision } }"""
    extensions = refused(registry.ask(link), "NOT_FOUND")
    assert (extensions["path"], extensions["value"]) == (CORE + "feeds", "urn:nothing")
    patch = registry.ask(PATCH, iri="urn:e:1", set=[{"property": "locatedIn", "iri": "urn:nothing"}])
    assert ("urn:e:1", f"<{CORE}locatedIn>", "urn:nothing") in faults(refused(patch, "SHAPES_VIOLATED"))


def test_broken_template(registry: ServingRegistry) -> None:
    answer = registry.ask(REGISTER, input=pump(4, template="PumpTemplate"))
    (found,) = refused(answer, "SHAPES_VIOLATED")["violations"]
    assert found["focus"] == "urn:t:4"
    assert found["shape"].endswith("#PumpTwin-flow")
    assert found["path"].endswith("telemetry#pointName>")


def test_stale_revision(registry: ServingRegistry) -> None:
    known = registry.ask('{ resource(iri: "urn:e:1") { revision } }')["data"]["resource"]["revision"]
    new = {"iri": "urn:e:1", "set": [{"property": "manufacturer", "value": "M"}], "revision": known}
    assert "errors" not in registry.ask(PATCH, **new)
    extensions = refused(
        registry.ask(PATCH, **{**new, "set": [{"property": "manufacturer", "value": "N"}]}), "REVISION_MOVED"
    )
    assert (extensions["iri"], extensions["expected"], extensions["actual"]) == ("urn:e:1", known, known + 1)


def test_delete_of_what_others_point_to(registry: ServingRegistry) -> None:
    answer = registry.ask('mutation { deleteResource(iri: "urn:e:1") { position } }')
    assert ("urn:t:1", f"<{CORE}twinOf>", "urn:e:1") in faults(refused(answer, "SHAPES_VIOLATED"))
    assert registry.ask('{ resource(iri: "urn:e:1") { iri } }')["data"]["resource"] == {"iri": "urn:e:1"}


def test_a_deleted_identifier_is_never_minted_again(registry: ServingRegistry) -> None:
    assert "errors" not in registry.ask(REGISTER, input=pump(7))
    for iri in ("urn:t:7", "urn:e:7"):
        assert "errors" not in registry.ask(f'mutation {{ deleteResource(iri: "{iri}") {{ position }} }}')
    refused(registry.ask(REGISTER, input=pump(7)), "ALREADY_EXISTS")


PREFIXES = f"""@prefix plant: <{PLANT}> .
@prefix core: <{CORE}> .
@prefix l: <https://w3id.org/semantic-twins/lifecycle#> .
@prefix s: <https://w3id.org/semantic-twins/lifecycle-standard#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
TWIN = "<urn:t> a core:Twin ; core:twinOf <urn:e> ; l:governedBy s:twinLifecycle ; l:inState s:Draft"
FLOW = "plant:ratedFlow 5.5"
ENTITY = '<urn:e> a plant:Pump ; rdfs:label "P" ; plant:serialNumber "S"'


@pytest.mark.parametrize(
    ("name", "turtle", "fault"),
    [
        ("wrong type", f'{ENTITY} ; plant:ratedFlow "fast" .', ("urn:e", f"<{PLANT}ratedFlow>", "fast")),
        ("mandatory missing", f"{ENTITY} .", ("urn:e", f"<{PLANT}ratedFlow>", None)),
        ("unknown property", f"{ENTITY} ; {FLOW} ; plant:ratedFlw 1 .", ("urn:e", f"<{PLANT}ratedFlw>", "1")),
        ("link to nothing", f"{ENTITY} ; {FLOW} ; core:feeds <urn:no> .", ("urn:e", f"<{CORE}feeds>", "urn:no")),
        ("broken template", f"{ENTITY} ; {FLOW} .\n{TWIN} ; core:basedOnTemplate plant:PumpTemplate .",
         ("urn:t", "", None)),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "",
)  # fmt: skip
def test_the_same_by_import(name: str, turtle: str, fault: tuple[str, str, str | None], tmp_path: Path) -> None:
    file = tmp_path / "bad.ttl"
    file.write_text(PREFIXES + turtle)
    found = json.loads(run_cli("import", file, "--data", tmp_path / "data", "--json", check=1).stdout)
    told = {(v["focus"], v["path"], v["value"]) for v in found["violations"]}
    assert any(focus == fault[0] and fault[1] in path and value == fault[2] for focus, path, value in told), told
    assert fault[0] in found["left_out"]
