"""``python -m tests.bench``: every figure of the README's table."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

import httpx

from tests.bench import served, stored
from tests.bench.table import Row, show
from tests.endtoend.serving import ServingRegistry


def started(folder: Path) -> list[Row]:
    """Start-up and idle memory with the demo loaded."""
    samples, resident = [], []
    for _ in range(4):
        registry = ServingRegistry(folder, "demo")
        start = time.perf_counter()
        registry.start()
        samples.append(time.perf_counter() - start)
        time.sleep(6)
        metrics = httpx.get(f"{registry.address}/metrics").text
        line = next(line for line in metrics.splitlines() if line.startswith("registry_resident_bytes "))
        resident.append(int(line.split()[1]) / 1e6)
        registry.stop()
    from tests.bench.table import row

    return [
        row("start of the demo, second time on", samples, "s"),
        row("resident memory, demo running", resident, "MB"),
    ]


def main() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="registry-bench-"))
    rows: list[Row] = []
    try:
        for part in (served.measured, stored.measured, started):
            print(f"measuring: {part.__module__.rpartition('.')[2]}", flush=True)
            rows += part(folder / f"{part.__module__}-{part.__name__}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    show(rows, Path("bench.json"))


if __name__ == "__main__":
    main()
