"""`ontology check` and `publish` list what no write is held to: shapes that never run, and what is passed over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.endtoend.serving import run_cli

FOREIGN = """
@prefix : <urn:theirs#> . @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix dash: <http://datashapes.org/dash#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<urn:theirs> a owl:Ontology .
:Kind a rdfs:Class ; rdfs:subClassOf rdfs:Class .
:Fan a :Kind , sh:NodeShape ; sh:property [ sh:path :speed ; sh:maxCount 1 ] .
:Lonely a sh:NodeShape ; sh:property [ sh:path :speed ; sh:maxCount 1 ] .
:Off a sh:NodeShape ; sh:targetClass :Fan ; sh:deactivated true ; sh:property [ sh:path :speed ; sh:minCount 1 ] .
:Picky a sh:NodeShape ; sh:targetClass :Fan ; :graded true ; sh:property [ sh:path :p ; dash:hasValueIn ( 1 ) ] ;
    sh:sparql [ sh:select "SELECT $this { ?a <urn:q> ?b }" ] .
"""
EXPECTED = {
    "left-out": [
        "foreign/theirs.ttl:8: says dash:hasValueIn, which is not enforced here",
        "foreign/theirs.ttl:8: has a query that is not joined to $this",
    ],
    "never-runs": [
        "foreign/theirs.ttl:6: <urn:theirs#Lonely> never runs: it has no target, and no shape leads to it",
        "foreign/theirs.ttl:7: <urn:theirs#Off> never runs: it is deactivated",
    ],
    "passed-over": ["foreign/theirs.ttl:8: <urn:theirs#graded> is passed over, since nothing here declares it"],
}
LINES = [line for lines in EXPECTED.values() for line in lines]


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    file = tmp_path / "theirs.ttl"
    file.write_text(FOREIGN.lstrip(), encoding="utf-8")
    return file


def test_a_check_of_a_foreign_file_lists_everything_and_finds_no_fault(theirs: Path) -> None:
    told = run_cli("ontology", "check", "--foreign", theirs).stderr
    assert not [line for line in LINES if line not in " ".join(told.split())], told
    notes = json.loads(run_cli("ontology", "check", "--foreign", theirs, "--json").stdout)
    for kind, lines in EXPECTED.items():
        of_kind = sorted(note["message"] for note in notes if note["kind"] == kind)
        assert len(of_kind) == len(lines)
        assert all(note.startswith(line) for note, line in zip(of_kind, sorted(lines), strict=True))


def test_publishing_it_lists_the_same(theirs: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    told = run_cli("ontology", "publish", "--foreign", theirs, "--data", data).stderr
    assert not [line for line in LINES if line not in " ".join(told.split())], told
    theirs.write_text(theirs.read_text(encoding="utf-8") + "# again\n", encoding="utf-8")
    draft = json.loads(run_cli("ontology", "publish", "--foreign", theirs, "--data", data, "--json").stdout)
    assert [len(draft[name]) for name in ("leftOut", "neverRun", "passedOver")] == [2, 2, 1]


def test_own_shapes_that_are_not_understood_are_findings_of_a_check(tmp_path: Path) -> None:
    folder = tmp_path / "shapes"
    folder.mkdir()
    (folder / "mine.ttl").write_text(
        "@prefix : <urn:mine#> . @prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "@prefix dash: <http://datashapes.org/dash#> . @prefix core: <https://w3id.org/semantic-twins/core#> .\n"
        ':S a sh:NodeShape ; sh:targetClass core:Twin ; sh:message "m"@en ;\n'
        "    sh:property [ sh:path core:twinOf ; dash:hasValueIn ( 1 ) ] .\n",
        encoding="utf-8",
    )
    (tmp_path / "catalog-v001.xml").write_text(
        '<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog" prefer="public"></catalog>', encoding="utf-8"
    )
    findings = json.loads(run_cli("ontology", "check", tmp_path, "--json", check=1).stdout)
    assert [(found["kind"], found["where"]) for found in findings] == [("shapes", "shapes/mine.ttl:3")]
    assert "says dash:hasValueIn" in findings[0]["message"]
