"""Neo4j Browser on the demo plant: a real server, told by the registry what to load, and the registry itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from registry.neo4j_browser.settings import browser_link, server_settings
from tests.endtoend.browser import Page
from tests.endtoend.serving import ServingRegistry
from tests.neo4j.server import Neo4jServer, free_port

_NODES = """
[...document.querySelectorAll('g.node')].map(node => {
  const circle = getComputedStyle(node.querySelector('circle.b-outline'));
  const channels = circle.fill.match(/[0-9]+/g).map(Number);
  return {
    fill: '#' + channels.map(c => c.toString(16).padStart(2, '0')).join('').toUpperCase(),
    border_width: circle.strokeWidth,
    caption: [...node.querySelectorAll('text.caption')].map(line => line.textContent.trim()).join(' '),
  };
})
"""


@dataclass(frozen=True)
class DrawnNode:
    """A node as the page shows it; a caption that does not fit ends in an ellipsis."""

    fill: str
    border_width: str
    caption: str


@dataclass(frozen=True)
class BrowsablePlant:
    """The address of the demo that serves, that of its Neo4j server, and the link that opens its graph in Browser."""

    registry: str
    server: str
    link: str


@contextmanager
def browsable_plant(folder: Path) -> Iterator[BrowsablePlant]:
    """Start both and stop both."""
    port = free_port()
    with (
        Neo4jServer(folder / "neo4j", server_settings(f"http://127.0.0.1:{port}")) as server,
        ServingRegistry(folder / "data", "demo", {"REGISTRY_STORE": server.url}, port) as registry,
    ):
        yield BrowsablePlant(registry.address, server.url, browser_link(server.url, server.http))


def run_from_guide(page: Page, heading: str, query: int = 0) -> None:
    """Go to a slide of the guide and press the arrow before one of its queries."""
    page.wait_for(
        f"[...document.querySelectorAll('.slide h3')].some(shown => shown.textContent === {json.dumps(heading)})"
        " || document.querySelector('[data-testid=nextSlide]')?.click()"
    )
    page.wait_for(f"document.querySelectorAll('pre.runnable > i').length > {query}")
    page.evaluate(f"document.querySelectorAll('pre.runnable > i')[{query}].click()")


def drawn_nodes(page: Page) -> Sequence[DrawnNode]:
    """Every node of the latest result, once the page has drawn some."""
    page.wait_for("document.querySelectorAll('g.node text.caption').length > 5")
    return [DrawnNode(**node) for node in page.evaluate(_NODES)]
