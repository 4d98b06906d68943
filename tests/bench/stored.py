"""The record by itself, without HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pyoxigraph as ox

from registry.app.core import Registry, open_registry
from registry.domain.change import Change
from registry.domain.find import Find, OfClass, Order
from registry.domain.lifecycle import Machine
from registry.domain.registration import machine_for, twin_statements
from registry.domain.view import View
from registry.rdf.syntax import Syntax, serialise
from registry.rdf.terms import Literal, Statement, text
from registry.rdf.vocabulary import BASE, RDF_TYPE, RDFS_LABEL, TWIN, XSD_DECIMAL
from registry.services.transfer.importer import ImportOptions
from registry.settings import Settings
from registry.stores.writer import Faults, Submission
from tests.bench.table import Row, per_second, row
from tests.principals import LOCAL

PLANT = BASE + "plant#"
MANY = 100_000
IMPORTED = 2_000


def pump(machine: Machine, number: int) -> list[Statement]:
    """A twin and its pump, nine statements."""
    entity, twin = f"https://b.example/e/{number:06}", f"https://b.example/t/{number:06}"
    return [
        *twin_statements(machine, twin, entity),
        (twin, RDFS_LABEL, text(f"Twin {(number * 7919) % MANY:06}")),
        (entity, RDF_TYPE, PLANT + "CentrifugalPump"),
        (entity, RDFS_LABEL, text(f"Pump {number:06}")),
        (entity, PLANT + "serialNumber", text(f"S{number:06}")),
        (entity, PLANT + "ratedFlow", Literal(f"{1 + number % 900}.5", XSD_DECIMAL)),
    ]


def measured(folder: Path) -> list[Row]:
    """The rows of this part."""
    return [*_import(folder / "import"), *_pages_and_checks(folder / "many")]


def _import(folder: Path) -> list[Row]:
    folder.mkdir(parents=True)
    samples, bare = [], []
    for attempt in range(4):
        registry = open_registry(Settings(data=folder / f"data-{attempt}"))
        machine = machine_for(registry.ontologies.active(), None)
        statements = [s for number in range(IMPORTED) for s in pump(machine, number)]
        file = folder / f"plant-{attempt}.nt"
        file.write_bytes(serialise(statements, Syntax.N_TRIPLES))
        samples += per_second(partial(_imported, registry, file), 0)
        store = ox.Store(str(folder / f"bare-{attempt}"))
        bare += per_second(partial(_bulk_loaded, store, file), 0)
        registry.close()
    return [row("import, checked, twins and pumps", samples, "resources/s", "bare pyoxigraph bulk load", bare)]


def _imported(registry: Registry, file: Path) -> int:
    return registry.transfer.import_files(LOCAL, [file], ImportOptions()).stored


def _bulk_loaded(store: ox.Store, file: Path) -> int:
    store.bulk_load(path=str(file))
    return 2 * IMPORTED


def _pages_and_checks(folder: Path) -> list[Row]:
    registry = open_registry(Settings(data=folder))
    assert registry.writer is not None
    release = registry.ontologies.active()
    machine = machine_for(release, None)
    for batch in _batches(machine):
        work = Submission(_adding(batch), registry.principal, "bench", faults=Faults.JUDGED)
        registry.writer.submit(work).result()
    find = Find(OfClass(release.model.subclasses(TWIN)), Order(), 100)
    deep = find
    for _ in range(500):
        deep = Find(find.where, find.order, 100, registry.record.find(deep).cursors[-1])
    first = [1e6 / rate for rate in per_second(lambda: _pages(registry, find))]
    later = [1e6 / rate for rate in per_second(lambda: _pages(registry, deep))]
    point = [1e6 / rate for rate in per_second(lambda: _points(registry))]
    registry.close()
    return [
        row("sorted page of 100 of 100,000 twins, page 501", later, "µs", "page 1", first),
        row("one resource from the record", point, "µs"),
    ]


def _adding(statements: tuple[Statement, ...]) -> Callable[[View], Change]:
    return lambda view: Change(added=statements)


def _batches(machine: Machine) -> Iterator[tuple[Statement, ...]]:
    for start in range(0, MANY, 400):
        yield tuple(s for number in range(start, start + 400) for s in pump(machine, number))


def _pages(registry: Registry, find: Find) -> int:
    for _ in range(20):
        assert len(registry.record.find(find).resources) == 100
    return 20


def _points(registry: Registry) -> int:
    for number in range(0, 2_000):
        registry.record.view().resources([f"https://b.example/e/{number:06}"])
    return 2_000
