"""The change log, as the schema shows it."""

from __future__ import annotations

from collections.abc import Mapping

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


@strawberry.type(description="What a change means to somebody who watches.")
class Event:
    kind: str = strawberry.field(description="What kind of event it is.")
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
    return Event(kind=happened.kind, subject=Iri(happened.subject), data=facts)
