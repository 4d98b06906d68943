"""pySHACL on the same record: on random shapes and data, and on a plant with faults of every kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from registry.domain.release import compile_release
from registry.rdf.terms import Term
from registry.services.second_opinion import judged
from registry.shacl.report import Violation
from tests.audit.records import CLASSES, shapes_module
from tests.shacl.cases import HIERARCHY, Case
from tests.shacl.reports import shown
from tests.shacl.test_pyshacl import SCOPE
from tests.shacl.whole import WholeMemoryGraph

Told = tuple[Term, str, str, str, str, str]


def told(violations: Iterable[Violation]) -> Counter[Told]:
    """All of a result but its wording."""
    return Counter((v.focus, v.path, shown(v.value), v.component, v.shape, v.severity.value) for v in violations)


def test_pyshacl_says_the_same_in_our_words() -> None:
    verdicts: Counter[bool] = Counter()
    for seed in range(150):
        case = Case(seed, SCOPE).draw_shapes()
        shapes = shapes_module(case.shapes)
        data = list(dict.fromkeys(case.statement() for _ in range(10)))
        own = told(compile_release([CLASSES, shapes]).shapes.validate(WholeMemoryGraph([*HIERARCHY, *data])))
        assert told(judged(data, [CLASSES, shapes])) == own, f"seed {seed}"
        verdicts[bool(own)] += 1
    assert min(verdicts[True], verdicts[False]) > 20
