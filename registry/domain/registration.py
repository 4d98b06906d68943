"""A new twin: what registering it states, for the API and for imports that adopt entities."""

from __future__ import annotations

from collections.abc import Iterable

from registry.domain.change import Change, Event
from registry.domain.commands import CreateResource, NewPoint, Properties, RegisterTwin
from registry.domain.lifecycle import Machine
from registry.domain.moment import Moment
from registry.domain.releases.release import Release
from registry.domain.view import View
from registry.errors import AlreadyExists, BadInput, NotFound
from registry.rdf.terms import Iri, Statement, text
from registry.rdf.vocabulary import (
    BASED_ON_TEMPLATE,
    GOVERNED_BY,
    IN_STATE,
    RDF_TYPE,
    RDFS_LABEL,
    TELEMETRY,
    TWIN,
    TWIN_OF,
)


def register(release: Release, view: View, moment: Moment, command: RegisterTwin) -> Change:
    """The change that registers a twin.

    Raises AlreadyExists for a taken IRI, NotFound for an entity that is neither there nor described, BadInput for a
    lifecycle that the release does not have.
    """
    entity, iri = command.entity or moment.mint(), command.iri or moment.mint()
    there = view.resources([entity, iri])
    if iri in there:
        raise AlreadyExists(f"{iri} exists already", iri=iri)
    added: list[Statement] = []
    expected = {iri: 0}
    if entity in there:
        if command.classes or command.properties:
            raise AlreadyExists(f"{entity} exists already: leave out its class and properties, or patch it", iri=entity)
    elif not command.classes:
        raise NotFound(f"there is no {entity}: give its class to make it", iri=entity, argument="entity")
    else:
        expected[entity] = 0
        added += [(entity, RDF_TYPE, class_iri) for class_iri in command.classes]
        added += stated(entity, command.properties)
    added += twin_statements(machine_for(release, command.lifecycle), iri, entity, command.template)
    added += stated(iri, command.twin_properties)
    for point in command.points:
        added += point_statements(iri, point)
    return Change(added=tuple(added), expected=expected, events=(Event("TwinRegistered", iri, {"entity": entity}),))


def create(release: Release, view: View, moment: Moment, command: CreateResource) -> Change:
    """The change that makes a managed resource. Raises AlreadyExists for a taken IRI."""
    iri = command.iri or moment.mint()
    if iri in view.resources([iri]):
        raise AlreadyExists(f"{iri} exists already", iri=iri)
    added: list[Statement] = [(iri, RDF_TYPE, class_iri) for class_iri in command.classes]
    added += stated(iri, command.properties)
    machine = governing(release, command.classes)
    if machine is not None:
        added += [(iri, GOVERNED_BY, machine.iri), (iri, IN_STATE, machine.initial.iri)]
    return Change(added=tuple(added), expected={iri: 0}, events=(Event("ResourceCreated", iri),))


def governing(release: Release, classes: Iterable[Iri]) -> Machine | None:
    """The machine that governs resources of some classes: that of the most special class which has one."""
    above = {found for class_iri in classes for found in release.model.superclasses(class_iri)}
    fitting = [machine for machine in release.machines.values() if machine.governs in above]
    depth = {machine.iri: len(release.model.superclasses(machine.governs or "")) for machine in fitting}
    return max(fitting, key=lambda machine: (depth[machine.iri], machine.iri), default=None)


def machine_for(release: Release, lifecycle: Iri | None) -> Machine:
    """The machine a new twin goes through: the named one, or the one that governs core:Twin."""
    if lifecycle is not None:
        if lifecycle not in release.machines:
            raise BadInput(f"the active release has no lifecycle {lifecycle}", argument="lifecycle")
        return release.machines[lifecycle]
    found = [machine for machine in release.machines.values() if machine.governs == TWIN]
    if len(found) != 1:
        raise BadInput(f"{len(found)} lifecycles govern core:Twin: name one", argument="lifecycle")
    return found[0]


def twin_statements(machine: Machine, iri: Iri, entity: Iri, template: Iri | None = None) -> list[Statement]:
    """What every new twin says."""
    says: list[Statement] = [
        (iri, RDF_TYPE, TWIN),
        (iri, TWIN_OF, entity),
        (iri, GOVERNED_BY, machine.iri),
        (iri, IN_STATE, machine.initial.iri),
    ]
    return [*says, (iri, BASED_ON_TEMPLATE, template)] if template is not None else says


def point_iri(twin: Iri, name: str) -> Iri:
    """The IRI of a twin's data point where nobody gave one."""
    separator = "/" if "://" in twin else ":"
    return f"{twin}{separator}{''.join(c if c.isalnum() and c.isascii() else '-' for c in name)}"


def stated(iri: Iri, properties: Properties) -> list[Statement]:
    """Properties as statements."""
    return [(iri, predicate, value) for predicate, values in properties.items() for value in values]


def point_statements(twin: Iri, point: NewPoint) -> list[Statement]:
    """What a new data point says, and how the twin leads to it."""
    iri = point.iri or point_iri(twin, point.name)
    says: list[Statement] = [
        (twin, TELEMETRY + "hasDataPoint", iri),
        (iri, RDF_TYPE, TELEMETRY + "DataPoint"),
        (iri, TELEMETRY + "pointName", text(point.name)),
    ]
    if RDFS_LABEL not in point.properties:
        says.append((iri, RDFS_LABEL, text(point.name)))
    return [*says, *stated(iri, point.properties)]
