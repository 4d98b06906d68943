"""Neo4j Browser as a capability: two routes, a group of commands and a setting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from registry.capability import Capability, Commands, Core, Parts


@dataclass(frozen=True, slots=True)
class BrowserSettings:
    """Where Neo4j Browser is."""

    http: Annotated[str, "HTTP address of the server whose Browser is opened; empty means port 7474 of the store"] = ""


GROUP = Commands(
    "neo4j",
    "Neo4j as the record: its Browser with the look of your model.",
    "registry.neo4j_browser.commands:commands",
)


def open_browser(core: Core) -> Parts:
    """The style sheet and the guide for Browser, made from the active model."""
    from registry.neo4j_browser.routes import GUIDE_PATH, STYLE_PATH, routes

    shared = frozenset({STYLE_PATH, GUIDE_PATH})
    return Parts(routes=routes(core.ontologies.active, core.vocabulary), shared_paths=shared)


NEO4J_BROWSER = Capability(
    "neo4j_browser",
    open_browser,
    settings=BrowserSettings,
    commands=(GROUP,),
)
