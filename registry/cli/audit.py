"""`registry audit`: all that stands against the record, by shape."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from registry.cli.options import Data, Debug, Json, Store, settings


class Engine(StrEnum):
    OWN = "own"
    PYSHACL = "pyshacl"


def audit(
    engine: Annotated[Engine, typer.Option(help="The registry's own validator, or pySHACL as a second opinion.")] = (
        Engine.OWN
    ),
    shapes: Annotated[
        list[Path] | None,
        typer.Option("--shapes", metavar="FILE", help="Shapes to add; a file named like an active module replaces it."),
    ] = None,
    rules: Annotated[bool, typer.Option("--rules", help="Run SHACL-AF rules first; needs --engine pyshacl.")] = False,
    store: Store = None, data: Data = None, json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Check the whole record, and list what is owed: by shape, with counts and examples.

    With --shapes it tells what these would find, before they decide any write. A running server may go on meanwhile.

    Exit code 0: nothing is owed. 1: something is owed. 2: could not be checked.

    Example: registry audit --shapes new-shapes.ttl
    """
    from registry.cli.audit_report import run_audit

    run_audit(settings(store, data), second=engine is Engine.PYSHACL, files=shapes or [], rules=rules, as_json=json)
