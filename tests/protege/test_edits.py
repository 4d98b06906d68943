"""The edits of a person in Protégé change the lines they are about and no other."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from registry.ontology.lint import lint
from registry.ontology.reasoner import java
from tests.places import CHECKOUT

EDITS = Path(__file__).parent / "edits"
MODULES = ("core", "models", "plant")


def saved(file: Path, *edits: str) -> tuple[int, int]:
    """How many lines an edit in Protégé added and removed."""
    before = file.read_text(encoding="utf-8").splitlines()
    done = java("ProtegeEdit", [str(file), *edits], source=EDITS)
    assert done.returncode == 0, done.stderr
    after = file.read_text(encoding="utf-8").splitlines()
    changed = [line[0] for line in difflib.unified_diff(before, after, lineterm="", n=0)][2:]
    return changed.count("+"), changed.count("-")


@pytest.mark.parametrize("module", MODULES)
def test_a_new_class_is_five_lines_more_and_none_less(module: str, ontologies: Path) -> None:
    parent = "https://w3id.org/semantic-twins/core#Asset"
    assert saved(ontologies / f"{module}.ttl", "class", "Fan", parent) == (5, 0)


def test_a_save_without_an_edit_changes_nothing(ontologies: Path) -> None:
    assert saved(ontologies / "models.ttl") == (0, 0)


def test_a_class_and_a_property_made_in_protege_pass_the_check(ontologies: Path) -> None:
    plant = ontologies / "plant.ttl"
    assert saved(plant, "class", "Fan", "https://w3id.org/semantic-twins/core#Asset",
                 "label", "Fan", "fan", "definition", "Fan", "Moves air.") == (7, 0)  # fmt: skip
    assert saved(plant, "data-property", "bladeCount", "Fan", "label", "bladeCount", "blade count",
                 "definition", "bladeCount", "The number of blades of a fan.") == (7, 0)  # fmt: skip
    assert lint(ontologies, CHECKOUT / "shapes") == []


def test_what_was_forgotten_in_protege_is_told(ontologies: Path) -> None:
    saved(ontologies / "plant.ttl", "class", "Fan", "https://w3id.org/semantic-twins/core#Asset")
    assert {finding.kind for finding in lint(ontologies, CHECKOUT / "shapes")} == {"definition", "label"}
