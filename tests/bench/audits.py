"""What checking a whole record costs, in one process and in two, beside the Rust engine on the same statements."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import shacl

from registry.ontology.modules import ModuleKind
from registry.rdf.syntax import Syntax, serialise
from registry.rdf.terms import Statement
from tests.bench.checks import Plant
from tests.bench.table import Row, row
from tests.principals import LOCAL

TWINS = 100_000
RESOURCES = TWINS * 21 // 10
ROUNDS = 2


def measured(folder: Path) -> list[Row]:
    """The rows of this part: processor time of all processes together, theirs with parsing as ours with reading."""
    plant = Plant(folder, RESOURCES)
    shapes, data = _as_text(plant, ModuleKind.SHAPES), _as_text(plant, ModuleKind.ONTOLOGY) + _recorded(plant)
    compiled = shacl.Shapes.from_text(shapes, "ntriples")
    theirs = _cpu_seconds(lambda: compiled.validate_text(data, "ntriples").conforms)
    found = [
        row(
            f"the whole record, {TWINS:,} twins, {words}", _cpu_seconds(partial(_conforms, plant, processes)), "s CPU",
            "PyPI shacl (Rust), in memory", theirs,
        )
        for processes, words in ((1, "one process"), (2, "two processes"))
    ]  # fmt: skip
    plant.registry.close()
    return found


def _conforms(plant: Plant, processes: int) -> bool:
    return not any(True for _ in plant.registry.audit.results(LOCAL, processes=processes))


def _cpu_seconds(conforms: Callable[[], bool]) -> list[float]:
    """Processor time of a check, the processes that it started and ended included."""
    samples = []
    for _ in range(ROUNDS + 1):
        start = os.times()
        assert conforms()
        end = os.times()
        samples.append(sum(end[:4]) - sum(start[:4]))
    return samples


def _as_text(plant: Plant, kind: ModuleKind) -> str:
    modules = plant.release.modules
    return _text([statement for module in modules if module.kind is kind for statement in module.statements])


def _recorded(plant: Plant) -> str:
    return "".join(map(_text, _batches(plant)))


def _batches(plant: Plant) -> Iterator[list[Statement]]:
    after = ""
    while iris := plant.registry.record.iris(after, 2_000):
        resources = plant.view.resources(iris)
        yield [statement for resource in resources.values() for statement in resource.triples()]
        after = iris[-1]


def _text(statements: list[Statement]) -> str:
    return serialise(statements, Syntax.N_TRIPLES).decode()
