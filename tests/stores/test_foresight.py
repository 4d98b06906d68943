"""Reads of a far store are foreseen: a group of writes costs a round trip or two, however many works it has."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from registry.access.principal import Principal
from registry.domain.change import Change
from registry.domain.commands import (
    Apply,
    Command,
    DeleteResource,
    Link,
    NewPoint,
    PatchResource,
    Properties,
    Reading,
    RegisterTwin,
    ReportState,
    Transition,
    Unlink,
)
from registry.domain.releases.release import compile_release
from registry.errors import ShapesViolated
from registry.ontology.modules import standard_modules
from registry.rdf.terms import Iri, Literal, text
from registry.rdf.vocabulary import CORE, RDFS_LABEL, XSD_DECIMAL
from registry.services.twins import Twins
from registry.stores.open_mode import Access
from registry.stores.port import Record, Wanted
from registry.stores.sqlite.record import open_sqlite
from registry.stores.submission import Faults, Submission
from registry.stores.writer import Writer
from tests.stores.far import FarRecord

PLANT = "https://w3id.org/semantic-twins/plant#"
LOCATED_IN = CORE + "locatedIn"
ACTOR = Principal("tester")
HALL, OTHER, PUMP = "urn:x:hall", "urn:x:other", "urn:x:pump"


class Plant:
    """A far record, its writer, and how many round trips the last group took."""

    def __init__(self, record: FarRecord) -> None:
        release = compile_release(standard_modules())
        self._record = record
        self.writer = Writer(cast(Record, record), lambda: release)
        self._twins = Twins(self.writer, lambda: release)

    def carry_out(self, *commands: Command, key: str | None = None) -> Sequence[object]:
        """Carry out commands in one group; returns the round trips it took. The first refusal is raised."""

        async def all_at_once() -> None:
            go = threading.Event()
            hold = Submission(lambda view: _held(go), ACTOR, "hold", faults=Faults.JUDGED)
            self.writer.submit(hold)
            asked = [asyncio.ensure_future(self._twins.carry_out(ACTOR, one, idempotency_key=key)) for one in commands]
            await asyncio.sleep(0)
            go.set()
            await asyncio.gather(*asked)

        asyncio.run(all_at_once())
        return self._record.groups[-1]


def _held(go: threading.Event) -> Change:
    go.wait()
    return Change()


HALL_SAYS: Properties = {RDFS_LABEL: (text("hall"),)}


def place(iri: Iri) -> RegisterTwin:
    return RegisterTwin(iri + "-twin", iri, (PLANT + "Hall",), HALL_SAYS)


def pump(iri: Iri, flow: str = "12.5") -> RegisterTwin:
    says: Properties = {
        RDFS_LABEL: (text("pump"),),
        PLANT + "ratedFlow": (Literal(flow, XSD_DECIMAL),),
        LOCATED_IN: (HALL,),
    }
    return RegisterTwin(iri + "-twin", iri, (PLANT + "Pump",), says, points=(NewPoint("flow"),))


def patch(iri: Iri, flow: str) -> PatchResource:
    return PatchResource(iri, {PLANT + "ratedFlow": (Literal(flow, XSD_DECIMAL),)})


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    with closing(open_sqlite(tmp_path / "registry.db", Access.WRITE)) as near:
        opened = Plant(FarRecord(near))
        with closing(opened.writer):
            opened.carry_out(place(HALL), place(OTHER), pump(PUMP))
            yield opened


MOVE = Apply((Unlink(PUMP, LOCATED_IN, HALL), Link(PUMP, LOCATED_IN, OTHER)))
COMMANDS: dict[str, Command] = {
    "create": pump("urn:x:new"),
    "patch": patch(PUMP, "13.5"),
    "link": Link(PUMP, CORE + "feeds", HALL),
    "move": MOVE,
    "transition": Transition(PUMP + "-twin", "configure"),
    "report": ReportState(PUMP + "-twin", (Reading("flow", Literal("1.5", XSD_DECIMAL)),)),
    "delete": DeleteResource(OTHER + "-twin"),
}


@pytest.mark.parametrize("what", COMMANDS)
def test_every_read_of_a_write_is_foreseen(plant: Plant, what: str) -> None:
    trips = plant.carry_out(COMMANDS[what], key=what)
    assert all(isinstance(trip, Wanted) for trip in trips), "something was read that was not foreseen"
    assert len(trips) == (1 if what in {"patch", "link", "move"} else 2)


def test_a_group_costs_no_more_than_its_longest_work(plant: Plant) -> None:
    pumps = [f"urn:x:pump-{number}" for number in range(20)]
    assert len(plant.carry_out(*map(pump, pumps))) == 2
    assert len(plant.carry_out(*(patch(iri, f"{number + 20}") for number, iri in enumerate(pumps)))) == 1
    mixed: list[Command] = [patch(PUMP, "1.5"), MOVE, *(Transition(iri + "-twin", "configure") for iri in pumps)]
    assert len(plant.carry_out(*mixed)) == 2


def test_a_refusal_is_the_same_from_afar(plant: Plant) -> None:
    with pytest.raises(ShapesViolated, match="0 and up to"):
        plant.carry_out(patch(PUMP, "-1"))
