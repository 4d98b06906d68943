"""A large import is judged by several processes: the same result as from one, and nothing stored if one is lost."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from registry.app.core import Registry, open_registry
from registry.errors import StoreUnavailable
from registry.services import validation_pool as crew
from registry.services.transfer import importer as transfer
from registry.services.transfer.importer import ImportOptions, ImportResult, OnFault
from registry.settings import Settings
from tests.endtoend.serving import REGISTRY
from tests.principals import LOCAL
from tests.transfer.test_import import written

PUMPS = 300


def opened(data: Path) -> closing[Registry]:
    return closing(open_registry(Settings(data=data)))


def plant_of(folder: Path) -> Path:
    """Pumps that feed one another across pages; some have a fault, and some say the serial number of another."""
    lines = []
    for number in range(PUMPS):
        flow = '"fast"' if number % 37 == 5 else f"{number + 0.5}"
        serial = number - 1 if number % 50 == 3 else number
        lines.append(
            f':p{number} a plant:Pump ; rdfs:label "Pump {number}" ; plant:ratedFlow {flow} ; '
            f'plant:serialNumber "S{serial}" ; core:feeds :p{(number * 7 + 1) % PUMPS} .\n'
        )
    return written(folder, *lines)


def told(registry: Registry, result: ImportResult) -> tuple[object, ...]:
    stored = [
        statement
        for resource in registry.record.view().resources(registry.record.iris("", 2 * PUMPS)).values()
        for statement in resource.triples()
    ]
    violations = [violation.key() for violation in result.violations]
    return result.left_out, result.dangling, violations, result.warnings, result.stored, stored


@pytest.mark.parametrize("on_fault", [OnFault.LEAVE_OUT, OnFault.OWE])
def test_several_processes_judge_alike(on_fault: OnFault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "BATCH", 40)
    file, found = plant_of(tmp_path), []
    for processes in (1, 3):
        monkeypatch.setattr(transfer, "crew_for", lambda resources, count=processes: count)
        with opened(tmp_path / str(processes)) as registry:
            result = registry.transfer.import_files(LOCAL, [file], ImportOptions(on_fault=on_fault))
            found.append(told(registry, result))
    assert found[0] == found[1]
    assert len(result.violations) > 8
    assert result.resources == PUMPS


def test_it_is_many_resources_that_are_worth_a_process() -> None:
    cores = len(os.sched_getaffinity(0))
    assert crew.crew_for(crew.WORTH_A_PROCESS - 1) == 0
    assert crew.crew_for(100 * crew.WORTH_A_PROCESS * cores) == cores


def test_nothing_is_stored_where_a_process_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "BATCH", 10)
    monkeypatch.setattr(transfer, "crew_for", lambda resources: 2)
    file = plant_of(tmp_path)

    def lose_one(stage: str, done: int, total: int) -> None:
        if stage == "check" and done == 10:
            multiprocessing.active_children()[0].kill()

    with opened(tmp_path / "data") as registry:
        with pytest.raises(StoreUnavailable, match="run it again"):
            registry.transfer.import_files(LOCAL, [file], ImportOptions(on_fault=OnFault.OWE), lose_one)
        assert registry.record.head() == 0
        assert not list((tmp_path / "data").glob("staging-*"))
        monkeypatch.setattr(transfer, "crew_for", lambda resources: 1)
        assert registry.transfer.import_files(LOCAL, [file], ImportOptions(on_fault=OnFault.OWE)).stored == PUMPS


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.15], ids=["starting", "importing", "further on"])
def test_the_keys_that_end_a_command_end_its_helpers_without_a_word(seconds: float, tmp_path: Path) -> None:
    file = tmp_path / "many.nt"
    kind, pump = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", "<https://w3id.org/semantic-twins/plant#Pump>"
    file.write_text("".join(f"<urn:p:{number}> {kind} {pump} .\n" for number in range(2 * crew.WORTH_A_PROCESS)))
    with subprocess.Popen(
        [*REGISTRY, "import", str(file), "--data", str(tmp_path / "data")],
        stderr=subprocess.PIPE, text=True, process_group=0,
    ) as importing:  # fmt: skip
        children = Path(f"/proc/{importing.pid}/task/{importing.pid}/children")
        # The first child is multiprocessing's own, which looks after what the others share.
        while len(children.read_text().split()) < 3:
            assert importing.poll() is None
        time.sleep(seconds)
        os.killpg(importing.pid, signal.SIGINT)
        told = importing.communicate(timeout=60)[1]
    assert (importing.returncode, told) == (130, "")
    assert not list((tmp_path / "data").glob("staging-*"))
