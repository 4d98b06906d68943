"""An import is judged page by page, so the round trips to a far store do not grow with what a page holds."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from registry.app.core import Registry, open_registry
from registry.services.transfer import importer as transfer
from registry.services.transfer.importer import BATCH, ImportOptions, ImportResult
from registry.settings import Settings
from registry.stores.neo4j.record import Neo4jRecord
from tests.neo4j.session import emptied
from tests.principals import LOCAL

TRIPS_OF_A_PAGE = 10
"""Judging reads twice or three times, storing begins, foresees twice and stores, and then the job is noted."""

_HEAD = """@prefix plant: <https://w3id.org/semantic-twins/plant#> .
@prefix core: <https://w3id.org/semantic-twins/core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
_PUMP = """<urn:x:{name}> a plant:Pump ; rdfs:label "{name}" ; plant:ratedFlow 1.5 ; plant:serialNumber "{serial}" ;
  core:feeds <urn:x:{name}-next> . <urn:x:{name}-next> a plant:Pump ; rdfs:label "next" ; plant:ratedFlow 2.5 .
"""


def imported(registry: Registry, file: Path, serials: dict[str, str]) -> tuple[ImportResult, int]:
    """What became of pumps with these serial numbers, and how many round trips it took."""
    file.write_text(_HEAD + "".join(_PUMP.format(name=name, serial=serial) for name, serial in serials.items()))
    record = cast(Neo4jRecord, registry.record)
    before = record.round_trips
    return registry.transfer.import_files(LOCAL, [file], ImportOptions()), record.round_trips - before


def test_a_page_costs_a_few_round_trips_and_is_judged_by_what_is_stored(tmp_path: Path) -> None:
    with closing(open_registry(Settings(data=tmp_path / "data", store=emptied()))) as registry:
        first, trips = imported(registry, tmp_path / "first.ttl", {f"a{n}": f"S{n}" for n in range(BATCH)})
        assert (first.stored, first.left_out) == (2 * BATCH, [])
        assert trips <= 2 * TRIPS_OF_A_PAGE + 10, "names are read and issued the first time"
        # A serial number that another pump has is found among those that are fetched by their literals.
        serials = {"b0": "S7", "b1": "S0007", **{f"b{n}": f"T{n}" for n in range(2, 50)}}
        second, trips = imported(registry, tmp_path / "second.ttl", serials)
        assert second.left_out == ["urn:x:b0"]
        assert second.stored == 2 * len(serials) - 1
        assert trips <= 3 * TRIPS_OF_A_PAGE
        assert not registry.record.verify()


def test_several_processes_judge_by_what_is_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "BATCH", 20)
    monkeypatch.setattr(transfer, "crew_for", lambda resources: 2)
    with closing(open_registry(Settings(data=tmp_path / "data", store=emptied()))) as registry:
        first, _ = imported(registry, tmp_path / "first.ttl", {f"a{n}": f"S{n}" for n in range(40)})
        assert (first.stored, first.left_out) == (80, [])
        serials = {"b0": "S7", **{f"b{n}": f"T{n}" for n in range(1, 40)}, "c0": "S39"}
        second, _ = imported(registry, tmp_path / "second.ttl", serials)
        assert second.left_out == ["urn:x:b0", "urn:x:c0"]
        assert second.stored == 2 * len(serials) - 2
        assert not registry.record.verify()
