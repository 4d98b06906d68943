"""Real buildings through the whole registry on Neo4j: imported, exported and equal; the doctor finds nothing."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from registry.app.core import open_registry
from registry.rdf.canonical import canonical_hash
from registry.rdf.syntax import Leniency, Syntax, parse
from registry.services.transfer.importer import ImportOptions
from registry.settings import Settings
from tests.neo4j.session import emptied
from tests.places import shared
from tests.principals import LOCAL
from tests.transfer.test_buildings import BUILDINGS, LENIENT, exported, original

IN_MINUTES = {"Soda Hall", "room 020B", "smart home"}
"""The others take longer over a network, and run in `make soak`; `test_values` holds the mapping to all of them."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in IN_MINUTES else [pytest.mark.soak]) for name in BUILDINGS]
)
def test_a_building_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    files = [shared(*file.split("/")) for file in BUILDINGS[name]]
    leniency = Leniency.LENIENT if name in LENIENT else Leniency.STRICT
    expected = canonical_hash(set(original(files, leniency)))
    with closing(open_registry(Settings(data=tmp_path, store=emptied()))) as registry:
        result = registry.transfer.import_files(LOCAL, files, ImportOptions(leniency=leniency))
        assert (result.violations, result.left_out) == ([], [])
        assert result.stored == result.resources > 50
        turtle = exported(registry, Syntax.TURTLE)
        verdicts = {finding.part: finding.verdict.value for finding in registry.health.examined()}
        assert verdicts == {"record": "good", "log": "good", "names": "good", "projection": "good", "code": "good"}
    assert canonical_hash(parse(turtle, Syntax.TURTLE).statements) == expected
