"""The registry as a Python library: the parts of one that is opened in this process, with methods that are awaited.

Names of the model stand for its terms and plain values for literals, as they do over GraphQL. Whoever opens it is the
principal that the setting ``actor`` names.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from registry.api.graphql.fixed.values import term_of
from registry.app.core import Registry
from registry.domain.change import Entry, Position
from registry.domain.commands import (
    Apply,
    Command,
    DeleteResource,
    Link,
    PatchResource,
    RegisterTwin,
    Single,
    Transition,
    Unlink,
)
from registry.domain.find import AllOf, Compare, Condition, Find, OfClass, Operator
from registry.domain.releases.release import Release
from registry.domain.resource import Resource
from registry.errors import StoreUnavailable
from registry.log.feed import Feed
from registry.rdf.terms import Iri, Term, text
from registry.rdf.vocabulary import RDFS_LABEL
from registry.services.releases.ontologies import ReleaseNote, modules_from
from registry.services.releases.releases import Draft
from registry.services.twins import Outcome
from registry.services.twins import Twins as TwinService
from registry.sparql.service import Sparql
from registry.stores.writer import Mode, Receipt

Values = Mapping[str, Any]
"""Names of properties and their values: one, or a list of several."""


class AsyncRegistry:
    """An open registry whose methods are awaited."""

    def __init__(self, registry: Registry, sparql: Sparql, feed: Feed) -> None:
        self.twins = AsyncTwins(registry)
        self.catalogue = AsyncCatalogue(registry)
        self.sparql = AsyncSparql(registry, sparql)
        self.releases = AsyncReleases(registry)
        self.changes = AsyncChanges(registry, feed)


class Part:
    """One part of an open registry."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._principal = registry.principal

    @property
    def _release(self) -> Release:
        return self._registry.ontologies.active()

    def _terms(self, values: Values, argument: str) -> dict[Iri, tuple[Term, ...]]:
        found: dict[Iri, tuple[Term, ...]] = {}
        for name, value in values.items():
            predicate = self._release.names.resolve(name, argument, self._release.model.properties)
            several = value if isinstance(value, list | tuple) else [value]
            found[predicate] = tuple(term_of(self._release, predicate, one, argument) for one in several)
        return found

    def _predicate(self, name: str) -> Iri:
        return self._release.names.resolve(name, "predicate", self._release.model.properties)


class AsyncTwins(Part):
    """Twins and what they stand for, changed. Every method raises the RegistryError that refused the write."""

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        if registry.writer is None:
            raise StoreUnavailable("the record is open for reading only")
        self._twins = TwinService(registry.writer, registry.ontologies.active)

    async def carry_out(
        self, command: Command, *, mode: Mode = Mode.COMMIT, idempotency_key: str | None = None
    ) -> Outcome:
        """Carry out a command of `registry.domain.commands`; it is durable once this returns."""
        return await self._twins.carry_out(self._principal, command, mode=mode, idempotency_key=idempotency_key)

    async def register(
        self, entity_class: str, *, name: str, properties: Values | None = None, entity: Iri | None = None,
        iri: Iri | None = None, template: str | None = None,
    ) -> Outcome:  # fmt: skip
        """Register a twin of a new entity. ``iri`` and ``entity`` are minted where none is named."""
        release = self._release
        command = RegisterTwin(
            iri=iri,
            entity=entity,
            classes=(release.names.resolve(entity_class, "entity_class", release.model.classes),),
            properties={RDFS_LABEL: (text(name),), **self._terms(properties or {}, "properties")},
            template=release.names.resolve(template, "template") if template else None,
            twin_properties={RDFS_LABEL: (text(name),)},
        )
        return await self.carry_out(command)

    async def patch(
        self, iri: Iri, values: Values | None = None, *, unset: Sequence[str] = (), expected_revision: int | None = None
    ) -> Outcome:
        """Replace the values of some properties, links included, and remove others."""
        removed = tuple(self._predicate(name) for name in unset)
        return await self.carry_out(PatchResource(iri, self._terms(values or {}, "values"), removed, expected_revision))

    async def link(self, subject: Iri, predicate: str, target: Iri) -> Outcome:
        """Link two resources that are there."""
        return await self.carry_out(Link(subject, self._predicate(predicate), target))

    async def unlink(self, subject: Iri, predicate: str, target: Iri) -> Outcome:
        """Take a link away."""
        return await self.carry_out(Unlink(subject, self._predicate(predicate), target))

    async def transition(self, twin: Iri, trigger: str, reason: str | None = None) -> Outcome:
        """Move a twin through its lifecycle."""
        return await self.carry_out(Transition(twin, trigger, reason))

    async def delete(self, iri: Iri, *, expected_revision: int | None = None) -> Outcome:
        """Remove everything that a resource says."""
        return await self.carry_out(DeleteResource(iri, expected_revision))

    async def apply(self, commands: Sequence[Single]) -> Outcome:
        """Carry out several commands as one write."""
        return await self.carry_out(Apply(tuple(commands)))


class AsyncCatalogue(Part):
    """What is there, looked up."""

    async def resource(self, iri: Iri) -> Resource | None:
        """One resource, or None where there is none."""
        return (await self._registry.catalogue.resources(self._principal, [iri])).get(iri)

    async def find(self, of_class: str, where: Values | None = None, *, first: int = 100) -> Sequence[Resource]:
        """The first resources of a class and those below it, by name, of which properties equal some values."""
        release, conditions = self._release, list[Condition]()
        iri = release.names.resolve(of_class, "of_class", release.model.classes)
        conditions.append(OfClass(frozenset(release.model.subclasses(iri))))
        for predicate, terms in self._terms(where or {}, "where").items():
            conditions.append(Compare(predicate, Operator.IN, terms))
        page = await self._registry.catalogue.find(self._principal, Find(AllOf(tuple(conditions)), first=first))
        return page.resources

    async def history(self, iri: Iri, *, before: Position | None = None, first: int = 100) -> Sequence[Entry]:
        """The changes that touched a resource, the latest first."""
        return await self._registry.catalogue.history(self._principal, iri, before, first)


class AsyncSparql(Part):
    """SPARQL on the projection. An answer reflects every write that was acknowledged before it was asked for."""

    def __init__(self, registry: Registry, sparql: Sparql) -> None:
        super().__init__(registry)
        self._sparql = sparql

    async def select(self, query: str) -> Sequence[Mapping[str, str]]:
        """The rows of a SELECT: each maps variables to IRIs and lexical forms, without those that are unbound."""
        answer = json.loads(await self.answer(query, "application/sparql-results+json"))
        return [{name: term["value"] for name, term in row.items()} for row in answer["results"]["bindings"]]

    async def answer(self, query: str, media_type: str = "") -> bytes:
        """The answer to any query in one of the media types of the protocol."""
        head, read = self._registry.record.head(), self._sparql.read(query)
        return (await self._sparql.answer(self._principal, read, media_type, at_least=head)).content


class AsyncReleases(Part):
    """The model: the release in force, and those before and after it."""

    async def active(self) -> Release:
        """The release in force."""
        return self._release

    async def notes(self) -> Sequence[ReleaseNote]:
        """The releases that this record knows, the first one first."""
        return await self._registry.catalogue.releases(self._principal)

    async def publish(self, texts: Mapping[str, str], message: str = "") -> Draft:
        """Keep a draft: file names such as ``plant.ttl`` or ``shapes/plant.ttl``, and their texts."""
        releases = self._registry.releases
        return await asyncio.to_thread(releases.publish, self._principal, modules_from(texts), (), message)

    async def activate(self, name: str) -> Receipt:
        """Put a release in force, named by the beginning of its digest."""
        return await asyncio.to_thread(self._registry.releases.activate, self._principal, name)


class AsyncChanges(Part):
    """The log of what was committed."""

    def __init__(self, registry: Registry, feed: Feed) -> None:
        super().__init__(registry)
        self._feed = feed

    async def head(self) -> Position:
        """The position of the last entry."""
        return self._registry.record.head()

    async def after(self, position: Position, *, first: int = 100) -> Sequence[Entry]:
        """The entries behind a position, at most so many."""
        self._feed.start(self._principal, position)
        return await asyncio.to_thread(self._registry.record.entries, position, first)

    def follow(self, after: Position | None = None) -> AsyncIterator[Entry]:
        """Every entry behind a position, and then each further one; None begins with what comes next."""
        return self._feed.entries(self._principal, after)
