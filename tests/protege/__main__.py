"""``python -m tests.protege``: rewrite our ontologies in the form that Protégé saves."""

from __future__ import annotations

from registry.ontology.reasoner import Task, run
from tests.places import CHECKOUT

if __name__ == "__main__":
    run(Task.WRITE, CHECKOUT / "ontologies")
    run(Task.WRITE, CHECKOUT / "ontologies" / "alignments", [CHECKOUT / "ontologies"])
