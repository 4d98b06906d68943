"""Random selections over random ontologies: answers and errors are those of a naive resolver."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from registry.stores.access import Access
from registry.stores.port import Record
from registry.stores.sqlite.record import open_sqlite
from tests.graphql.typed.asking import Asking
from tests.graphql.typed.reference import Reference
from tests.graphql.typed.selections import Selections
from tests.graphql.typed.worlds import random_spec
from tests.stores.plant import put

Opener = Callable[[], Record]
PER_WORLD = 40


@pytest.fixture(params=["sqlite"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Opens an empty record: the answers are the same on every store."""
    return {"sqlite": lambda: open_sqlite(tmp_path / "registry.db", Access.WRITE)}[request.param]


async def told(seed: int, record: Record) -> int:
    """Ask a world; how many values of its answers were errors."""
    chance = random.Random(seed)
    spec = random_spec(chance)
    put(record, *dict.fromkeys(spec.statements(chance)))
    world = dict(record.view().resources(record.iris("", 1_000)))
    asking, faults = Asking(record, spec.release), 0
    for _ in range(PER_WORLD):
        root = Selections(spec, chance).root()
        reference = Reference(spec, world)
        expected = reference.answer(root)
        answer = await asking.answer(f"{{ {root} }}")
        assert answer.get("data") == expected, (seed, str(root), answer.get("errors"))
        found = {tuple(error["path"]) for error in answer.get("errors", ())}
        assert found == set(reference.faults), (seed, str(root))
        assert all(error["extensions"]["code"] == "SHAPES_VIOLATED" for error in answer.get("errors", ()))
        faults += len(found)
    return faults


@pytest.mark.parametrize("seed", range(12))
async def test_answers_are_what_a_naive_resolver_says(seed: int, opener: Opener) -> None:
    with closing(opener()) as record:
        await told(seed, record)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("world", range(250))
async def test_answers_are_what_a_naive_resolver_says_ten_thousand_times(world: int, opener: Opener) -> None:
    with closing(opener()) as record:
        await told(1_000 + world, record)
