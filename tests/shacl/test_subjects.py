"""Going through a graph subject by subject finds what a whole check finds: random shapes and graphs."""

from __future__ import annotations

from collections import Counter

import pytest

from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Term
from registry.shacl.reports.graph import Violation
from registry.shacl.shapes import Shapes, compile_shapes
from tests.shacl.cases import HIERARCHY, Case
from tests.shacl.whole import WholeMemoryGraph


class Subjects(WholeMemoryGraph):
    """A graph in memory that knows its subjects."""

    def is_subject(self, node: Term) -> bool:
        return isinstance(node, str) and bool(self.outgoing(node))


def gone_through(shapes: Shapes, graph: Subjects) -> Counter[Violation]:
    found = Counter(shapes.check_named(graph))
    for subject in list(graph.subjects()):
        found.update(shapes.check_subject(graph, subject))
    return found


def compare(seeds: range) -> Counter[str]:
    verdicts: Counter[str] = Counter()
    for seed in seeds:
        case = Case(seed).draw_shapes()
        shapes = compile_shapes(MemoryGraph(case.shapes), extra_targets=case.extra_targets)
        for size in (0, 3, 8, 14):
            graph = Subjects([*HIERARCHY, *(case.statement() for _ in range(size))])
            whole = Counter(shapes.validate(graph))
            assert gone_through(shapes, graph) == whole, f"seed {seed}, {size} statements"
            verdicts["violates" if whole else "conforms"] += 1
            verdicts["beside"] += any(not graph.is_subject(violation.focus) for violation in whole)
    return verdicts


@pytest.mark.parametrize("block", range(4))
def test_subject_by_subject_is_shape_by_shape(block: int) -> None:
    verdicts = compare(range(block * 250, block * 250 + 250))
    assert min(verdicts.values()) > 50, "both verdicts and nodes that say nothing must be met to prove anything"


@pytest.mark.soak
@pytest.mark.timeout(7_200)
def test_subject_by_subject_is_shape_by_shape_for_long() -> None:
    compare(range(1_000, 100_000))
