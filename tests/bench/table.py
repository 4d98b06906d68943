"""What `make bench` prints and writes."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROUNDS = 5


@dataclass(frozen=True)
class Row:
    """One figure: the median of several rounds, their spread, and the same for the peer of the same run."""

    name: str
    value: float
    unit: str
    spread: float
    peer: str = ""
    peer_value: float | None = None

    @property
    def ratio(self) -> float | None:
        """The value in terms of the peer's."""
        return None if not self.peer_value else self.value / self.peer_value


def median(samples: Sequence[float]) -> tuple[float, float]:
    """The median and the distance between the quarters, after one round of warming up was dropped."""
    kept = list(samples)[1:] or list(samples)
    if len(kept) < 4:
        return statistics.median(kept), max(kept) - min(kept)
    quarters = statistics.quantiles(kept, n=4)
    return statistics.median(kept), quarters[2] - quarters[0]


def per_second(work: Callable[[], int], rounds: int = ROUNDS) -> list[float]:
    """How many a second a function does, for each of several rounds; it returns how many it did."""
    samples = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        done = work()
        samples.append(done / (time.perf_counter() - start))
    return samples


def cpu_microseconds(work: Callable[[], int], rounds: int = ROUNDS) -> list[float]:
    """Processor time for each of what a function does, in µs."""
    samples = []
    for _ in range(rounds + 1):
        start = time.process_time()
        done = work()
        samples.append((time.process_time() - start) / done * 1e6)
    return samples


def row(name: str, samples: Sequence[float], unit: str, peer: str = "", peer_samples: Sequence[float] = ()) -> Row:
    """A row from the samples of both."""
    value, spread = median(samples)
    return Row(name, value, unit, spread, peer, median(peer_samples)[0] if peer_samples else None)


def table(rows: Sequence[Row]) -> str:
    """The rows as a table in Markdown."""
    lines = ["| what | value | beside it, in the same run | ratio |", "|---|---|---|---|"]
    for found in rows:
        beside = f"{found.peer}: {_number(found.peer_value)} {found.unit}" if found.peer_value is not None else ""
        ratio = f"{found.ratio:.2g}" if found.ratio else ""
        value = f"{_number(found.value)} ± {_number(found.spread / 2)} {found.unit}"
        lines.append(f"| {found.name} | {value} | {beside} | {ratio} |")
    return "\n".join(lines) + "\n"


def show(parts: Mapping[str, Sequence[Row]], file: Path) -> None:
    """Print the table as Markdown and write it as JSON, each row with the part that it is of."""
    print(f"\n{os.cpu_count()} cores, Python {platform.python_version()}\n")
    print(table([row for rows in parts.values() for row in rows]))
    found = [{"part": part, **asdict(row), "ratio": row.ratio} for part, rows in parts.items() for row in rows]
    file.write_text(json.dumps(found, indent=2) + "\n")
    print(f"written to {file}; python -m tests.bench.page takes it over into docs/explanation/speed.md")


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}" if value >= 10 else f"{value:.2f}"
