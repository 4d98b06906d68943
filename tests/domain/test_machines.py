"""Lifecycles as the ontology declares them: every state met with every trigger, and a machine changed as data."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.access.principal import Principal
from registry.app.core import Registry, open_registry
from registry.domain.change import Change
from registry.domain.lifecycle import Machine, Transition, step
from registry.domain.moment import Moment
from registry.domain.overlay import Overlay
from registry.domain.releases.release import Release, compile_release
from registry.errors import NotAllowed, NotFound, OntologyRejected, TransitionRefused
from registry.ontology.modules import ModuleKind, load_modules, module_of
from registry.rdf.terms import Iri, Literal, Statement
from registry.rdf.vocabulary import (
    DIRECT_PART_OF,
    GOVERNED_BY,
    IN_STATE,
    LIFECYCLE,
    RDF_TYPE,
    STANDARD,
    TWIN,
    TWIN_OF,
)
from registry.settings import Settings
from tests.domain.views import Nothing

STANDARD_RELEASE = compile_release(load_modules(""))
EVERYBODY = Principal("tester")
TIME = "2026-01-01T00:00:00.000000Z"
TWIN_MACHINE = STANDARD + "twinLifecycle"


def moment() -> Moment:
    return Moment(TIME, uuid.UUID(int=7))


def view_of(*statements: Statement) -> Overlay:
    view = Overlay(Nothing())
    view.apply(view.net((), statements), TIME)
    return view


def governed(iri: Iri, machine: Iri, state: Iri) -> list[Statement]:
    return [(iri, RDF_TYPE, TWIN), (iri, GOVERNED_BY, machine), (iri, IN_STATE, state)]


def matrix(release: Release) -> Iterator[tuple[Machine, Iri, str, Transition | None]]:
    """Every state of every machine with every trigger of it, and the transition that the ontology has for the pair."""
    for machine in release.machines.values():
        triggers = {transition.trigger for transition in machine.transitions}
        for state in machine.states:
            for trigger in sorted(triggers):
                allowed = [t for t in machine.transitions if t.trigger == trigger and state in t.sources]
                yield machine, state, trigger, allowed[0] if allowed else None


def case_name(value: object) -> str | None:
    if isinstance(value, Machine):
        return value.label.replace(" ", "-")
    return value.rpartition("#")[2] if isinstance(value, str) else ""


def test_the_matrix_is_whole() -> None:
    cases = list(matrix(STANDARD_RELEASE))
    assert len(cases) == 11 * 14 + 5 * 5 + 6 * 5
    assert sum(1 for case in cases if case[3]) == sum(
        len(t.sources) for machine in STANDARD_RELEASE.machines.values() for t in machine.transitions
    )


@pytest.mark.parametrize(("machine", "state", "trigger", "expected"), list(matrix(STANDARD_RELEASE)), ids=case_name)
def test_every_state_meets_every_trigger(
    machine: Machine, state: Iri, trigger: str, expected: Transition | None
) -> None:
    view = view_of(*governed("urn:t", machine.iri, state))
    if expected is None:
        with pytest.raises(TransitionRefused) as refused:
            step(STANDARD_RELEASE.machines, view, EVERYBODY, moment(), "urn:t", trigger)
        assert refused.value.details["allowed"] == sorted({t.trigger for t in machine.leaving(state)})
        return
    change = step(STANDARD_RELEASE.machines, view, EVERYBODY, moment(), "urn:t", trigger, "because")
    assert change.removed == (("urn:t", IN_STATE, state),)
    assert ("urn:t", IN_STATE, expected.target) in change.added
    assert [guard.shape for guard in change.guards] == ([expected.guard] if expected.guard else [])
    record = {p.removeprefix(LIFECYCLE): t for s, p, t in change.added if s != "urn:t"}
    assert (record["fromState"], record["toState"], record["recordOf"]) == (state, expected.target, "urn:t")
    texts = {name: term.lexical for name, term in record.items() if isinstance(term, Literal)}
    assert texts == {"trigger": trigger, "atTime": TIME, "byActor": "tester", "reason": "because"}


@pytest.mark.parametrize(
    "transition",
    [t for machine in STANDARD_RELEASE.machines.values() for t in machine.transitions if t.roles],
    ids=lambda transition: transition.trigger,
)
def test_a_role_is_asked_for(transition: Transition) -> None:
    machine = next(m for m in STANDARD_RELEASE.machines.values() if transition in m.transitions)
    view = view_of(*governed("urn:t", machine.iri, min(transition.sources)))

    def tried(roles: frozenset[str]) -> Change:
        return step(STANDARD_RELEASE.machines, view, Principal("a", roles), moment(), "urn:t", transition.trigger)

    with pytest.raises(NotAllowed):
        tried(frozenset())
    for role in transition.roles:
        assert tried(frozenset({role})).added


def test_what_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        step(STANDARD_RELEASE.machines, view_of(), EVERYBODY, moment(), "urn:nothing", "configure")


def whole_and_part(whole_state: str, part_state: str) -> Overlay:
    return view_of(
        *governed("urn:whole", TWIN_MACHINE, STANDARD + whole_state),
        ("urn:whole", TWIN_OF, "urn:line"),
        *governed("urn:part", TWIN_MACHINE, STANDARD + part_state),
        ("urn:part", TWIN_OF, "urn:pump"),
        ("urn:pump", DIRECT_PART_OF, "urn:line"),
        ("urn:line", DIRECT_PART_OF, "urn:pump"),
    )


def test_a_live_part_blocks_retirement_and_a_loop_of_parts_ends() -> None:
    with pytest.raises(TransitionRefused, match="urn:part is Active"):
        step(STANDARD_RELEASE.machines, whole_and_part("Active", "Active"), EVERYBODY, moment(), "urn:whole", "retire")
    view = whole_and_part("Active", "Retired")
    assert step(STANDARD_RELEASE.machines, view, EVERYBODY, moment(), "urn:whole", "retire").added


def test_a_cascade_takes_the_parts_along_where_their_state_allows() -> None:
    from registry.domain.lifecycle import Parts

    def suspended(view: Overlay) -> set[Iri]:
        change = step(
            STANDARD_RELEASE.machines, view, EVERYBODY, moment(), "urn:whole", "suspend", parts=Parts.APPLY
        )  # fmt: skip
        return {s for s, p, t in change.added if p == IN_STATE and t == STANDARD + "Suspended"}

    assert suspended(whole_and_part("Active", "Degraded")) == {"urn:whole", "urn:part"}
    assert suspended(whole_and_part("Active", "Draft")) == {"urn:whole"}


ANOTHER_STATE = """
@prefix : <https://own.example/machine#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix lifecycle: <https://w3id.org/semantic-twins/lifecycle#> .
@prefix standard: <https://w3id.org/semantic-twins/lifecycle-standard#> .
<https://own.example/machine> a owl:Ontology ; owl:versionInfo "1" .
standard:twinLifecycle lifecycle:hasState :Tested ; lifecycle:hasTransition :test , :release .
:Tested a owl:NamedIndividual , lifecycle:State ; rdfs:label "Tested"@en .
:test a owl:NamedIndividual , lifecycle:Transition ; rdfs:label "test"@en ; lifecycle:trigger "test" ;
    lifecycle:fromState standard:Validated ; lifecycle:toState :Tested .
:release a owl:NamedIndividual , lifecycle:Transition ; rdfs:label "release"@en ; lifecycle:trigger "release" ;
    lifecycle:fromState :Tested ; lifecycle:toState standard:Active .
"""


def test_a_machine_with_one_more_state_behaves_so_without_code(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "machine.ttl").write_text(ANOTHER_STATE)
    registry: Registry = open_registry(Settings(data=tmp_path / "data", model=str(model)))
    try:
        machines = registry.ontologies.active().machines
        view = view_of(*governed("urn:t", TWIN_MACHINE, STANDARD + "Validated"))
        change = step(machines, view, EVERYBODY, moment(), "urn:t", "test")
        assert ("urn:t", IN_STATE, "https://own.example/machine#Tested") in change.added
        assert len(machines[TWIN_MACHINE].states) == len(STANDARD_RELEASE.machines[TWIN_MACHINE].states) + 1
    finally:
        registry.close()


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (("lifecycle:State ;", "lifecycle:InitialState ;"), "2 initial states"),
        (("lifecycle:toState :Tested", "lifecycle:toState :Nowhere"), "states of twin lifecycle at both ends"),
        (("lifecycle:fromState standard:Validated", "lifecycle:fromState standard:Archived"), "which is terminal"),
        (('lifecycle:trigger "test"', 'lifecycle:trigger "commission"'), "twice"),
        (('"test" ;', '"test" ; lifecycle:guard <urn:none> ;'), "guard"),
    ],
)
def test_a_machine_that_cannot_run_is_refused_with_its_place(edit: tuple[str, str], said: str) -> None:
    text = ANOTHER_STATE.replace(*edit, 1)
    assert text != ANOTHER_STATE
    with pytest.raises(OntologyRejected) as refused:
        compile_release([*load_modules(""), module_of("machine", text.encode(), ModuleKind.ONTOLOGY)])
    assert said in refused.value.message
    assert ".ttl:" in refused.value.message
