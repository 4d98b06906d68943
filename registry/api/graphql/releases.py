"""Releases of ontology and shapes, as the schema shows them."""

from __future__ import annotations

import strawberry

from registry.api.graphql.scalars import DateTime, Iri
from registry.services.catalogue import ReleaseNote


@strawberry.type(description="One immutable version of ontology and shapes. Every change names the one it passed.")
class Release:
    version: str = strawberry.field(description="The version of its core ontology.")
    digest: str = strawberry.field(description="The digest of all its modules.")
    active: bool = strawberry.field(description="Whether writes are decided by it now.")
    activated_at: DateTime = strawberry.field(description="When this registry first ran under it.")
    modules: list[Iri] = strawberry.field(description="The ontologies and shapes that it is made of.")


def release_of(note: ReleaseNote, active: str) -> Release:
    """A release as the schema shows it; ``active`` is the digest of the one in force."""
    return Release(
        version=note.version,
        digest=note.digest,
        active=note.digest == active,
        activated_at=DateTime(note.activated_at),
        modules=[Iri(module) for module in note.modules],
    )
