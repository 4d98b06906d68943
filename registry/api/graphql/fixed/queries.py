"""What can be asked."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import strawberry

from registry.api.graphql.fixed.changes import Change
from registry.api.graphql.fixed.context import Context, Info
from registry.api.graphql.fixed.filters import Meant, OrderBy, ResourceFilter, condition_of, order_of, subclasses
from registry.api.graphql.fixed.lifecycle import Lifecycle, lifecycle_of
from registry.api.graphql.fixed.pages import (
    PAGE_SIZE,
    After,
    Connection,
    Counted,
    Edge,
    First,
    checked_first,
    cursor_of,
    page_info,
    parts_of,
)
from registry.api.graphql.fixed.reads import READ, Read
from registry.api.graphql.fixed.releases import Release, active_release, release_of
from registry.api.graphql.fixed.resources import Entity, Listing, Resource, Twin, history_of
from registry.api.graphql.fixed.scalars import Iri, Name
from registry.api.graphql.fixed.violations import Severity, Violation, violation_of
from registry.api.graphql.serve.limits import WEIGHT
from registry.domain import resource as domain
from registry.domain.find import Condition, Find, OfClass
from registry.errors import BadInput
from registry.rdf.vocabulary import TWIN
from registry.services.audit.audit import Place
from registry.shacl.reports import graph as report

Which = Annotated[Iri, strawberry.argument(description="The IRI.")]
Filter = Annotated[ResourceFilter | None, strawberry.argument(description="Which are meant; null means all.")]
Order = Annotated[OrderBy | None, strawberry.argument(description="The order; by name where nobody says.")]


def _by_iri(kind: type[Resource]) -> Read:
    def shown(found: domain.Resource | None, source: None, context: Context, iri: str) -> Resource | None:
        resource = None if found is None else context.show(found)
        return resource if isinstance(resource, kind) else None

    return Read("resource", lambda source, context, iri: iri, shown)


ANY_BY_IRI, TWIN_BY_IRI, ENTITY_BY_IRI = _by_iri(Resource), _by_iri(Twin), _by_iri(Entity)


@strawberry.type(description="What can be asked.")
class Query:
    @strawberry.field(description="A resource by its IRI; null where there is none.", metadata={READ: ANY_BY_IRI})
    async def resource(self, info: Info, iri: Which) -> Resource | None:
        found: Resource | None = await ANY_BY_IRI.of(None, info.context, iri=iri)
        return found

    @strawberry.field(
        description="A twin by its IRI; null where there is none, or it is no twin.", metadata={READ: TWIN_BY_IRI}
    )
    async def twin(self, info: Info, iri: Which) -> Twin | None:
        found: Twin | None = await TWIN_BY_IRI.of(None, info.context, iri=iri)
        return found

    @strawberry.field(
        description="An entity by its IRI; null where there is none, or it is no entity.",
        metadata={READ: ENTITY_BY_IRI},
    )
    async def entity(self, info: Info, iri: Which) -> Entity | None:
        found: Entity | None = await ENTITY_BY_IRI.of(None, info.context, iri=iri)
        return found

    @strawberry.field(description="Twins, filtered, ordered, page by page.")
    async def twins(
        self, info: Info, filter: Filter = None, order_by: Order = None, first: First = PAGE_SIZE, after: After = None
    ) -> Listing[Twin]:
        release = info.context.release
        where = condition_of(release, filter, Meant.TWINS, OfClass(release.model.subclasses(TWIN)))
        return await _listed(info, where, order_by, first, after)

    @strawberry.field(description="Resources of any kind, filtered, ordered, page by page.")
    async def resources(
        self,
        info: Info,
        class_: Annotated[
            Name | None, strawberry.argument(name="class", description="Only those of this class or one below it.")
        ] = None,
        filter: Filter = None,
        order_by: Order = None,
        first: First = PAGE_SIZE,
        after: After = None,
    ) -> Listing[Resource]:
        release = info.context.release
        of_class = [] if class_ is None else [OfClass(subclasses(release, class_, "class"))]
        where = condition_of(release, filter, Meant.ANY, *of_class)
        return await _listed(info, where, order_by, first, after)

    @strawberry.field(
        description="The changes that touched what is, or once was, a resource, the latest first.",
        metadata={WEIGHT: 10},
    )
    async def history(
        self, info: Info, iri: Which, first: First = PAGE_SIZE, after: After = None
    ) -> Connection[Change]:
        return await history_of(info.context, iri, first, after)

    @strawberry.field(description="A lifecycle as data: its states, transitions and guards.")
    def lifecycle(
        self,
        info: Info,
        name: Annotated[Name, strawberry.argument(description="The lifecycle, such as `twinLifecycle`.")],
    ) -> Lifecycle | None:
        release = info.context.release
        machine = release.machines.get(release.names.resolve(name, "name", release.machines))
        return None if machine is None else lifecycle_of(release, machine)

    @strawberry.field(description="Every lifecycle of the active release.")
    def lifecycles(self, info: Info) -> list[Lifecycle]:
        release = info.context.release
        return [lifecycle_of(release, machine) for machine in release.machines.values()]

    @strawberry.field(description="The active ontology and shapes.")
    def release(self, info: Info) -> Release:
        return active_release(info.context.release)

    @strawberry.field(
        description="The releases that were published here, the latest first; drafts among them were never active."
    )
    async def releases(self, info: Info) -> list[Release]:
        active, notes = info.context.release, await info.context.catalogue.releases(info.context.principal)
        return [release_of(note, active.digest) for note in reversed(notes)]

    @strawberry.field(description="What the shapes say about RDF in Turtle; nothing is stored.", metadata={WEIGHT: 100})
    async def validate(
        self,
        info: Info,
        turtle: Annotated[str, strawberry.argument(description="The RDF to check, in Turtle.")],
        base: Annotated[str | None, strawberry.argument(description="What relative IRIs are relative to.")] = None,
    ) -> list[Violation]:
        found = await info.context.catalogue.validate(info.context.principal, turtle, base)
        return [violation_of(info, violation) for violation in found]

    @strawberry.field(
        description="All that stands against the record, resource by resource. A page looks at a few thousand "
        "resources at most: it may hold less than asked for, or nothing, and yet say that more may follow.",
        metadata={WEIGHT: 5_000},
    )
    async def violations(
        self,
        info: Info,
        severity: Annotated[
            Severity | None, strawberry.argument(description="Only this severity; null asks for all.")
        ] = None,
        shape: Annotated[Iri | None, strawberry.argument(description="Only of this shape; null asks for all.")] = None,
        first: First = PAGE_SIZE,
        after: After = None,
    ) -> Connection[Violation]:
        most = checked_first(first, info.context.limits.page_size)
        wanted = None if severity is None else report.Severity(severity.value)
        audit = info.context.services.audit
        listed = await asyncio.to_thread(audit.listed, info.context.principal, most, _place_of(after), wanted, shape)
        explained = await info.context.catalogue.explained(
            info.context.principal, [found for _, found in listed.violations]
        )
        edges = [
            Edge(cursor=_cursor_of(place), node=violation_of(info, found))
            for (place, _), found in zip(listed.violations, explained, strict=True)
        ]
        page = page_info([edge.cursor for edge in edges], listed.next is not None, after)
        if listed.next is not None:
            page.end_cursor = _cursor_of(listed.next)
        return Connection(edges=edges, page_info=page)


def _cursor_of(place: Place) -> str:
    return cursor_of(f"<{place.iri}>", str(place.told))


def _place_of(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    iri, told = parts_of(cursor, 2)
    if not (iri.startswith("<") and told.isdecimal()):
        raise BadInput("after is not a cursor of this list", "after")
    return Place(iri[1:-1], int(told))


async def _listed(info: Info, where: Condition, order: OrderBy | None, first: int, after: str | None) -> Listing[Any]:
    """One page, read with one question; what it holds is not asked for again."""
    context = info.context
    most = checked_first(first, context.limits.page_size)
    find = Find(where, order_of(context.release, order), most, after)
    page = await context.catalogue.find(context.principal, find)
    context.loaders.know(page.resources)
    edges: list[Edge[Any]] = [
        Edge(cursor=cursor, node=context.show(resource))
        for resource, cursor in zip(page.resources, page.cursors, strict=True)
    ]
    return Listing(edges=edges, page_info=page_info(page.cursors, page.has_next, after), counted=Counted(find))
