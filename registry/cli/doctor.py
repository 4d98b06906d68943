"""`registry doctor`: is everything as it should be, and what repairs it."""

from __future__ import annotations

from typing import Annotated

import typer

from registry.cli.console import say, show_json, show_table
from registry.cli.options import Data, Debug, Json, Store, settings


def doctor(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended without losing data.")] = False,
    store: Store = None, data: Data = None, json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Verify the record, the log, the projection and the names. Exit code 1 if something is wrong.

    Example: registry doctor --repair
    """
    from registry.app import Access, open_registry

    registry = open_registry(settings(store, data), Access.WRITE if repair else Access.READ)
    try:
        findings = registry.health.repaired() if repair else registry.health.examined()
    finally:
        registry.close()
    if json:
        show_json([finding.as_json() for finding in findings])
    else:
        show_table(("part", "verdict", "what was found", "what repairs it"), [finding.row() for finding in findings])
    if any(finding.is_fault for finding in findings):
        raise typer.Exit(1)
    say("everything is as it should be")
