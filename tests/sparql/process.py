"""A process that writes and projects, or builds anew, until it is killed: ``python -m tests.sparql.process``."""

from __future__ import annotations

import random
import sys
import threading
from pathlib import Path

from registry.sparql.projection import Projection
from tests.sparql.plant import opened, release, work_once


def main(folder: Path, seed: int, task: str) -> None:
    """Work at random on the record of a folder while its projection follows, or is built again and again."""
    record = opened(folder)
    projection = Projection(folder / "projection", record, release)
    projection.catch_up()
    print("ready", flush=True)
    task_of_thread = projection.rebuild if task == "rebuild" else projection.catch_up

    def project() -> None:
        while True:
            task_of_thread()

    threading.Thread(target=project, daemon=True).start()
    chance = random.Random(seed)
    while True:
        work_once(record, chance)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
