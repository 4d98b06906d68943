"""The restore drill: a backup under load, restored elsewhere, equals the record at its position; on both stores."""

from __future__ import annotations

import json
import os
import time
from contextlib import closing
from pathlib import Path

import pytest

from registry.app.backups import back_up, restore
from registry.app.core import open_record, open_registry
from registry.demo import plant_imported
from registry.errors import RegistryError
from registry.settings import Settings
from registry.stores.open_mode import Access
from tests.endtoend.serving import ServingRegistry, run_cli
from tests.endtoend.test_crash import REGISTER, Load
from tests.neo4j.session import emptied
from tests.operating.drill import added_up, stated, whole_log


def settings(store: str, folder: Path) -> Settings:
    """An empty place in a store of this kind."""
    return Settings(data=folder, store=emptied() if store == "neo4j" else "")


def arguments(place: Settings) -> list[str]:
    return ["--data", str(place.data), *(["--store", place.store] if place.store else [])]


@pytest.mark.parametrize(("before", "after"), [("sqlite", "sqlite"), ("neo4j", "sqlite"), ("sqlite", "neo4j")])
def test_a_backup_under_load_restored_elsewhere_equals_the_record_at_its_position(
    tmp_path: Path, before: str, after: str
) -> None:
    place, load, file = settings(before, tmp_path / "before"), Load("drill"), tmp_path / "registry.backup"
    with ServingRegistry(place.data, environment={"REGISTRY_STORE": place.store} if place.store else None) as registry:
        load.start(registry.address)
        load.wait()
        time.sleep(0.5)
        told = json.loads(run_cli("backup", file, *arguments(place), "--json").stdout)
        load.stop()
    assert [path.name for path in tmp_path.glob("registry.backup*")] == [file.name]
    assert file.stat().st_mode & 0o777 == 0o600
    with closing(open_record(place, Access.READ)) as record:
        assert 0 < told["position"] < record.head(), "the load went on while it was written"
        log = whole_log(record, told["position"])
    other = settings(after, tmp_path / "after")
    assert restore(other, file, silent) == told["position"]
    with closing(open_record(other, Access.READ)) as record:
        assert record.head() == told["position"]
        assert whole_log(record, record.head()) == log
        assert stated(record) == added_up(log)
    with pytest.raises(RegistryError, match="into an empty place only"):
        restore(other, file, silent)


def test_what_is_no_backup_or_is_damaged_is_refused_and_leaves_an_empty_place(tmp_path: Path) -> None:
    source, file = Settings(data=tmp_path / "source"), tmp_path / "registry.backup"
    with closing(open_registry(source)) as registry:
        plant_imported(registry)
    back_up(source, file, silent)
    content = bytearray(file.read_bytes())
    cut, flipped, other = tmp_path / "cut", tmp_path / "flipped", tmp_path / "other.txt"
    cut.write_bytes(content[: len(content) // 2])
    for place in range(3 * 4096, len(content), 97):
        content[place] ^= 0xFF
    flipped.write_bytes(content)
    other.write_text("a letter")
    for number, wrong in enumerate((cut, flipped, other, tmp_path / "missing")):
        there = Settings(data=tmp_path / f"r{number}")
        with pytest.raises(RegistryError) as refused:
            restore(there, wrong, silent)
        assert refused.value.code in {"BAD_INPUT", "STORE_UNAVAILABLE"}
        assert restore(there, file, silent) == 1


def silent(stage: str, done: int, total: int) -> None:
    """Nobody watches."""


def test_files_are_private_whatever_the_umask_and_what_was_open_is_closed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    before = os.umask(0)
    try:
        with ServingRegistry(data) as registry:
            registry.ask(REGISTER, twin="urn:t", entity="urn:e")
            registry.sparql("SELECT ?s { ?s a ?c }")
            _check_private(data)
            back_up(Settings(data=data), tmp_path / "b", silent)
        assert (tmp_path / "b").stat().st_mode & 0o777 == 0o600
        _check_private(data)
        for path in (data, *data.rglob("*")):
            path.chmod(0o755)
        place = Settings(data=data)
        with closing(open_registry(place, Access.READ)) as opened:
            faults = [found.part for found in opened.health.examined() if found.is_fault]
        assert faults == ["privacy"]
        with closing(open_registry(place)) as opened:
            assert [found.part for found in opened.health.examined() if found.is_fault] == []
            # The engine's own files have the mode of the umask until the end; nobody else comes to them.
            assert (data / "projection").stat().st_mode & 0o077 == 0
        _check_private(data)
    finally:
        os.umask(before)


def _check_private(data: Path) -> None:
    assert [str(path) for path in (data, *data.rglob("*")) if path.stat().st_mode & 0o077] == []


def test_a_folder_that_others_use_too_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    tmp_path.chmod(0o755)
    with closing(open_registry(Settings(data=tmp_path))):
        assert tmp_path.stat().st_mode & 0o777 == 0o755
        assert (tmp_path / "registry.db").stat().st_mode & 0o777 == 0o600
