"""`registry neo4j`: what a Neo4j server and its Browser are told of this registry."""

from __future__ import annotations

from typing import Annotated

import typer

from registry.cli.options import Data, Debug, Json, Store, settings
from registry.cli.terminal import say, show_json
from registry.neo4j_browser.capability import GROUP

commands = typer.Typer(no_args_is_help=True, help=GROUP.explanation)


@commands.command("browser")
def browser(
    http: Annotated[
        str, typer.Option(metavar="URL", help="HTTP address of Neo4j.", show_default="port 7474 of the store")
    ] = "",
    store: Store = None, data: Data = None, json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Print what makes Neo4j Browser load the colours and the guide of your model, and the link that opens it.

    Two lines for neo4j.conf and an address. The registry must be serving when Browser opens.

    Example: registry neo4j browser --store neo4j://localhost:7687
    """
    from registry.app.announcement import serving_address
    from registry.neo4j_browser.settings import browser_link, server_settings

    chosen = settings(store, data)
    address = http or chosen.sections["neo4j_browser"].http
    link = browser_link(chosen.store_url, address.rstrip("/"))
    told = server_settings(serving_address(chosen.data) or f"http://{chosen.host}:{chosen.port}")
    if json:
        show_json({"settings": told, "link": link})
        return
    say("Add to neo4j.conf and restart the Neo4j server:\n")
    for name, value in told.items():
        print(f"{name}={value}")
    say("\nThen open, while this registry serves:\n")
    print(link)
