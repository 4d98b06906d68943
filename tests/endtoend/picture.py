"""``python -m tests.endtoend.picture``: take the README's picture of the live view anew."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.endtoend.browser import browser_page
from tests.endtoend.serving import ServingRegistry
from tests.places import CHECKOUT

LIVE_SECONDS = 45
"""Long enough for the curves to have a shape and a pump to have taken its turn."""


def main() -> None:
    """Start the demo, let it live for a while, and save what the page shows."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ServingRegistry(Path(folder), "demo") as registry,
        browser_page(registry.address) as page,
    ):
        page.wait_for("document.querySelectorAll('article').length >= 10")
        time.sleep(LIVE_SECONDS)
        page.picture(CHECKOUT / "docs" / "pictures" / "live-view.png")


if __name__ == "__main__":
    main()
