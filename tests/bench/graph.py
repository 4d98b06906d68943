"""The registry on Neo4j, beside its own statements without it, beside SQLite, and beside npm @neo4j/graphql."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from registry.app.core import Registry, open_registry
from registry.domain.commands import Apply, Command, PatchResource
from registry.domain.registration import machine_for
from registry.rdf.syntax import Syntax, serialise
from registry.rdf.terms import Literal
from registry.rdf.vocabulary import XSD_DECIMAL
from registry.services.transfer.importer import ImportOptions
from registry.services.twins import Twins
from registry.settings import Settings
from registry.stores.neo4j.record import open_neo4j
from registry.stores.open_mode import Access
from tests.bench.load import request_bytes, rounds
from tests.bench.neo4j_peers import (
    Statement,
    driver_of,
    groups_per_second,
    in_one_group,
    missing_node,
    npm_neo4j_graphql,
    recording,
    replay_alone,
    replay_group,
    replay_reads,
)
from tests.bench.served import LIST, PATCH, READ, REGISTER, ROUNDS, SECONDS, TWINS, fill
from tests.bench.stored import PLANT, pump
from tests.bench.table import Row, per_second, row
from tests.endtoend.serving import ServingRegistry
from tests.graphql.server import Server
from tests.neo4j.runtime import LONG_TERM, Compilation, missing_tools
from tests.neo4j.server import Neo4jServer
from tests.principals import LOCAL

IMPORTED = 2_000
LEVELS, PARTS = 5, 3
ROOT = "urn:part:0"
NPM_PATCH = """mutation($iri: String!, $value: Float!) {
  updatePumps(where: {iri: {eq: $iri}}, update: {ratedPower: {set: $value}}) { pumps { iri } } }"""
NPM_READ = """query($iri: String!) { twins(where: {iri: {eq: $iri}}) { iri name state { iri }
  entity { iri name ratedFlow ratedPower serialNumber } } }"""
NPM_LIST = """{ twins(limit: 100, sort: [{name: ASC}]) { iri name state { iri }
  entity { iri name ratedFlow ratedPower } } }"""


def _nested(step: str) -> str:
    """A selection of parts of parts, one level in the other."""
    says = "iri name"
    for _ in range(LEVELS - 1):
        says = f"iri name {step.replace('…', says)}"
    return says


PARTS_OF = f"""query($iri: Iri!) {{ resource(iri: $iri) {{
  {_nested('links(predicate: "hasPart", first: 3) { edges { node { … } } }')} }} }}"""
NPM_PARTS_OF = f"query($iri: String!) {{ pumps(where: {{iri: {{eq: $iri}}}}) {{ {_nested('hasPart { … }')} }} }}"

Make = Callable[[int, int], bytes]


@dataclass(frozen=True)
class Measure:
    """What is asked over GraphQL, of us and of npm, by how many clients, and how many resources one request is."""

    name: str
    clients: int
    ours: Make
    npm: Make | None
    each: int = 1

    def samples(self, address: str, make: Make) -> list[float]:
        """How many a second, in several rounds."""
        return [self.each * rate for rate in rounds(address, make, self.clients, SECONDS, ROUNDS)]


def measured(folder: Path) -> list[Row]:
    """The rows of this part; none, and one line that says why, where Neo4j cannot run."""
    reason = missing_tools(LONG_TERM)
    if reason:
        print(f"left out: Neo4j {reason}")
        return []
    with Neo4jServer(folder / "server", compilation=Compilation.FAST) as server:
        return [*_requests(folder, server.url), *_import(folder, server.url)]


def _requests(folder: Path, url: str) -> list[Row]:
    measures = _measures()
    with ServingRegistry(folder / "sqlite") as registry:
        _fill(registry)
        sqlite = [measure.samples(registry.address, measure.ours) for measure in measures]
    with ServingRegistry(folder / "data", environment={"REGISTRY_STORE": url}) as registry:
        _fill(registry)
        # A Java server is several times faster once it has compiled what it is asked.
        for measure in measures:
            rounds(registry.address, measure.ours, measure.clients, SECONDS, 1)
        ours, sizes = [], []
        for measure in measures:
            before = _groups(registry)
            ours.append(measure.samples(registry.address, measure.ours))
            accepted, groups = (after - was for after, was in zip(_groups(registry), before, strict=True))
            sizes.append(round(accepted / groups) if groups else 0)
    npm = _npm(url, measures)
    bare, trips, alone = _bare(folder / "bare", url, measures, sizes)
    rows = []
    for n, measure in enumerate(measures):
        name = f"Neo4j: {measure.name}"
        if sizes[n] > 1:
            name += f", {sizes[n]} to a group"
        if trips[n]:
            name += f", {trips[n]} round trips"
        if alone[n]:
            rows.append(row(name, ours[n], "/s", "as many bare drivers, the same statements, unchecked", alone[n]))
        same = "one bare driver, the same groups, unchecked" if sizes[n] else "the bare driver, the same statements"
        rows.append(row(name, ours[n], "/s", same, bare[n]))
        rows.append(row(name, ours[n], "/s", "SQLite mode", sqlite[n]))
        if npm and npm[n]:
            checks = ", unchecked, no log" if trips[n] == 0 else ""
            rows.append(row(name, ours[n], "/s", f"npm @neo4j/graphql{checks}", npm[n]))
    return rows


def _measures() -> list[Measure]:
    def patch(client: int, number: int) -> bytes:
        return request_bytes("/graphql", PATCH, iri=f"urn:e:{client}", value=1 + number % 50 + client / 100)

    def npm_patch(client: int, number: int) -> bytes:
        return request_bytes("/", NPM_PATCH, iri=f"urn:e:{client}", value=1 + number % 50 + client / 100)

    def batch(client: int, number: int) -> bytes:
        commands = [
            {"patchResource": {"iri": f"urn:e:{(client * 50 + n) % TWINS}",
                               "set": [{"property": "ratedPower", "value": 1 + (number + n) % 50}]}}
            for n in range(100)
        ]  # fmt: skip
        return request_bytes("/graphql", REGISTER, commands=commands)

    def asking(ours: str, npm: str, iri: Callable[[int], str] | None) -> tuple[Make, Make]:
        def values(n: int) -> dict[str, str]:
            return {} if iri is None else {"iri": iri(n)}

        return (
            lambda client, number: request_bytes("/graphql", ours, **values(client + number)),
            lambda client, number: request_bytes("/", npm, **values(client + number)),
        )

    return [
        *(Measure(f"checked, durable patches, clients: {n}", n, patch, npm_patch) for n in (1, 16, 64)),
        Measure("the same in batches of 100, clients: 4", 4, batch, None, 100),
        Measure(
            "read one twin with its entity, clients: 16", 16, *asking(READ, NPM_READ, lambda n: f"urn:t:{n % TWINS}")
        ),
        Measure("list of 100 twins with their entities, clients: 4", 4, *asking(LIST, NPM_LIST, None)),
        Measure("five levels of parts, 121 resources, clients: 4", 4, *asking(PARTS_OF, NPM_PARTS_OF, lambda n: ROOT)),
    ]


def _fill(registry: ServingRegistry) -> None:
    """Twins of pumps, and a pump with parts of parts."""
    fill(registry)
    level = [ROOT]
    for depth in range(LEVELS):
        commands: list[dict[str, Any]] = [
            {"registerTwin": {"entity": {"iri": iri, "class": ["CentrifugalPump"], "name": f"Part {iri}",
                "properties": [{"property": "ratedFlow", "value": 1.5}]}}} for iri in level
        ]  # fmt: skip
        if depth:
            parts = [{"subject": iri.rpartition(".")[0], "predicate": "hasPart", "object": iri} for iri in level]
            commands += [{"link": part} for part in parts]
        answer = registry.ask(REGISTER, commands=commands)
        assert "errors" not in answer, answer
        level = [f"{iri}.{n}" for iri in level for n in range(PARTS)]


def _groups(registry: ServingRegistry) -> tuple[int, int]:
    """How many writes and how many groups of them there have been."""
    lines = dict(line.rsplit(" ", 1) for line in httpx.get(f"{registry.address}/metrics").text.splitlines() if line)
    return int(lines["registry_writes_accepted_total"]), int(lines["registry_write_groups_total"])


def _npm(url: str, measures: Sequence[Measure]) -> list[list[float]]:
    reason = missing_node()
    if reason:
        print(f"left out: npm @neo4j/graphql {reason}")
        return []
    with npm_neo4j_graphql(url) as address:
        return [[] if one.npm is None else one.samples(address, one.npm) for one in measures]


def _bare(
    folder: Path, url: str, measures: Sequence[Measure], sizes: Sequence[int]
) -> tuple[list[list[float]], list[int], list[list[float]]]:
    """What one driver does without us, how many round trips a read has, and what as many drivers do as clients."""
    samples: list[list[float]] = []
    trips: list[int] = []
    alone: list[list[float]] = []
    with driver_of(url) as driver, driver.session(database="neo4j") as session:
        for measure, size in zip(measures, sizes, strict=True):
            if size:
                with _opened(folder, url) as registry:
                    groups = _recorded(registry, size, measure.each)
                    singles = [_recorded(registry, 1, measure.each, first=n) for n in range(measure.clients)]
                rates = per_second(groups_per_second(session, groups), ROUNDS)
                samples.append([rate * size * measure.each for rate in rates])
                trips.append(0)
                each = [[steps[-1][1] for steps in single] for single in singles]
                rates = [replay_alone(driver, each, SECONDS) for _ in range(ROUNDS + 1)]
                alone.append([rate * measure.each for rate in rates])
                continue
            body = measure.ours(0, 1).split(b"\r\n\r\n", 1)[1]
            with Server(folder, opener=lambda: open_neo4j(url, Access.WRITE)) as server:
                httpx.post(f"{server.address}/graphql", content=body, headers={"content-type": "application/json"})
                with recording() as noted:
                    httpx.post(f"{server.address}/graphql", content=body, headers={"content-type": "application/json"})
            trips.append(len(noted.reads))
            samples.append([replay_reads(driver, noted.reads, measure.clients, SECONDS) for _ in range(ROUNDS + 1)])
            alone.append([])
    return samples, trips, alone


def _recorded(registry: Registry, size: int, each: int, first: int = 0) -> list[list[Statement]]:
    """Two groups of patches of which each undoes the other, from the first resource on."""
    assert registry.writer is not None
    twins = Twins(registry.writer, registry.ontologies.active)

    def commands(value: str) -> list[Command]:
        says = {PLANT + "ratedPower": (Literal(value, XSD_DECIMAL),)}
        if each == 1:
            return [PatchResource(f"urn:e:{first + n}", says) for n in range(size)]
        return [
            Apply(tuple(PatchResource(f"urn:e:{((first + n) * 50 + k) % TWINS}", {
                PLANT + "ratedPower": (Literal(f"{value}{n}", XSD_DECIMAL),)}) for k in range(each)))
            for n in range(size)
        ]  # fmt: skip

    # What a registry does that has been running for a while, and has read what it needs.
    for value in ("92.5", "91.5"):
        in_one_group(registry.writer, twins, commands(value))
    with recording() as noted:
        for value in ("92.5", "91.5"):
            in_one_group(registry.writer, twins, commands(value))
    groups = noted.stored()
    assert [len(steps[-1][1]["entries"]) for steps in groups] == [size, size]
    return groups


def _import(folder: Path, url: str) -> list[Row]:
    """Twins and pumps from a file: into Neo4j, the same groups by the bare driver, and into SQLite."""
    samples, bare, sqlite = [], [], []
    for attempt in range(3):
        file = folder / f"plant-{attempt}.nt"
        with recording() as noted:
            _empty(url)
            samples.append(_imported(Settings(data=folder / f"import-{attempt}", store=url), file))
        _empty(url)
        open_neo4j(url, Access.WRITE).close()
        with driver_of(url) as driver, driver.session(database="neo4j") as session:
            start, head = time.perf_counter(), 0
            for steps in noted.stored():
                head = replay_group(session, steps, head)
            bare.append(2 * IMPORTED / (time.perf_counter() - start))
        sqlite.append(_imported(Settings(data=folder / f"sqlite-{attempt}"), file))
    name = "Neo4j: import, checked, twins and pumps"
    return [
        row(name, samples, "resources/s", "the bare driver, the same groups, unchecked", bare),
        row(name, samples, "resources/s", "SQLite mode", sqlite),
    ]


def _imported(settings: Settings, file: Path) -> float:
    with closing(open_registry(settings)) as registry:
        machine = machine_for(registry.ontologies.active(), None)
        statements = [said for number in range(IMPORTED) for said in pump(machine, number)]
        file.write_bytes(serialise(statements, Syntax.N_TRIPLES))
        start = time.perf_counter()
        stored = registry.transfer.import_files(LOCAL, [file], ImportOptions()).stored
        return stored / (time.perf_counter() - start)


@contextmanager
def _opened(folder: Path, url: str) -> Iterator[Registry]:
    with closing(open_registry(Settings(data=folder, store=url))) as registry:
        yield registry


def _empty(url: str) -> None:
    with driver_of(url) as driver, driver.session(database="neo4j") as session:
        session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS").consume()
