"""Each seeded defect is found by its kind and place; our own files have none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from registry.ontology.lint import lint
from tests.endtoend.serving import run_cli
from tests.ontology.defects import CORE, DEPRECATED, ELSEWHERE, SHAPES, Edit, appended, seeded
from tests.places import CHECKOUT

ONLY_A_REASONER_FINDS = {
    "class emptied by a restriction": ":Odd rdf:type owl:Class ; rdfs:subClassOf :Twin , [ rdf:type owl:Restriction ; "
    "owl:onProperty :twinOf ; owl:allValuesFrom :ManagedResource ] , [ rdf:type owl:Restriction ; "
    'owl:onProperty :twinOf ; owl:someValuesFrom owl:Thing ] ; rdfs:label "odd"@en ; skos:definition "Odd."@en .',
}
"""The gap, named: `tests.protege` runs the reasoner that closes it."""

CASES = [
    *((name, "core.ttl", kind, edit) for name, (kind, edit) in CORE.items()),
    *((name, file, kind, edit) for name, (file, kind, edit) in ELSEWHERE.items()),
    *((name, file, "deprecated", edit) for name, (file, edit) in DEPRECATED.items()),
    *((name, "shapes/plant.ttl", kind, edit) for name, (kind, edit) in SHAPES.items()),
]


def test_our_own_files_have_nothing_to_mend() -> None:
    assert lint(CHECKOUT / "ontologies", CHECKOUT / "shapes") == []


@pytest.mark.parametrize(("name", "file", "kind", "edit"), CASES, ids=[case[0] for case in CASES])
def test_a_seeded_defect_is_found(name: str, file: str, kind: str, edit: Edit, tmp_path: Path) -> None:
    ontologies, shapes = seeded(tmp_path, file, edit)
    found = lint(ontologies, shapes)
    assert kind in {finding.kind for finding in found}, found
    assert all(finding.where and finding.message for finding in found)


@pytest.mark.parametrize("name", DEPRECATED)
def test_a_replacement_that_is_none_is_the_only_finding_and_has_its_line(name: str, tmp_path: Path) -> None:
    file, edit = DEPRECATED[name]
    ontologies, shapes = seeded(tmp_path, file, edit)
    (finding,) = lint(ontologies, shapes)
    at, line = finding.where.split(":")
    term = finding.message.split()[0]
    assert at == file
    assert f":{term} " in (ontologies / at).read_text().splitlines()[int(line) - 1]


def test_a_term_that_is_replaced_as_it_should_be_is_no_finding(tmp_path: Path) -> None:
    instead = ":ratedHead owl:deprecated true ; <http://purl.org/dc/terms/isReplacedBy> :ratedPower , :ratedFlow ."
    assert lint(*seeded(tmp_path, "plant.ttl", appended(instead))) == []


@pytest.mark.parametrize("name", ONLY_A_REASONER_FINDS)
def test_what_only_a_reasoner_finds_is_known(name: str, tmp_path: Path) -> None:
    ontologies, shapes = seeded(tmp_path, "core.ttl", appended(ONLY_A_REASONER_FINDS[name]))
    assert lint(ontologies, shapes) == []


def test_the_command_names_file_and_line_and_exits_with_1(tmp_path: Path) -> None:
    ontologies, shapes = seeded(tmp_path, "core.ttl", CORE["no definition"][1])
    done = run_cli("ontology", "check", ontologies, shapes, "--json", check=1)
    (finding,) = json.loads(done.stdout)
    assert finding["kind"] == "definition"
    file, line = finding["where"].split(":")
    assert "Fan" in (ontologies / file).read_text().splitlines()[int(line) - 1]
