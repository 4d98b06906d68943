"""Alignments with other vocabularies: nothing of ours becomes impossible, alone, together, or beside the originals."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from registry.domain.releases.release import compile_release
from registry.ontology.modules import ModuleKind, load_modules, ontology_files, read_module
from registry.ontology.reasoner import Task, run
from registry.rdf.syntax import Syntax, parse, serialise
from registry.rdf.vocabulary import BASE, OWL, RDF_TYPE
from tests.ontology.defects import appended
from tests.places import CHECKOUT, shared

ONTOLOGIES = CHECKOUT / "ontologies"
ALIGNMENTS = ONTOLOGIES / "alignments"
FORBIDDEN = {
    # All that a twin stands for as an entity of provenance: a process would be entity and activity at once.
    "prov": (
        "core:TwinnedEntity rdfs:subClassOf prov:Entity . core:Process rdfs:subClassOf prov:Activity .",
        "Process",
    ),
    # All that a twin stands for as a material entity: a process is none.
    "bfo": ("core:TwinnedEntity rdfs:subClassOf bfo:0000040 .", "Process"),
    # A facility as a zone, and as an asset that is an element: BOT keeps the two apart.
    "bot": (
        "core:Facility rdfs:subClassOf bot:Zone , core:Asset . core:Asset rdfs:subClassOf bot:Element .",
        "Facility",
    ),
}


def edited(folder: Path, name: str, turtle: str) -> Path:
    """A folder with one alignment in it, and statements added to that."""
    text = (ALIGNMENTS / f"{name}.ttl").read_text(encoding="utf-8")
    (folder / f"{name}.ttl").write_text(appended(turtle)(text), encoding="utf-8")
    return folder


def test_every_alignment_holds_alone_and_together() -> None:
    assert len(ontology_files(ALIGNMENTS)) == 9
    assert run(Task.ALIGN, ALIGNMENTS, [ONTOLOGIES]) == []


@pytest.mark.parametrize("name", FORBIDDEN)
def test_an_alignment_that_empties_a_class_is_caught(name: str, tmp_path: Path) -> None:
    turtle, emptied = FORBIDDEN[name]
    found = run(Task.ALIGN, edited(tmp_path, name, turtle), [ONTOLOGIES])
    assert (f"{name}.ttl", f"{BASE}core#{emptied} can have no members") in {(f.where, f.message) for f in found}


def test_a_brick_point_of_equipment_would_be_a_twin(tmp_path: Path) -> None:
    """Why ``brick:hasPoint`` is left out: ours starts at the twin, and equipment is disjoint from twins."""
    turtle = (
        "brick:hasPoint rdf:type owl:ObjectProperty ; rdfs:subPropertyOf telemetry:hasDataPoint . "
        ":ahu rdf:type owl:NamedIndividual , brick:Equipment ; brick:hasPoint :p . :p rdf:type owl:NamedIndividual ."
    )
    found = run(Task.ALIGN, edited(tmp_path, "brick", turtle), [ONTOLOGIES])
    assert ("brick.ttl", "is inconsistent") in {(finding.where, finding.message) for finding in found}


def test_the_alignments_hold_beside_the_vocabularies_themselves(tmp_path: Path) -> None:
    for name in ("prov", "sosa", "aas", "bfo"):
        edited(tmp_path, name, "")
    for folder, file in (("vocab-reference", "prov-o"), ("vocab-reference", "sosa"),
                         ("aas-metamodel-examples/rdf", "rdf-ontology")):  # fmt: skip
        whole = list(parse(shared(folder, f"{file}.ttl").read_bytes(), Syntax.TURTLE, file=file).statements)
        # One file has several headers, another imports from the network: the terms are what is tried here.
        headers = {subject for subject, predicate, kind in whole if (predicate, kind) == (RDF_TYPE, OWL + "Ontology")}
        terms = [statement for statement in whole if statement[0] not in headers]
        header = (f"urn:original:{file}", RDF_TYPE, OWL + "Ontology")
        (tmp_path / f"original-{file}.ttl").write_bytes(serialise([header, *terms], Syntax.TURTLE))
    assert run(Task.ALIGN, tmp_path, [ONTOLOGIES]) == []


def test_alignments_speak_of_terms_that_we_have_and_belong_to_no_release() -> None:
    release = compile_release(load_modules(""))
    known = {*release.model.classes, *release.model.properties}
    ours = re.compile(re.escape(BASE) + r"[a-z-]+#")
    for path in ontology_files(ALIGNMENTS):
        module = read_module(path, ModuleKind.ONTOLOGY)
        assert module.iri not in {loaded.iri for loaded in release.modules}
        named = {term for statement in module.statements for term in statement if isinstance(term, str)}
        assert sorted(term for term in named if ours.match(term) and term not in known) == [], path.name
