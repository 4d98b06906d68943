"""Lifecycles as the schema shows them: machines, states and transitions that the ontology declares."""

from __future__ import annotations

import strawberry

from registry.api.graphql.fixed.scalars import Iri
from registry.domain import lifecycle as domain
from registry.domain.releases.release import Release
from registry.domain.resource import Resource
from registry.rdf.vocabulary import GOVERNED_BY, IN_STATE


@strawberry.type(description="A state of a lifecycle.")
class State:
    iri: Iri = strawberry.field(description="The state's IRI.")
    name: str = strawberry.field(description="The state's short name.")
    label: str = strawberry.field(description="The state's label.")
    definition: str = strawberry.field(description="What the state means.")
    initial: bool = strawberry.field(description="Whether resources start here.")
    terminal: bool = strawberry.field(description="Whether nothing leads out of it.")
    live: bool = strawberry.field(description="Whether a twin in it follows its entity.")


@strawberry.type(description="A move that a lifecycle allows.")
class Transition:
    iri: Iri = strawberry.field(description="The transition's IRI.")
    name: str = strawberry.field(description="The trigger: what `transition` is called with.")
    label: str = strawberry.field(description="The transition's label.")
    definition: str = strawberry.field(description="What the transition means.")
    from_: list[State] = strawberry.field(name="from", description="The states that it leaves.")
    to: State = strawberry.field(description="The state that it leads to.")
    guarded: bool = strawberry.field(description="Whether a shape must be satisfied once the move is made.")
    guard: Iri | None = strawberry.field(description="That shape.")
    requires: list[str] = strawberry.field(description="The roles of which one is needed; empty where anybody may.")
    cascade: str = strawberry.field(description="What it means for the twins of parts: none, apply or block.")


@strawberry.type(description="A lifecycle as the ontology declares it.")
class Lifecycle:
    iri: Iri = strawberry.field(description="The machine's IRI.")
    name: str = strawberry.field(description="The machine's short name.")
    label: str = strawberry.field(description="The machine's label.")
    definition: str = strawberry.field(description="What the machine is for.")
    governs: Iri | None = strawberry.field(description="The class whose resources go through it.")
    states: list[State] = strawberry.field(description="Its states.")
    transitions: list[Transition] = strawberry.field(description="Its transitions.")


def lifecycle_of(release: Release, machine: domain.Machine) -> Lifecycle:
    """A machine as the schema shows it."""
    return Lifecycle(
        iri=Iri(machine.iri),
        name=release.names.name(machine.iri),
        label=machine.label,
        definition=machine.definition,
        governs=None if machine.governs is None else Iri(machine.governs),
        states=[_state(release, state) for state in machine.states.values()],
        transitions=[_transition(release, machine, transition) for transition in machine.transitions],
    )


def state_of(release: Release, resource: Resource) -> State | None:
    """Where a resource stands; None for one without a lifecycle."""
    iri = resource.value(IN_STATE)
    return state_named(release, iri) if isinstance(iri, str) else None


def state_named(release: Release, iri: str) -> State | None:
    """The state of this IRI in any machine of the release; None where none has it."""
    for machine in release.machines.values():
        if iri in machine.states:
            return _state(release, machine.states[iri])
    return None


def transitions_of(release: Release, resource: Resource) -> list[Transition]:
    """The transitions that leave the state in which a resource is."""
    machine, iri = _machine(release, resource), resource.value(IN_STATE)
    if machine is None or not isinstance(iri, str):
        return []
    return [_transition(release, machine, transition) for transition in machine.leaving(iri)]


def _machine(release: Release, resource: Resource) -> domain.Machine | None:
    iri = resource.value(GOVERNED_BY)
    return release.machines.get(iri) if isinstance(iri, str) else None


def _state(release: Release, state: domain.State) -> State:
    return State(
        iri=Iri(state.iri),
        name=release.names.name(state.iri),
        label=state.label,
        definition=state.definition,
        initial=state.is_initial,
        terminal=state.is_terminal,
        live=state.is_live,
    )


def _transition(release: Release, machine: domain.Machine, transition: domain.Transition) -> Transition:
    return Transition(
        iri=Iri(transition.iri),
        name=transition.trigger,
        label=transition.label,
        definition=transition.definition,
        from_=[_state(release, machine.states[iri]) for iri in sorted(transition.sources)],
        to=_state(release, machine.states[transition.target]),
        guarded=transition.guard is not None,
        guard=None if transition.guard is None else Iri(transition.guard),
        requires=list(transition.roles),
        cascade=transition.cascade.value.removeprefix("cascade").lower(),
    )
