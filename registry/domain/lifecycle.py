"""Lifecycles: machines read from the model, and the one step a twin takes through them."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from registry.access.principal import Principal
from registry.domain.change import Change, Event, Guard
from registry.domain.moment import Moment
from registry.domain.resource import Resource
from registry.domain.view import View
from registry.errors import NotAllowed, NotFound, OntologyRejected, TransitionRefused
from registry.ontology.model import Model
from registry.rdf.terms import Iri, Literal, Statement, Term, text
from registry.rdf.vocabulary import (
    DIRECT_PART_OF,
    GOVERNED_BY,
    IN_STATE,
    LIFECYCLE,
    PART_OF,
    RDF_TYPE,
    TWIN_OF,
    XSD_DATE_TIME,
)

_MOST_PARTS = 10_000


class Cascade(Enum):
    """What a transition of a whole means for the twins of its parts."""

    NONE = "cascadeNone"
    APPLY = "cascadeApply"
    BLOCK = "cascadeBlock"


class Parts(Enum):
    """Whether a caller overrides the machine's cascade, or leaves it as declared."""

    AS_DECLARED = "declared"
    NONE = "none"
    APPLY = "apply"
    BLOCK = "block"


_OVERRIDES = {Parts.NONE: Cascade.NONE, Parts.APPLY: Cascade.APPLY, Parts.BLOCK: Cascade.BLOCK}


@dataclass(frozen=True, slots=True)
class State:
    iri: Iri
    name: str
    label: str
    definition: str
    is_initial: bool
    is_terminal: bool
    is_live: bool


@dataclass(frozen=True, slots=True)
class Transition:
    """An allowed move; ``guard`` is the shape to satisfy afterwards, ``roles`` is empty where anybody may."""

    iri: Iri
    trigger: str
    label: str
    definition: str
    sources: frozenset[Iri]
    target: Iri
    guard: Iri | None
    roles: tuple[str, ...]
    cascade: Cascade


@dataclass(frozen=True)
class Machine:
    """A lifecycle as the ontology declares it."""

    iri: Iri
    label: str
    definition: str
    governs: Iri | None
    states: Mapping[Iri, State]
    transitions: tuple[Transition, ...]

    @property
    def initial(self) -> State:
        """Where resources start."""
        return next(state for state in self.states.values() if state.is_initial)

    def leaving(self, state: Iri) -> Sequence[Transition]:
        """The transitions that are allowed in a state."""
        return [transition for transition in self.transitions if state in transition.sources]

    def find(self, state: Iri, trigger: str) -> Transition:
        """The transition for a trigger. Raises TransitionRefused naming the triggers that are allowed."""
        allowed = self.leaving(state)
        for transition in allowed:
            if transition.trigger == trigger:
                return transition
        names = sorted({transition.trigger for transition in allowed})
        here = self.states[state].label if state in self.states else state
        closest = difflib.get_close_matches(trigger, names, n=1)
        meant = f"; did you mean {closest[0]!r}?" if closest else ""
        words = (
            f"from {here} there is no {trigger!r}: allowed are {', '.join(names) if names else 'no transitions'}{meant}"
        )
        raise TransitionRefused(words, names, state=state, trigger=trigger)


def read_machines(model: Model, place: Callable[[Iri], str] = lambda iri: "") -> dict[Iri, Machine]:
    """The machines of a model. Raises OntologyRejected for one that cannot run, with the place and the reason."""
    machines = {iri: _machine(model, iri) for iri in model.instances(LIFECYCLE + "LifecycleModel")}
    faults = [f"{place(m.iri)}: {fault}" for m in machines.values() for fault in _faults(m)]
    if faults:
        raise OntologyRejected(f"a lifecycle cannot run: {faults[0]}", faults)
    return machines


def _machine(model: Model, iri: Iri) -> Machine:
    transitions = [_transition(model, found) for found in _iris(model.graph.objects(iri, LIFECYCLE + "hasTransition"))]
    states = [_state(model, found) for found in _iris(model.graph.objects(iri, LIFECYCLE + "hasState"))]
    governs = _iris(model.graph.objects(iri, LIFECYCLE + "governsClass"))
    return Machine(
        iri, model.label(iri), model.definition(iri), next(iter(governs), None),
        {state.iri: state for state in states}, tuple(transitions),
    )  # fmt: skip


def _state(model: Model, iri: Iri) -> State:
    kinds = {above for kind in _iris(model.graph.objects(iri, RDF_TYPE)) for above in model.superclasses(kind)}
    groups = model.graph.objects(iri, LIFECYCLE + "inGroup")
    return State(
        iri, model.label(iri), model.label(iri), model.definition(iri),
        LIFECYCLE + "InitialState" in kinds, LIFECYCLE + "TerminalState" in kinds, LIFECYCLE + "live" in groups,
    )  # fmt: skip


def _transition(model: Model, iri: Iri) -> Transition:
    def of(name: str) -> Sequence[Term]:
        return model.graph.objects(iri, LIFECYCLE + name)

    cascades = {LIFECYCLE + cascade.value: cascade for cascade in Cascade}
    trigger = next((t.lexical for t in of("trigger") if isinstance(t, Literal)), "")
    return Transition(
        iri, trigger, model.label(iri), model.definition(iri),
        frozenset(_iris(of("fromState"))), next(iter(_iris(of("toState"))), ""),
        next(iter(_iris(of("guard"))), None),
        tuple(sorted(t.lexical for t in of("requiresRole") if isinstance(t, Literal))),
        next((cascades[c] for c in _iris(of("cascade")) if c in cascades), Cascade.NONE),
    )  # fmt: skip


def _iris(terms: Iterable[Term]) -> list[Iri]:
    return sorted(term for term in terms if isinstance(term, str))


def _faults(machine: Machine) -> Iterable[str]:
    initial = [state for state in machine.states.values() if state.is_initial]
    if len(initial) != 1:
        yield f"{machine.label} has {len(initial)} initial states, and needs one"
    taken: set[tuple[Iri, str]] = set()
    for transition in machine.transitions:
        ends = {*transition.sources, transition.target}
        if not transition.trigger or not transition.sources or not ends <= machine.states.keys():
            yield f"{transition.label} needs a trigger, and states of {machine.label} at both ends"
        for source in transition.sources:
            if (source, transition.trigger) in taken:
                yield f"{transition.trigger} leaves {source} twice in {machine.label}"
            taken.add((source, transition.trigger))
            if source in machine.states and machine.states[source].is_terminal:
                yield f"{transition.label} leaves {machine.states[source].label}, which is terminal"


def machine_of(machines: Mapping[Iri, Machine], resource: Resource) -> Machine:
    """The machine a resource goes through. Raises TransitionRefused for one without."""
    governed = resource.value(GOVERNED_BY)
    if isinstance(governed, str) and governed in machines:
        return machines[governed]
    raise TransitionRefused(f"{resource.iri} goes through no lifecycle that the active release has", [])


def step(
    machines: Mapping[Iri, Machine],
    view: View,
    actor: Principal,
    moment: Moment,
    iri: Iri,
    trigger: str,
    reason: str | None = None,
    parts: Parts = Parts.AS_DECLARED,
) -> Change:
    """One transition of a twin, those of its parts included where the cascade says so.

    Raises NotFound, NotAllowed where the actor lacks the role, TransitionRefused where the machine or a live part
    forbids it. The guard shape is not run here: it is asked of the state after the change.
    """
    resource = view.resources([iri]).get(iri)
    if resource is None:
        raise NotFound(f"there is no {iri}", iri=iri)
    machine = machine_of(machines, resource)
    state = resource.value(IN_STATE)
    transition = machine.find(state if isinstance(state, str) else "", trigger)
    if transition.roles and not any(actor.has(role) for role in transition.roles):
        raise NotAllowed(f"{trigger} needs the role {' or '.join(transition.roles)}", roles=list(transition.roles))
    change = _move(machine, resource, transition, actor, moment, reason)
    cascade = _OVERRIDES.get(parts, transition.cascade)
    if cascade is Cascade.NONE:
        return change
    for part in _twins_of_parts(view, resource):
        change = change.then(_part(machines, part, transition, cascade, actor, moment, reason))
    return change


def _part(
    machines: Mapping[Iri, Machine], part: Resource, transition: Transition, cascade: Cascade, actor: Principal,
    moment: Moment, reason: str | None,
) -> Change:  # fmt: skip
    machine = machine_of(machines, part)
    state = part.value(IN_STATE)
    here = machine.states.get(state) if isinstance(state, str) else None
    if cascade is Cascade.BLOCK:
        if here is not None and here.is_live:
            words = f"{transition.trigger} is refused while the twin of a part is live: {part.iri} is {here.label}"
            raise TransitionRefused(words, [], part=part.iri, state=here.iri)
        return Change()
    fitting = [t for t in machine.leaving(here.iri) if t.trigger == transition.trigger] if here else []
    return _move(machine, part, fitting[0], actor, moment, reason) if fitting else Change()


def _move(
    machine: Machine, resource: Resource, transition: Transition, actor: Principal, moment: Moment, reason: str | None
) -> Change:
    iri, before = resource.iri, resource.value(IN_STATE)
    record = moment.mint()
    added: list[Statement] = [
        (iri, IN_STATE, transition.target),
        (record, RDF_TYPE, LIFECYCLE + "TransitionRecord"),
        (record, LIFECYCLE + "recordOf", iri),
        (record, LIFECYCLE + "fromState", before or ""),
        (record, LIFECYCLE + "toState", transition.target),
        (record, LIFECYCLE + "trigger", text(transition.trigger)),
        (record, LIFECYCLE + "atTime", Literal(moment.time, XSD_DATE_TIME)),
        (record, LIFECYCLE + "byActor", text(actor.name)),
    ]
    if reason:
        added.append((record, LIFECYCLE + "reason", text(reason)))
    facts = {
        "trigger": transition.trigger,
        "from": machine.states[str(before)].label,
        "to": machine.states[transition.target].label,
    }
    return Change(
        removed=tuple((iri, IN_STATE, value) for value in resource.values(IN_STATE)),
        added=tuple(added),
        expected={iri: resource.revision},
        guards=(Guard(iri, transition.guard),) if transition.guard else (),
        events=(Event("StateChanged", iri, {**facts, **({"reason": reason} if reason else {})}),),
    )


def _twins_of_parts(view: View, twin: Resource) -> Sequence[Resource]:
    """The twins of everything that is part of this twin's entity, parts of parts included; loops are walked once."""
    seen: dict[Iri, None] = {}
    waiting = [entity for entity in twin.values(TWIN_OF) if isinstance(entity, str)]
    roots = set(waiting)
    while waiting:
        whole = waiting.pop()
        for predicate in (DIRECT_PART_OF, PART_OF):
            for part in view.sources(whole, predicate, _MOST_PARTS):
                if part not in seen and part not in roots:
                    seen[part] = None
                    waiting.append(part)
    twins = [found for part in seen for found in view.sources(part, TWIN_OF, 2)]
    return [found for found in view.resources(twins).values() if found.values(IN_STATE)]
