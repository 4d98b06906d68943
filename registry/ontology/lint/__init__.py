"""What a review, Protégé or a reasoner would otherwise find late, found in a moment and without Java.

Emptiness that follows from restrictions alone needs a reasoner (`registry/ontology/reasoner`) and is not found here.
"""

from __future__ import annotations

from pathlib import Path

from registry.ontology.lint.finding import Finding
from registry.ontology.lint.folder import read
from registry.ontology.lint.literals import check_lists, check_literals
from registry.ontology.lint.logic import check_logic
from registry.ontology.lint.shapes import check_shapes
from registry.ontology.lint.terms import check_declarations, check_house_rules, check_punning

__all__ = ["Finding", "lint"]


def lint(folder: Path, shapes: Path | None = None) -> list[Finding]:
    """Every finding in a folder of ontologies and one of shapes, ``folder/shapes`` where none is named."""
    found, linted = read(folder)
    if linted.modules:
        found += check_declarations(linted)
        found += check_punning(linted)
        found += check_literals(linted)
        found += check_lists(linted)
        found += check_logic(linted)
        found += check_house_rules(linted)
    found += check_shapes(linted, folder / "shapes" if shapes is None else shapes)
    return sorted(set(found), key=lambda one: (one.where, one.kind, one.message))
