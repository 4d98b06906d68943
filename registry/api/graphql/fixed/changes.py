"""The change log, as the schema shows it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import strawberry

from registry.api.graphql.fixed.context import Info
from registry.api.graphql.fixed.scalars import DateTime, Iri, Position, Revision
from registry.api.graphql.fixed.values import Statement, statement_of
from registry.domain.change import Entry
from registry.domain.change import Event as Happened


@strawberry.type(description="A fact of an event.")
class Fact:
    name: str = strawberry.field(description="What it is.")
    value: str = strawberry.field(description="What it was.")


@strawberry.enum(description="What kind of event a change brings.")
class EventKind(Enum):
    TwinRegistered = strawberry.enum_value("TwinRegistered", description="A twin is new.")
    ResourceCreated = strawberry.enum_value("ResourceCreated", description="A resource that is no twin is new.")
    ResourceChanged = strawberry.enum_value("ResourceChanged", description="A resource has other values.")
    ResourceDeleted = strawberry.enum_value("ResourceDeleted", description="A resource is gone.")
    IriReplaced = strawberry.enum_value("IriReplaced", description="A resource has another IRI and keeps its alias.")
    Linked = strawberry.enum_value("Linked", description="A resource is linked to another one.")
    Unlinked = strawberry.enum_value("Unlinked", description="A link is gone.")
    StateChanged = strawberry.enum_value("StateChanged", description="A lifecycle moved on.")
    StateReported = strawberry.enum_value("StateReported", description="The world reported values.")
    StateRequested = strawberry.enum_value("StateRequested", description="The world is asked for values.")
    Imported = strawberry.enum_value("Imported", description="Resources came from a file.")
    Other = strawberry.enum_value("Other", description="A kind that this schema has no name for.")


_KINDS: Mapping[str, EventKind] = {str(kind.value): kind for kind in EventKind}


@strawberry.type(description="What a change means to somebody who watches.")
class Event:
    kind: EventKind = strawberry.field(description="What kind of event it is.")
    subject: Iri = strawberry.field(description="The resource that it is about.")
    data: list[Fact] = strawberry.field(description="The facts of the event.")


@strawberry.type(description="A resource that a change touched.")
class Touched:
    iri: Iri = strawberry.field(description="The resource.")
    revision: Revision = strawberry.field(description="Its revision after the change; 0 says that it is gone.")


@strawberry.type(description="One committed change: an entry of the log.")
class Change:
    entry: strawberry.Private[Entry]
    position: Position = strawberry.field(description="Its place in the log.")
    time: DateTime = strawberry.field(description="When it was committed.")
    actor: str = strawberry.field(description="In whose name it was made.")
    cause: str = strawberry.field(description="What was asked for.")
    release: str = strawberry.field(description="The digest of the release that it was checked under.")

    @strawberry.field(description="The resources that it touched.")
    def touched(self) -> list[Touched]:
        return touched_by(self.entry.revisions)

    @strawberry.field(description="What it means.")
    def events(self) -> list[Event]:
        return [_event(event) for event in self.entry.events]

    @strawberry.field(description="The triples that it removed.")
    def removed(self, info: Info) -> list[Statement]:
        return [statement_of(info.context.release, triple) for triple in self.entry.removed]

    @strawberry.field(description="The triples that it added.")
    def added(self, info: Info) -> list[Statement]:
        return [statement_of(info.context.release, triple) for triple in self.entry.added]


def change_of(entry: Entry) -> Change:
    """An entry of the log as the schema shows it."""
    return Change(
        entry=entry,
        position=Position(entry.position),
        time=DateTime(entry.time),
        actor=entry.actor,
        cause=entry.cause,
        release=entry.release,
    )


def touched_by(revisions: Mapping[str, int]) -> list[Touched]:
    """Resources with the revision that a write left them at."""
    return [Touched(iri=Iri(iri), revision=Revision(revision)) for iri, revision in revisions.items()]


def _event(happened: Happened) -> Event:
    facts = [Fact(name=name, value=value) for name, value in happened.data.items()]
    return Event(kind=_KINDS.get(happened.kind, EventKind.Other), subject=Iri(happened.subject), data=facts)
