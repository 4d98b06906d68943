"""`registry doctor`: is everything as it should be, and what repairs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from registry.cli.options import Data, Debug, Json, Store, settings
from registry.cli.terminal import say, show_json, show_table

if TYPE_CHECKING:
    from registry.app.core import Registry
    from registry.services.health import Finding


def doctor(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended without losing data.")] = False,
    shapes: Annotated[
        bool, typer.Option("--shapes", help="Also replay the log and check every result of every shape a second way.")
    ] = False,
    store: Store = None, data: Data = None, json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Verify the record, the log, the projection and the names. Exit code 1 if something is wrong.

    --shapes is for the night: it holds the whole graph in memory, about 1 kB for a statement.

    Example: registry doctor --repair
    """
    from registry.app.core import Access, open_registry

    registry = open_registry(settings(store, data), Access.WRITE if repair else Access.READ)
    try:
        findings = registry.health.repaired() if repair else registry.health.examined()
        if shapes:
            findings += _recounted(registry)
    finally:
        registry.close()
    if json:
        show_json([finding.as_json() for finding in findings])
    else:
        show_table(("part", "verdict", "what was found", "what repairs it"), [finding.row() for finding in findings])
    if any(finding.is_fault for finding in findings):
        raise typer.Exit(1)
    say("everything is as it should be")


def _recounted(registry: Registry) -> list[Finding]:
    from registry.cli.progress import progress_bar
    from registry.services.audit.log_audit import Recount

    with progress_bar() as progress:
        return Recount(registry.record, registry.ontologies.active(), registry.audit).findings(progress)
