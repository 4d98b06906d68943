"""The registry as a Python library: the same parts for callers that wait and for callers that await."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import registry
from registry.domain.change import Entry
from registry.errors import BadInput, RevisionMoved, ShapesViolated, StoreUnavailable

COUNT = "SELECT ?pump { ?pump a plant:CentrifugalPump }"


def test_a_program_that_waits(tmp_path: Path) -> None:
    with registry.open(tmp_path, actor="script") as plant:
        with pytest.raises(ShapesViolated):
            plant.twins.register("CentrifugalPump", name="P-7", properties={"ratedFlow": "fast"})
        pump = {"ratedFlow": 120, "serialNumber": "NP-0007"}
        registered = plant.twins.register("CentrifugalPump", name="P-7", entity="urn:P-7", iri="urn:t", properties=pump)
        assert registered.receipt.position == plant.changes.head() == 1
        plant.twins.register("Hall", name="Hall", entity="urn:hall")
        plant.twins.link("urn:P-7", "locatedIn", "urn:hall")
        plant.twins.transition("urn:t", "discard", "because")
        with pytest.raises(RevisionMoved):
            plant.twins.patch("urn:P-7", {"ratedFlow": 130}, expected_revision=99)
        plant.twins.patch("urn:P-7", {"ratedFlow": 130})
        found = plant.catalogue.resource("urn:P-7")
        assert found is not None
        assert found.name == "P-7"
        assert [one.iri for one in plant.catalogue.find("Pump", {"ratedFlow": 130})] == ["urn:P-7"]
        assert plant.catalogue.find("Pump", {"ratedFlow": 120}) == []
        assert plant.sparql.select(COUNT) == [{"pump": "urn:P-7"}]
        assert [entry.cause for entry in plant.changes.after(3)] == ["transition discard", "patchResource"]
        assert {entry.actor for entry in plant.changes.after(0)} == {"script"}
        assert [entry.position for entry in plant.catalogue.history("urn:P-7")] == [5, 3, 1]
        assert plant.releases.active().digest == plant.releases.notes()[0].digest
    with registry.open(f"sqlite:///{tmp_path / 'registry.db'}", data=tmp_path) as plant:
        assert plant.changes.head() == 5


async def test_a_program_that_awaits(tmp_path: Path) -> None:
    async with registry.open(tmp_path) as plant:
        await plant.twins.register("Hall", name="Hall", entity="urn:hall")
        await plant.twins.patch("urn:hall", {"rdfs:comment": "wide"})
        assert [entry.position async for entry in _first(plant.changes.follow(0), 2)] == [1, 2]
        assert await plant.sparql.select("SELECT ?said { <urn:hall> rdfs:comment ?said }") == [{"said": "wide"}]


def test_changes_are_followed_from_another_thread(tmp_path: Path) -> None:
    seen, has_all = list[int](), threading.Event()
    with registry.open(tmp_path) as plant:

        def follow() -> None:
            for entry in plant.changes.follow(0):
                seen.append(entry.position)
                if entry.position == 3:
                    has_all.set()

        follower = threading.Thread(target=follow)
        follower.start()
        for number in range(3):
            plant.twins.register("Hall", name=f"Hall {number}")
        assert has_all.wait(timeout=60)
    # Closing the registry ends whoever follows it.
    follower.join(timeout=60)
    assert not follower.is_alive()
    assert seen == [1, 2, 3]


def test_what_cannot_be_opened_says_why(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="did you mean 'port'"):
        registry.open(tmp_path, prot=1)
    with pytest.raises(BadInput, match="ask it over GraphQL"):
        registry.open("http://127.0.0.1:8080")
    with registry.open(tmp_path), pytest.raises(StoreUnavailable), registry.open(tmp_path):
        pass


def test_the_public_names_are_those_and_cost_nothing_to_import() -> None:
    assert registry.__all__ == ["__version__", "open"]
    assert Path(registry.__file__).with_name("py.typed").is_file()
    script = "import sys, registry; assert not {'pyoxigraph', 'strawberry', 'starlette'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)


async def _first(entries: AsyncIterator[Entry], count: int) -> AsyncIterator[Entry]:
    async for entry in entries:
        yield entry
        count -= 1
        if not count:
            return
