"""Random selections over random ontologies: answers and errors are those of a naive resolver.

Each document is asked twice: graphql-core's executor answers the first time, its program the second time.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest

from registry.api.graphql.serve import documents
from registry.stores.port import Record
from tests.graphql.typed.asking import Asking
from tests.graphql.typed.reference import Reference
from tests.graphql.typed.selections import Selections
from tests.graphql.typed.worlds import random_spec
from tests.stores.conftest import opener_of
from tests.stores.plant import put

PER_WORLD = 40
FAR_PER_WORLD = 10
"""Fewer on a server, which plans each new question anew."""


@pytest.fixture(autouse=True)
def compiled_at_second_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "COMPILED_AT", 2)


@pytest.fixture
def near(tmp_path: Path) -> Iterator[Record]:
    with closing(opener_of("sqlite", tmp_path)()) as record:
        yield record


@pytest.fixture
def far(tmp_path: Path) -> Iterator[Record]:
    with closing(opener_of("neo4j", tmp_path)()) as record:
        yield record


async def told(seed: int, record: Record, selections: int) -> int:
    """Ask a world; how many values of its answers were errors."""
    chance = random.Random(seed)
    spec = random_spec(chance)
    put(record, *dict.fromkeys(spec.statements(chance)))
    world = dict(record.view().resources(record.iris("", 1_000)))
    asking, faults = Asking(record, spec.release), 0
    for _ in range(selections):
        root = Selections(spec, chance).root()
        reference = Reference(spec, world)
        expected = reference.answer(root)
        answer = await asking.answer(f"{{ {root} }}")
        assert answer.get("data") == expected, (seed, str(root), answer.get("errors"))
        compiled = asking.counts.compiled
        again = await asking.answer(f"{{ {root} }}")
        assert orjson.dumps(again.get("data")) == orjson.dumps(answer.get("data")), (seed, str(root))
        assert _sorted(again) == _sorted(answer), (seed, str(root))
        assert asking.counts.compiled == compiled + (0 if "errors" in answer else 1), (seed, str(root))
        found = {tuple(error["path"]) for error in answer.get("errors", ())}
        assert found == set(reference.faults), (seed, str(root))
        assert all(error["extensions"]["code"] == "SHAPES_VIOLATED" for error in answer.get("errors", ()))
        faults += len(found)
    return faults


def _sorted(answer: dict[str, Any]) -> list[bytes]:
    """The errors of an answer, which come in no order."""
    return sorted(orjson.dumps(error) for error in answer.get("errors", ()))


@pytest.mark.parametrize("seed", range(12))
async def test_answers_are_what_a_naive_resolver_says(seed: int, near: Record) -> None:
    await told(seed, near, PER_WORLD)


@pytest.mark.parametrize("seed", range(3))
async def test_answers_from_a_server_are_what_a_naive_resolver_says(seed: int, far: Record) -> None:
    await told(seed, far, FAR_PER_WORLD)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("world", range(200))
async def test_answers_are_what_a_naive_resolver_says_eight_thousand_times(world: int, near: Record) -> None:
    await told(1_000 + world, near, PER_WORLD)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("world", range(50))
async def test_answers_from_a_server_are_what_a_naive_resolver_says_two_thousand_times(world: int, far: Record) -> None:
    await told(2_000 + world, far, PER_WORLD)
