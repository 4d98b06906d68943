"""Resources, twins and entities, and the links between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from typing import Annotated, Generic

import strawberry

from registry.api.graphql.changes import Change, change_of
from registry.api.graphql.context import Info
from registry.api.graphql.lifecycle import State, Transition, state_of, transitions_of
from registry.api.graphql.limits import WEIGHT
from registry.api.graphql.loaders import Asked
from registry.api.graphql.pages import (
    PAGE_SIZE,
    After,
    Connection,
    Edge,
    First,
    Item,
    PageInfo,
    checked_first,
    cursor_of,
    page_info,
    parts_of,
)
from registry.api.graphql.scalars import DateTime, Iri, Name, Revision
from registry.api.graphql.values import Property, properties_of
from registry.api.graphql.violations import Severity, Violation, violation_of
from registry.domain import resource as domain
from registry.domain.find import Counting, Find
from registry.domain.relationship import relationship_iri
from registry.domain.release import Release
from registry.rdf.terms import Literal, Statement
from registry.rdf.vocabulary import RDF_TYPE, TWIN, TWIN_OF, TWINNED_ENTITY

Names = Annotated[list[Name] | None, strawberry.argument(description="Only these properties; null asks for all.")]
Predicate = Annotated[Name | None, strawberry.argument(description="Only this predicate; null asks for any.")]


@strawberry.enum(description="Which way a link is followed.")
class LinkDirection(Enum):
    OUT = strawberry.enum_value("out", description="From the resource to what it states.")
    IN = strawberry.enum_value("in", description="From those that state the resource.")


Direction = Annotated[LinkDirection, strawberry.argument(description="Which way the links are followed.")]


@strawberry.interface(description="Any node of the knowledge graph that has an IRI and says something.")
class Resource:
    source: strawberry.Private[domain.Resource]
    iri: Iri = strawberry.field(description="Its identity.")
    name: str = strawberry.field(description="Its label, or the last part of its IRI.")
    classes: list[Iri] = strawberry.field(description="Its asserted classes.")
    revision: Revision = strawberry.field(description="How many writes have touched it.")
    created_at: DateTime = strawberry.field(description="When it was first written.")
    updated_at: DateTime = strawberry.field(description="When it was last written.")

    @strawberry.field(description="Its literal values. What it is linked to is found under `links`.")
    def properties(self, info: Info, names: Names = None) -> list[Property]:
        return list(properties_of(info.context.release, self.source, names))

    @strawberry.field(description="What it is linked to, or what is linked to it, by predicate and IRI.")
    async def links(
        self,
        info: Info,
        predicate: Predicate = None,
        direction: Direction = LinkDirection.OUT,
        first: First = PAGE_SIZE,
        after: After = None,
    ) -> LinkConnection:
        checked_first(first, info.context.limits.page_size)
        asked = Asked(_predicate(info, predicate), _link_after(after), first + 1)
        if direction is LinkDirection.OUT:
            found = _outgoing(self.source, asked)
        else:
            found = await info.context.loaders.incoming.load((asked, self.source.iri))
        return _links(info.context.release, found, direction, first, after)

    @strawberry.field(description="How many links there are.")
    async def links_count(
        self, info: Info, predicate: Predicate = None, direction: Direction = LinkDirection.OUT
    ) -> int:
        wanted = _predicate(info, predicate)
        if direction is LinkDirection.OUT:
            return len(_outgoing(self.source, Asked(wanted, None, 2**31)))
        return await info.context.loaders.incoming_count.load((wanted, self.source.iri))

    @strawberry.field(description="Its own triples in Turtle.", metadata={WEIGHT: 10})
    def turtle(self, info: Info) -> str:
        from registry.rdf.syntax import Syntax, serialise

        terms = (term for triple in self.source.triples() for term in triple)
        said = {term.datatype if isinstance(term, Literal) else term for term in terms}
        known = info.context.release.model.prefixes
        used = {prefix: iri for prefix, iri in known.items() if any(term.startswith(iri) for term in said)}
        return serialise(self.source.triples(), Syntax.TURTLE, used).decode()

    @strawberry.field(description="The changes that touched it, the latest first.", metadata={WEIGHT: 10})
    async def history(self, info: Info, first: First = PAGE_SIZE, after: After = None) -> Connection[Change]:
        checked_first(first, info.context.limits.page_size)
        before = None if after is None else int(parts_of(after, 1)[0])
        entries = await info.context.catalogue.history(self.source.iri, before, first + 1)
        edges = [Edge(cursor=cursor_of(str(entry.position)), node=change_of(entry)) for entry in entries[:first]]
        return Connection(edges=edges, page_info=page_info([e.cursor for e in edges], len(entries) > first, after))


@strawberry.type(description="The managed digital stand-in of one entity; it carries the lifecycle.")
class Twin(Resource):
    @strawberry.field(description="What the twin stands for.")
    async def entity(self, info: Info) -> Resource | None:
        iri = self.source.value(TWIN_OF)
        return await loaded(info, iri) if isinstance(iri, str) else None

    @strawberry.field(description="Where the twin stands in its lifecycle.")
    def state(self, info: Info) -> State | None:
        return state_of(info.context.release, self.source)

    @strawberry.field(description="The transitions that its lifecycle has from here. Guards may still refuse them.")
    def allowed_transitions(self, info: Info) -> list[Transition]:
        return transitions_of(info.context.release, self.source)

    @strawberry.field(
        description="What the shapes have to say about the twin and its entity as they are.", metadata={WEIGHT: 100}
    )
    async def violations(
        self,
        info: Info,
        severity: Annotated[
            Severity | None, strawberry.argument(description="Only this severity; null asks for all.")
        ] = None,
    ) -> list[Violation]:
        found = await info.context.catalogue.violations(self.source.iri)
        told = [violation_of(info, one) for one in found]
        return [one for one in told if severity in (None, one.severity)]


@strawberry.type(description="What a twin stands for: an asset, a system, a process, a facility.")
class Entity(Resource):
    @strawberry.field(description="The twin that stands for it.")
    async def twin(self, info: Info) -> Twin | None:
        asked = Asked(TWIN_OF, None, 1)
        found = await info.context.loaders.incoming.load((asked, self.source.iri))
        twin = await loaded(info, found[0][0]) if found else None
        return twin if isinstance(twin, Twin) else None


@strawberry.type(description="A resource that is neither a twin nor an entity, such as a data point or a template.")
class Thing(Resource):
    pass


@strawberry.type(name="LinkEdge", description="A link from one resource to another.")
class Link:
    cursor: str = strawberry.field(description="`after` for a page that begins behind this link.")
    predicate: Iri = strawberry.field(description="The link's predicate.")
    name: str = strawberry.field(description="The predicate's short name.")
    subject: Iri = strawberry.field(description="Where the link comes from.")
    object: Iri = strawberry.field(description="Where the link leads to.")
    other: strawberry.Private[str]

    @strawberry.field(description="The resource at the other end; null where the registry holds none of this IRI.")
    async def node(self, info: Info) -> Resource | None:
        return await loaded(info, self.other)

    @strawberry.field(description="The link's own properties.")
    async def properties(self, info: Info, names: Names = None) -> list[Property]:
        iri = relationship_iri(self.subject, self.predicate, self.object)
        relationship = await info.context.loaders.resource.load(iri)
        if relationship is None:
            return []
        return list(properties_of(info.context.release, relationship, names))


@strawberry.type(description="One page of links.")
class LinkConnection:
    edges: list[Link] = strawberry.field(description="The links of the page, by predicate and IRI.")
    page_info: PageInfo = strawberry.field(description="Where the page ends and whether more follow.")


@strawberry.type(name="Connection", description="One page of a list of resources.")
class Listing(Generic[Item]):
    edges: list[Edge[Item]] = strawberry.field(description="The items of the page, in order.")
    page_info: PageInfo = strawberry.field(description="Where the page ends and whether more follow.")
    find: strawberry.Private[Find]

    @strawberry.field(description="How many there are in all pages; counted only where it is asked for.")
    async def total_count(self, info: Info) -> int:
        page = await info.context.catalogue.find(replace(self.find, first=1, after=None, counting=Counting.TOTAL))
        return page.total or 0


def typed(release: Release, resource: domain.Resource) -> Resource:
    """A resource as the type of the schema that its classes stand for."""
    kind: type[Resource] = Thing
    for class_iri in resource.classes:
        above = release.model.superclasses(class_iri)
        if TWIN in above:
            kind = Twin
            break
        if TWINNED_ENTITY in above:
            kind = Entity
    return kind(
        source=resource,
        iri=Iri(resource.iri),
        name=resource.name,
        classes=[Iri(class_iri) for class_iri in resource.classes],
        revision=Revision(resource.revision),
        created_at=DateTime(resource.created_at),
        updated_at=DateTime(resource.updated_at),
    )


async def loaded(info: Info, iri: str) -> Resource | None:
    """A resource by its IRI, read together with all others of its level."""
    found = await info.context.loaders.resource.load(iri)
    return None if found is None else typed(info.context.release, found)


def _predicate(info: Info, name: str | None) -> str | None:
    return None if name is None else info.context.release.names.resolve(name, "predicate")


def _link_after(cursor: str | None) -> tuple[str, str] | None:
    if cursor is None:
        return None
    predicate, other = parts_of(cursor, 2)
    return predicate, other


def _outgoing(resource: domain.Resource, asked: Asked) -> Sequence[Statement]:
    """The links that a resource states, in the order in which a store lists those that lead to it."""
    predicates = resource.statements if asked.predicate is None else (asked.predicate,)
    found = sorted(
        (predicate, target)
        for predicate in predicates
        if predicate != RDF_TYPE
        for target in resource.values(predicate)
        if isinstance(target, str)
    )
    behind = found if asked.after is None else [pair for pair in found if pair > asked.after]
    return [(resource.iri, predicate, target) for predicate, target in behind[: asked.limit]]


def _links(
    release: Release, found: Sequence[Statement], direction: LinkDirection, first: int, after: str | None
) -> LinkConnection:
    edges = [_link(release, triple, direction) for triple in found[:first]]
    return LinkConnection(
        edges=edges, page_info=page_info([edge.cursor for edge in edges], len(found) > first, after)
    )  # fmt: skip


def _link(release: Release, triple: Statement, direction: LinkDirection) -> Link:
    subject, predicate, target = triple
    other = str(target) if direction is LinkDirection.OUT else subject
    return Link(
        cursor=cursor_of(predicate, other),
        predicate=Iri(predicate),
        name=release.names.name(predicate),
        subject=Iri(subject),
        object=Iri(str(target)),
        other=other,
    )
