"""`registry schema`: the GraphQL schema as text."""

from __future__ import annotations

from typing import Annotated

import typer

from registry.cli.options import Debug


def schema(
    sdl: Annotated[bool, typer.Option("--sdl", help="The schema definition language (the default).")] = False,
    json: Annotated[bool, typer.Option("--json", help="The answer to an introspection query.")] = False,
    debug: Debug = False,
) -> None:
    """Print the GraphQL schema of the active release.

    Example: registry schema --sdl > schema.graphql
    """
    from registry.api.graphql import schema as graphql_schema
    from registry.cli.console import show_json

    if json:
        show_json(graphql_schema.introspection())
    else:
        print(graphql_schema.sdl())
