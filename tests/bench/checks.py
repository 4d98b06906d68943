"""What checking one write costs, on the real record, as it grows and beside a hub; and pySHACL and the Rust engine."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pyshacl
import rdflib
import shacl

from registry.app.core import open_registry
from registry.domain.change import Change
from registry.domain.judgement import judge
from registry.domain.lifecycle import step
from registry.domain.moment import Moment
from registry.domain.overlay import Net, Overlay
from registry.domain.registration import machine_for, twin_statements
from registry.domain.releases.release import Release
from registry.domain.view import View
from registry.ontology.modules import ModuleKind
from registry.rdf.syntax import Syntax, serialise
from registry.rdf.terms import Iri, Literal, Statement, text
from registry.rdf.vocabulary import BASE, CORE, IN_STATE, RDF_TYPE, RDFS_LABEL, XSD_DECIMAL
from registry.settings import Settings
from registry.stores.submission import Faults
from registry.stores.writer import Submission
from tests.bench.table import ROUNDS, Row, cpu_microseconds, median, row

PLANT = BASE + "plant#"
STANDARD = BASE + "lifecycle-standard#"
SIZES, LARGE = (1_000, 10_000, 100_000), 1_000_000
HUB_NEIGHBOURS = 20_000
PUMPS_PER_HALL = 10
BATCH = 200
TIME = "2026-01-01T00:00:00Z"
CHECKS = 200

SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix core: <https://w3id.org/semantic-twins/core#> .
@prefix plant: <https://w3id.org/semantic-twins/plant#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix : <https://b.example/shapes#> .

:PumpInPlace a sh:NodeShape ; sh:targetClass plant:Pump ;
    sh:property [ sh:path core:locatedIn ; sh:maxCount 1 ; sh:node :NamedPlace ] ,
        [ sh:path ( core:locatedIn rdfs:label ) ; sh:minLength 1 ; sh:maxLength 200 ] ,
        [ sh:path ( core:locatedIn core:latitude ) ; sh:datatype xsd:decimal ; sh:minInclusive -60.0 ] ,
        [ sh:path ( [ sh:inversePath core:twinOf ] rdfs:label ) ; sh:minLength 1 ] .
:NamedPlace a sh:NodeShape ; sh:property [ sh:path rdfs:label ; sh:minCount 1 ; sh:maxCount 1 ] .
:Place a sh:NodeShape ; sh:targetClass core:Facility ;
    sh:property [ sh:path [ sh:inversePath core:locatedIn ] ; sh:class core:TwinnedEntity ] ,
        [ sh:path ( [ sh:inversePath core:locatedIn ] rdfs:label ) ; sh:minLength 1 ] .
"""
"""Shapes that look at neighbours in both directions, further than those of the plant do."""


def pump(number: int) -> Iri:
    return f"https://b.example/e/{number:07}"


def twin(number: int) -> Iri:
    return f"https://b.example/t/{number:07}"


def hall(number: int) -> Iri:
    return f"https://b.example/h/{number:07}"


HUB = hall(9_999_999)


def _hall_statements(iri: Iri) -> list[Statement]:
    return [
        (iri, RDF_TYPE, PLANT + "Hall"),
        (iri, RDFS_LABEL, text("Hall")),
        (iri, CORE + "latitude", Literal("48.1", XSD_DECIMAL)),
    ]


def _pump_statements(release: Release, number: int, place: Iri) -> list[Statement]:
    """A twin and its pump, ten statements."""
    iri = pump(number)
    return [
        *(said for said in twin_statements(machine_for(release, None), twin(number), iri) if said[1] != IN_STATE),
        (twin(number), IN_STATE, STANDARD + "Active"),
        (twin(number), RDFS_LABEL, text(f"Twin {number}")),
        (iri, RDF_TYPE, PLANT + "CentrifugalPump"),
        (iri, RDFS_LABEL, text(f"Pump {number}")),
        (iri, PLANT + "serialNumber", text(f"S{number:07}")),
        (iri, PLANT + "ratedFlow", Literal(f"{1 + number % 900}.5", XSD_DECIMAL)),
        (iri, CORE + "locatedIn", place),
    ]


class Plant:
    """A record with about so many resources: twins and pumps, ten to a hall, and one hub with very many."""

    def __init__(self, folder: Path, resources: int) -> None:
        (folder / "model" / "shapes").mkdir(parents=True)
        (folder / "model" / "shapes" / "bench.ttl").write_text(SHAPES)
        self.registry = open_registry(Settings(data=folder / "data", model=str(folder / "model")))
        self.release = self.registry.ontologies.active()
        self.pumps = resources * 10 // 21
        self.at_hub = min(HUB_NEIGHBOURS, self.pumps // 2)
        self._fill()
        self.view: View = self.registry.record.view()

    def place(self, number: int) -> Iri:
        """Where a pump is."""
        return HUB if number < self.at_hub else hall(number // PUMPS_PER_HALL)

    def statements(self) -> Iterator[list[Statement]]:
        """Everything, in batches."""
        for start in range(0, self.pumps, BATCH):
            batch = range(start, min(start + BATCH, self.pumps))
            halls = dict.fromkeys(self.place(number) for number in batch)
            found = [said for iri in halls for said in _hall_statements(iri)]
            yield found + [said for n in batch for said in _pump_statements(self.release, n, self.place(n))]

    def _fill(self) -> None:
        assert self.registry.writer is not None
        for batch in self.statements():
            work = Submission(_adding(tuple(batch)), self.registry.principal, "bench", faults=Faults.JUDGED)
            self.registry.writer.submit(work).result()

    def writes(self) -> dict[str, list[Net]]:
        """A few writes of each kind, at places spread over the record."""
        far = range(self.at_hub, self.pumps - 2 * PUMPS_PER_HALL, max(1, self.pumps // 2 // CHECKS))
        serial = self.pumps
        return {
            "patch": [self._replaced(pump(n), PLANT + "ratedFlow", Literal("99.25", XSD_DECIMAL)) for n in far],
            "transition": [self._transition(n) for n in far],
            "add link": [Net((), ((pump(n), CORE + "feeds", pump(n + 1)),)) for n in far],
            "move": [self._replaced(pump(n), CORE + "locatedIn", self.place(n + PUMPS_PER_HALL)) for n in far],
            "create": [Net((), tuple(_pump_statements(self.release, serial + n, self.place(n)))) for n in far],
            "move into the hub": [self._replaced(pump(n), CORE + "locatedIn", HUB) for n in far],
            "change of a leaf hall": [self._replaced(self.place(n), RDFS_LABEL, text("Hall of pumps")) for n in far],
            "change of the hub": [self._replaced(HUB, RDFS_LABEL, text("Hub of pumps"))],
        }

    def _replaced(self, iri: Iri, predicate: Iri, value: Literal | Iri) -> Net:
        old = self.view.resources([iri])[iri].values(predicate)
        return Net(tuple((iri, predicate, term) for term in old), ((iri, predicate, value),))

    def _transition(self, number: int) -> Net:
        moment = Moment(TIME, uuid.UUID(int=number))
        change = step(
            self.release.machines, self.view, self.registry.principal, moment, twin(number), "startMaintenance"
        )
        return Net(change.removed, change.added)


def _adding(statements: tuple[Statement, ...]) -> Callable[[View], Change]:
    return lambda view: Change(added=statements)


def checking(plant: Plant, nets: Sequence[Net], together: int = 1) -> list[float]:
    """Processor time of judging one write, in µs, with all that judging reads of the record besides what it changes.

    So many writes share a transaction, as a group under load does. Alone, none finds what another has read, so every
    neighbour is read anew. Each is judged on overlays of its own: what it changes was read to make the change.
    """
    samples = []
    for _ in range(ROUNDS + 1):
        taken = 0
        for first in range(0, CHECKS, together):
            transaction = plant.registry.record.begin()
            changed = [_changed(transaction, nets[n % len(nets)]) for n in range(first, first + together)]
            start = time.thread_time_ns()
            verdicts = [judge(plant.release, *change) for change in changed]
            taken += time.thread_time_ns() - start
            transaction.rollback()
            assert not any(verdict.refusals for verdict in verdicts)
        samples.append(taken / CHECKS / 1_000)
    return samples


def _changed(view: View, net: Net) -> tuple[Overlay, Overlay, Net]:
    before = Overlay(view)
    after = Overlay(before)
    after.apply(net, TIME)
    return before, after, net


def measured(folder: Path, *, large: bool = False) -> list[Row]:
    """The rows of this part: each kind of write in the largest record, beside the smallest; then the peers."""
    sizes = (*SIZES, LARGE) if large else SIZES
    found: dict[int, dict[str, list[float]]] = {}
    peers: list[Row] = []
    grouped: dict[str, list[float]] = {}
    for size in sizes:
        plant = Plant(folder / str(size), size)
        writes = plant.writes()
        found[size] = {kind: checking(plant, nets) for kind, nets in writes.items()}
        print(
            f"  {size:>9,}", {kind: round(median(samples)[0], 1) for kind, samples in found[size].items()}, flush=True
        )
        if size == SIZES[-1]:
            peers = _beside(plant, found[size])
            grouped = {kind: checking(plant, nets, CHECKS) for kind, nets in writes.items()}
        plant.registry.close()
    least, most = sizes[0], sizes[-1]
    return [
        *(
            row(f"checking: {kind}, {most:,} resources", found[most][kind], "µs", f"at {least:,}", found[least][kind])
            for kind in found[most]
        ),
        *(
            row(f"checking: {kind}, one of {CHECKS} in a group", grouped[kind], "µs", "alone", found[SIZES[-1]][kind])
            for kind in grouped
        ),
        row(
            f"checking: change of a hub of {HUB_NEIGHBOURS:,}", found[most]["change of the hub"], "µs",
            f"of a hall of {PUMPS_PER_HALL}", found[most]["change of a leaf hall"],
        ),
        *peers,
    ]  # fmt: skip


def _beside(plant: Plant, found: Mapping[str, list[float]]) -> list[Row]:
    """The same patch and create by engines that take a graph: the pump, its twin and its hall, and the hierarchy."""
    number = plant.at_hub
    data = [*_pump_statements(plant.release, number, plant.place(number)), *_hall_statements(plant.place(number))]
    modules = plant.release.modules
    shapes = [s for m in modules if m.kind is ModuleKind.SHAPES for s in m.statements]
    model = [s for m in modules if m.kind is ModuleKind.ONTOLOGY for s in m.statements]
    python, rust = _pyshacl(shapes, [*data, *model]), _rust(shapes, [*data, *model])
    return [
        row(f"checking: {kind}, {SIZES[-1]:,} resources", found[kind], "µs", f"{name}, that pump alone", samples)
        for name, samples in (("pyshacl.validate", python), ("PyPI shacl (Rust)", rust))
        for kind in ("patch", "create")
    ]


def _pyshacl(shapes: Sequence[Statement], data: Sequence[Statement]) -> list[float]:
    loaded = [rdflib.Graph().parse(data=serialise(s, Syntax.N_TRIPLES), format="nt") for s in (shapes, data)]

    def work() -> int:
        conforms, _, words = pyshacl.validate(loaded[1], shacl_graph=loaded[0])
        assert conforms, words
        return 1

    return cpu_microseconds(work)


def _rust(shapes: Sequence[Statement], data: Sequence[Statement]) -> list[float]:
    compiled = shacl.Shapes.from_text(serialise(shapes, Syntax.N_TRIPLES).decode(), "ntriples")

    def work() -> int:
        for _ in range(20):
            report = compiled.validate_text(serialise(data, Syntax.N_TRIPLES).decode(), "ntriples")
            assert report.conforms, report.turtle
        return 20

    return cpu_microseconds(work)
