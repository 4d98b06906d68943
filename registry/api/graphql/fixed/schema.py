"""The schema that requests run on: the fixed half, put together once, and one whole for each release."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from typing import Any, NamedTuple, TypeAlias

from graphql import (
    ExecutionResult,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLType,
    introspection_from_schema,
    introspection_types,
)
from strawberry import Schema
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types

from registry.api.graphql.fixed.errors import Answer, answer
from registry.api.graphql.fixed.mutations import Mutation
from registry.api.graphql.fixed.queries import Query
from registry.api.graphql.fixed.resources import Thing
from registry.api.graphql.fixed.scalars import SCALARS
from registry.api.graphql.fixed.subscriptions import Subscription
from registry.api.graphql.serve.documents import Documents
from registry.api.graphql.serve.limits import Limits
from registry.api.graphql.typed.printing import printed
from registry.api.graphql.typed.resolve_type import meet
from registry.api.graphql.typed.schema import combined
from registry.bounded_cache import BoundedCache
from registry.domain.releases.release import Release

ANSWERS = 8
"""So many answers about a schema are kept; they are megabytes each."""

_Asked: TypeAlias = tuple[str, str | None, bytes]
"""The document, the name of the operation, and the variables as JSON."""

_telling = ThreadPoolExecutor(1, "introspection")

REMEMBERED = 3
"""So many schemas are kept: the active one, and those that running subscriptions finish on or a rollback needs."""


class Roots(NamedTuple):
    """Strawberry types whose fields stand beside those of the core's query, mutation and subscription."""

    queries: tuple[type, ...] = ()
    mutations: tuple[type, ...] = ()
    subscriptions: tuple[type, ...] = ()


NO_ROOTS = Roots()


def fixed_half(roots: Roots = NO_ROOTS) -> Schema:
    """The half that is the same for every release: that of the core, and what capabilities add to it."""
    return _built(roots)


@cache
def _built(roots: Roots) -> Schema:
    schema = Schema(
        _merged("Query", Query, roots.queries),
        _merged("Mutation", Mutation, roots.mutations),
        _merged("Subscription", Subscription, roots.subscriptions),
        types=[Thing],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    _tell_core_of_one_of(schema)
    meet(schema)
    return schema


def _merged(name: str, core: type, others: tuple[type, ...]) -> type:
    return merge_types(name, (core, *others)) if others else core


def _tell_core_of_one_of(schema: Schema) -> None:
    """Input types of which one field is given: strawberry keeps that to itself, also where introspection asks."""
    for kind in schema._schema.type_map.values():
        definition = kind.extensions.get("strawberry-definition")
        if isinstance(kind, GraphQLInputObjectType) and definition is not None:
            kind.is_one_of = definition.is_one_of
    meta = introspection_types["__Type"]
    assert isinstance(meta, GraphQLObjectType)
    meta.fields["isOneOf"].resolve = _is_one_of


def _is_one_of(kind: GraphQLType, info: Any) -> bool | None:
    return kind.is_one_of if isinstance(kind, GraphQLInputObjectType) else None


class ReleaseSchema:
    """The schema of one release, with the documents that were valid in it."""

    def __init__(self, release: Release, limits: Limits, roots: Roots = NO_ROOTS) -> None:
        fixed = fixed_half(roots)
        self.release = release
        self.core: GraphQLSchema = combined(fixed, release)
        self.executor: Any = fixed.execution_context_class
        self._told: BoundedCache[_Asked, Answer] = BoundedCache("introspection", ANSWERS)
        self.documents = Documents(self.core, fixed._schema, limits)

    async def told(self, asked: _Asked, request: str, ask: Callable[[], ExecutionResult | Any]) -> Answer:
        """The answer to a document about the schema itself: seconds for a large one, so it is remembered.

        One is worked out at a time. ``request`` is the id of whoever asks first.
        """
        told = self._told.get(asked)
        if told is None:
            return await asyncio.get_running_loop().run_in_executor(_telling, self._tell, asked, request, ask)
        return told

    def _tell(self, asked: _Asked, request: str, ask: Callable[[], ExecutionResult | Any]) -> Answer:
        told = self._told.get(asked)
        if told is None:
            result = ask()
            assert isinstance(result, ExecutionResult)
            told = answer(result, request)
            self._told.keep(asked, told)
        return told

    @cached_property
    def introspection(self) -> dict[str, Any]:
        """The answer to an introspection query."""
        return dict(introspection_from_schema(self.core))

    def sdl(self) -> str:
        """The schema definition language of the schema."""
        return printed(self.core)


class Schemas:
    """Finds the schema of the active release for each request, and swaps it whole.

    Requests and subscriptions keep the schema that they began with. A release that is about to be activated can be
    made ready with `of`, in a thread of its own, so that no request waits for its schema.
    """

    def __init__(
        self,
        active: Callable[[], Release],
        limits: Limits,
        roots: Roots = NO_ROOTS,
    ) -> None:
        self._active = active
        self._limits = limits
        self._roots = roots
        self._building = threading.Lock()
        self._known: OrderedDict[str, ReleaseSchema] = OrderedDict()

    def current(self) -> ReleaseSchema:
        """The schema of the release that is active now."""
        return self.of(self._active())

    def of(self, release: Release) -> ReleaseSchema:
        """The schema of a release, built where it is asked for the first time.

        A draft that is compiled again may have got other names meanwhile, so it is another release.
        """
        found = self._known.get(release.digest)
        if found is not None and found.release is release:
            return found
        with self._building:
            found = self._known.get(release.digest)
            if found is None or found.release is not release:
                found = ReleaseSchema(release, self._limits, self._roots)
                self._known[release.digest] = found
                if len(self._known) > REMEMBERED:
                    needed = {release.digest, self._active().digest}
                    del self._known[next(digest for digest in self._known if digest not in needed)]
            return found
