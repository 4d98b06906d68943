"""Releases of ontology and shapes, as the schema shows them."""

from __future__ import annotations

import strawberry

from registry.api.graphql.fixed.context import Info
from registry.api.graphql.fixed.scalars import DateTime, Iri
from registry.domain.releases import release as domain
from registry.services.releases.ontologies import ReleaseNote


@strawberry.type(description="One immutable version of ontology and shapes. Every change names the one it passed.")
class Release:
    note: strawberry.Private[ReleaseNote | None]
    version: str = strawberry.field(description="The version of its core ontology.")
    digest: str = strawberry.field(description="The digest of all its modules.")
    active: bool = strawberry.field(description="Whether writes are decided by it now.")
    modules: list[Iri] = strawberry.field(description="The ontologies and shapes that it is made of.")

    @strawberry.field(description="When this registry last began to run under it; null for a draft.")
    async def activated_at(self, info: Info) -> DateTime | None:
        notes = await info.context.catalogue.releases(info.context.principal) if self.note is None else [self.note]
        times = (note.activated_at for note in notes if note.digest == self.digest)
        return next((DateTime(time) for time in times if time is not None), None)


def active_release(release: domain.Release) -> Release:
    """The release in force, which needs no reading."""
    modules = [Iri(module.iri) for module in release.modules]
    return Release(note=None, version=release.version, digest=release.digest, active=True, modules=modules)


def release_of(note: ReleaseNote, active: str) -> Release:
    """A release that this registry has run under; ``active`` is the digest of the one in force."""
    modules = [Iri(module) for module in note.modules]
    return Release(
        note=note, version=note.version, digest=note.digest, active=note.digest == active, modules=modules
    )  # fmt: skip
