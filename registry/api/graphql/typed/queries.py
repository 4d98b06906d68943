"""Pages of typed resources: all of a class from one question to the store, or what one resource is linked to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from registry.api.graphql.fixed.context import Context, ResolveInfo
from registry.api.graphql.fixed.loaders import Neighbour, Neighbours
from registry.api.graphql.fixed.pages import PAGE_SIZE, Counted, PageInfo, checked_first, cursor_of, page_info, parts_of
from registry.api.graphql.fixed.reads import Read
from registry.api.graphql.fixed.resources import Resource
from registry.api.graphql.fixed.values import plain
from registry.api.graphql.typed.plan import Plan
from registry.api.graphql.typed.properties import FieldPlan
from registry.api.graphql.typed.reading import HUB, asked, shown_end
from registry.domain.find import Condition, Direction, Find, Group, Order, Tally, Through
from registry.errors import TooLarge
from registry.rdf.terms import Iri, Literal, Term
from registry.stores.ordering import SortKey, sort_key, term_at

MOST_GROUPS = 1_000

ShownGroup: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class GroupBy:
    """What is counted by: a property, of the resources or of what a link leads to."""

    predicate: Iri
    through: Through | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One place of a page: a resource, None, or the error that stands for it."""

    cursors: Sequence[str]
    """Those of the page; this item's is written when somebody asks for it."""
    number: int
    iri: Iri
    node: Any

    @property
    def cursor(self) -> str:
        """`after` for a page that begins behind this item."""
        return self.cursors[self.number]


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a class."""

    edges: Sequence[Item]
    info: PageInfo
    find: Find
    counted: Counted

    def total(self, context: Context) -> Awaitable[int]:
        """How many match in all, or at least."""
        return self.counted.total(context)

    def is_exact(self, context: Context) -> Awaitable[bool]:
        """Whether that is all."""
        return self.counted.is_exact(context)

    async def groups(self, context: Context, by: GroupBy, most: int) -> Sequence[ShownGroup]:
        """How many have each value."""
        return _shown_groups(
            context,
            await context.catalogue.tally(context.principal, Tally(self.find.where, by.predicate, by.through, most)),
        )


@dataclass(frozen=True, slots=True)
class Linked:
    """A page of what one resource is linked to. Counts look at all of it: it is little beside a list."""

    edges: Sequence[Item]
    info: PageInfo
    all: Neighbours

    def total(self, context: Context) -> Awaitable[int]:
        """How many links there are."""
        return self._counted(context.loaders.neighbours(self.all))

    async def is_exact(self, context: Context) -> bool:
        """Yes: a resource's own links are counted, or refused where they are too many."""
        return True

    async def _counted(self, coming: Awaitable[Sequence[Neighbour]]) -> int:
        return len(self._counted_whole(await coming))

    def groups(self, context: Context, by: GroupBy, most: int) -> Awaitable[Sequence[ShownGroup]]:
        """How many have each value, counted as the store counts."""
        return self._grouped(context, context.loaders.neighbours(self.all), by, most)

    async def _grouped(
        self, context: Context, coming: Awaitable[Sequence[Neighbour]], by: GroupBy, most: int
    ) -> Sequence[ShownGroup]:
        found = [resource for _, resource in self._counted_whole(await coming) if resource is not None]
        ends: list[list[Neighbour]] = [[(resource.iri, resource)] for resource in found]
        if by.through is not None:
            assert by.through.direction is Direction.IN
            keys = [Neighbours(resource.iri, (), (by.through.predicate,), None, HUB) for resource in found]
            ends = [list(one) for one in await context.loaders.many("neighbours", keys)]
        counts = Counter[SortKey | None]()
        for here in ends:
            values: set[SortKey | None] = {
                sort_key(term) for _, end in here if end is not None for term in end.values(by.predicate)
            }
            counts.update(values or {None})
        ordered = sorted(counts.items(), key=_place)
        groups = [Group(None if key is None else term_at(key), count) for key, count in ordered[:most]]
        return _shown_groups(context, groups)

    def _counted_whole(self, found: Sequence[Neighbour]) -> Sequence[Neighbour]:
        if len(found) > HUB:
            raise TooLarge(f"<{self.all.iri}> has more than {HUB:,} of these links: count with a list and a filter")
        return found


def _place(counted: tuple[SortKey | None, int]) -> tuple[int, bool, SortKey]:
    key, count = counted
    return -count, key is None, key or SortKey(0, 0)


async def listed(context: Context, where: Condition, order: Order, first: int, after: str | None) -> Listed:
    """A page, read with one question; what it holds is not asked for again."""
    find = Find(where, order, checked_first(first, context.limits.page_size), after)
    page = await context.catalogue.find(context.principal, find)
    context.loaders.know(page.resources)
    cursors, show = page.cursors, context.show
    edges = [Item(cursors, number, found.iri, show(found)) for number, found in enumerate(page.resources)]
    return Listed(edges, page_info(cursors, page.has_next, after), find, Counted(find))


def links_of(plan: Plan, field: FieldPlan) -> Read:
    """A field that leads to any number of resources."""

    def key(source: Resource, context: Context, first: int = PAGE_SIZE, after: str | None = None) -> Neighbours:
        checked_first(first, context.limits.page_size)
        behind = None if after is None else parts_of(after, 1)[0]
        return asked(source, field, behind, first + 1)

    def shown(
        found: Sequence[Neighbour], source: Resource, context: Context, first: int = PAGE_SIZE, after: str | None = None
    ) -> Linked:
        cursors = [cursor_of(iri) for iri, _ in found[:first]]
        edges = [
            Item(cursors, number, end[0], shown_end(plan, context, source.iri, field, end))
            for number, end in enumerate(found[:first])
        ]
        return Linked(edges, page_info(cursors, len(found) > first, after), asked(source, field, None, HUB + 1))

    return Read("neighbours", key, shown)


def total_of(source: Listed | Linked, info: ResolveInfo) -> Awaitable[int]:
    """The resolver of `totalCount`."""
    return source.total(info.context)


def is_exact_total(source: Listed | Linked, info: ResolveInfo) -> Awaitable[bool]:
    """The resolver of `totalCountIsExact`."""
    return source.is_exact(info.context)


def groups_of(
    source: Listed | Linked, info: ResolveInfo, by: GroupBy, first: int = MOST_GROUPS
) -> Awaitable[Sequence[ShownGroup]]:
    """The resolver of `groups`."""
    return source.groups(info.context, by, checked_first(first, info.context.limits.page_size))


def _shown_groups(context: Context, groups: Sequence[Group]) -> Sequence[ShownGroup]:
    names = context.release.names
    return [
        {
            "value": _shown(group.value),
            "name": names.name(group.value) if isinstance(group.value, str) else None,
            "count": group.count,
        }
        for group in groups
    ]


def _shown(value: Term | None) -> Any:
    return plain(value) if isinstance(value, Literal) else value
