"""A graph that changes at random, whose every check is held to a check of the whole graph."""

from __future__ import annotations

from collections import Counter

from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Statement, Term
from registry.rdf.vocabulary import RDFS_SUB_CLASS_OF
from registry.shacl.reports.graph import Violation
from registry.shacl.shapes import Shapes, compile_shapes
from tests.shacl.cases import HIERARCHY, Case
from tests.shacl.whole import Net, WholeMemoryGraph

Results = dict[tuple[Term, int], list[Violation]]
"""What stands against a focus node, by the number of the unit that finds it."""


def everything(shapes: Shapes, graph: WholeMemoryGraph) -> Results:
    """All results of a graph, by listing every target and running all that is for it."""
    results: Results = {}
    for number, (unit, targets) in enumerate(shapes.units):
        for focus in targets.listed(graph):
            found: list[Violation] = []
            unit.check(graph, focus, found)
            if found:
                results[focus, number] = found
    return results


def gained(stood: Results, stands: Results) -> Counter[Violation]:
    """What a later state has against it that an earlier one had not."""
    news: Counter[Violation] = Counter()
    for part, found in stands.items():
        known = {violation.key() for violation in stood.get(part, ())}
        news.update(violation for violation in found if violation.key() not in known)
    return news


class Evolution:
    """A graph that changes, with all its results."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.shapes = compile_shapes(MemoryGraph(case.shapes), extra_targets=case.extra_targets)
        self.before, self.graph = WholeMemoryGraph(HIERARCHY), WholeMemoryGraph(HIERARCHY)
        self.results = everything(self.shapes, self.graph)

    def conforms(self) -> bool:
        return not self.results

    def draw(self) -> Net:
        """A change that can be made."""
        removed: dict[Statement, None] = {}
        added: dict[Statement, None] = {}
        present = [statement for statement in self.graph if statement[1] != RDFS_SUB_CLASS_OF]
        for _ in range(self.case.random.choice([1, 1, 1, 2, 4])):
            if self.case.random.random() < 0.35:
                if present:
                    removed[self.case.random.choice(present)] = None
            else:
                statement = self.case.statement()
                if statement not in self.graph:
                    added[statement] = None
        return Net(list(removed), list(added))

    def draw_start(self) -> Net:
        """A graph to begin with."""
        return Net([], list(dict.fromkeys(self.case.statement() for _ in range(self.case.random.choice([0, 6, 12])))))

    def step(self, net: Net) -> Counter[Violation]:
        """Make a change and hold what its check finds to what the whole graph gained; returns that."""
        _make(self.graph, net)
        stood, self.results = self.results, everything(self.shapes, self.graph)
        news = gained(stood, self.results)
        found = Counter(self.shapes.new_results(self.before, self.graph, net))
        assert found == news, f"{net}\nmissed: {news - found}\ntoo many: {found - news}"
        _make(self.before, net)
        return news

    def undo(self, net: Net) -> None:
        """Take a change back."""
        back = Net(removed=net.added, added=net.removed)
        _make(self.graph, back)
        _make(self.before, back)
        self.results = everything(self.shapes, self.graph)


def _make(graph: WholeMemoryGraph, net: Net) -> None:
    for statement in net.removed:
        graph.remove(statement)
    for statement in net.added:
        graph.add(statement)
