"""What a check of a change finds is what it added to the results of the whole graph: random shapes, graphs, changes."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.shacl.cases import COMPONENTS, PATHS
from tests.shacl.trials import accept, evolve, toggle


@pytest.mark.parametrize("block", range(8))
def test_new_results_are_those_that_the_whole_graph_gained(block: int) -> None:
    for seed in range(block * 150, block * 150 + 150):
        evolve(seed, steps=20)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("component", COMPONENTS)
def test_every_component_on_every_path_wherever_a_change_lands(component: str, path: str) -> None:
    for seed in range(2):
        toggle(seed, component, path, steps=25)


@pytest.mark.parametrize("block", range(4))
def test_a_change_to_a_conforming_graph_is_accepted_exactly_if_the_whole_conforms(block: int) -> None:
    verdicts = sum((accept(10_000 + seed, steps=25) for seed in range(block * 80, block * 80 + 80)), Counter())
    assert min(verdicts["accepted"], verdicts["refused"]) > 100, "both verdicts must be met to prove anything"
