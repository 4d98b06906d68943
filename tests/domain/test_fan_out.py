"""Hubs: a write beside thousands of neighbours looks at few of them, and says so where it would have to look at all."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from registry.domain import judgement
from registry.domain.judgement import Verdict, judge
from registry.domain.overlay import Overlay
from registry.domain.releases.release import compile_release
from registry.domain.view import View
from registry.errors import TooLarge
from registry.ontology.modules import ModuleKind, module_of
from registry.rdf.terms import Iri, Statement, Term, text
from registry.rdf.vocabulary import RDF_TYPE
from tests.domain.views import Nothing

E = "https://hub.example/model#"
MODEL = f"""
@prefix : <{E}> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
<https://hub.example/model> a owl:Ontology .
:Pump a owl:Class . :Hall a owl:Class .
:locatedIn a owl:ObjectProperty . :status a owl:DatatypeProperty . :code a owl:DatatypeProperty .
"""
SHAPES = f"""
@prefix : <{E}> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
:PumpShape a sh:NodeShape ; sh:targetClass :Pump ; sh:property :inUse , :oneCode .
:inUse a sh:PropertyShape ; sh:path ( :locatedIn :status ) ; sh:in ( "open" "busy" ) .
:oneCode a sh:PropertyShape ; sh:path ( :locatedIn :code ) ; sh:maxCount 1 .
:HallShape a sh:NodeShape ; sh:targetClass :Hall ; sh:property :holds .
:holds a sh:PropertyShape ; sh:path [ sh:inversePath :locatedIn ] ; sh:minCount 1 .
"""
RELEASE = compile_release(
    [module_of("hub", MODEL.encode(), ModuleKind.ONTOLOGY), module_of("hub", SHAPES.encode(), ModuleKind.SHAPES)]
)
HALL, PUMPS = E + "hall", [f"{E}pump{number}" for number in range(150)]


class Watched:
    """A view that counts whom it was told of."""

    def __init__(self, view: View) -> None:
        self.resources = view.resources
        self.told = 0
        self._view = view

    def sources(self, target: Term, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        found = self._view.sources(target, predicate, limit)
        self.told += len(found)
        return found


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """A hall with 150 pumps, where looking at more than 120 is too much."""
    monkeypatch.setattr(judgement, "FAN_OUT", 120)
    view = Overlay(Nothing())
    says: list[Statement] = [(HALL, RDF_TYPE, E + "Hall"), (HALL, E + "status", text("open"))]
    for iri in PUMPS:
        says += [(iri, RDF_TYPE, E + "Pump"), (iri, E + "locatedIn", HALL)]
    view.apply(view.net((), says), "")
    return Watched(view)


def judged(view: Watched, removed: list[Statement], added: list[Statement]) -> Verdict:
    after = Overlay(view)
    net = after.net(removed, added)
    after.apply(net, "")
    view.told = 0
    return judge(RELEASE, view, after, net)


def status(word: str) -> Statement:
    return (HALL, E + "status", text(word))


def test_a_change_that_breaks_nothing_asks_no_neighbour(hub: Watched) -> None:
    assert not judged(hub, [status("open")], [status("busy")]).refusals
    assert hub.told == 0


def test_a_change_that_breaks_a_shape_for_all_is_refused_by_some_of_them(hub: Watched) -> None:
    refusals = judged(hub, [status("open")], [status("lost")]).refusals
    assert refusals
    assert {violation.value for violation in refusals} == {text("lost")}
    assert {violation.focus for violation in refusals} <= set(PUMPS)


def test_leaving_a_hub_looks_at_as_few_of_the_others_as_settle_it(hub: Watched) -> None:
    assert not judged(hub, [(PUMPS[0], E + "locatedIn", HALL)], []).refusals
    assert hub.told <= 2


def test_what_can_only_be_told_by_looking_at_all_is_too_large_for_one_write(hub: Watched) -> None:
    with pytest.raises(TooLarge, match=r"too large for one write: .*use a bulk job"):
        judged(hub, [], [(HALL, E + "code", text("A"))])


def test_a_new_neighbour_of_a_hub_is_looked_at_alone(hub: Watched) -> None:
    new: Iri = E + "new"
    assert not judged(hub, [], [(new, RDF_TYPE, E + "Pump"), (new, E + "locatedIn", HALL)]).refusals
    assert hub.told <= 2
