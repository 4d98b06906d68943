"""Killed at any moment, a projection shows a whole number of entries, and catches up with the record."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from registry.domain.change import Entry
from registry.rdf.terms import Statement
from registry.sparql.projection import Projection
from tests.places import CHECKOUT
from tests.sparql.plant import EX, everything, opened, release
from tests.sparql.test_projection import data_of, respelled

# Values in several spellings may be some entries early while a projection is behind; at the end they are right.
SPELLED = {EX + "model#flow", EX + "model#reading"}


def kill_in_the_middle(folder: Path, seed: int, task: str, seconds: float) -> None:
    command = [sys.executable, "-m", "tests.sparql.process", str(folder), str(seed), task]
    process = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def replayed(entries: Iterable[Entry]) -> set[Statement]:
    """What the log comes to."""
    stated: set[Statement] = set()
    for entry in entries:
        stated = (stated - set(entry.removed)) | set(entry.added)
    return stated


def kill_and_compare(folder: Path, rounds: int, task: str) -> None:
    chance = random.Random(rounds)
    positions = []
    for number in range(rounds):
        kill_in_the_middle(folder, number, task, chance.uniform(0.05, 0.5))
        with (
            closing(opened(folder)) as record,
            closing(Projection(folder / "projection", record, release)) as projection,
        ):
            log = record.entries(0, record.head())
            assert respelled(replayed(log)) == respelled(everything(record)), "the record itself is not whole"
            if projection.is_open:
                positions.append(projection.position)
                then = data_of(projection, folder / f"then-{number}", leave_out=SPELLED)
                assert then == respelled(s for s in replayed(log[: projection.position]) if s[1] not in SPELLED)
            else:
                assert task == "rebuild", "only a rebuild may be caught between two folders"
            assert projection.catch_up() == record.head()
            assert data_of(projection, folder / f"now-{number}") == respelled(everything(record))
    assert len(set(positions)) >= rounds // 2, "hardly anything was projected: the test proves nothing"


@pytest.mark.parametrize("task", ["follow", "rebuild"])
def test_record_and_projection_are_equal_after_kill_9(tmp_path: Path, task: str) -> None:
    kill_and_compare(tmp_path, 4, task)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("task", ["follow", "rebuild"])
def test_record_and_projection_are_equal_after_many_kills(tmp_path: Path, task: str) -> None:
    kill_and_compare(tmp_path, 100, task)
