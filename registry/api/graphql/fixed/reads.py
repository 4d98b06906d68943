"""Fields that are answered for a whole level at once: what each asks, and what becomes of the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from graphql import GraphQLField

from registry.api.graphql.fixed.loaders import Batch

if TYPE_CHECKING:
    from registry.api.graphql.fixed.context import Context

READ = "read"
"""Metadata, or extension, of a field that is a read; both executors go by it."""

SETTLED = "settled"
"""Extension of a field of graphql-core's whose value follows from its source and its arguments alone.

Of strawberry's fields those are that do not ask for ``info``.
"""


class Read(NamedTuple):
    """One such field. ``key`` says what to ask, None for nothing; ``shown`` makes its value of what was found.

    Both get the source, the context and the arguments; ``shown`` gets first what was found, None where nothing was
    asked. ``by_key_alone`` says that the value follows from the key, whatever the source is; ``attribute`` is set by
    `of_attribute`.
    """

    batch: Batch
    key: Callable[..., Any]
    shown: Callable[..., Any]
    by_key_alone: bool = False
    attribute: str | None = None

    @classmethod
    def of_attribute(cls, batch: Batch, attribute: str, shown: Callable[..., Any]) -> Self:
        """A read without arguments whose key is an attribute of the source, and nothing else decides the value."""
        return cls(
            batch, lambda source, context: getattr(source, attribute), shown, by_key_alone=True, attribute=attribute
        )

    async def of(self, source: Any, context: Context, **arguments: Any) -> Any:
        """The value of the field, asked beside all others of its level."""
        key = self.key(source, context, **arguments)
        found = None if key is None else await context.loaders.load(self.batch, key)
        return self.shown(found, source, context, **arguments)

    def resolver(self) -> Callable[..., Any]:
        """The resolver for graphql-core.

        It asks before anything is awaited, so that a level of a selection asks together.
        """

        def resolve(source: Any, info: Any, **arguments: Any) -> Any:
            context = info.context
            key = self.key(source, context, **arguments)
            if key is None:
                return self.shown(None, source, context, **arguments)
            return self._awaited(context.loaders.load(self.batch, key), source, context, arguments)

        return resolve

    async def _awaited(self, coming: Any, source: Any, context: Context, arguments: dict[str, Any]) -> Any:
        return self.shown(await coming, source, context, **arguments)


def field_of(of: Any, read: Read, extensions: Mapping[str, Any] | None = None, **told: Any) -> GraphQLField:
    """A field of graphql-core's that is a read."""
    return GraphQLField(of, resolve=read.resolver(), extensions={**(extensions or {}), READ: read}, **told)
