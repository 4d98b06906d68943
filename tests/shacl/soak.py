"""``python -m tests.shacl.soak``: very many changes, each checked by itself and as part of the whole, on all cores.

A seed stands for one schema: three trials without other engines, and every fiftieth seed is also held to one of them.
What a mismatch says is printed with its seed; the run goes on and ends with 1.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import count
from multiprocessing import get_context

from tests.shacl.oracles import ORACLES
from tests.shacl.trials import accept, agree, component_and_path, evolve, toggle

STEPS = 30
WITH_ORACLE, STEPS_BESIDE = 50, 6
BLOCK, CHUNK = 1_000, 10
OF_ORACLES = [(oracle, scope) for oracle in ORACLES for scope in oracle.scopes]


def attempt(seed: int) -> tuple[int, Counter[str], list[str]]:
    """All trials of one seed: how many steps of which kind were made, and what went wrong."""
    trials: dict[str, Callable[[], Counter[str]]] = {
        "of any graph": partial(evolve, seed, STEPS),
        "of a conforming graph": partial(accept, seed, STEPS),
        "of one statement": partial(toggle, seed, *component_and_path(seed), STEPS),
    }
    if seed % WITH_ORACLE == 0:
        oracle, scope = OF_ORACLES[seed // WITH_ORACLE % len(OF_ORACLES)]
        trials[f"beside {oracle.name}"] = partial(agree, seed, STEPS_BESIDE, oracle, scope)
    steps: Counter[str] = Counter()
    wrong = []
    for kind, trial in trials.items():
        try:
            steps[kind] += trial().total()
        except AssertionError as mismatch:
            wrong.append(f"{kind}, seed {seed}: {mismatch}")
    return seed, steps, wrong


def run(first: int, wanted: int) -> int:
    """Try seeds until enough steps are made; returns how many mismatches there were."""
    steps: Counter[str] = Counter()
    start = told = time.monotonic()
    mismatches, last = 0, first
    with get_context("spawn").Pool(os.cpu_count()) as pool:
        for block in count(first, BLOCK):
            for seed, made, wrong in pool.imap_unordered(attempt, range(block, block + BLOCK), CHUNK):
                steps += made
                last = max(last, seed)
                mismatches += len(wrong)
                for text in wrong:
                    print(text, flush=True)
                if time.monotonic() - told > 10:
                    told = time.monotonic()
                    print(f"{steps.total():,} steps in {told - start:,.0f} s, up to seed {last}", flush=True)
            if steps.total() >= wanted:
                break
    for kind, made_so in sorted(steps.items()):
        print(f"{made_so:>12,} steps {kind}")
    seconds = time.monotonic() - start
    print(f"{steps.total():>12,} steps in all, {mismatches} mismatches, seeds {first} to {last}, {seconds:,.0f} s")
    return mismatches


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.shacl.soak", description="Hold checks of changes to the whole."
    )
    parser.add_argument("--steps", type=int, default=1_000_000, help="how many steps to make (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1_000_000, help="first seed: the last one told goes on from there")
    given = parser.parse_args()
    print(f"{given.steps:,} steps from seed {given.seed} on {os.cpu_count()} cores", flush=True)
    sys.exit(1 if run(given.seed, given.steps) else 0)


if __name__ == "__main__":
    main()
