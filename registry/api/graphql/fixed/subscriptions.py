"""What can be watched. Every subscription follows the log, so it can go on from any position of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from enum import Enum
from typing import Annotated

import strawberry
from strawberry import UNSET

from registry.api.graphql.fixed.changes import Change, EventKind, change_of
from registry.api.graphql.fixed.context import Context, Info
from registry.api.graphql.fixed.filters import Meant, ResourceFilter, condition_of, operands, subclasses
from registry.api.graphql.fixed.lifecycle import State, state_named
from registry.api.graphql.fixed.resources import Twin
from registry.api.graphql.fixed.scalars import Iri, Name
from registry.api.graphql.fixed.scalars import Position as LogPosition
from registry.domain.change import Entry
from registry.domain.find import Among, Find
from registry.domain.releases.release import Release
from registry.domain.resource import Resource
from registry.errors import ReleaseChanged
from registry.rdf.vocabulary import IN_STATE, RDF_TYPE

After = Annotated[
    LogPosition | None,
    strawberry.argument(
        description="The last position that was seen: all behind it comes, once and in order. Null begins now."
    ),
]


@strawberry.input(description="Which changes are meant. Everything that is given must hold.")
class ChangeFilter:
    iri: list[Iri] | None = strawberry.field(default=UNSET, description="It touches one of these resources.")
    class_: list[Name] | None = strawberry.field(
        name="class", default=UNSET, description="It touches a resource of one of these classes, or of one below them."
    )
    predicate: list[Name] | None = strawberry.field(
        default=UNSET, description="It removes or adds a triple with one of these properties."
    )
    kind: list[EventKind] | None = strawberry.field(default=UNSET, description="It has an event of one of these kinds.")
    actor: list[str] | None = strawberry.field(default=UNSET, description="It was made in one of these names.")


@strawberry.enum(description="What a client gets that reads more slowly than changes come.")
class Delivery(Enum):
    EACH = strawberry.enum_value(
        "each",
        description="Every change. Where too many wait, the connection ends with SLOW_CONSUMER and a position.",
    )
    LATEST = strawberry.enum_value(
        "latest", description="Of the changes to one resource that wait, the latest: what it replaces is left out."
    )


@strawberry.type(description="A change to a twin, to its entity, or to what the twin reports.")
class TwinChange:
    iri: Iri = strawberry.field(description="The twin's IRI.")
    twin: Twin | None = strawberry.field(description="The twin right after the change; null where it removed the twin.")
    change: Change = strawberry.field(description="The change.")
    previous_state: State | None = strawberry.field(description="Where the twin stood before; null for a new twin.")


@strawberry.type(description="What can be watched.")
class Subscription:
    @strawberry.subscription(description="Every committed change that matches, once and in order.")
    def changes(
        self,
        info: Info,
        filter: Annotated[
            ChangeFilter | None, strawberry.argument(description="Which changes are meant; null means all.")
        ] = None,
        after: After = None,
    ) -> AsyncIterator[Change]:
        return _changes(info.context, log_entries(info.context, after), _Wanted(info.context.release, filter))

    @strawberry.subscription(description="Twins after each change to them, once and in order.")
    def twin_changed(
        self,
        info: Info,
        iri: Annotated[Iri | None, strawberry.argument(description="Only this twin.")] = None,
        filter: Annotated[
            ResourceFilter | None, strawberry.argument(description="Only twins for which this holds by now.")
        ] = None,
        after: After = None,
        delivery: Annotated[
            Delivery, strawberry.argument(description="What comes where the client reads too slowly.")
        ] = Delivery.EACH,
    ) -> AsyncIterator[TwinChange]:
        condition_of(info.context.release, filter, Meant.TWINS)  # A name that the model has not is refused at once.
        return _twin_changes(info.context, log_entries(info.context, after), iri, filter, delivery)


def log_entries(context: Context, after: int | None) -> AsyncIterator[Entry]:
    """The log from where the client left it: a stream that broke says so itself, which is later than its request.

    Raises BadInput where the log has no such position, and ReleaseChanged at the first change of another release, where
    the subscription needs the one it began with.
    """
    feed = context.services.feed
    context.reached = feed.start(context.principal, after if context.resume_after is None else context.resume_after)
    return _of_one_release(context, feed.behind(context.principal, context.reached))


async def _of_one_release(context: Context, entries: AsyncIterator[Entry]) -> AsyncIterator[Entry]:
    if context.reached == context.until:
        return
    async for entry in entries:
        if context.keeps_release and context.release.digest != entry.release == context.catalogue.release.digest:
            raise ReleaseChanged(entry.release, entry.position - 1)
        yield entry
        context.reached = entry.position
        if context.reached == context.until:
            return


async def _changes(context: Context, entries: AsyncIterator[Entry], wanted: _Wanted) -> AsyncIterator[Change]:
    async for entry in entries:
        context.renew(entry.position)
        if await wanted.matches(context, entry):
            yield change_of(entry)


async def _twin_changes(
    context: Context, entries: AsyncIterator[Entry], iri: str | None, where: ResourceFilter | None, delivery: Delivery
) -> AsyncIterator[TwinChange]:
    async for entry in entries:
        context.renew(entry.position)
        twins = await context.watch.twins(entry)
        meant = [twin for twin in twins if iri is None or twin == iri]
        if where is not None and meant:
            meant = await _holding(context, meant, where)
        for number, twin in enumerate(meant, 1):
            # A stream that breaks within a change begins that change again: the position is reached with its last twin.
            context.position = entry.position if number == len(meant) else entry.position - 1
            context.latest_of = Iri(twin) if delivery is Delivery.LATEST else None
            yield _twin_change(context, entry, twin, twins[twin])


async def _holding(context: Context, twins: list[str], where: ResourceFilter) -> list[str]:
    release = context.release
    condition = condition_of(release, where, Meant.TWINS, Among(frozenset(twins)))
    page = await context.catalogue.find(context.principal, Find(condition, first=len(twins)))
    found = {resource.iri for resource in page.resources}
    return [twin for twin in twins if twin in found]


def _twin_change(context: Context, entry: Entry, iri: str, resource: Resource | None) -> TwinChange:
    twin = None if resource is None else context.show(resource)
    left = next((t for s, p, t in entry.removed if s == iri and p == IN_STATE), None)
    entered = any(s == iri and p == IN_STATE for s, p, _ in entry.added)
    before = left if left is not None or entered or resource is None else resource.value(IN_STATE)
    return TwinChange(
        iri=Iri(iri),
        twin=twin if isinstance(twin, Twin) else None,
        change=change_of(entry),
        previous_state=state_named(context.release, before) if isinstance(before, str) else None,
    )


class _Wanted:
    """A filter of changes, its names resolved once. Raises BadInput for a name that the model has not."""

    def __init__(self, release: Release, given: ChangeFilter | None) -> None:
        parts = {} if given is None else operands(given, "filter")
        self._iris = _set(parts.get("iri"))
        kinds = parts.get("kind")
        self._kinds = _set(None if kinds is None else [kind.value for kind in kinds])
        self._actors = _set(parts.get("actor"))
        predicates, classes = parts.get("predicate"), parts.get("class")
        self._predicates = _set(
            None if predicates is None else [release.names.resolve(name, "filter.predicate") for name in predicates]
        )
        self._classes = _set(
            None if classes is None else [i for name in classes for i in subclasses(release, name, "filter.class")]
        )

    async def matches(self, context: Context, entry: Entry) -> bool:
        """Whether a change is meant. Only a filter by class needs to read."""
        return (
            (self._actors is None or entry.actor in self._actors)
            and (self._iris is None or not self._iris.isdisjoint(entry.revisions))
            and (self._kinds is None or any(event.kind in self._kinds for event in entry.events))
            and (
                self._predicates is None
                or any(predicate in self._predicates for _, predicate, _ in (*entry.removed, *entry.added))
            )
            and (self._classes is None or await self._touches_class(context, entry, self._classes))
        )

    async def _touches_class(self, context: Context, entry: Entry, classes: frozenset[object]) -> bool:
        if any(predicate == RDF_TYPE and target in classes for _, predicate, target in (*entry.removed, *entry.added)):
            return True
        touched = await context.loaders.many("resource", list(entry.revisions))
        return any(not classes.isdisjoint(resource.classes) for resource in touched if resource is not None)


def _set(members: Iterable[object] | None) -> frozenset[object] | None:
    return None if members is None else frozenset(members)
