"""Registering what may be there already: what is missing is made, what is there gets the values that are said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from registry.domain.commands import PatchResource, Properties, RegisterTwin
from registry.domain.registration import point_iri, point_statements
from registry.domain.releases.release import Release
from registry.domain.resource import Resource
from registry.domain.view import View
from registry.errors import AlreadyExists
from registry.rdf.terms import Iri, Literal, Statement, text
from registry.rdf.vocabulary import RDF_TYPE, RDFS_LABEL, TELEMETRY, TWIN_OF


def missing(view: View, command: RegisterTwin) -> RegisterTwin | None:
    """What is still to be registered; None where the twin is there.

    Raises AlreadyExists where the IRI of the twin is of something else, or the entity has another twin.
    """
    iri, entity = command.iri or "", command.entity or ""
    there = view.resources([iri, entity])
    if iri in there:
        if entity not in there[iri].values(TWIN_OF):
            raise AlreadyExists(f"{iri} exists already and is no twin of {entity}", iri=iri)
        return None
    if entity not in there:
        return command
    other = next(iter(view.sources(entity, TWIN_OF, 1)), None)
    if other is not None:
        raise AlreadyExists(
            f"{entity} has the twin {other} already: leave out the twin's IRI, or give this one", iri=other
        )
    return replace(command, classes=(), properties={})


def patches(view: View, command: RegisterTwin) -> Iterator[PatchResource]:
    """New values for what is there: the entity, the twin, and those of its data points that are named."""
    iri, entity = command.iri or "", command.entity or ""
    there = view.resources([iri, entity])
    if entity in there and command.properties:
        yield _patch(entity, command.properties)
    if iri in there:
        if command.twin_properties:
            yield _patch(iri, command.twin_properties)
        for point in command.points:
            known = _point(view, there[iri], point.name, point.iri)
            if known is not None and point.properties:
                yield _patch(known, point.properties)


def additions(release: Release, view: View, command: RegisterTwin) -> list[Statement]:
    """The classes that an entity has not yet, itself or by one below, and the data points that a twin has not."""
    iri, entity = command.iri or "", command.entity or ""
    there = view.resources([iri, entity])
    found: list[Statement] = []
    if entity in there:
        known = {above for kind in there[entity].classes for above in release.model.superclasses(kind)}
        known.update(there[entity].classes)
        found += [(entity, RDF_TYPE, kind) for kind in command.classes if kind not in known]
    if iri in there:
        for point in command.points:
            if _point(view, there[iri], point.name, point.iri) is None:
                found += point_statements(iri, point)
    return found


def _point(view: View, twin: Resource, name: str, iri: Iri | None) -> Iri | None:
    """The data point of a twin with a name, or of an IRI."""
    points = view.resources(one for one in twin.values(TELEMETRY + "hasDataPoint") if isinstance(one, str))
    wanted = iri or point_iri(twin.iri, name)
    if wanted in points:
        return wanted
    named = (one.iri for one in points.values() if text(name) in one.values(TELEMETRY + "pointName"))
    return next(named, None) if iri is None else None


def _patch(iri: Iri, properties: Properties) -> PatchResource:
    """A label without a language takes the place of such a label and of no other."""
    labels = properties.get(RDFS_LABEL, ())
    if not labels or any(not isinstance(label, Literal) or label.language for label in labels):
        return PatchResource(iri, properties)
    rest = {predicate: values for predicate, values in properties.items() if predicate != RDFS_LABEL}
    return PatchResource(iri, rest, texts={(RDFS_LABEL, ""): labels})
