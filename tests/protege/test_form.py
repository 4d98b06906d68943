"""The committed ontologies are in the form Protégé saves, in OWL 2 DL, consistent, and nothing in them is empty."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.ontology.defects import appended
from tests.places import CHECKOUT
from tests.protege import missing_tools, run_form

CLASS = ':Fan rdf:type owl:Class ; rdfs:subClassOf :Asset ; rdfs:label "fan"@en ; skos:definition "Moves air."@en .'
EMPTY = (
    ":Odd rdf:type owl:Class ; rdfs:subClassOf :Twin , [ rdf:type owl:Restriction ; owl:onProperty :twinOf ; "
    "owl:allValuesFrom :ManagedResource ] , [ rdf:type owl:Restriction ; owl:onProperty :twinOf ; "
    "owl:someValuesFrom owl:Thing ] ."
)


@pytest.fixture(autouse=True)
def _with_tools() -> None:
    missing = missing_tools()
    if missing and os.environ.get("CI") == "true":
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)


def copied(folder: Path) -> Path:
    return Path(shutil.copytree(CHECKOUT / "ontologies", folder / "ontologies"))


def test_our_ontologies_are_as_protege_would_save_them() -> None:
    done = run_form("check", CHECKOUT / "ontologies")
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_a_new_class_adds_its_lines_and_changes_no_other(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    core = folder / "core.ttl"
    before = core.read_text(encoding="utf-8").splitlines()
    core.write_text(appended(CLASS)(core.read_text(encoding="utf-8")), encoding="utf-8")
    assert "not as Protégé would save it" in run_form("check", folder).stdout
    assert run_form("write", folder).returncode == 0
    after = core.read_text(encoding="utf-8").splitlines()
    added = [line for line in after if line.strip() and line not in before]
    assert len(after) - len(before) <= 7
    assert any("Fan rdf:type owl:Class" in line for line in added)
    left = iter(after)
    assert all(line in left for line in before), "a line of the file was changed or moved"


def test_a_class_that_can_have_no_members_is_found(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    core = folder / "core.ttl"
    core.write_text(appended(EMPTY)(core.read_text(encoding="utf-8")), encoding="utf-8")
    done = run_form("check", folder)
    assert done.returncode == 1
    assert "core#Odd can have no members" in done.stdout
