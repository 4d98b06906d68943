"""What size costs: import, start, memory, pages, patches and SPARQL with more and more twins, each with a pump."""

from __future__ import annotations

import itertools
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from registry.app.core import Access, Registry, open_registry
from registry.domain.find import AllOf, Compare, Find, OfClass, Operator, Order
from registry.domain.lifecycle import Machine
from registry.domain.registration import machine_for
from registry.domain.releases.release import compile_release
from registry.ontology.modules import standard_modules
from registry.rdf.syntax import Syntax, serialise
from registry.rdf.terms import Literal
from registry.rdf.vocabulary import IN_STATE, TWIN, XSD_DECIMAL
from registry.settings import Settings
from tests.bench.load import request_bytes, rounds
from tests.bench.served import PATCH, ROUNDS, SECONDS
from tests.bench.stored import PLANT, pump
from tests.bench.table import Row, row
from tests.endtoend.serving import REGISTRY, ServingRegistry

SIZES = (10_000, 100_000)
LARGE = 1_000_000
DEEP = 1_000
WRITTEN_TOGETHER = 5_000
REPEATED = 20
DRAFT = "https://w3id.org/semantic-twins/lifecycle-standard#Draft"
SORTED = """query($after: String) { twins(first: 100, orderBy: {key: NAME}, after: $after,
  filter: {state: "Draft"}) { pageInfo { endCursor } edges { node { iri name } } } }"""
COUNTED = """SELECT ?state (COUNT(*) AS ?n) WHERE { ?twin lifecycle:inState ?state } GROUP BY ?state"""


def measured(folder: Path, large: bool = False) -> list[Row]:
    """The rows of this part; a million twins take half an hour and 6 GB of disk."""
    found: list[Row] = []
    for twins in (*SIZES, *([LARGE] if large else [])):
        found += _of(folder / str(twins), twins)
    return found


def _of(folder: Path, twins: int) -> list[Row]:
    """The rows of one size: ten statements for each twin and its pump."""
    data, file = folder / "data", folder / "plant.nt"
    folder.mkdir(parents=True)
    _write(file, twins)
    start = time.perf_counter()
    importing = subprocess.Popen(
        [*REGISTRY, "import", str(file), "--data", str(data), "--json"], stdout=subprocess.DEVNULL
    )
    # Of this process alone: what other children took at most would be in the figures of all children.
    _, status, used = os.wait4(importing.pid, 0)
    assert status == 0, status
    imported, peak = twins / (time.perf_counter() - start), used.ru_maxrss / 1e3
    file.unlink()
    with ServingRegistry(data) as registry:
        _until_ready(registry)
    starts, resident = [], []
    for _ in range(2):
        start = time.perf_counter()
        with ServingRegistry(data) as registry:
            starts.append(time.perf_counter() - start)
            time.sleep(2)
            resident.append(_resident(registry))
    with ServingRegistry(data) as registry:
        _until_ready(registry)
        first, later = _pages(registry)
        patches = rounds(registry.address, _patching(twins), 64, SECONDS, ROUNDS)
        counted = _milliseconds(lambda: registry.sparql(COUNTED))
    near, far = _found(data)
    size = f"{twins:,} twins"
    return [
        row(f"{size}: import, checked", [imported], "twins/s"),
        row(f"{size}: most memory of the import", [peak], "MB"),
        row(f"{size}: start", starts, "s"),
        row(f"{size}: resident memory, idle", resident, "MB"),
        row(f"{size}: in the store, filtered, sorted page {min(DEEP, twins // 100):,}", far, "µs", "page 1", near),
        row(
            f"{size}: over HTTP, filtered, sorted page {min(DEEP, twins // 100):,} of 100", later, "ms", "page 1", first
        ),
        row(f"{size}: checked, durable patches, 64 clients", patches, "/s"),
        row(f"{size}: SPARQL, twins by state", counted, "ms"),
    ]


def _write(file: Path, twins: int) -> None:
    machine: Machine = machine_for(compile_release(standard_modules()), None)
    with file.open("wb") as out:
        for start in range(0, twins, WRITTEN_TOGETHER):
            statements = [
                said
                for number in range(start, min(twins, start + WRITTEN_TOGETHER))
                for said in (
                    *pump(machine, number),
                    (f"https://b.example/e/{number:06}", PLANT + "ratedPower", Literal("3.5", XSD_DECIMAL)),
                )
            ]
            out.write(serialise(statements, Syntax.N_TRIPLES))


def _until_ready(registry: ServingRegistry) -> None:
    """Wait until SPARQL shows what was imported."""
    while httpx.get(f"{registry.address}/ready").status_code != 200:
        time.sleep(0.2)
    registry.sparql(COUNTED)


def _resident(registry: ServingRegistry) -> float:
    lines = httpx.get(f"{registry.address}/metrics").text.splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("registry_resident_bytes ")) / 1e6


def _pages(registry: ServingRegistry) -> tuple[list[float], list[float]]:
    """Milliseconds of a request for the first page and for a deep one, or for the last there is."""
    with httpx.Client(base_url=registry.address, timeout=30) as client:

        def page(after: str | None) -> Any:
            answer = client.post("/graphql", json={"query": SORTED, "variables": {"after": after}}).json()
            return answer["data"]["twins"]["pageInfo"]["endCursor"]

        after: str | None = None
        for _ in range(DEEP - 1):
            reached = page(after)
            if reached is None:
                break
            after = reached
        return _milliseconds(lambda: page(None)), _milliseconds(lambda: page(after))


def _found(data: Path) -> tuple[list[float], list[float]]:
    """Microseconds of the same pages without a server."""
    registry = open_registry(Settings(data=data), Access.READ)
    try:
        model = registry.ontologies.active().model
        drafts = Compare(IN_STATE, Operator.EQUAL, (DRAFT,))
        first = later = Find(AllOf((OfClass(model.subclasses(TWIN)), drafts)), Order(), 100)
        for _ in range(DEEP - 1):
            page = registry.record.find(later)
            if not page.has_next:
                break
            later = replace(later, after=page.cursors[-1])
        near, far = (_milliseconds(partial(_again, registry, find)) for find in (first, later))
        return [1e3 * taken / REPEATED for taken in near], [1e3 * taken / REPEATED for taken in far]
    finally:
        registry.close()


def _again(registry: Registry, find: Find) -> None:
    for _ in range(REPEATED):
        registry.record.find(find)


def _milliseconds(work: Callable[[], object]) -> list[float]:
    samples = []
    for _ in range(12):
        start = time.perf_counter()
        work()
        samples.append((time.perf_counter() - start) * 1e3)
    return samples


def _patching(twins: int) -> Callable[[int, int], bytes]:
    numbers = itertools.count()

    def patch(client: int, number: int) -> bytes:
        n = next(numbers)
        # All over the record, so that nothing is read twice.
        return request_bytes("/graphql", PATCH, iri=f"https://b.example/e/{n * 7919 % twins:06}", value=1 + n / 8 % 900)

    return patch
