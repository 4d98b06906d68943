"""Requests without a socket: the same operations as behind every route, on any record and any release."""

from __future__ import annotations

from typing import Any, cast

from registry.access.principal import Principal
from registry.api.graphql.fixed.context import Context, Services
from registry.api.graphql.fixed.loaders import Loaders
from registry.api.graphql.fixed.resource_cache import Shown
from registry.api.graphql.fixed.resources import typed
from registry.api.graphql.fixed.schema import Schemas
from registry.api.graphql.fixed.watch import Watch
from registry.api.graphql.serve.limits import Limits
from registry.api.graphql.serve.operations import Counts, Operations, Request
from registry.domain.releases.release import Release
from registry.log.feed import Feed
from registry.services.audit.audit import Audit
from registry.services.catalogue import Catalogue
from registry.services.releases.ontologies import Ontologies
from registry.services.twins import Twins
from registry.stores.open_mode import Access
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
        operation = await self._operations.prepare(Request(query, variables))
        catalogue = self._catalogue
        context = Context(
            self._services, Watch(catalogue), Principal("tester"), self._limits, "asked", catalogue.release,
            Loaders(catalogue, Principal("tester")), Shown(typed),
        )  # fmt: skip
        return await self._operations.run(operation, context)
