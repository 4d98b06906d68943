"""What a refused write tells: the same record in errors, warnings, validate and violations, and a fix to hand back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from registry.domain.reports.explanation import explain
from registry.stores import group
from tests.graphql.conftest import REGISTER, Pump
from tests.graphql.server import Server

Fresh = Callable[[str], str]
PATCH = """
mutation Patch($iri: Iri!, $set: [PropertyInput!], $unset: [Name!]) {
  patchResource(iri: $iri, set: $set, unset: $unset) { revision }
}
"""
STATEMENT = "{ subject predicate name object datatype language }"
RECORD = f"""{{ focus focusLabel path pathLabel value valueLabel message severity component shape command suggestion
  fix {{ remove {STATEMENT} add {STATEMENT}
        patches {{ iri set {{ property value iri datatype language }} unset }} }} }}"""
VALIDATE = f"query ($turtle: String!) {{ validate(turtle: $turtle) {RECORD} }}"


def hand_back(server: Server, fix: dict[str, Any]) -> None:
    for patch in fix["patches"]:
        server.data(PATCH, **patch)


def test_the_fix_of_a_refused_patch_is_handed_back_as_it_is(server: Server, pump: Pump, fresh: Fresh) -> None:
    pump()
    given = {"property": "ratedFlow", "value": "120.5", "datatype": "xsd:string"}
    refused = server.refused(PATCH, iri=fresh("pump"), set=[given])
    found = refused["violations"][0]
    assert (found["focusLabel"], found["pathLabel"], found["valueLabel"]) == ("Pump", "rated flow", "120.5")
    assert found["suggestion"] == "Write “120.5” as xsd:decimal."
    (patch,) = found["fix"]["patches"]
    assert patch["iri"] == fresh("pump")
    assert [(entry["property"], entry["value"]) for entry in patch["set"]] == [("ratedFlow", "120.5")]
    hand_back(server, found["fix"])


def test_the_fix_of_a_refused_twin_corrects_what_was_given(server: Server, fresh: Fresh) -> None:
    flow = {"property": "https://w3id.org/semantic-twins/plant#ratedFlw", "value": 12.5, "datatype": "xsd:decimal"}
    given = {"twin": fresh("t"), "entity": fresh("e"), "class": ["Pump"], "name": "P-7"}
    found = server.refused(REGISTER, **given, properties=[flow])["violations"]
    renamed = next(violation for violation in found if violation["value"] == "12.5")
    assert renamed["suggestion"] == "Use rated flow instead of ratedFlw."
    assert renamed["focusLabel"] == "P-7"
    (patch,) = renamed["fix"]["patches"]
    assert patch["unset"] == ["plant:ratedFlw"]
    server.data(REGISTER, **given, properties=patch["set"])


def test_errors_and_fields_hold_the_same_record(server: Server, fresh: Fresh) -> None:
    turtle = f"""@prefix plant: <https://w3id.org/semantic-twins/plant#> .
    <{fresh("e")}> a plant:Pump ; <http://www.w3.org/2000/01/rdf-schema#label> "P-8" ; plant:serialNumber "1" ;
        plant:ratedFlow "7.5" ; plant:criticality "hihg" ."""
    asked = server.data(VALIDATE, turtle=turtle)["validate"]
    properties = [
        {"property": "ratedFlow", "value": "7.5", "datatype": "xsd:string"},
        {"property": "criticality", "value": "hihg"},
        {"property": "serialNumber", "value": "1"},
    ]
    given = {"twin": fresh("t"), "entity": fresh("e"), "class": ["Pump"], "name": "P-8", "properties": properties}
    refused = server.refused(REGISTER, **given)["violations"]
    # A field of the schema spells the severity as enumerations are spelt there; the rest is the same to the letter.
    for violation in refused:
        violation["severity"] = violation["severity"].upper()
    assert sorted(asked, key=str) == sorted(refused, key=str)
    assert {violation["suggestion"] for violation in asked} == {
        "Write “7.5” as xsd:decimal.",
        "Use “high” instead of “hihg”.",
    }


def test_warnings_are_explained_and_stored(server: Server, fresh: Fresh) -> None:
    query = """mutation ($input: RegisterTwinInput!) {
      registerTwin(input: $input) { position warnings { severity pathLabel suggestion fix { add { name } } } } }"""
    entity = {"iri": fresh("e"), "class": ["Pump"], "name": "P", "properties": [{"property": "ratedFlow", "value": 1}]}
    told = server.data(query, input={"iri": fresh("t"), "entity": entity})["registerTwin"]
    assert told["position"]
    warning = {"severity": "WARNING", "pathLabel": "serial number", "suggestion": "Give a text for serial number."}
    assert told["warnings"] == [{**warning, "fix": None}]
    owed = "query ($i: Iri!) { twin(iri: $i) { violations { severity pathLabel suggestion } } }"
    assert server.data(owed, i=fresh("t"))["twin"]["violations"] == [warning]


@pytest.mark.parametrize(
    ("selected", "explanations"),
    [
        ("{ revision }", 0),
        ("{ later: warnings { suggestion } }", 1),
        ("{ ...Found } } fragment Found on Payload { warnings { suggestion }", 1),
        ("{ ... on TwinPayload { warnings @include(if: true) { suggestion } } }", 1),
    ],
)
def test_warnings_are_explained_for_who_can_read_them(
    server: Server, fresh: Fresh, monkeypatch: pytest.MonkeyPatch, selected: str, explanations: int
) -> None:
    made: list[object] = []

    def counted(*asked: Any) -> Any:
        made.append(asked)
        return explain(*asked)

    monkeypatch.setattr(group, "explain", counted)
    entity = {"iri": fresh("e"), "class": ["Pump"], "name": "P", "properties": [{"property": "ratedFlow", "value": 1}]}
    query = f"mutation ($input: RegisterTwinInput!) {{ registerTwin(input: $input) {selected} }}"
    told = server.data(query, input={"iri": fresh("t"), "entity": entity})["registerTwin"]
    assert len(made) == explanations
    if explanations:
        assert [[one["suggestion"] for one in told[name]] for name in told] == [["Give a text for serial number."]]


def test_a_blank_node_is_told_by_whose_it_is(server: Server, fresh: Fresh) -> None:
    turtle = f"""@prefix core: <https://w3id.org/semantic-twins/core#> .
    @prefix plant: <https://w3id.org/semantic-twins/plant#> .
    <{fresh("e")}> a plant:Pump ; <http://www.w3.org/2000/01/rdf-schema#label> "P-9" ; plant:ratedFlow 1.0 ;
        plant:serialNumber "9" ; core:hasIdentifier [ a core:Identifier ; core:identifierScheme "s" ] ."""
    (found,) = server.data(VALIDATE, turtle=turtle)["validate"]
    assert found["focusLabel"] == "identifier of P-9"
    assert not found["shape"].startswith("_:")


@pytest.mark.parametrize("header", ["de-AT, de;q=0.9", "", "*", "de;q=0"])
def test_the_header_chooses_the_language_and_nothing_breaks_without(header: str, server: Server, fresh: Fresh) -> None:
    turtle = f"""@prefix plant: <https://w3id.org/semantic-twins/plant#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    <{fresh("e")}> a plant:Tank ; rdfs:label "tank"@en , "Kessel"@de ."""
    body = {"query": VALIDATE, "variables": {"turtle": turtle}}
    answer = httpx.post(f"{server.address}/graphql", json=body, headers={"accept-language": header}, timeout=30)
    assert "accept-language" in answer.headers["vary"]
    labels = {found["focusLabel"] for found in answer.json()["data"]["validate"]}
    assert labels == {"Kessel" if header.startswith("de-AT") else "tank"}
    set_ = {"property": "capacity", "value": 1.0}
    given = {"twin": fresh("t"), "entity": fresh("k"), "class": ["Tank"], "properties": [set_]}
    body = {"query": REGISTER, "variables": {**given, "name": "Kessel"}}
    assert "errors" not in httpx.post(f"{server.address}/graphql", json=body, timeout=30).json()
    label = [
        {"property": "rdfs:label", "value": word, "language": tag} for word, tag in (("tank", "en"), ("Kessel", "de"))
    ]
    server.data(PATCH, iri=fresh("k"), set=label)
    body = {"query": PATCH, "variables": {"iri": fresh("k"), "unset": ["capacity"]}}
    answer = httpx.post(f"{server.address}/graphql", json=body, headers={"accept-language": header}, timeout=30)
    (error,) = answer.json()["errors"]
    assert {found["focusLabel"] for found in error["extensions"]["violations"]} == labels
