"""``python -m tests.bench``: every figure of `docs/explanation/speed.md`; ``--large`` goes up to a million."""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from functools import partial
from pathlib import Path

import httpx

from tests.bench import audits, checks, documents, fanout, graph, impact, responsive, scale, served, stored
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
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure speed beside peers and limits.")
    parser.add_argument("--large", action="store_true", help="with 1,000,000 twins and resources too; takes hours")
    parser.add_argument("--only", metavar="PART", help="measure one part, such as neo4j")
    told = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="registry-bench-"))
    rows: dict[str, list[Row]] = {}
    try:
        for name, part in (
            ("documents", documents.measured),
            ("served", served.measured),
            ("responsive", responsive.measured),
            ("fanout", fanout.measured),
            ("stored", stored.measured),
            ("neo4j", graph.measured),
            ("checks", partial(checks.measured, large=told.large)),
            ("audits", audits.measured),
            ("impact", impact.measured),
            ("started", started),
            ("scale", partial(scale.measured, large=told.large)),
        ):
            if told.only not in (None, name):
                continue
            print(f"measuring: {name}", flush=True)
            rows[name] = list(part(folder / name))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    show(rows, Path("bench.json"))


if __name__ == "__main__":
    main()
