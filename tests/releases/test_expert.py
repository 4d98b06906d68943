"""A domain expert's day: a model edited in its files, checked, compared, published, in force, and nothing restarts."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.ontology.reasoner import java
from tests.endtoend.serving import ServingRegistry, run_cli
from tests.places import CHECKOUT
from tests.protege import need_java

PROTEGE_EDITS = CHECKOUT / "tests" / "protege" / "edits"

PLANT = "https://w3id.org/semantic-twins/plant#"
STANDARD = "https://w3id.org/semantic-twins/lifecycle-standard#"
EDITS = (
    "class", "Blower", PLANT + "Pump", "label", "Blower", "blower", "definition", "Blower", "A machine that moves air.",
    "data-property", "sealType", "Blower", "label", "sealType", "seal type",
    "definition", "sealType", "How the shaft is sealed.",
)  # fmt: skip
"""What a person does in Protégé for a class and a property of it."""
MAINTAINED = ("fact", "suspend", "https://w3id.org/semantic-twins/lifecycle#fromState " + STANDARD + "Maintenance")
"""The machine changed as data: what is being maintained can be suspended."""

SHAPE = """
:Blower-sealType a sh:PropertyShape ;
    sh:path plant:sealType ;
    sh:minCount 1 ;
    sh:maxCount 1 ;
    sh:in ( "lip" "labyrinth" ) ;
    sh:severity sh:Violation ;
    sh:message "Say how the shaft of the blower is sealed."@en .
:Blower a sh:NodeShape ;
    sh:targetClass plant:Blower ;
    sh:property :Blower-sealType ;
    sh:message "A blower says how its shaft is sealed."@en .
"""
REGISTER = """mutation ($properties: [PropertyInput!]) { registerTwin(input: { iri: "urn:b:twin", entity: {
  iri: "urn:b:1", class: ["Blower"], name: "Blower 1", properties: $properties } }) { revision } }"""

FLOW = [{"property": "ratedFlow", "value": 5}]


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[ServingRegistry]:
    with ServingRegistry(tmp_path / "data", "demo") as serving:
        yield serving


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The expert's copy of the model."""
    need_java()
    for part in ("ontologies", "shapes"):
        shutil.copytree(CHECKOUT / part, tmp_path / part)
    return tmp_path


def set_version(file: Path, version: str) -> None:
    """What the header of the ontology says, as its tab in Protégé changes it."""
    content = file.read_text(encoding="utf-8")
    current = next(line for line in content.splitlines() if "owl:versionInfo" in line).split('"')[1]
    file.write_text(content.replace(current, version), encoding="utf-8")


def edited(folder: Path, version: str) -> None:
    """The model with a blower, its seal and another move of the lifecycle, and a shape written beside it."""
    for name, edits in (("plant", EDITS), ("lifecycle-standard", MAINTAINED)):
        file = folder / "ontologies" / f"{name}.ttl"
        done = java("ProtegeEdit", [str(file), *edits], source=PROTEGE_EDITS)
        assert done.returncode == 0, done.stderr
        set_version(file, version)
    shapes = folder / "shapes" / "plant.ttl"
    shapes.write_text(shapes.read_text(encoding="utf-8") + SHAPE, encoding="utf-8")


def cli(registry: ServingRegistry, folder: Path, *arguments: str, check: int = 0) -> str:
    done = run_cli("ontology", *arguments, "--data", registry.data, check=check)
    return done.stdout + done.stderr


TYPES = """{ tank: __type(name: "Tank") { fields { name type { name kind } } }
             pump: __type(name: "Pump") { fields { name type { name kind } } } }"""


def test_from_protege_to_what_decides_writes_and_how_people_ask(registry: ServingRegistry, folder: Path) -> None:
    ontologies, shapes = str(folder / "ontologies"), str(folder / "shapes")
    assert "Blower" in registry.ask(REGISTER)["errors"][0]["message"]
    assert "errors" in registry.ask("{ blowers { nodes { sealType } } }")
    before = registry.ask(TYPES)["data"]

    edited(folder, "0.1.1")
    told = cli(registry, folder, "publish", ontologies, shapes, check=1)
    assert re.search(r"plant.ttl:\d+: what changed is major, so version 0.1.0 becomes 0.2.0", told), told

    for name in ("plant", "lifecycle-standard"):
        set_version(folder / "ontologies" / f"{name}.ttl", "0.2.0")
    run_cli("ontology", "check", ontologies, shapes)
    draft = json.loads(run_cli("ontology", "publish", ontologies, shapes, "--json", "--data", registry.data).stdout)
    assert draft["comparison"]["namesAdded"] == ["Blower", "sealType"]
    assert draft["impact"]["starting"] == 0
    assert draft["comparison"]["neo4j"]["labels"] == {"added": ["Blower"], "gone": []}
    assert {"Blower", "Query.blowers"} <= {change["member"] for change in draft["comparison"]["graphql"]}
    changed = {term["name"] for term in draft["comparison"]["terms"] if term["kind"] != "shape"}
    assert changed == {"Blower", "sealType", "suspend"}
    compared = json.loads(cli(registry, folder, "compare", "active", draft["digest"][:10], "--json"))
    assert compared == draft["comparison"]
    cli(registry, folder, "activate", draft["digest"][:10])

    refused = registry.ask(REGISTER, properties=[*FLOW, {"property": "sealType", "value": "string"}])["errors"][0]
    assert refused["extensions"]["code"] == "SHAPES_VIOLATED"
    stored = registry.ask(REGISTER, properties=[*FLOW, {"property": "sealType", "value": "lip"}])
    assert stored["data"]["registerTwin"]["revision"] == 1
    asked = registry.ask("{ blowers { nodes { name sealType } } }")["data"]["blowers"]["nodes"]
    assert asked == [{"name": "Blower 1", "sealType": "lip"}]
    after = registry.ask(TYPES)["data"]
    assert after["tank"] == before["tank"]
    moves = registry.ask('{ lifecycle(name: "twinLifecycle") { transitions { name from { name } } } }')
    assert "Maintenance" in json.dumps([t for t in moves["data"]["lifecycle"]["transitions"] if t["name"] == "suspend"])
    active = registry.ask("{ release { digest active } }")["data"]["release"]
    assert active == {"digest": draft["digest"], "active": True}

    told = cli(registry, folder, "rollback", check=1)
    assert "violations would begin" in told, "the release before knows no blower"


def test_an_illegal_model_is_refused_with_file_and_line(registry: ServingRegistry, folder: Path) -> None:
    shapes = folder / "shapes" / "plant.ttl"
    odd = ":Odd a sh:NodeShape ; sh:targetClass plant:Nothing ; sh:js :x .\n"
    shapes.write_text(shapes.read_text(encoding="utf-8") + odd, encoding="utf-8")
    told = cli(registry, folder, "publish", str(folder / "ontologies"), str(folder / "shapes"), check=1)
    line = shapes.read_text(encoding="utf-8").count("\n")
    assert f"shapes/plant.ttl:{line}: " in told
    assert "sh:js" in told
    assert len(registry.ask("{ releases { digest } }")["data"]["releases"]) == 1


def test_without_a_server_the_files_are_opened_here(folder: Path) -> None:
    edited(folder, "0.2.0")
    told = run_cli(
        "ontology", "publish", folder / "ontologies", folder / "shapes", "--activate", "--json", "--data", folder / "d"
    ).stdout
    draft = json.loads(told)
    assert json.loads(run_cli("ontology", "list", "--json", "--data", folder / "d").stdout)["digest"] == draft["digest"]
