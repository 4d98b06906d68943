"""What a check of a change finds is what it added to the results of the whole graph: random shapes, graphs, changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Statement, Term
from registry.rdf.vocabulary import RDF_TYPE, RDFS_SUB_CLASS_OF
from registry.shacl.report import Violation
from registry.shacl.shapes import Shapes, Unit, compile_shapes
from tests.shacl.cases import BLANK, CLASSES, COMPONENTS, HIERARCHY, NAMED, PATHS, PLAIN, PREDICATES, Case
from tests.shacl.whole import Net, WholeMemoryGraph

Results = dict[tuple[Term, Unit], Counter[Violation]]


def compiled(case: Case) -> Shapes:
    return compile_shapes(MemoryGraph(case.shapes), extra_targets=case.extra_targets)


def results(shapes: Shapes, graph: WholeMemoryGraph, focus: Term, units: Iterable[Unit]) -> Results:
    """The results of those units that target the focus node."""
    targeting = set(shapes.targeting(graph, focus))
    found: Results = {}
    for unit in units:
        if unit in targeting:
            violations: list[Violation] = []
            unit.check(graph, focus, violations)
            found[focus, unit] = Counter(violations)
    return found


def everything(shapes: Shapes, graph: WholeMemoryGraph) -> Results:
    nodes: dict[Term, None] = dict.fromkeys([*NAMED, *BLANK, *CLASSES, *PLAIN])
    for subject, _, target in graph:
        nodes[subject] = nodes[target] = None
    found: Results = {}
    for node in nodes:
        found.update(results(shapes, graph, node, shapes.targeting(graph, node)))
    return found


def together(found: Iterable[Counter[Violation]]) -> Counter[Violation]:
    return sum(found, Counter())


class Evolution:
    """A graph that changes, with all its results as a check of the whole finds them."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.shapes = compiled(case)
        self.graph = WholeMemoryGraph(HIERARCHY)
        self.results = everything(self.shapes, self.graph)

    def draw(self) -> Net:
        """A change that can be made."""
        removed: dict[Statement, None] = {}
        added: dict[Statement, None] = {}
        for _ in range(self.case.random.choice([1, 1, 1, 2, 4])):
            if self.case.random.random() < 0.35:
                present = [found for found in self.graph if found[1] != RDFS_SUB_CLASS_OF]
                if present:
                    removed[self.case.random.choice(present)] = None
            else:
                statement = self.case.statement()
                if statement not in self.graph:
                    added[statement] = None
        return Net(list(removed), list(added))

    def make(self, net: Net) -> WholeMemoryGraph:
        """Make a change; returns the graph as it was before."""
        before = WholeMemoryGraph(self.graph)
        for statement in net.removed:
            self.graph.remove(statement)
        for statement in net.added:
            self.graph.add(statement)
        return before

    def undo(self, net: Net) -> None:
        self.make(Net(removed=net.added, added=net.removed))

    def step(self, net: Net) -> bool:
        """Make a change and compare what its check finds with the whole; returns whether the whole graph conforms."""
        before, stood = self.make(net), self.results
        self.results = everything(self.shapes, self.graph)
        news: Counter[Violation] = Counter()
        for part, found in self.results.items():
            known = {violation.key() for violation in stood.get(part, ())}
            news.update({violation: n for violation, n in found.items() if violation.key() not in known})
        assert Counter(self.shapes.new_results(before, self.graph, net)) == news
        assert Counter(self.shapes.validate(self.graph)) == together(self.results.values())
        return not any(self.results.values())


def evolve(seed: int, steps: int) -> None:
    evolution = Evolution(Case(seed).draw_shapes())
    for _ in range(steps):
        evolution.step(evolution.draw())


def accept(seed: int, steps: int) -> Counter[str]:
    """On a graph that conforms, a change is fine by itself exactly when the whole graph conforms after it."""
    evolution = Evolution(Case(seed).draw_shapes())
    verdicts: Counter[str] = Counter()
    if any(evolution.results.values()):
        return verdicts
    for _ in range(steps):
        net = evolution.draw()
        before = evolution.make(net)
        accepted = not evolution.shapes.new_results(before, evolution.graph, net)
        assert accepted == (not any(evolution.shapes.validate(evolution.graph)))
        verdicts["accepted" if accepted else "refused"] += 1
        if not accepted:
            evolution.undo(net)
    return verdicts


def toggle(seed: int, component: str, path: str, steps: int) -> None:
    """Add or remove one statement after the other: an edge of the path, a type of the focus or of a value."""
    case = Case(seed).draw_component(component, path)
    evolution = Evolution(case)
    nodes = NAMED[:3]
    for _ in range(steps):
        subject, predicate = case.random.choice(nodes), case.random.choice([RDF_TYPE, *PREDICATES])
        values: list[Term] = [*nodes, *PLAIN[:2], *PLAIN[-4:]]
        target = case.random.choice(CLASSES if predicate == RDF_TYPE else values)
        statement = (subject, predicate, target)
        stands = statement in evolution.graph
        evolution.step(Net([statement], []) if stands else Net([], [statement]))


@pytest.mark.parametrize("block", range(8))
def test_new_results_are_those_that_the_whole_graph_gained(block: int) -> None:
    for seed in range(block * 150, block * 150 + 150):
        evolve(seed, steps=6)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("component", COMPONENTS)
def test_every_component_on_every_path_wherever_a_change_lands(component: str, path: str) -> None:
    for seed in range(2):
        toggle(seed, component, path, steps=25)


@pytest.mark.parametrize("block", range(4))
def test_a_change_to_a_conforming_graph_is_accepted_exactly_if_the_whole_conforms(block: int) -> None:
    verdicts = sum((accept(10_000 + seed, steps=25) for seed in range(block * 80, block * 80 + 80)), Counter())
    assert min(verdicts["accepted"], verdicts["refused"]) > 100, "both verdicts must be met to prove anything"


@pytest.mark.soak
@pytest.mark.timeout(7_200)
def test_for_long() -> None:
    for seed in range(20_000, 40_000):
        evolve(seed, steps=10)
        accept(seed + 100_000, steps=25)
        toggle(seed, COMPONENTS[seed % len(COMPONENTS)], PATHS[seed // len(COMPONENTS) % len(PATHS)], steps=40)
