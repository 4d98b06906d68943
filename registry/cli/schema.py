"""`registry schema`: the GraphQL schema as text."""

from __future__ import annotations

from typing import Annotated

import typer

from registry.cli.options import Data, Debug, Store, settings


def schema(
    sdl: Annotated[bool, typer.Option("--sdl", help="The schema definition language (the default).")] = False,
    json: Annotated[bool, typer.Option("--json", help="The answer to an introspection query.")] = False,
    store: Store = None,
    data: Data = None,
    debug: Debug = False,
) -> None:
    """Print the GraphQL schema of the active release; without a record, that of a new one.

    Example: registry schema --sdl > schema.graphql
    """
    from registry.api.graphql.fixed.schema import ReleaseSchema
    from registry.api.graphql.serve.limits import Limits
    from registry.app.capabilities import roots
    from registry.app.core import active_release
    from registry.cli.terminal import show_json

    found = ReleaseSchema(active_release(settings(store, data)), Limits(), roots())
    if json:
        show_json(found.introspection)
    else:
        print(found.sdl(), end="")
