"""The schema, put together once; the generic half is the same for every release."""

from __future__ import annotations

from functools import cache
from typing import Any

from graphql import introspection_from_schema
from strawberry import Schema
from strawberry.schema.config import StrawberryConfig

from registry.api.graphql.mutations import Mutation
from registry.api.graphql.queries import Query
from registry.api.graphql.resources import Thing
from registry.api.graphql.scalars import SCALARS
from registry.api.graphql.subscriptions import Subscription


@cache
def schema() -> Schema:
    """The schema that requests run on."""
    config = StrawberryConfig(scalar_map=SCALARS)
    return Schema(Query, Mutation, Subscription, types=[Thing], config=config)


def sdl() -> str:
    """The schema definition language of the schema."""
    return schema().as_str()


def introspection() -> dict[str, Any]:
    """The answer to an introspection query."""
    return dict(introspection_from_schema(schema()._schema))
