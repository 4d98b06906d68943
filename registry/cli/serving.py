"""`registry serve` and `registry demo`: the registry on one port, and the same with a living plant in it."""

from __future__ import annotations

from typing import Annotated

import typer

from registry.cli.options import Data, Debug, Json, Store, settings
from registry.cli.terminal import say

Host = Annotated[str | None, typer.Option(help="Address to listen on; loopback only.", show_default="127.0.0.1")]
Port = Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.", show_default="8080")]
Model = Annotated[str | None, typer.Option(help="Folder of further ontologies and their shapes.")]


def serve(
    host: Host = None, port: Port = None, store: Store = None, data: Data = None, model: Model = None,
    json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Serve GraphQL, SPARQL, RDF and health on one port.

    Example: registry serve --data /var/lib/registry --port 8080
    """
    from registry.app import server

    chosen = settings(store, data, host=host, port=port, model=model)
    server.serve(chosen, ready=lambda address, registry: _announce(address, json))


def demo(
    host: Host = None, port: Port = None, store: Store = None, data: Data = None, json: Json = False,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Serve a small plant whose simulated devices report every second, and show what changes.

    Example: registry demo --port 8080
    """
    from registry.demo import run

    run(settings(store, data, host=host, port=port), announce=lambda address: _announce(address, json))


def _announce(address: str, as_json: bool) -> None:
    if as_json:
        from registry.cli.terminal import show_json

        show_json({"address": address, "graphql": f"{address}/graphql", "sparql": f"{address}/sparql"})
        return
    say(f"registry is ready    {address}/         live view")
    for path, meaning in (("/graphql", "GraphiQL"), ("/sparql", "SPARQL 1.1, read-only"), ("/changes", "change log")):
        say(f"                     {address}{path:<9} {meaning}")
    say("stop with Ctrl-C")
