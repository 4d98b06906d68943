"""Filters and orders as clients write them, and the conditions that a store understands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, TypeVar, cast

import strawberry
from strawberry import UNSET

from registry.api.graphql.fixed.resources import LinkDirection
from registry.api.graphql.fixed.scalars import Iri, Name, Value
from registry.api.graphql.fixed.values import term_of
from registry.domain import find as domain
from registry.domain.find import Condition, Direction, Key, Operator, Sort
from registry.domain.releases.release import Release
from registry.errors import BadInput, TooLarge
from registry.rdf.terms import Term
from registry.rdf.vocabulary import IN_STATE, TWIN, TWIN_OF

MOST_LEVELS = 8
MOST_CONDITIONS = 200
MOST_MEMBERS = 1_000

NULLABLE = ("eq", "ne")
"""The operators for which null is an answer: there is no value, or there is one."""

_Member = TypeVar("_Member")


@strawberry.input(description="How the values of one property compare. Everything that is given must hold.")
class PropertyFilter:
    property: Name = strawberry.field(description="The property.")
    eq: Value | None = strawberry.field(
        default=UNSET, description="Some value equals this one; null says that there is none."
    )
    ne: Value | None = strawberry.field(
        default=UNSET, description="No value equals this one; null says that there is one."
    )
    lt: Value | None = strawberry.field(default=UNSET, description="Some value is less.")
    lte: Value | None = strawberry.field(default=UNSET, description="Some value is at most this.")
    gt: Value | None = strawberry.field(default=UNSET, description="Some value is greater.")
    gte: Value | None = strawberry.field(default=UNSET, description="Some value is at least this.")
    in_: list[Value] | None = strawberry.field(name="in", default=UNSET, description="Some value is one of these.")
    prefix: str | None = strawberry.field(default=UNSET, description="Some text begins so.")
    exists: bool | None = strawberry.field(default=UNSET, description="Whether there is any value.")


@strawberry.input(description="How the name of a resource compares. Everything that is given must hold.")
class NameFilter:
    eq: str | None = strawberry.field(default=UNSET, description="It is this.")
    prefix: str | None = strawberry.field(default=UNSET, description="It begins so.")
    in_: list[str] | None = strawberry.field(name="in", default=UNSET, description="It is one of these.")


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
    iri: list[Iri] | None = strawberry.field(default=UNSET, description="It is one of these.")
    class_: list[Name] | None = strawberry.field(
        name="class",
        default=UNSET,
        description="It has one of these classes, or one below them; of a twin, the entity that it stands for has.",
    )
    state: list[Name] | None = strawberry.field(default=UNSET, description="It is in one of these lifecycle states.")
    text: str | None = strawberry.field(
        default=UNSET,
        description="Its name and text values, or its entity's, have all these words or their beginnings.",
    )
    name: NameFilter | None = strawberry.field(default=UNSET, description="How its name compares.")
    property: list[PropertyFilter] | None = strawberry.field(default=UNSET, description="How its values compare.")
    within: Box | None = strawberry.field(default=UNSET, description="It, or its entity, lies in the box.")
    linked: list[LinkFilter] | None = strawberry.field(default=UNSET, description="What it is linked to.")
    entity: ResourceFilter | None = strawberry.field(
        default=UNSET, description="Of a twin: which entity it stands for."
    )
    and_: list[ResourceFilter] | None = strawberry.field(name="and", default=UNSET, description="All of these hold.")
    or_: list[ResourceFilter] | None = strawberry.field(name="or", default=UNSET, description="One of these holds.")
    not_: ResourceFilter | None = strawberry.field(name="not", default=UNSET, description="This does not hold.")


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


def condition_of(
    release: Release, where: ResourceFilter | None, meant: Meant, *also: Condition, path: str = "filter"
) -> Condition:
    """What a filter means, joined with further conditions. Raises BadInput, or TooLarge for one over a limit."""
    conditions = [*also, *(_Conditions(release).of(where, meant, path=path) if where is not None else ())]
    return conditions[0] if len(conditions) == 1 else domain.AllOf(tuple(conditions))


def subclasses(release: Release, name: str, argument: str) -> frozenset[str]:
    """A class and all below it."""
    return release.model.subclasses(release.names.resolve(name, argument, release.model.classes))


@dataclass(slots=True)
class _Conditions:
    """Turns one filter into conditions, and counts them: a filter is a query, so it has limits."""

    release: Release
    made: int = field(default=0)

    def of(
        self, where: ResourceFilter, meant: Meant = Meant.ANY, level: int = 1, path: str = "filter"
    ) -> Iterator[Condition]:
        if level > MOST_LEVELS:
            raise TooLarge(f"the filter nests deeper than {MOST_LEVELS} levels", argument="filter", limit=MOST_LEVELS)
        for condition in self._all(where, meant, level, path):
            self.made += 1
            if self.made > MOST_CONDITIONS:
                raise TooLarge(f"the filter has more than {MOST_CONDITIONS} conditions", limit=MOST_CONDITIONS)
            yield condition

    def _all(self, where: ResourceFilter, meant: Meant, level: int, path: str) -> Iterator[Condition]:
        for name, given in operands(where, path).items():
            at = f"{path}.{name}"
            if name == "iri":
                yield domain.Among(frozenset(checked_members(given)))
            elif name == "class":
                yield self._classes(given, meant, at)
            elif name == "state":
                states = tuple(self.release.names.resolve(one, at) for one in checked_members(given))
                yield domain.Compare(IN_STATE, Operator.IN, states)
            elif name == "text":
                if given.strip():
                    yield _or_entity(domain.Text(given), meant)
            elif name == "name":
                yield from _named(given, at)
            elif name == "property":
                for compared in some_members(given, at):
                    yield from self._compared(compared, at)
            elif name == "within":
                yield _or_entity(_box(given), meant)
            else:
                yield from self._combined(name, given, meant, level, at)

    def _classes(self, names: Sequence[Name], meant: Meant, path: str) -> Condition:
        wanted = frozenset[str]().union(*(subclasses(self.release, name, path) for name in checked_members(names)))
        own = wanted & self.release.model.subclasses(TWIN) if meant is Meant.TWINS else wanted
        of_entity = wanted - own
        conditions: list[Condition] = [domain.OfClass(own)] if own or not of_entity else []
        if of_entity:
            conditions.append(domain.Linked(TWIN_OF, Direction.OUT, domain.OfClass(of_entity)))
        return conditions[0] if len(conditions) == 1 else domain.AnyOf(tuple(conditions))

    def _compared(self, compared: PropertyFilter, path: str) -> Iterator[Condition]:
        predicate = self.release.names.resolve(compared.property, path, self.release.model.properties)
        given = operands(compared, path, beside=("property",), nullable=NULLABLE)
        yield from comparisons(predicate, given, lambda value: term_of(self.release, predicate, value, path))

    def _linked(self, link: LinkFilter, level: int, path: str) -> Condition:
        predicate = self.release.names.resolve(link.predicate, path, self.release.model.properties)
        if link.direction is None:
            raise null_refused(f"{path}.direction")
        inner = domain.AllOf(tuple(self.of(link.where, level=level + 1, path=f"{path}.where")))
        return domain.Linked(predicate, Direction(link.direction.value), inner)

    def _combined(self, name: str, given: Any, meant: Meant, level: int, path: str) -> Iterator[Condition]:
        if name == "linked":
            yield from (self._linked(link, level, path) for link in some_members(given, path))
        elif name == "entity":
            yield domain.Linked(TWIN_OF, Direction.OUT, domain.AllOf(tuple(self.of(given, level=level + 1, path=path))))
        elif name == "and":
            for inner in some_members(given, path):
                yield from self.of(inner, meant, level + 1, path)
        elif name == "or":
            ways = (self.of(one, meant, level + 1, path) for one in some_members(given, path))
            yield domain.AnyOf(tuple(domain.AllOf(tuple(way)) for way in ways))
        else:
            yield domain.Not(domain.AllOf(tuple(self.of(given, meant, level + 1, path))))


def comparisons(predicate: str, given: Mapping[str, Any], term: Callable[[Any], Term]) -> Iterator[Condition]:
    """What the operators of one property mean. ``term`` makes a stored value of a given one.

    Null is no value: what equals it has none, and what does not has some.
    """
    for name, value in given.items():
        if value is None:
            yield domain.Compare(predicate, Operator.ABSENT if name == "eq" else Operator.EXISTS)
        elif name == "exists":
            yield domain.Compare(predicate, Operator.EXISTS if value else Operator.ABSENT)
        elif name == "in":
            yield domain.Compare(predicate, Operator.IN, tuple(term(one) for one in checked_members(value)))
        else:
            yield domain.Compare(predicate, Operator(name), (term(value),))


def operands(given: object, path: str, beside: Collection[str] = (), nullable: Collection[str] = ()) -> dict[str, Any]:
    """What an input of a filter holds, by the names of its fields, those ``beside`` left out.

    Raises BadInput where it holds nothing, or null where that is not ``nullable``: a condition that was left open by
    mistake would mean everything.
    """
    names = {field.name: field.name.rstrip("_") for field in fields(cast(Any, given))}
    found = {name: getattr(given, own) for own, name in names.items() if name not in beside}
    return checked_operands({name: value for name, value in found.items() if value is not UNSET}, path, nullable)


def checked_operands(given: Mapping[str, Any], path: str, nullable: Collection[str] = ()) -> dict[str, Any]:
    """The same for what comes as a mapping."""
    if not given:
        raise BadInput(f"{path} holds a condition that says nothing: complete it, or leave it out", path)
    for name, value in given.items():
        if value is None and name not in nullable:
            raise null_refused(f"{path}.{name}")
    return dict(given)


def null_refused(path: str) -> BadInput:
    """The refusal of a null where it could only mean that nothing is asked."""
    return BadInput(f"{path} is null, which says nothing: give a value, or leave it out", path)


def some_members(members: Sequence[_Member], path: str) -> Sequence[_Member]:
    """A list of conditions. Raises BadInput for an empty one: it would mean everything, or nothing."""
    if not members:
        raise BadInput(f"{path} is a list of no conditions: give one, or leave it out", path)
    return checked_members(members)


def _or_entity(condition: Condition, meant: Meant) -> Condition:
    """A twin is found by what its entity says, too: that is where names and places are stated."""
    return (
        domain.AnyOf((condition, domain.Linked(TWIN_OF, Direction.OUT, condition)))
        if meant is Meant.TWINS
        else condition
    )


def _named(name: NameFilter, path: str) -> Iterator[Condition]:
    for operator, given in operands(name, path, nullable=("eq",)).items():
        if given is None:
            # Every resource has a name, if only the end of its IRI.
            yield domain.AnyOf(())
        elif operator == "in":
            yield domain.Named(Operator.IN, tuple(checked_members(given)))
        else:
            yield domain.Named(Operator(operator), (given,))


def _box(box: Box) -> domain.Within:
    if not (-90 <= box.south <= box.north <= 90 and -180 <= box.west <= 180 and -180 <= box.east <= 180):
        raise BadInput("the box needs -90 ≤ south ≤ north ≤ 90, and west and east from -180 to 180", "filter.within")
    return domain.Within(box.south, box.west, box.north, box.east)


def checked_members(members: Sequence[_Member]) -> Sequence[_Member]:
    """A list that a client gives. Raises TooLarge for a very long one."""
    if len(members) > MOST_MEMBERS:
        raise TooLarge(f"a list in the filter has {len(members):,} members, more than {MOST_MEMBERS:,}")
    return members
