"""`registry licences`: what is installed with the registry, and under which licences."""

from __future__ import annotations

import typer

from registry.cli.options import Debug, Json
from registry.cli.terminal import say, show_json, show_table


def licences(json: Json = False, debug: Debug = False) -> None:
    """List everything that is installed and runs in the registry, with version and licence as its metadata states them.

    Exit code 1 if a licence is not permitted: permissive ones and weak copyleft of files (EPL, MPL) are, the LGPL in
    extras only.

    Example: registry licences --json
    """
    from registry.services.licences import Verdict
    from registry.services.licences import licences as installed

    found = installed()
    if json:
        show_json([one.as_json() for one in found])
    else:
        show_table(("distribution", "version", "licence", "needed by", "verdict"), [one.row() for one in found])
    refused = [one.name for one in found if one.verdict is not Verdict.PERMITTED]
    if refused:
        say(f"not permitted: {', '.join(refused)}")
        raise typer.Exit(1)
    say(f"all {len(found)} are permitted")
