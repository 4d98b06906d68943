"""A plant to look at: imported once, then kept alive by simulated devices that use the public API like any other."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from registry.app.core import Registry
from registry.demo.simulator import Simulator
from registry.demo.terminal import follow
from registry.services.transfer.importer import ImportOptions
from registry.settings import Settings

PLANT = Path(__file__).parent / "plant.ttl"


def run(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve the demo plant until interrupted. ``announce`` is told the address once everything answers."""
    from registry.app import server

    ended = threading.Event()

    def ready(address: str, registry: Registry) -> None:
        announce(address)
        simulator = Simulator(address, ended)
        threading.Thread(target=simulator.run, name="devices", daemon=True).start()
        if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
            threading.Thread(target=follow, args=(registry.record, ended), name="console", daemon=True).start()

    try:
        server.serve(settings, ready, prepare=plant_imported)
    finally:
        ended.set()


def plant_imported(registry: Registry) -> None:
    """Import the plant; doing it again changes nothing, and a registry with other things in it keeps them."""
    if not registry.record.head():
        registry.transfer.import_files(registry.principal, [PLANT], ImportOptions())
