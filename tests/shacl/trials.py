"""One trial of each kind: a seed and a number of steps in, how many steps of which outcome out. A mismatch asserts."""

from __future__ import annotations

from collections import Counter

from registry.rdf.terms import Term
from registry.rdf.vocabulary import RDF_TYPE
from tests.shacl.cases import CLASSES, COMPONENTS, NAMED, PATHS, PLAIN, PREDICATES, Case, Scope
from tests.shacl.evolution import Evolution
from tests.shacl.oracles import Oracle
from tests.shacl.reports import told
from tests.shacl.whole import Net


def evolve(seed: int, steps: int) -> Counter[str]:
    """Any change to any graph: its check finds what the whole graph gained."""
    evolution = Evolution(Case(seed).draw_shapes())
    evolution.step(evolution.draw_start())
    verdicts: Counter[str] = Counter()
    for _ in range(steps):
        verdicts[_verdict(not evolution.step(evolution.draw()))] += 1
    _hold_validate(evolution)
    return verdicts


def accept(seed: int, steps: int) -> Counter[str]:
    """On a graph that conforms, a change is fine by itself exactly when the whole graph conforms after it."""
    evolution = Evolution(Case(seed).draw_shapes())
    verdicts: Counter[str] = Counter()
    if not evolution.conforms():
        return verdicts
    for _ in range(steps):
        net = evolution.draw()
        accepted = not evolution.step(net)
        assert accepted == evolution.conforms()
        verdicts[_verdict(accepted)] += 1
        if not accepted:
            evolution.undo(net)
    _hold_validate(evolution)
    return verdicts


def toggle(seed: int, component: str, path: str, steps: int) -> Counter[str]:
    """Add or remove one statement after the other: an edge of the path, a type of the focus or of a value."""
    case = Case(seed).draw_component(component, path)
    evolution = Evolution(case)
    nodes = NAMED[:3]
    # Nodes twice, so that chains of edges are as frequent as edges to literals.
    values: list[Term] = [*nodes, *nodes, *PLAIN[:2], *PLAIN[-4:]]
    verdicts: Counter[str] = Counter()
    evolution.step(Net([], [(node, RDF_TYPE, class_iri) for node, class_iri in zip(nodes, CLASSES, strict=True)]))
    for _ in range(steps):
        subject, predicate = case.random.choice(nodes), case.random.choice([RDF_TYPE, *PREDICATES[:2], *PREDICATES])
        target = case.random.choice(CLASSES if predicate == RDF_TYPE else values)
        statement = (subject, predicate, target)
        stands = statement in evolution.graph
        verdicts[_verdict(not evolution.step(Net([statement], []) if stands else Net([], [statement])))] += 1
    _hold_validate(evolution)
    return verdicts


def agree(seed: int, steps: int, oracle: Oracle, scope: Scope) -> Counter[str]:
    """Any change to any graph: its check, that of the whole and that of another engine find the same."""
    case = Case(seed, scope).draw_shapes()
    evolution, check = Evolution(case), oracle.load(case.shapes)
    verdicts: Counter[str] = Counter()
    for _ in range(steps):
        evolution.step(evolution.draw())
        own, other = oracle.sees(told(evolution.shapes.validate(evolution.graph))), check(evolution.graph)
        assert own == other, f"{oracle.name}, seed {seed}\nonly ours: {own - other}\nonly theirs: {other - own}"
        verdicts["conforms" if evolution.conforms() else "violates"] += 1
    return verdicts


def component_and_path(number: int) -> tuple[str, str]:
    """Every component on every path, as numbers go by."""
    return COMPONENTS[number % len(COMPONENTS)], PATHS[number // len(COMPONENTS) % len(PATHS)]


def _verdict(accepted: bool) -> str:
    return "accepted" if accepted else "refused"


def _hold_validate(evolution: Evolution) -> None:
    whole = Counter(evolution.shapes.validate(evolution.graph))
    assert whole == Counter(violation for found in evolution.results.values() for violation in found)
