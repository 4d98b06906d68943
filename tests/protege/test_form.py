"""The committed ontologies are in the form Protégé saves, in OWL 2 DL, consistent, and nothing in them is empty."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.ontology.reasoner import Task, run
from tests.ontology.defects import appended
from tests.places import CHECKOUT

CLASS = ':Fan rdf:type owl:Class ; rdfs:subClassOf :Asset ; rdfs:label "fan"@en ; skos:definition "Moves air."@en .'
EMPTY = (
    ":Odd rdf:type owl:Class ; rdfs:subClassOf :Twin , [ rdf:type owl:Restriction ; owl:onProperty :twinOf ; "
    "owl:allValuesFrom :ManagedResource ] , [ rdf:type owl:Restriction ; owl:onProperty :twinOf ; "
    "owl:someValuesFrom owl:Thing ] ."
)
TWO_PARENTS = (
    ":Asset rdfs:subClassOf [ rdf:type owl:Restriction ; owl:onProperty :partOf ; "
    'owl:maxCardinality "1"^^xsd:nonNegativeInteger ] .'
)
HALF = ":C rdf:type owl:Class ; rdfs:subClassOf [ rdf:type owl:Restriction ; owl:onProperty :feeds ] ."
FINDINGS = {
    "a class that can have no members": (EMPTY, "core#Odd can have no members"),
    "a cardinality on a transitive property": (TWO_PARENTS, "not OWL 2 DL: Use of non-simple property"),
    "an individual in disjoint classes": (":x rdf:type owl:NamedIndividual , :Asset , :Process .", "is inconsistent"),
    "a restriction of nothing": (HALF, "org.semanticweb.owlapi/error"),
    "an import that nothing answers": (
        "<https://w3id.org/semantic-twins/core> owl:imports <https://example.org/nowhere> .",
        "imports https://example.org/nowhere, which is not here",
    ),
}


def test_our_ontologies_are_as_protege_would_save_them() -> None:
    assert run(Task.FORM, CHECKOUT / "ontologies") == []
    assert run(Task.FORM, CHECKOUT / "ontologies" / "alignments", [CHECKOUT / "ontologies"]) == []


def test_our_ontologies_satisfy_the_reasoner() -> None:
    assert run(Task.REASON, CHECKOUT / "ontologies") == []


def test_an_edit_by_hand_is_brought_into_form_and_changes_no_other_line(ontologies: Path) -> None:
    core = ontologies / "core.ttl"
    before = core.read_text(encoding="utf-8").splitlines()
    core.write_text(appended(CLASS)(core.read_text(encoding="utf-8")), encoding="utf-8")
    (finding,) = run(Task.FORM, ontologies)
    assert (finding.where, "not as Protégé would save it" in finding.message) == ("core.ttl", True)
    assert run(Task.WRITE, ontologies) == []
    after = core.read_text(encoding="utf-8").splitlines()
    assert len(after) - len(before) == 7
    left = iter(after)
    assert all(line in left for line in before), "a line of the file was changed or moved"


@pytest.mark.parametrize("name", FINDINGS)
def test_the_reasoner_finds(name: str, tmp_path: Path) -> None:
    turtle, expected = FINDINGS[name]
    text = (CHECKOUT / "ontologies" / "core.ttl").read_text(encoding="utf-8")
    (tmp_path / "core.ttl").write_text(appended(turtle)(text), encoding="utf-8")
    found = run(Task.REASON, tmp_path)
    assert any(finding.where == "core.ttl" and expected in finding.message for finding in found), found
