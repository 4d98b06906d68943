"""`registry ontology check --reason`: for users, with their own folders, and where Java is missing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.endtoend.serving import run_cli
from tests.protege.test_form import EMPTY

OWN = """@prefix : <https://example.org/mine#> .
@prefix core: <https://w3id.org/semantic-twins/core#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<https://example.org/mine> rdf:type owl:Ontology ;
    owl:versionIRI <https://example.org/mine/1.0.0> ;
    owl:imports <https://w3id.org/semantic-twins/core> .

skos:definition rdf:type owl:AnnotationProperty .

:Chiller rdf:type owl:Class ;
    rdfs:subClassOf core:Asset ;
    rdfs:label "chiller"@en ;
    skos:definition "Takes heat out of water."@en .
"""


def own_folder(folder: Path, ontologies: Path, turtle: str = "") -> Path:
    """A user's folder beside ours, its catalogue leading to what it imports, as Protégé needs it too."""
    mine = folder / "mine"
    mine.mkdir()
    entries = {"https://example.org/mine": "mine.ttl", "https://w3id.org/semantic-twins/core": "../ontologies/core.ttl"}
    lines = [f'<uri id="{file}" name="{iri}" uri="{file}"/>' for iri, file in entries.items()]
    catalogue = f'<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">{"".join(lines)}</catalog>'
    (mine / "catalog-v001.xml").write_text(catalogue, encoding="utf-8")
    (mine / "mine.ttl").write_text(OWN + turtle, encoding="utf-8")
    return mine


def test_a_folder_of_ones_own_is_checked_with_what_it_imports(ontologies: Path, tmp_path: Path) -> None:
    mine = own_folder(tmp_path, ontologies)
    assert "nothing to mend" in run_cli("ontology", "check", mine, "--reason").stderr


def test_what_only_the_reasoner_sees_is_told_with_its_file(ontologies: Path, tmp_path: Path) -> None:
    empty = EMPTY.replace(":twinOf", "core:twinOf").replace(":Twin", "core:Twin").replace(":Managed", "core:Managed")
    labelled = empty.replace(" .", ' ; rdfs:label "odd"@en ; skos:definition "Odd."@en .')
    mine = own_folder(tmp_path, ontologies, labelled)
    run_cli("ontology", "check", mine)
    (finding,) = json.loads(run_cli("ontology", "check", mine, "--reason", "--json", check=1).stdout)
    assert finding == {
        "kind": "reason", "where": "mine.ttl", "message": "https://example.org/mine#Odd can have no members"
    }  # fmt: skip


def test_without_java_the_command_says_what_to_install(ontologies: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "mvn").symlink_to(shutil.which("mvn") or "")
    environment = {**os.environ, "PATH": str(tools), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, "-m", "registry", "ontology", "check", str(own_folder(tmp_path, ontologies)), "--reason"],
        capture_output=True, text=True, env=environment, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "needs Java 17 or newer, its compiler (a JDK) (Debian: apt install" in done.stderr
    assert not (tmp_path / "cache").exists()
