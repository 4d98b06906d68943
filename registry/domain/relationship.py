"""Links that carry data of their own: the statement, and a core:Relationship beside it."""

from __future__ import annotations

import uuid

from registry.rdf.terms import Iri, Literal, Statement
from registry.rdf.vocabulary import (
    LINK_SOURCE,
    LINK_TARGET,
    LINK_TYPE,
    RDF_TYPE,
    RELATIONSHIP,
    XSD_ANY_URI,
)


def relationship_iri(subject: Iri, predicate: Iri, target: Iri) -> Iri:
    """The identifier of the relationship beside a link: the same link always has the same one."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{subject} {predicate} {target}')}"


def described(subject: Iri, predicate: Iri, target: Iri) -> tuple[Statement, ...]:
    """What a relationship says of its ends."""
    iri = relationship_iri(subject, predicate, target)
    return (
        (iri, RDF_TYPE, RELATIONSHIP),
        (iri, LINK_SOURCE, subject),
        (iri, LINK_TARGET, target),
        (iri, LINK_TYPE, Literal(predicate, XSD_ANY_URI)),
    )
