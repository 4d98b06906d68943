"""Twins for entities that came from elsewhere."""

from __future__ import annotations

import uuid

from registry.domain.registration import machine_for, twin_statements
from registry.domain.releases.release import Release
from registry.domain.resource import Resource
from registry.domain.view import View
from registry.rdf.terms import Iri, Statement
from registry.rdf.vocabulary import RDF_TYPE, TWIN_OF, TWINNED_ENTITY


def twin_iri(entity: Iri) -> Iri:
    """The identifier of the twin that adopting an entity registers: the same entity always has the same one."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'twin of {entity}')}"


def adopted(release: Release, view: View, entity: Resource) -> list[Statement]:
    """What adopting an entity adds; nothing where it has a twin already.

    An entity of a class that the model does not place below core:TwinnedEntity becomes one as well: that is what
    adopting a foreign class means.
    """
    if view.sources(entity.iri, TWIN_OF, 1):
        return []
    statements = twin_statements(machine_for(release, None), twin_iri(entity.iri), entity.iri)
    is_known = any(TWINNED_ENTITY in release.model.superclasses(class_iri) for class_iri in entity.classes)
    return statements if is_known else [*statements, (entity.iri, RDF_TYPE, TWINNED_ENTITY)]
