"""What an import refuses, leaves out, keeps as owed, and picks up again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.app.core import Registry, open_registry
from registry.errors import BadInput, ShapesViolated, SyntaxFault
from registry.rdf.vocabulary import TWIN
from registry.services.transfer.importer import ImportOptions, OnFault
from registry.settings import Settings
from registry.stores import staging
from tests.endtoend.serving import REGISTRY, run_cli
from tests.principals import LOCAL

PATIENCE_SECONDS = 240
PREFIXES = """@prefix : <https://e.example/> . @prefix core: <https://w3id.org/semantic-twins/core#> .
@prefix plant: <https://w3id.org/semantic-twins/plant#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
GOOD = ':pump a plant:Pump ; rdfs:label "Pump" ; plant:ratedFlow 5.5 ; plant:serialNumber "S1" .\n'
BAD = ':bad a plant:Pump ; rdfs:label "Bad" ; plant:ratedFlow "fast" ; plant:serialNumber "S2" .\n'
HANGING = (
    ':hanging a plant:Tank ; rdfs:label "Tank" ; plant:capacity 1.5 ; core:feeds :bad ; plant:serialNumber "S3" .\n'
)


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    opened = open_registry(Settings(data=tmp_path / "data"))
    yield opened
    opened.close()


def written(folder: Path, *parts: str, name: str = "plant.ttl") -> Path:
    file = folder / name
    file.write_text(PREFIXES + "".join(parts), encoding="utf-8")
    return file


def names(registry: Registry) -> set[str]:
    return {iri.removeprefix("https://e.example/") for iri in registry.record.iris("", 1000)}


def test_what_breaks_a_shape_is_left_out_with_what_would_dangle(registry: Registry, tmp_path: Path) -> None:
    result = registry.transfer.import_files(LOCAL, [written(tmp_path, GOOD, BAD, HANGING)], ImportOptions())
    assert names(registry) == {"pump"}
    assert result.left_out == ["https://e.example/bad"]
    assert result.dangling == ["https://e.example/hanging"]
    violation = result.violations[0]
    assert (violation.focus, violation.path) == (
        "https://e.example/bad", "<https://w3id.org/semantic-twins/plant#ratedFlow>",
    )  # fmt: skip


def test_strict_refuses_all_of_it(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(ShapesViolated, match="nothing was imported"):
        registry.transfer.import_files(
            LOCAL, [written(tmp_path, GOOD, BAD)], ImportOptions(on_fault=OnFault.REFUSE_ALL)
        )
    assert names(registry) == set()


def test_owed_keeps_it_and_it_can_be_worked_on(registry: Registry, tmp_path: Path) -> None:
    result = registry.transfer.import_files(LOCAL, [written(tmp_path, GOOD, BAD)], ImportOptions(on_fault=OnFault.OWE))
    assert names(registry) == {"pump", "bad"}
    assert result.violations
    from registry.domain.judgement import owed
    from registry.domain.overlay import Overlay

    release, view = registry.ontologies.active(), Overlay(registry.record.view())
    assert {v.path for v in owed(release, view, "https://e.example/bad") if v.severity.refuses} == {
        "<https://w3id.org/semantic-twins/plant#ratedFlow>"
    }
    note = written(tmp_path, ':bad core:description "still owed" .\n', name="note.ttl")
    assert registry.transfer.import_files(LOCAL, [note], ImportOptions()).stored == 1


def test_nothing_is_stored_of_files_one_of_which_does_not_parse(registry: Registry, tmp_path: Path) -> None:
    broken = written(tmp_path, GOOD, ":x a plant:Pump ;;; .\n:y :z", name="broken.ttl")
    with pytest.raises(SyntaxFault) as caught:
        registry.transfer.import_files(LOCAL, [written(tmp_path, GOOD), broken], ImportOptions())
    assert caught.value.details["line"] == 5
    assert "broken.ttl" in caught.value.message
    assert names(registry) == set()
    assert not list((tmp_path / "data").glob("staging-*"))


def test_reading_tells_how_far_it_is(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "_BATCH", 3)
    told: list[tuple[str, int, int]] = []
    files = [written(tmp_path, GOOD), written(tmp_path, BAD, name="more.ttl")]
    registry.transfer.import_files(LOCAL, files, ImportOptions(), lambda *done: told.append(done))
    assert [done for stage, done, _ in told if stage == "read"] == [3, 4, 7, 8]


def test_a_missing_file_is_named(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere\.ttl"):
        registry.transfer.import_files(LOCAL, [tmp_path / "nowhere.ttl"], ImportOptions())


def test_a_dry_run_and_a_check_store_nothing(registry: Registry, tmp_path: Path) -> None:
    file = written(tmp_path, GOOD, BAD)
    assert registry.transfer.import_files(LOCAL, [file], ImportOptions(dry_run=True)).violations
    assert registry.transfer.check_files(LOCAL, [file]).violations
    assert registry.record.head() == 0


@pytest.mark.parametrize(
    ("statement", "path", "value"),
    [
        ("plant:ratedFlw 1.5", "<https://w3id.org/semantic-twins/plant#ratedFlw>", "1.5"),
        ("core:locatedIn :nowhere", "<https://w3id.org/semantic-twins/core#locatedIn>", "https://e.example/nowhere"),
        (
            "a plant:Pmp",
            "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>",
            "https://w3id.org/semantic-twins/plant#Pmp",
        ),
    ],
)
def test_unknown_terms_and_links_to_nothing_are_refused(
    statement: str, path: str, value: str, registry: Registry, tmp_path: Path
) -> None:
    result = registry.transfer.import_files(LOCAL, [written(tmp_path, GOOD, f":pump {statement} .\n")], ImportOptions())
    assert (path, value) in {(v.as_json()["path"], v.as_json()["value"]) for v in result.violations}
    assert names(registry) == set()


def test_a_neighbour_that_an_import_would_break_keeps_it_out(registry: Registry, tmp_path: Path) -> None:
    twin = "a core:Twin ; core:twinOf :pump"
    state = "<https://w3id.org/semantic-twins/lifecycle#governedBy> <https://w3id.org/semantic-twins/lifecycle-standard#twinLifecycle> ; <https://w3id.org/semantic-twins/lifecycle#inState> <https://w3id.org/semantic-twins/lifecycle-standard#Draft>"  # noqa: E501
    registry.transfer.import_files(LOCAL, [written(tmp_path, GOOD, f":t1 {twin} ; {state} .\n")], ImportOptions())
    second = written(tmp_path, f":t2 {twin} ; {state} .\n", name="second.ttl")
    result = registry.transfer.import_files(LOCAL, [second], ImportOptions())
    assert result.left_out == ["https://e.example/t2"]
    assert registry.record.view().sources(TWIN, "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", 9) == [
        "https://e.example/t1"
    ]


@pytest.mark.timeout(600)
def test_an_interrupted_import_goes_on_where_it_stopped(tmp_path: Path) -> None:
    many = tmp_path / "many.nt"
    many.write_text("".join(f'<urn:x:{n:06}> <urn:p> "{n}" .\n' for n in range(60_000)))
    data = tmp_path / "data"
    process = subprocess.Popen([*REGISTRY, "import", str(many), "--data", str(data)], stderr=subprocess.PIPE)
    _wait_for_entries(data, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    reader = json.loads(run_cli("doctor", "--data", data, "--json").stdout)
    assert "import" in {finding["part"] for finding in reader}
    done = json.loads(run_cli("import", many, "--data", data, "--json").stdout)
    assert done["resumed_at"] > 0
    assert run_cli("export", "--data", data, "--format", "ntriples").stdout.count("\n") == 60_000
    assert "import" not in {f["part"] for f in json.loads(run_cli("doctor", "--data", data, "--json").stdout)}


def _wait_for_entries(data: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until the import has stored a few batches."""
    from registry.errors import StoreUnavailable
    from registry.stores.open_mode import Access
    from registry.stores.sqlite.record import open_sqlite

    # On a busy machine the first batch takes a while; an import that is stuck is what this is to find.
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, "the import ended before it could be interrupted"
        try:
            record = open_sqlite(data / "registry.db", Access.READ)
        except StoreUnavailable:
            time.sleep(0.05)
            continue
        head = record.head()
        record.close()
        if head >= 3:
            return
        time.sleep(0.05)
    raise AssertionError(f"no batch was stored; {os.listdir(data)} {sys.version}")
