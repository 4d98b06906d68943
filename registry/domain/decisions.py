"""What a command means: a change, decided from a view and nothing else."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from registry.access.principal import Principal
from registry.domain import lifecycle
from registry.domain.change import Change, Event, Origins, Whole
from registry.domain.commands import (
    GOOD,
    Along,
    Apply,
    Command,
    CreateResource,
    DeleteResource,
    IfExists,
    Link,
    PatchResource,
    Properties,
    Reading,
    RegisterTwin,
    ReplaceIri,
    ReportState,
    RequestState,
    Single,
    Transition,
    Unlink,
)
from registry.domain.moment import Moment
from registry.domain.overlay import Overlay
from registry.domain.registration import create, register, stated
from registry.domain.relationship import described, relationship_iri
from registry.domain.releases.release import Release
from registry.domain.replacement import replaced, successor
from registry.domain.resource import Resource
from registry.domain.upsert import additions, missing, patches
from registry.domain.view import View
from registry.errors import BadInput, NotAllowed, NotFound, RegistryError, RevisionMoved
from registry.rdf.terms import Iri, Literal, Statement, Term, text
from registry.rdf.vocabulary import GOVERNED_BY, IN_STATE, LIFECYCLE, RDFS_LABEL, TELEMETRY, TWIN_OF, XSD_DATE_TIME
from registry.shacl.values import compare

MOST_COMMANDS = 1_000
_MOST_ALONG = 10_000

HAS_POINT = TELEMETRY + "hasDataPoint"
POINT_NAME = TELEMETRY + "pointName"
_BY_TRANSITION_ONLY = frozenset({IN_STATE, GOVERNED_BY})


@dataclass(frozen=True, slots=True)
class Setting:
    """All that a decision may look at besides its command."""

    release: Release
    view: View
    actor: Principal
    moment: Moment


def decide(setting: Setting, command: Command) -> Change:
    """The change that a command asks for. Raises the RegistryError that says why there is none."""
    match command:
        case RegisterTwin():
            return _register(setting, command)
        case CreateResource():
            return create(setting.release, setting.view, setting.moment, command)
        case PatchResource():
            return _patch(setting, command)
        case Link():
            return _link(setting, command)
        case Unlink():
            return _unlink(setting, command)
        case Transition():
            return _transition(setting, command)
        case ReportState():
            return _report(setting, command)
        case RequestState():
            return _request(setting, command)
        case DeleteResource():
            return _delete(setting, command)
        case ReplaceIri():
            return replaced(setting.release, setting.view, command, _changeable(setting, command.former))
        case Apply(commands):
            return _apply(setting, commands)


def _apply(setting: Setting, commands: Sequence[Single]) -> Change:
    if not 1 <= len(commands) <= MOST_COMMANDS:
        raise BadInput(f"one write has 1 to {MOST_COMMANDS:,} commands, not {len(commands):,}", argument="commands")
    overlay, whole = Overlay(setting.view), Whole()
    step = Setting(setting.release, overlay, setting.actor, setting.moment)
    touched: set[Iri] = set()
    origins = Origins()
    for number, command in enumerate(commands):
        try:
            change = decide(step, command)
            _expect(overlay, change.expected)
        except RegistryError as error:
            raise error.of_command(number) from error
        kept = {iri: revision for iri, revision in change.expected.items() if iri not in touched}
        net = overlay.net(change.removed, change.added)
        overlay.apply(net, setting.moment.time)
        touched.update(net.subjects)
        gathered = Change(net.removed, net.added, kept, change.guards, change.events)
        origins.note(number, gathered)
        whole.add(gathered)
    return replace(whole.change(), origins=origins)


def _expect(view: View, expected: Mapping[Iri, int]) -> None:
    there = view.resources(expected)
    for iri, revision in expected.items():
        actual = there[iri].revision if iri in there else 0
        if actual != revision:
            raise RevisionMoved(iri, revision, actual)


def _register(setting: Setting, command: RegisterTwin) -> Change:
    if command.if_exists is IfExists.REFUSE:
        return register(setting.release, setting.view, setting.moment, command)
    new = missing(setting.view, command)
    whole = Whole()
    if new is not None:
        whole.add(register(setting.release, setting.view, setting.moment, new))
    for patch in patches(setting.view, command):
        whole.add(_patch(setting, patch))
    whole.add(Change(added=tuple(additions(setting.release, setting.view, command))))
    return whole.change()


def _patch(setting: Setting, command: PatchResource) -> Change:
    resource = _changeable(setting, command.iri)
    of_texts = [predicate for predicate, _ in command.texts]
    for predicate in (*command.set, *command.unset, *of_texts):
        if predicate in _BY_TRANSITION_ONLY and resource.values(predicate):
            raise BadInput(f"{setting.release.names.name(predicate)} is changed by a transition only", argument="set")
    gone = [*command.unset, *command.set]
    removed = [(command.iri, predicate, value) for predicate in gone for value in resource.values(predicate)]
    added = stated(command.iri, command.set)
    for (predicate, language), values in command.texts.items():
        removed += _texts_in(resource, predicate, language)
        added += stated(command.iri, {predicate: values})
    if command.renaming is not None:
        predicate, label = resource.label(command.renaming.languages) or (RDFS_LABEL, text(""))
        removed += _texts_in(resource, predicate, label.language)
        if command.renaming.name is not None:
            added.append((command.iri, predicate, text(command.renaming.name, label.language)))
    return Change(
        removed=tuple(removed),
        added=tuple(added),
        expected=_expected(command.iri, command.expected_revision),
        events=(Event("ResourceChanged", command.iri),),
    )


def _texts_in(resource: Resource, predicate: Iri, language: str) -> list[Statement]:
    """What a resource says by a property in one language, however its tag is written."""
    return [
        (resource.iri, predicate, value)
        for value in resource.values(predicate)
        if isinstance(value, Literal) and value.language.lower() == language.lower()
    ]


def _link(setting: Setting, command: Link) -> Change:
    _changeable(setting, command.subject)
    if not setting.view.resources([command.object]) and not setting.release.model.defines(command.object):
        raise NotFound(
            f"there is no {command.object} to link to", iri=command.object, argument="object", path=command.predicate,
            value=command.object,
        )  # fmt: skip
    added: tuple[Statement, ...] = ((command.subject, command.predicate, command.object),)
    removed: tuple[Statement, ...] = ()
    if command.properties:
        iri = relationship_iri(command.subject, command.predicate, command.object)
        known = setting.view.resources([iri]).get(iri)
        removed = tuple((iri, p, value) for p in command.properties for value in (known.values(p) if known else ()))
        added += described(command.subject, command.predicate, command.object) + tuple(stated(iri, command.properties))
    facts = {"predicate": command.predicate, "object": command.object}
    expected = _expected(command.subject, command.expected_revision)
    return Change(removed, added, expected, events=(Event("Linked", command.subject, facts),))


def _unlink(setting: Setting, command: Unlink) -> Change:
    subject = _changeable(setting, command.subject)
    if command.object not in subject.values(command.predicate):
        raise NotFound(f"{command.subject} has no such link to {command.object}", iri=command.object, argument="object")
    iri = relationship_iri(command.subject, command.predicate, command.object)
    beside = setting.view.resources([iri]).get(iri)
    facts = {"predicate": command.predicate, "object": command.object}
    return Change(
        removed=((command.subject, command.predicate, command.object), *(beside.triples() if beside else ())),
        expected=_expected(command.subject, command.expected_revision),
        events=(Event("Unlinked", command.subject, facts),),
    )


def _transition(setting: Setting, command: Transition) -> Change:
    change = lifecycle.step(
        setting.release.machines, setting.view, setting.actor, setting.moment, command.twin, command.trigger,
        command.reason, command.parts,
    )  # fmt: skip
    expected = {**change.expected, **_expected(command.twin, command.expected_revision)}
    return replace(change, expected=expected)


def _report(setting: Setting, command: ReportState) -> Change:
    removed: list[Statement] = []
    added: list[Statement] = []
    facts: dict[str, str] = {}
    for reading, point in _points(setting, command.twin, command.readings):
        observed = Literal(reading.observed_at or setting.moment.time, XSD_DATE_TIME)
        stored = point.value(TELEMETRY + "observedAt")
        if stored is not None and compare(observed, stored) == -1:
            continue
        news: dict[Iri, tuple[Term, ...]] = {
            TELEMETRY + "reportedValue": (reading.value,),
            TELEMETRY + "observedAt": (observed,),
            TELEMETRY + "receivedAt": (Literal(setting.moment.time, XSD_DATE_TIME),),
            TELEMETRY + "quality": (reading.quality or GOOD,),
        }
        _replace(point, news, removed, added)
        facts[_name_of(point)] = reading.value.lexical
    events = (Event("StateReported", command.twin, facts),) if facts else ()
    return Change(tuple(removed), tuple(added), events=events)


def _request(setting: Setting, command: RequestState) -> Change:
    removed: list[Statement] = []
    added: list[Statement] = []
    facts: dict[str, str] = {}
    for reading, point in _points(setting, command.twin, command.readings):
        news: dict[Iri, tuple[Term, ...]] = {
            TELEMETRY + "desiredValue": (reading.value,),
            TELEMETRY + "requestedAt": (Literal(setting.moment.time, XSD_DATE_TIME),),
        }
        _replace(point, news, removed, added)
        facts[_name_of(point)] = reading.value.lexical
    return Change(tuple(removed), tuple(added), events=(Event("StateRequested", command.twin, facts),))


def _delete(setting: Setting, command: DeleteResource) -> Change:
    resource = _existing(setting.view, command.iri)
    gone = [resource]
    if command.along is Along.TWIN:
        twins = setting.view.resources(setting.view.sources(command.iri, TWIN_OF, _MOST_ALONG))
        gone += twins.values()
        for twin in [resource, *twins.values()]:
            gone += _parts_of_twin(setting, twin)
    return Change(
        removed=tuple(statement for one in gone for statement in one.triples()),
        expected=_expected(command.iri, command.expected_revision),
        events=tuple(Event("ResourceDeleted", one.iri) for one in gone),
    )


def _parts_of_twin(setting: Setting, twin: Resource) -> list[Resource]:
    """What is of a twin alone: its data points and the records of its transitions; nothing of what is no twin."""
    if TWIN_OF not in twin.statements:
        return []
    points = [iri for iri in twin.values(HAS_POINT) if isinstance(iri, str)]
    records = setting.view.sources(twin.iri, LIFECYCLE + "recordOf", _MOST_ALONG)
    return list(setting.view.resources([*points, *records]).values())


def _points(setting: Setting, twin_iri: Iri, readings: Sequence[Reading]) -> Sequence[tuple[Reading, Resource]]:
    """Each reading with its data point. Raises BadInput naming the closest point of the twin."""
    twin = _changeable(setting, twin_iri)
    points = setting.view.resources(iri for iri in twin.values(HAS_POINT) if isinstance(iri, str))
    by_name = {_name_of(point): point for point in points.values()}
    found = []
    for reading in readings:
        point = by_name.get(reading.point) or points.get(reading.point)
        if point is None:
            closest = difflib.get_close_matches(reading.point, by_name, n=1)
            hint = f"; did you mean {closest[0]!r}?" if closest else f"; it has {', '.join(sorted(by_name)) or 'none'}"
            raise BadInput(f"{twin_iri} has no data point {reading.point!r}{hint}", argument="values")
        found.append((reading, point))
    return found


def _name_of(point: Resource) -> str:
    name = point.value(POINT_NAME)
    return name.lexical if isinstance(name, Literal) else point.iri


def _replace(point: Resource, news: Properties, removed: list[Statement], added: list[Statement]) -> None:
    for predicate, values in news.items():
        removed.extend((point.iri, predicate, value) for value in point.values(predicate))
        added.extend((point.iri, predicate, value) for value in values)


def _existing(view: View, iri: Iri) -> Resource:
    resource = view.resources([iri]).get(iri)
    if resource is None:
        now = successor(view, iri)
        if now is not None:
            raise NotFound(f"there is no {iri} any more: it is {now} now", iri=iri, successor=now)
        raise NotFound(f"there is no {iri}", iri=iri)
    return resource


def _changeable(setting: Setting, iri: Iri) -> Resource:
    """A resource that is there and not in a terminal state. Raises NotFound or NotAllowed."""
    resource = _existing(setting.view, iri)
    state = resource.value(IN_STATE)
    for machine in setting.release.machines.values():
        here = machine.states.get(state) if isinstance(state, str) else None
        if here is not None and here.is_terminal:
            raise NotAllowed(f"{iri} is {here.label}: it can only be read", iri=iri, state=here.iri)
    return resource


def _expected(iri: Iri, revision: int | None) -> dict[Iri, int]:
    return {} if revision is None else {iri: revision}
