"""Several processes on one database: no shape breaks between them, the log has no gap, each hears of the others."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from contextlib import closing

import pytest

from registry.domain.change import Change
from registry.domain.find import Find, OfClass
from registry.domain.view import View
from registry.errors import RegistryError
from registry.log.feed import Feed
from registry.rdf.terms import Iri, text
from registry.rdf.vocabulary import RDF_TYPE
from registry.stores.neo4j.record import open_neo4j
from registry.stores.open_mode import Access
from registry.stores.port import Record
from registry.stores.submission import Faults, Submission
from tests.neo4j.session import emptied
from tests.principals import LOCAL
from tests.stores.plant import ACTOR, EX, FEEDS, NOTE, PUMP, TANK, adding, put, whole_log, writing

ROOM, ASSET = EX + "room", EX + "asset"
RETIRED = text("retired")


class NotSo(RegistryError):
    """What a work refuses by looking at what another process may be changing."""


def retire(room: Iri) -> Submission:
    def work(view: View) -> Change:
        if view.sources(room, FEEDS, 1):
            raise NotSo("somebody is in the room")
        return Change(added=((room, NOTE, RETIRED),))

    return Submission(work, ACTOR, "retire", faults=Faults.JUDGED, reads=(room,))


def move_in(asset: Iri, room: Iri) -> Submission:
    def work(view: View) -> Change:
        if RETIRED in view.resources([room])[room].values(NOTE):
            raise NotSo("the room is retired")
        return Change(added=((asset, FEEDS, room),))

    return Submission(work, ACTOR, "move", faults=Faults.JUDGED, reads=(asset, room))


def skew(rounds: int, record: Record, side: str) -> None:
    """One side of the race: rooms are retired, or assets moved into them, as they come."""
    with writing(record) as writer:
        works = [
            retire(f"{ROOM}{n}") if side == "retire" else move_in(f"{ASSET}{n}", f"{ROOM}{n}") for n in range(rounds)
        ]
        for future in [writer.submit(work) for work in works]:
            fault = future.exception()
            assert fault is None or isinstance(fault, NotSo), fault


def race(rounds: int) -> tuple[int, int]:
    """Both sides at once, each in a process of its own; how many rooms are retired, and how many have an asset."""
    url = emptied()
    with closing(open_neo4j(url, Access.WRITE)) as record:
        for start in range(0, rounds, 500):
            rooms = range(start, min(start + 500, rounds))
            put(record, *((f"{ROOM}{n}", RDF_TYPE, TANK) for n in rooms))
        sides = [
            subprocess.Popen([sys.executable, "-m", "tests.neo4j.skew", url, str(rounds), side])
            for side in ("retire", "move")
        ]
        assert [side.wait(timeout=3_000) for side in sides] == [0, 0]
        iris = [f"{ROOM}{n}" for n in range(rounds)]
        retired = {iri for iri, room in record.view().resources(iris).items() if RETIRED in room.values(NOTE)}
        lived_in = record.incoming_counts(iris, FEEDS).keys()
        assert not retired & lived_in, "a room is retired and has something in it"
        assert len(retired) + len(lived_in) == rounds, "one of the two must have won each time"
        log = whole_log(record)
        assert [entry.position for entry in log] == list(range(1, len(log) + 1))
        assert [entry.time for entry in log] == sorted(entry.time for entry in log)
        assert not record.verify()
    return len(retired), len(lived_in)


def test_no_shape_breaks_between_two_processes() -> None:
    race(600)


@pytest.mark.soak
@pytest.mark.timeout(7_200)
def test_no_shape_breaks_between_two_processes_in_ten_thousand_tries() -> None:
    retired, lived_in = race(10_000)
    print(f"10,000 rooms: {retired:,} retired, {lived_in:,} lived in, none both")


def test_two_writers_leave_no_gap_and_lose_no_update() -> None:
    url, each = emptied(), 60
    with closing(open_neo4j(url, Access.WRITE)) as one, closing(open_neo4j(url, Access.WRITE)) as two:

        def write(record: Record, name: str) -> None:
            with writing(record) as writer:
                for number in range(each):
                    writer.submit(adding((f"{EX}{name}{number}", f"{EX}p{number % 7}", text(name)))).result()

        threads = [threading.Thread(target=write, args=(record, name)) for record, name in ((one, "x"), (two, "y"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        log = whole_log(one)
        assert [entry.position for entry in log] == list(range(1, 2 * each + 1))
        assert len(one.iris("", 999)) == 2 * each
        # Both have named the same properties at once, and mean the same by each name.
        assert one.view().resources(one.iris("", 999)) == two.view().resources(two.iris("", 999))
        assert not one.verify()


async def test_a_subscriber_hears_of_what_another_process_writes() -> None:
    url = emptied()
    with closing(open_neo4j(url, Access.WRITE)) as here, closing(open_neo4j(url, Access.WRITE)) as there:
        entries = Feed(here, poll_seconds=0.05).entries(LOCAL)
        heard = asyncio.ensure_future(anext(entries))
        await asyncio.sleep(0)
        await asyncio.to_thread(put, there, (ASSET, RDF_TYPE, PUMP))
        async with asyncio.timeout(30):
            assert (await heard).added == ((ASSET, RDF_TYPE, PUMP),)
        # A class that only the other process has named is found here all the same.
        assert [found.iri for found in here.find(Find(OfClass(frozenset({PUMP})))).resources] == [ASSET]
