"""A model version goes through its lifecycle, and a twin is commissioned on released versions only."""

from __future__ import annotations

from pathlib import Path

from tests.endtoend.serving import ServingRegistry, run_cli

PLANT = """@prefix core: <https://w3id.org/semantic-twins/core#> .
@prefix lifecycle: <https://w3id.org/semantic-twins/lifecycle#> .
@prefix standard: <https://w3id.org/semantic-twins/lifecycle-standard#> .
@prefix telemetry: <https://w3id.org/semantic-twins/telemetry#> .
@prefix models: <https://w3id.org/semantic-twins/models#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix : <urn:plant:> .

:hall a core:Facility ; rdfs:label "Hall" .
:pump a core:Asset ; rdfs:label "Pump" ; core:locatedIn :hall .
:flow a telemetry:DataPoint ; telemetry:pointName "flow" ; telemetry:unit "http://qudt.org/vocab/unit/L"^^xsd:anyURI .
:twin a core:Twin ; core:twinOf :pump ; telemetry:hasDataPoint :flow ; models:usesModel :version ;
    lifecycle:governedBy standard:twinLifecycle ; lifecycle:inState standard:Validated .
:model a models:SimulationModel ; rdfs:label "Pump curve" .
:version a models:ModelVersion ; models:versionOf :model ; models:versionNumber "1.0" ;
    lifecycle:governedBy standard:modelVersionLifecycle ; lifecycle:inState standard:VersionDraft .
"""
MOVE = "mutation ($iri: Iri!, $trigger: String!) { transition(twin: $iri, trigger: $trigger) { revision } }"
PATCH = """mutation { patchResource(iri: "urn:plant:version", set: [
    { property: "artifactLocation", value: "https://models.example/pump-1.0.fmu" }
    { property: "digest", value: "sha256:%s" } ]) { revision } }""" % ("0" * 64)


def refused(registry: ServingRegistry, iri: str, trigger: str) -> list[str]:
    """What forbids a transition; nothing where it was made."""
    answer = registry.ask(MOVE, iri=iri, trigger=trigger)
    return [v["message"] for error in answer.get("errors", ()) for v in error["extensions"]["violations"]]


def test_a_twin_waits_for_its_model_to_be_released(tmp_path: Path) -> None:
    (tmp_path / "plant.ttl").write_text(PLANT, encoding="utf-8")
    data = tmp_path / "data"
    run_cli("import", tmp_path / "plant.ttl", "--data", data)
    with ServingRegistry(data) as registry:
        assert refused(registry, "urn:plant:twin", "commission") == [
            "Use released model versions only before the twin is commissioned."
        ]
        assert refused(registry, "urn:plant:version", "submit") == []
        assert sorted(refused(registry, "urn:plant:version", "release")) == [
            "Give the digest of the content before the version is released.",
            "Say where the content of the version is kept before it is released.",
        ]
        assert "errors" not in registry.ask(PATCH)
        assert refused(registry, "urn:plant:version", "release") == []
        assert refused(registry, "urn:plant:twin", "commission") == []
