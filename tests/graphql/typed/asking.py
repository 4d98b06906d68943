"""Requests without a socket: the same operations as behind every route, on any record and any release."""

from __future__ import annotations

from typing import Any, cast

from registry.api.graphql.context import Context, Services
from registry.api.graphql.limits import Limits
from registry.api.graphql.loaders import Loaders
from registry.api.graphql.operations import Counts, Operations, Request
from registry.api.graphql.resources import typed
from registry.api.graphql.schema import Schemas
from registry.api.graphql.shown import Shown
from registry.api.graphql.watch import Watch
from registry.domain.actor import Actor
from registry.domain.release import Release
from registry.followers.feed import Feed
from registry.services.audit import Audit
from registry.services.catalogue import Catalogue
from registry.services.ontologies import Ontologies
from registry.services.twins import Twins
from registry.stores.access import Access
from registry.stores.port import Record


class Asking:
    """Answers documents by reading a record under a release."""

    def __init__(self, record: Record, release: Release, limits: Limits | None = None) -> None:
        self._limits = limits or Limits(cost=10_000_000, aliases=10_000)
        ontologies = Ontologies(record, release.modules, Access.READ)
        self._catalogue = Catalogue(record, ontologies)
        self._services = Services(cast(Twins, None), self._catalogue, Feed(record), cast(Audit, None))
        self.schemas = Schemas(ontologies.active, self._limits)
        self._operations = Operations(self.schemas, self._limits, Counts())

    @property
    def counts(self) -> Counts:
        """How requests were answered."""
        return self._operations.counts

    async def answer(self, query: str, **variables: Any) -> dict[str, Any]:
        """The answer to a query."""
        operation = self._operations.prepare(Request(query, variables))
        catalogue = self._catalogue
        context = Context(
            self._services, Watch(catalogue), Actor("tester"), self._limits, "asked", catalogue.release,
            Loaders(catalogue), Shown(typed),
        )  # fmt: skip
        return await self._operations.run(operation, context)
