"""Protégé opens the address of a running registry, and finds what is imported there too."""

from __future__ import annotations

from pathlib import Path

import httpx

from registry.ontology.modules import ModuleKind, standard_modules
from registry.ontology.reasoner import java
from registry.rdf.vocabulary import BASE
from tests.endtoend.serving import ServingRegistry
from tests.protege.test_edits import EDITS


def test_the_root_opens_by_address_with_all_its_imports(tmp_path: Path) -> None:
    with ServingRegistry(tmp_path) as registry:
        address = f"{registry.address}/ontology/twin"
        assert httpx.get(address).headers["content-type"].startswith("text/turtle")
        done = java("ProtegeEdit", [f"{address}?imports=here"], source=EDITS)
    assert done.returncode == 0, done.stderr
    iri, classes, *imports = done.stdout.splitlines()
    assert iri == f"{BASE}twin"
    assert int(classes) >= 80
    ours = {module.iri for module in standard_modules() if module.kind is ModuleKind.ONTOLOGY}
    assert {*imports, iri} == ours
