"""Lists that grow: pages by keyset cursor, in the form that Relay reads (Relay cursor connections)."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar

import strawberry

from registry.domain.find import COUNTED_UP_TO, Counting, Find, Page
from registry.errors import BadInput, TooLarge

if TYPE_CHECKING:
    from registry.api.graphql.fixed.context import Context

PAGE_SIZE = 20
"""How many a list answers when nobody says."""

First = Annotated[int, strawberry.argument(description="At most so many.")]
After = Annotated[str | None, strawberry.argument(description="Begin behind this cursor, an `endCursor` or `cursor`.")]

TOTAL = "How many there are in all pages, or at least: see `totalCountIsExact`. Counted only where it is asked for."
TOTAL_IS_EXACT = (
    "Whether `totalCount` is all there are. It is for classes, states and other links, and for whatever few match; "
    f"else counting ends at {COUNTED_UP_TO:,}, or after a second with what is sure by then."
)

Item = TypeVar("Item")


@strawberry.type(description="Where a page ends and whether more follow.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more follow.")
    has_previous_page: bool = strawberry.field(description="Whether the page was asked for behind a cursor.")
    start_cursor: str | None = strawberry.field(description="The first item's cursor; null for an empty page.")
    end_cursor: str | None = strawberry.field(description="The last item's cursor: `after` for the next page.")


@strawberry.type(description="One item of a page.")
class Edge(Generic[Item]):
    cursor: str = strawberry.field(description="`after` for a page that begins behind this item.")
    node: Item = strawberry.field(description="The item.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[Item]):
    edges: list[Edge[Item]] = strawberry.field(description="The items of the page, in order.")
    page_info: PageInfo = strawberry.field(description="Where the page ends and whether more follow.")


def page_info(cursors: Sequence[str], has_next: bool, after: str | None) -> PageInfo:
    """What a client needs to ask for the next page."""
    return PageInfo(
        has_next_page=has_next,
        has_previous_page=after is not None,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )


def checked_first(first: int, most: int) -> int:
    """The size of a page. Raises BadInput for a negative one, TooLarge for one over the server's limit."""
    if first < 0:
        raise BadInput(f"first is {first}: it must be zero or more", "first")
    if first > most:
        raise TooLarge(f"first is {first:,}: a page has at most {most:,}", argument="first", limit=most)
    return first


def cursor_of(*parts: str) -> str:
    """An opaque cursor that holds these texts."""
    return base64.urlsafe_b64encode("\x1f".join(parts).encode()).decode().rstrip("=")


def parts_of(cursor: str, count: int) -> tuple[str, ...]:
    """What a cursor holds. Raises BadInput for one that is not ours, or of another list."""
    try:
        decoded = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        decoded = ""
    parts = tuple(decoded.split("\x1f"))
    if len(parts) != count or not all(parts):
        raise BadInput("after is not a cursor of this list", "after")
    return parts


class Counted:
    """How many a list has in all: asked for once, however many fields of a page show it."""

    def __init__(self, find: Find) -> None:
        self._find = replace(find, first=0, after=None, counting=Counting.TOTAL)
        self._counting: asyncio.Future[Page] | None = None

    async def total(self, context: Context) -> int:
        """How many match, or at least match where they are not counted to the end."""
        return (await self._page(context)).total or 0

    async def is_exact(self, context: Context) -> bool:
        """Whether that is all."""
        return (await self._page(context)).total_is_exact

    def _page(self, context: Context) -> asyncio.Future[Page]:
        if self._counting is None:
            self._counting = asyncio.ensure_future(context.catalogue.find(context.principal, self._find))
        return self._counting
