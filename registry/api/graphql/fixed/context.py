"""What every resolver can reach: the services, who asks, and what this request has read so far."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import strawberry
from graphql import GraphQLResolveInfo

from registry.access.principal import Principal
from registry.api.graphql.fixed.loaders import Loaders
from registry.api.graphql.fixed.resource_cache import Shown
from registry.api.graphql.fixed.watch import Watch
from registry.api.graphql.serve.limits import Limits
from registry.domain import resource as domain
from registry.domain.change import Position
from registry.domain.releases.release import Release
from registry.log.feed import Feed
from registry.rdf.terms import Iri
from registry.services.audit.audit import Audit
from registry.services.catalogue import Catalogue
from registry.services.twins import Outcome, Twins
from registry.stores.submission import Warnings


@dataclass(frozen=True, slots=True)
class Services:
    """What the schema stands on."""

    twins: Twins
    catalogue: Catalogue
    feed: Feed
    audit: Audit


@dataclass(slots=True)
class Context:
    """One request. A subscription keeps its context and reads anew for each event.

    ``request`` is the id under which the log has its faults. ``keeps_release`` says that the release stays until the
    end, whatever becomes active. ``languages`` are those that the client reads, the most wanted first. ``carried_out``
    are the writes of the request so far, of which ``told`` have been told to a resolver. ``warnings`` says whether
    the request can show an explained warning at all.

    A subscription goes on behind ``resume_after`` and up to ``until``, where these are given. ``reached`` is the last
    change that it is done with, ``entry`` the one that its latest event is of, and ``position`` where a client that has
    the event goes on. ``latest_of`` is the resource whose latest state the event is, where that is all it is.
    """

    services: Services
    watch: Watch
    principal: Principal
    limits: Limits
    request: str
    release: Release
    loaders: Loaders
    shown: Shown
    resume_after: Position | None = None
    position: Position | None = None
    languages: tuple[str, ...] = ()
    keeps_release: bool = False
    until: Position | None = None
    reached: Position = 0
    entry: Position = 0
    latest_of: Iri | None = None
    carried_out: list[Outcome | Exception] = field(default_factory=list)
    told: int = 0
    warnings: Warnings = Warnings.EXPLAINED

    @property
    def catalogue(self) -> Catalogue:
        """The service that reads."""
        return self.services.catalogue

    @property
    def twins(self) -> Twins:
        """The service that writes."""
        return self.services.twins

    def run_on(self, release: Release, to_the_end: bool) -> None:
        """Read by the release that the schema is of; a subscription may follow the model, or need this one."""
        self.release = release
        self.keeps_release = to_the_end

    async def once(self, act: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """Carry out the next write of the request, or tell again what it did where the request is run again."""
        if self.told == len(self.carried_out):
            try:
                self.carried_out.append(await act())
            except Exception as error:
                self.carried_out.append(error)
        self.told += 1
        outcome = self.carried_out[self.told - 1]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def show(self, resource: domain.Resource) -> Any:
        """A resource as the schema of this request's release shows it, called as the client's languages call it."""
        return self.shown.of(self.release, resource, self.languages)

    def begin_again(self) -> None:
        """Run the request from its beginning. What was written stays written, and is told again."""
        self.told = 0

    def reread(self) -> None:
        """Forget what was read: a write may have changed it."""
        self.loaders = Loaders(self.catalogue, self.principal)

    def renew(self, position: Position) -> None:
        """Begin the event of a subscription: what was read for the one before may have changed."""
        self.position = self.entry = position
        if not self.keeps_release:
            self.release = self.catalogue.release
        self.reread()


ResolveInfo: TypeAlias = GraphQLResolveInfo[Context]
"""What graphql-core hands to a resolver of the ontology-shaped half."""

Info: TypeAlias = strawberry.Info[Context, None]
"""What strawberry hands to a resolver that asks for it."""
