"""A registry moves from one store to the other and back, with its log, its twins and its releases."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from registry.app.core import Registry, open_registry
from registry.errors import BadInput
from registry.rdf.canonical import canonical_hash
from registry.rdf.syntax import Syntax, parse
from registry.services.transfer.importer import ImportOptions
from registry.services.transfer.whole_transfer import read_whole
from registry.settings import Settings
from tests.endtoend.serving import run_cli
from tests.neo4j.session import emptied
from tests.places import shared
from tests.principals import LOCAL
from tests.stores.plant import everything, unordered, whole_log

ROOM = ("room-020b", "semantic_model.ttl")


@contextmanager
def opened(settings: Settings) -> Iterator[Registry]:
    with closing(open_registry(settings)) as registry:
        yield registry


def stated(registry: Registry) -> str:
    out = io.BytesIO()
    registry.transfer.export(LOCAL, out, Syntax.N_QUADS)
    return canonical_hash(parse(out.getvalue(), Syntax.N_QUADS).statements)


def fill(registry: Registry, folder: Path) -> None:
    pump = folder / "pump.ttl"
    pump.write_text(
        "@prefix : <urn:x:> . @prefix plant: <https://w3id.org/semantic-twins/plant#> . "
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . "
        ':pump a plant:Pump ; rdfs:label "Pump"@en, "Pumpe"@de ; plant:ratedFlow 5.50 ; plant:serialNumber "S1" .'
    )
    adopting = ImportOptions(adopt=("https://w3id.org/semantic-twins/plant#Pump",))
    assert registry.transfer.import_files(LOCAL, [pump], adopting).adopted == 1
    registry.transfer.import_files(LOCAL, [shared(*ROOM)], ImportOptions())


def test_there_and_back_again(tmp_path: Path) -> None:
    first = Settings(data=tmp_path / "first")
    neo4j = Settings(data=tmp_path / "second", store=emptied())
    third = Settings(data=tmp_path / "third")
    with opened(first) as registry:
        fill(registry, tmp_path)
        log, says, name = whole_log(registry.record), unordered(everything(registry.record)), stated(registry)
        releases = dict(registry.record.kept("release"))
    for before, after in ((first, neo4j), (neo4j, third)):
        file = tmp_path / "whole.jsonl"
        run_cli("export", "--whole", "-o", file, "--store", before.store_url, "--data", before.data)
        run_cli("import", "--whole", file, "--store", after.store_url, "--data", after.data)
        with opened(after) as moved:
            assert whole_log(moved.record) == log
            assert unordered(everything(moved.record)) == says
            assert stated(moved) == name
            assert dict(moved.record.kept("release")) == releases
            assert not moved.record.verify()
            verdicts = {finding.part: finding.verdict.value for finding in moved.health.examined()}
            assert verdicts == {"record": "good", "log": "good", "names": "good", "projection": "good", "code": "good"}
    # What has moved goes on where it was.
    with opened(third) as moved:
        note = tmp_path / "note.ttl"
        note.write_text("<urn:x:new> <urn:x:says> 1 .")
        moved.transfer.import_files(LOCAL, [note], ImportOptions())
        assert moved.record.head() == len(log) + 1


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda lines: lines[:-1], "cut off"),
        (lambda lines: lines[1:], "no file"),
        (lambda lines: [lines[0], b"{"], "line 2 of the file is no JSON"),
        (lambda lines: [lines[0], b"[]"], "line 2 of the file is no entry"),
        (lambda lines: [line for line in lines if not line.startswith(b'{"entry":[1,')], "has a gap"),
        (lambda lines: [lines[0], b'{"entry":[1]}'], "does not make sense"),
    ],
)
def test_a_spoilt_file_is_refused(spoil, said: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    settings = Settings(data=tmp_path / "one")
    with opened(settings) as registry:
        fill(registry, tmp_path)
        head = registry.record.head()
    assert head >= 2
    file = tmp_path / "whole.jsonl"
    run_cli("export", "--whole", "-o", file, "--data", settings.data)
    spoilt = b"\n".join(spoil(file.read_bytes().splitlines()))
    with opened(Settings(data=tmp_path / "two")) as other, pytest.raises(BadInput, match=said):
        read_whole(other.record, io.BytesIO(spoilt))


def test_a_record_that_has_a_log_takes_no_other(tmp_path: Path) -> None:
    with opened(Settings(data=tmp_path)) as registry:
        fill(registry, tmp_path)
        with pytest.raises(BadInput, match="empty record only"):
            read_whole(registry.record, io.BytesIO(b""))
