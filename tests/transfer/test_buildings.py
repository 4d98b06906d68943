"""Real buildings: imported, exported and imported again equal; the projection shows the same."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from registry.app.core import Registry, open_registry
from registry.rdf.canonical import canonical_hash
from registry.rdf.syntax import Leniency, Syntax, parse
from registry.rdf.terms import Statement
from registry.services.transfer.importer import ImportOptions
from registry.settings import Settings
from tests.places import shared
from tests.principals import LOCAL

FLAT = ["00_OpenSmartHomeData", "01_LinkOsh", "02_BotFromRevit", "02_GeoFromRevit", "02_PropsFromRevit"]
BUILDINGS = {
    "Rice Hall": ["brick-rice-hall/rice_brick.ttl"],
    "Soda Hall": ["brick-soda-hall/soda_brick.ttl"],
    "building 1": ["brick-mortar-bldg1/bldg1.ttl"],
    "IBM B3": ["brick-ibm-b3/ibm_b3.ttl"],
    "GHC": ["brick-cmu-ghc/ghc_brick.ttl"],
    "room 020B": ["room-020b/semantic_model.ttl"],
    "smart home": [f"open-smart-home/{name}.ttl" for name in FLAT],
}
LENIENT = {"GHC"}


def original(files: list[Path], leniency: Leniency) -> list[Statement]:
    found: list[Statement] = []
    for number, file in enumerate(files):
        parsed = parse(file.read_bytes(), Syntax.TURTLE, base=file.resolve().as_uri(), leniency=leniency)
        # Blank nodes of two files are never the same.
        found += [
            (f"_:{number}{s[2:]}" if s.startswith("_:") else s, p,
             f"_:{number}{t[2:]}" if isinstance(t, str) and t.startswith("_:") else t)
            for s, p, t in parsed.statements
        ]  # fmt: skip
    return found


def exported(registry: Registry, syntax: Syntax) -> bytes:
    out = io.BytesIO()
    registry.transfer.export(LOCAL, out, syntax)
    return out.getvalue()


@pytest.mark.parametrize("name", BUILDINGS)
def test_a_building_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    files = [shared(*file.split("/")) for file in BUILDINGS[name]]
    leniency = Leniency.LENIENT if name in LENIENT else Leniency.STRICT
    expected = canonical_hash(set(original(files, leniency)))
    registry = open_registry(Settings(data=tmp_path / "one"))
    try:
        result = registry.transfer.import_files(LOCAL, files, ImportOptions(leniency=leniency))
        assert (result.violations, result.left_out) == ([], [])
        assert result.stored == result.resources > 50
        again = registry.transfer.import_files(LOCAL, files, ImportOptions(leniency=leniency))
        assert (again.stored, again.unchanged) == (0, result.resources)
        turtle = exported(registry, Syntax.TURTLE)
        verdicts = {finding.part: finding.verdict.value for finding in registry.health.examined()}
        assert verdicts == {"record": "good", "log": "good", "names": "good", "projection": "good", "code": "good"}
    finally:
        registry.close()
    assert canonical_hash(parse(turtle, Syntax.TURTLE).statements) == expected
    (tmp_path / "export.ttl").write_bytes(turtle)
    other = open_registry(Settings(data=tmp_path / "two"))
    try:
        other.transfer.import_files(LOCAL, [tmp_path / "export.ttl"], ImportOptions())
        for syntax in (Syntax.N_QUADS, Syntax.JSON_LD) if name == "room 020B" else (Syntax.N_TRIPLES,):
            statements = list(parse(exported(other, syntax), syntax).statements)
            assert canonical_hash(statements) == expected
    finally:
        other.close()


def test_entities_of_a_foreign_class_can_be_adopted(tmp_path: Path) -> None:
    ahu = "https://brickschema.org/schema/1.0.2/Brick#AHU"
    file = shared("brick-soda-hall", "soda_brick.ttl")
    registry = open_registry(Settings(data=tmp_path))
    try:
        types = [s for s, p, t in original([file], Leniency.STRICT) if p.endswith("#type")]
        classes = {t for s, p, t in original([file], Leniency.STRICT) if p.endswith("#type") and isinstance(t, str)}
        wanted = ahu if ahu in classes else next(t for t in sorted(classes) if t.endswith("#AHU"))
        result = registry.transfer.import_files(LOCAL, [file], ImportOptions(adopt=(wanted,)))
        assert types
        assert result.adopted > 0
        assert result.violations == []
        twins = registry.record.view().sources("https://w3id.org/semantic-twins/core#Twin", _TYPE, 100)
        assert len(twins) == result.adopted
        assert registry.transfer.import_files(LOCAL, [file], ImportOptions(adopt=(wanted,))).adopted == 0
    finally:
        registry.close()


_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
