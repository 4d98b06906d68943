"""Resources, twins and entities, and the links between them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Annotated, Any, Generic

import strawberry

from registry.api.graphql.fixed.changes import Change, change_of
from registry.api.graphql.fixed.context import Context, Info
from registry.api.graphql.fixed.lifecycle import State, Transition, transitions_of
from registry.api.graphql.fixed.loaders import Asked, Neighbour, Neighbours
from registry.api.graphql.fixed.pages import (
    PAGE_SIZE,
    TOTAL,
    TOTAL_IS_EXACT,
    After,
    Connection,
    Counted,
    Edge,
    First,
    Item,
    PageInfo,
    checked_first,
    cursor_of,
    page_info,
    parts_of,
)
from registry.api.graphql.fixed.reads import READ, Read
from registry.api.graphql.fixed.resource_cache import Told
from registry.api.graphql.fixed.scalars import DateTime, Iri, Name, Revision
from registry.api.graphql.fixed.values import Property
from registry.api.graphql.fixed.violations import Severity, Violation, violation_of
from registry.api.graphql.serve.limits import WEIGHT
from registry.domain import resource as domain
from registry.domain.relationship import relationship_iri
from registry.domain.releases.release import Release
from registry.rdf.terms import Literal, Statement
from registry.rdf.vocabulary import TWIN, TWIN_OF, TWINNED_ENTITY

Names = Annotated[list[Name] | None, strawberry.argument(description="Only these properties; null asks for all.")]
Predicate = Annotated[Name | None, strawberry.argument(description="Only this predicate; null asks for any.")]


@strawberry.enum(description="Which way a link is followed.")
class LinkDirection(Enum):
    OUT = strawberry.enum_value("out", description="From the resource to what it states.")
    IN = strawberry.enum_value("in", description="From those that state the resource.")


Direction = Annotated[LinkDirection, strawberry.argument(description="Which way the links are followed.")]


def _asked(context: Context, predicate: Name | None, first: int, after: str | None) -> Asked:
    """One page of links, and one more where another page follows."""
    checked_first(first, context.limits.page_size)
    return Asked(_predicate(context, predicate), _link_after(after), first + 1)


def _links_key(
    source: Resource,
    context: Context,
    predicate: Name | None = None,
    direction: LinkDirection = LinkDirection.OUT,
    first: int = PAGE_SIZE,
    after: str | None = None,
) -> tuple[Asked, str] | None:
    if direction is LinkDirection.OUT:
        return None
    return _asked(context, predicate, first, after), source.source.iri


def _links_shown(
    found: Sequence[Statement] | None,
    source: Resource,
    context: Context,
    predicate: Name | None = None,
    direction: LinkDirection = LinkDirection.OUT,
    first: int = PAGE_SIZE,
    after: str | None = None,
) -> LinkConnection:
    if found is None:
        edges = _outgoing(context, source, _asked(context, predicate, first, after))
    else:
        edges = [_link(context.release, triple, direction) for triple in found]
    return LinkConnection(edges=edges[:first], has_next=len(edges) > first, after=after)


def _count_key(
    source: Resource,
    context: Context,
    predicate: Name | None = None,
    direction: LinkDirection = LinkDirection.OUT,
) -> tuple[str | None, str] | None:
    return None if direction is LinkDirection.OUT else (_predicate(context, predicate), source.source.iri)


def _count_shown(
    found: int | None,
    source: Resource,
    context: Context,
    predicate: Name | None = None,
    direction: LinkDirection = LinkDirection.OUT,
) -> int:
    if found is not None:
        return found
    return len(_outgoing(context, source, Asked(_predicate(context, predicate), None, 2**31)))


def _resource_shown(found: domain.Resource | None, source: Any, context: Context) -> Resource | None:
    return None if found is None else context.show(found)


def _entity_key(source: Resource, context: Context) -> str | None:
    iri = source.source.value(TWIN_OF)
    return iri if isinstance(iri, str) else None


def _twin_shown(found: Sequence[Neighbour], source: Resource, context: Context) -> Twin | None:
    resource = found[0][1] if found else None
    twin = None if resource is None else context.show(resource)
    return twin if isinstance(twin, Twin) else None


def _own_properties(
    found: domain.Resource | None, source: Link, context: Context, names: list[Name] | None = None
) -> list[Property]:
    return [] if found is None else context.show(found).told.properties(names)


LINKS = Read("incoming", _links_key, _links_shown)
LINKS_COUNT = Read("incoming count", _count_key, _count_shown)
ENTITY_OF_TWIN = Read("resource", _entity_key, _resource_shown, by_key_alone=True)
TWIN_OF_ENTITY = Read(
    "neighbours", lambda source, context: Neighbours(source.source.iri, (), (TWIN_OF,), None, 1), _twin_shown
)
END_OF_LINK = Read.of_attribute("resource", "other", _resource_shown)
PROPERTIES_OF_LINK = Read(
    "resource",
    lambda source, context, names=None: relationship_iri(source.subject, source.predicate, source.object),
    _own_properties,
)


@strawberry.interface(description="Any node of the knowledge graph that has an IRI and says something.")
class Resource:
    source: strawberry.Private[domain.Resource]
    told: strawberry.Private[Told]
    iri: Iri = strawberry.field(description="Its identity.")
    name: str = strawberry.field(description="Its label, or the last part of its IRI.")
    classes: list[Iri] = strawberry.field(description="Its asserted classes.")
    revision: Revision = strawberry.field(description="How many writes have touched it.")
    created_at: DateTime = strawberry.field(description="When it was first written.")
    updated_at: DateTime = strawberry.field(description="When it was last written.")

    @strawberry.field(description="Its literal values. What it is linked to is found under `links`.")
    def properties(self, names: Names = None) -> list[Property]:
        return self.told.properties(names)

    @strawberry.field(
        description="What it is linked to, or what is linked to it, by predicate and IRI.", metadata={READ: LINKS}
    )
    async def links(
        self,
        info: Info,
        predicate: Predicate = None,
        direction: Direction = LinkDirection.OUT,
        first: First = PAGE_SIZE,
        after: After = None,
    ) -> LinkConnection:
        asked = {"predicate": predicate, "direction": direction, "first": first, "after": after}
        found: LinkConnection = await LINKS.of(self, info.context, **asked)
        return found

    @strawberry.field(description="How many links there are.", metadata={READ: LINKS_COUNT})
    async def links_count(
        self, info: Info, predicate: Predicate = None, direction: Direction = LinkDirection.OUT
    ) -> int:
        found: int = await LINKS_COUNT.of(self, info.context, predicate=predicate, direction=direction)
        return found

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
        return await history_of(info.context, self.source.iri, first, after)


async def history_of(context: Context, iri: str, first: int, after: str | None) -> Connection[Change]:
    """The changes that touched what is, or once was, a resource."""
    checked_first(first, context.limits.page_size)
    before = None if after is None else int(parts_of(after, 1)[0])
    entries = await context.catalogue.history(context.principal, iri, before, first + 1)
    edges = [Edge(cursor=cursor_of(str(entry.position)), node=change_of(entry)) for entry in entries[:first]]
    return Connection(edges=edges, page_info=page_info([e.cursor for e in edges], len(entries) > first, after))


@strawberry.type(description="The managed digital stand-in of one entity; it carries the lifecycle.")
class Twin(Resource):
    @strawberry.field(description="What the twin stands for.", metadata={READ: ENTITY_OF_TWIN})
    async def entity(self, info: Info) -> Resource | None:
        found: Resource | None = await ENTITY_OF_TWIN.of(self, info.context)
        return found

    @strawberry.field(description="Where the twin stands in its lifecycle.")
    def state(self) -> State | None:
        return self.told.state()

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
        found = await info.context.catalogue.violations(info.context.principal, self.source.iri)
        told = [violation_of(info, one) for one in found]
        return [one for one in told if severity in (None, one.severity)]


@strawberry.type(description="What a twin stands for: an asset, a system, a process, a facility.")
class Entity(Resource):
    @strawberry.field(description="The twin that stands for it.", metadata={READ: TWIN_OF_ENTITY})
    async def twin(self, info: Info) -> Twin | None:
        found: Twin | None = await TWIN_OF_ENTITY.of(self, info.context)
        return found


@strawberry.type(description="A resource that is neither a twin nor an entity, such as a data point or a template.")
class Thing(Resource):
    pass


@strawberry.type(name="LinkEdge", description="A link from one resource to another.")
class Link:
    predicate: Iri = strawberry.field(description="The link's predicate.")
    name: str = strawberry.field(description="The predicate's short name.")
    subject: Iri = strawberry.field(description="Where the link comes from.")
    object: Iri = strawberry.field(description="Where the link leads to.")
    other: strawberry.Private[str]

    @strawberry.field(description="`after` for a page that begins behind this link.")
    def cursor(self) -> str:
        return cursor_of(self.predicate, self.other)

    @strawberry.field(
        description="The resource at the other end; null where the registry holds none of this IRI.",
        metadata={READ: END_OF_LINK},
    )
    async def node(self, info: Info) -> Resource | None:
        found: Resource | None = await END_OF_LINK.of(self, info.context)
        return found

    @strawberry.field(description="The link's own properties.", metadata={READ: PROPERTIES_OF_LINK})
    async def properties(self, info: Info, names: Names = None) -> list[Property]:
        found: list[Property] = await PROPERTIES_OF_LINK.of(self, info.context, names=names)
        return found


@strawberry.type(description="One page of links.")
class LinkConnection:
    edges: list[Link] = strawberry.field(description="The links of the page, by predicate and IRI.")
    has_next: strawberry.Private[bool]
    after: strawberry.Private[str | None]

    @strawberry.field(description="Where the page ends and whether more follow.")
    def page_info(self) -> PageInfo:
        ends = [cursor_of(edge.predicate, edge.other) for edge in self.edges[:1] + self.edges[-1:]]
        return page_info(ends, self.has_next, self.after)


@strawberry.type(name="Connection", description="One page of a list of resources.")
class Listing(Generic[Item]):
    edges: list[Edge[Item]] = strawberry.field(description="The items of the page, in order.")
    page_info: PageInfo = strawberry.field(description="Where the page ends and whether more follow.")
    counted: strawberry.Private[Counted]

    @strawberry.field(description=TOTAL)
    async def total_count(self, info: Info) -> int:
        return await self.counted.total(info.context)

    @strawberry.field(description=TOTAL_IS_EXACT)
    async def total_count_is_exact(self, info: Info) -> bool:
        return await self.counted.is_exact(info.context)


def typed(release: Release, resource: domain.Resource) -> Resource:
    """A resource as the type of the schema that its classes stand for."""
    kind: type[Resource] = Thing
    classes = resource.classes
    for class_iri in classes:
        above = release.model.superclasses(class_iri)
        if TWIN in above:
            kind = Twin
            break
        if TWINNED_ENTITY in above:
            kind = Entity
    return kind(
        source=resource,
        told=Told(release, resource),
        iri=Iri(resource.iri),
        name=resource.name,
        classes=[Iri(class_iri) for class_iri in classes],
        revision=Revision(resource.revision),
        created_at=DateTime(resource.created_at),
        updated_at=DateTime(resource.updated_at),
    )


async def loaded(info: Info, iri: str) -> Resource | None:
    """A resource by its IRI, read together with all others of its level."""
    found = await info.context.loaders.resource(iri)
    return None if found is None else info.context.show(found)


def _predicate(context: Context, name: str | None) -> str | None:
    return None if name is None else context.release.names.resolve(name, "predicate")


def _link_after(cursor: str | None) -> tuple[str, str] | None:
    if cursor is None:
        return None
    predicate, other = parts_of(cursor, 2)
    return predicate, other


def _outgoing(context: Context, source: Resource, asked: Asked) -> list[Link]:
    """The links that a resource states, in the order in which a store lists those that lead to it."""
    found: list[Link] = source.told.links(lambda triple: _link(context.release, triple, LinkDirection.OUT))
    if asked.predicate is not None:
        found = [link for link in found if link.predicate == asked.predicate]
    if asked.after is not None:
        found = [link for link in found if (link.predicate, link.object) > asked.after]
    return found[: asked.limit]


def _link(release: Release, triple: Statement, direction: LinkDirection) -> Link:
    subject, predicate, target = triple
    return Link(
        predicate=Iri(predicate),
        name=release.names.name(predicate),
        subject=Iri(subject),
        object=Iri(str(target)),
        other=str(target) if direction is LinkDirection.OUT else subject,
    )
