"""What weighing a release against a whole record takes, beside the Rust engine on an export; the verdicts are one."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from registry.services.releases.migration import Migration
from tests.bench.table import Row, row
from tests.principals import LOCAL
from tests.releases.models import opened, silent
from tests.releases.presses import Engine, filled, recorded, refused

TWINS = 100_000
ROUNDS = 2
_SETTLED = 'DELETE { ?p site:mode ?m } INSERT { ?p site:mode "manual" } WHERE { ?p site:mode ?m , "both" }'


def measured(folder: Path) -> list[Row]:
    """The rows of this part, in seconds on the clock; a report that is not the engine's is no figure."""
    with opened(folder) as registry:
        digest = filled(registry, TWINS)
        before, after = registry.ontologies.active(), registry.ontologies.compiled(digest)
        engine, whole = Engine(after), refused(recorded(registry.record), before, after)
        found = registry.releases.impact(LOCAL, digest, silent)
        assert found.failing == whole.failing
        assert found.starting == whole.starting
        ours = _seconds(lambda: registry.releases.impact(LOCAL, digest, silent))
        theirs = _seconds(lambda: engine.results(recorded(registry.record)))
        migrated = _seconds(lambda: registry.releases.impact(LOCAL, digest, silent, Migration(update=_SETTLED)))
    peer = "export and PyPI shacl (Rust), in memory"
    return [
        row(f"impact of a release, {TWINS:,} twins", ours, "s", peer, theirs),
        row(f"impact of a release after a migration, {TWINS:,} twins", migrated, "s", peer, theirs),
    ]


def _seconds(work: Callable[[], object]) -> list[float]:
    samples = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        samples.append(time.perf_counter() - start)
    return samples
