"""``python -m tests.neo4j.picture``: take the README's picture of Neo4j Browser anew."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.endtoend.browser import browser_page
from tests.neo4j.browsing import browsable_plant, drawn_nodes, run_from_guide
from tests.places import CHECKOUT

SETTLING_SECONDS = 15
"""Long enough for the nodes to find their places and for the twins to be in service."""
DRAWING_SECONDS = 2


def main() -> None:
    """Start the demo on Neo4j, open Browser by the printed link, run a query of the guide, and save what it shows."""
    with (
        tempfile.TemporaryDirectory() as folder,
        browsable_plant(Path(folder)) as plant,
        browser_page(plant.link) as page,
    ):
        time.sleep(SETTLING_SECONDS)
        run_from_guide(page, "Around one entity")
        drawn_nodes(page)
        time.sleep(SETTLING_SECONDS)
        page.click("document.querySelector('[aria-label=zoom-to-fit]')")
        time.sleep(DRAWING_SECONDS)
        page.picture(CHECKOUT / "docs" / "pictures" / "neo4j-browser.png")


if __name__ == "__main__":
    main()
