"""`doctor --shapes`: silent while record, log and checks agree, and loud for each way in which they may not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from registry.app.core import Registry, open_registry
from registry.domain.change import Change
from registry.rdf.syntax import Syntax, parse
from registry.rdf.terms import Statement
from registry.services.audit.log_audit import Recount
from registry.services.health import Finding
from registry.services.transfer.importer import ImportOptions
from registry.settings import Settings
from registry.shacl.shapes import Shapes
from registry.stores.submission import Faults, Submission
from tests.places import CHECKOUT
from tests.principals import LOCAL

PLANT = CHECKOUT / "registry" / "demo" / "plant.ttl"
PREFIX = "@prefix plant: <https://w3id.org/semantic-twins/plant#> . "
TANK = '<urn:t> a plant:Tank ; plant:serialNumber "T" .'
CAPACITY = "<urn:t> plant:capacity 5.0 ."


def told(turtle: str) -> tuple[Statement, ...]:
    return tuple(parse((PREFIX + turtle).encode(), Syntax.TURTLE).statements)


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """A registry with the demo plant in it."""
    opened = open_registry(Settings(data=tmp_path))
    opened.transfer.import_files(LOCAL, [PLANT], ImportOptions())
    yield opened
    opened.close()


def write(registry: Registry, turtle: str, cause: str, faults: Faults, removed: str = "") -> None:
    assert registry.writer is not None
    change = Change(removed=told(removed), added=told(turtle))
    registry.writer.submit(Submission(lambda view: change, registry.principal, cause, faults=faults)).result()


def findings(registry: Registry, digest: str = "") -> dict[str, Finding]:
    release = registry.ontologies.active()
    release = replace(release, digest=digest or release.digest)
    return {found.part: found for found in Recount(registry.record, release, registry.audit).findings()}


def test_a_sound_record_agrees_with_its_log(registry: Registry) -> None:
    write(registry, TANK + CAPACITY, "patchResource", Faults.REFUSE)
    write(registry, "", "patchResource", Faults.REFUSE, removed='<urn:t> plant:serialNumber "T" .')
    found = findings(registry)
    assert [one.verdict.value for one in found.values()] == ["good", "good", "good"]
    assert found["shapes"].found.startswith("2 results"), "a tank without a name and a serial number is warned of"


def test_what_an_import_may_owe_is_a_note(registry: Registry) -> None:
    write(registry, TANK, "import", Faults.OWE)
    assert findings(registry)["owed"].verdict.value == "note"
    write(registry, CAPACITY, "patchResource", Faults.REFUSE)
    assert findings(registry)["owed"].verdict.value == "good"
    # The same violation again, and this time nothing may owe it.
    write(registry, "", "patchResource", Faults.OWE, removed=CAPACITY)
    found = findings(registry)["owed"]
    assert found.is_fault
    assert "entry 4 (patchResource) was to be refused: urn:t at <" in found.found


def test_a_change_that_had_to_be_refused_is_found(registry: Registry) -> None:
    write(registry, TANK, "registerTwin", Faults.OWE)
    found = findings(registry)["owed"]
    assert found.is_fault
    assert "entry 2 (registerTwin) was to be refused" in found.found
    assert findings(registry, digest="of a later release")["owed"].verdict.value == "note"


def test_what_a_check_of_changes_misses_is_found(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    write(registry, TANK, "import", Faults.OWE)
    monkeypatch.setattr(Shapes, "new_results", lambda *graphs: [])
    found = findings(registry)["owed"]
    assert found.is_fault
    assert "a check has missed it" in found.found


def test_what_an_audit_misses_is_found(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    write(registry, TANK, "import", Faults.OWE)
    monkeypatch.setattr(Shapes, "check_subject", lambda *asked: [])
    found = findings(registry)["shapes"]
    assert found.is_fault
    assert "found one way only" in found.found


def test_a_record_changed_by_hand_is_found(registry: Registry, tmp_path: Path) -> None:
    write(registry, TANK + CAPACITY, "registerTwin", Faults.REFUSE)
    with closing(sqlite3.connect(tmp_path / "registry.db")) as connection:
        (document,) = connection.execute("SELECT document FROM node WHERE iri = 'urn:t'").fetchone()
        says = orjson.loads(document)
        del says["https://w3id.org/semantic-twins/plant#capacity"]
        connection.execute("UPDATE node SET document = ? WHERE iri = 'urn:t'", (orjson.dumps(says),))
        connection.commit()
    found = findings(registry)
    assert "urn:t" in found["replay"].found
    assert found["replay"].is_fault
    assert found["shapes"].is_fault, "the record breaks a shape that the log does not"


def test_a_link_index_that_lost_a_row_is_found(registry: Registry, tmp_path: Path) -> None:
    # The one shape that asks backwards: an entity has one twin at most.
    twins = "".join(f"<urn:twin{number}> a core:Twin ; core:twinOf <urn:t> ." for number in (1, 2))
    prefix = "@prefix core: <https://w3id.org/semantic-twins/core#> . "
    write(registry, prefix + TANK + CAPACITY + twins, "import", Faults.OWE)
    assert not findings(registry)["shapes"].is_fault
    with closing(sqlite3.connect(tmp_path / "registry.db")) as connection:
        connection.execute("DELETE FROM link WHERE subject = (SELECT id FROM node WHERE iri = 'urn:twin1')")
        connection.commit()
    assert findings(registry)["shapes"].is_fault
