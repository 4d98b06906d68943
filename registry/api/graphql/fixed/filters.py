"""Filters and orders as clients write them, and the conditions that a store understands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

import strawberry

from registry.api.graphql.fixed.resources import LinkDirection
from registry.api.graphql.fixed.scalars import Iri, Name, Value
from registry.api.graphql.fixed.values import term_of
from registry.domain import find as domain
from registry.domain.find import Condition, Direction, Key, Operator, Sort
from registry.domain.releases.release import Release
from registry.errors import BadInput, TooLarge
from registry.rdf.vocabulary import IN_STATE, TWIN, TWIN_OF

MOST_LEVELS = 8
MOST_CONDITIONS = 200
MOST_MEMBERS = 1_000

_BY_VALUE = (
    Operator.EQUAL, Operator.NOT_EQUAL, Operator.LESS, Operator.AT_MOST, Operator.GREATER, Operator.AT_LEAST
)  # fmt: skip
_Member = TypeVar("_Member")


@strawberry.input(description="How the values of one property compare. Everything that is given must hold.")
class PropertyFilter:
    property: Name = strawberry.field(description="The property.")
    eq: Value | None = strawberry.field(default=None, description="Some value equals this one.")
    ne: Value | None = strawberry.field(default=None, description="No value equals this one.")
    lt: Value | None = strawberry.field(default=None, description="Some value is less.")
    lte: Value | None = strawberry.field(default=None, description="Some value is at most this.")
    gt: Value | None = strawberry.field(default=None, description="Some value is greater.")
    gte: Value | None = strawberry.field(default=None, description="Some value is at least this.")
    in_: list[Value] | None = strawberry.field(name="in", default=None, description="Some value is one of these.")
    prefix: str | None = strawberry.field(default=None, description="Some text begins so.")
    exists: bool | None = strawberry.field(default=None, description="Whether there is any value.")


@strawberry.input(description="How the name of a resource compares. Everything that is given must hold.")
class NameFilter:
    eq: str | None = strawberry.field(default=None, description="It is this.")
    prefix: str | None = strawberry.field(default=None, description="It begins so.")
    in_: list[str] | None = strawberry.field(name="in", default=None, description="It is one of these.")


@strawberry.input(
    description="A box on the map, in degrees WGS 84; west may be greater than east across the date line."
)
class Box:
    south: float = strawberry.field(description="The least latitude.")
    west: float = strawberry.field(description="The westernmost longitude.")
    north: float = strawberry.field(description="The greatest latitude.")
    east: float = strawberry.field(description="The easternmost longitude.")


@strawberry.input(description="A link to, or from, some resource for which a filter holds.")
class LinkFilter:
    predicate: Name = strawberry.field(description="The link's predicate.")
    direction: LinkDirection = strawberry.field(
        default=LinkDirection.OUT, description="Whether the link leads from the resource or to it."
    )
    where: ResourceFilter = strawberry.field(description="What holds for the resource at the other end.")


@strawberry.input(description="Which resources are meant. Everything that is given must hold.")
class ResourceFilter:
    iri: list[Iri] | None = strawberry.field(default=None, description="It is one of these.")
    class_: list[Name] | None = strawberry.field(
        name="class",
        default=None,
        description="It has one of these classes, or one below them; of a twin, the entity that it stands for has.",
    )
    state: list[Name] | None = strawberry.field(default=None, description="It is in one of these lifecycle states.")
    text: str | None = strawberry.field(
        default=None, description="Its name and text values, or its entity's, have all these words or their beginnings."
    )
    name: NameFilter | None = strawberry.field(default=None, description="How its name compares.")
    property: list[PropertyFilter] | None = strawberry.field(default=None, description="How its values compare.")
    within: Box | None = strawberry.field(default=None, description="It, or its entity, lies in the box.")
    linked: list[LinkFilter] | None = strawberry.field(default=None, description="What it is linked to.")
    entity: ResourceFilter | None = strawberry.field(default=None, description="Of a twin: which entity it stands for.")
    and_: list[ResourceFilter] | None = strawberry.field(name="and", default=None, description="All of these hold.")
    or_: list[ResourceFilter] | None = strawberry.field(name="or", default=None, description="One of these holds.")
    not_: ResourceFilter | None = strawberry.field(name="not", default=None, description="This does not hold.")


@strawberry.enum(description="What a list is ordered by.")
class OrderKey(Enum):
    NAME = strawberry.enum_value("name", description="The display name.")
    CREATED = strawberry.enum_value("created", description="When it was first written.")
    UPDATED = strawberry.enum_value("updated", description="When it was last written.")
    IRI = strawberry.enum_value("iri", description="The IRI.")


@strawberry.enum(description="Which way a list is ordered.")
class SortDirection(Enum):
    ASC = strawberry.enum_value("asc", description="From the least to the greatest.")
    DESC = strawberry.enum_value("desc", description="From the greatest to the least.")


@strawberry.input(description="The order of a list: a key or a property. Those without the property come last.")
class OrderBy:
    key: OrderKey | None = strawberry.field(default=None, description="The key to order by.")
    property: Name | None = strawberry.field(default=None, description="The property to order by.")
    direction: SortDirection = strawberry.field(default=SortDirection.ASC, description="Which way.")


def order_of(release: Release, order: OrderBy | None) -> domain.Order:
    """The order of a list; by name where nobody says. Raises BadInput for a key and a property at once."""
    if order is None:
        return domain.Order()
    if order.key is not None and order.property is not None:
        raise BadInput("orderBy takes `key` or `property`, not both", "orderBy")
    by = Key(order.key.value if order.key else "name")
    sort = Sort(order.direction.value)
    return domain.Order(by if order.property is None else release.names.resolve(order.property, "orderBy"), sort)


class Meant(Enum):
    """What a list lists: of a twin, class, text and place are looked for at its entity as well."""

    ANY = "any"
    TWINS = "twins"


def condition_of(release: Release, where: ResourceFilter | None, meant: Meant, *also: Condition) -> Condition:
    """What a filter means, joined with further conditions. Raises BadInput, or TooLarge for one over a limit."""
    conditions = [*also, *(_Conditions(release).of(where, meant) if where is not None else ())]
    return conditions[0] if len(conditions) == 1 else domain.AllOf(tuple(conditions))


def subclasses(release: Release, name: str, argument: str) -> frozenset[str]:
    """A class and all below it."""
    return release.model.subclasses(release.names.resolve(name, argument, release.model.classes))


@dataclass(slots=True)
class _Conditions:
    """Turns one filter into conditions, and counts them: a filter is a query, so it has limits."""

    release: Release
    made: int = field(default=0)

    def of(self, where: ResourceFilter, meant: Meant = Meant.ANY, level: int = 1) -> Iterator[Condition]:
        if level > MOST_LEVELS:
            raise TooLarge(f"the filter nests deeper than {MOST_LEVELS} levels", argument="filter", limit=MOST_LEVELS)
        for condition in self._all(where, meant, level):
            self.made += 1
            if self.made > MOST_CONDITIONS:
                raise TooLarge(f"the filter has more than {MOST_CONDITIONS} conditions", limit=MOST_CONDITIONS)
            yield condition

    def _all(self, where: ResourceFilter, meant: Meant, level: int) -> Iterator[Condition]:
        if where.iri is not None:
            yield domain.Among(frozenset(checked_members(where.iri)))
        if where.class_ is not None:
            yield self._classes(where.class_, meant)
        if where.state is not None:
            states = tuple(self.release.names.resolve(name, "filter.state") for name in checked_members(where.state))
            yield domain.Compare(IN_STATE, Operator.IN, states)
        if where.text is not None and where.text.strip():
            yield _or_entity(domain.Text(where.text), meant)
        if where.name is not None:
            yield from _named(where.name)
        for compared in where.property or ():
            yield from self._compared(compared)
        if where.within is not None:
            yield _or_entity(_box(where.within), meant)
        yield from self._linked(where, level)
        yield from self._combined(where, meant, level)

    def _classes(self, names: Sequence[Name], meant: Meant) -> Condition:
        wanted = frozenset[str]().union(
            *(subclasses(self.release, name, "filter.class") for name in checked_members(names))
        )
        own = wanted & self.release.model.subclasses(TWIN) if meant is Meant.TWINS else wanted
        of_entity = wanted - own
        conditions: list[Condition] = [domain.OfClass(own)] if own or not of_entity else []
        if of_entity:
            conditions.append(domain.Linked(TWIN_OF, Direction.OUT, domain.OfClass(of_entity)))
        return conditions[0] if len(conditions) == 1 else domain.AnyOf(tuple(conditions))

    def _compared(self, compared: PropertyFilter) -> Iterator[Condition]:
        predicate = self.release.names.resolve(compared.property, "filter.property", self.release.model.properties)
        for operator in _BY_VALUE:
            value = getattr(compared, operator.value)
            if value is not None:
                term = term_of(self.release, predicate, value, "filter.property")
                yield domain.Compare(predicate, operator, (term,))
        if compared.in_ is not None:
            members = checked_members(compared.in_)
            terms = tuple(term_of(self.release, predicate, value, "filter.property") for value in members)
            yield domain.Compare(predicate, Operator.IN, terms)
        if compared.prefix is not None:
            term = term_of(self.release, predicate, compared.prefix, "filter.property")
            yield domain.Compare(predicate, Operator.PREFIX, (term,))
        if compared.exists is not None:
            yield domain.Compare(predicate, Operator.EXISTS if compared.exists else Operator.ABSENT)

    def _linked(self, where: ResourceFilter, level: int) -> Iterator[Condition]:
        for link in where.linked or ():
            predicate = self.release.names.resolve(link.predicate, "filter.linked", self.release.model.properties)
            inner = domain.AllOf(tuple(self.of(link.where, level=level + 1)))
            yield domain.Linked(predicate, Direction(link.direction.value), inner)
        if where.entity is not None:
            inner = domain.AllOf(tuple(self.of(where.entity, level=level + 1)))
            yield domain.Linked(TWIN_OF, Direction.OUT, inner)

    def _combined(self, where: ResourceFilter, meant: Meant, level: int) -> Iterator[Condition]:
        for inner in where.and_ or ():
            yield from self.of(inner, meant, level + 1)
        if where.or_ is not None:
            yield domain.AnyOf(tuple(domain.AllOf(tuple(self.of(one, meant, level + 1))) for one in where.or_))
        if where.not_ is not None:
            yield domain.Not(domain.AllOf(tuple(self.of(where.not_, meant, level + 1))))


def _or_entity(condition: Condition, meant: Meant) -> Condition:
    """A twin is found by what its entity says, too: that is where names and places are stated."""
    return (
        domain.AnyOf((condition, domain.Linked(TWIN_OF, Direction.OUT, condition)))
        if meant is Meant.TWINS
        else condition
    )


def _named(name: NameFilter) -> Iterator[Condition]:
    if name.eq is not None:
        yield domain.Named(Operator.EQUAL, (name.eq,))
    if name.prefix is not None:
        yield domain.Named(Operator.PREFIX, (name.prefix,))
    if name.in_ is not None:
        yield domain.Named(Operator.IN, tuple(checked_members(name.in_)))


def _box(box: Box) -> domain.Within:
    if not (-90 <= box.south <= box.north <= 90 and -180 <= box.west <= 180 and -180 <= box.east <= 180):
        raise BadInput("the box needs -90 ≤ south ≤ north ≤ 90, and west and east from -180 to 180", "filter.within")
    return domain.Within(box.south, box.west, box.north, box.east)


def checked_members(members: Sequence[_Member]) -> Sequence[_Member]:
    """A list that a client gives. Raises TooLarge for a very long one."""
    if len(members) > MOST_MEMBERS:
        raise TooLarge(f"a list in the filter has {len(members):,} members, more than {MOST_MEMBERS:,}")
    return members
