"""Options that several commands take, and the settings they lead to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from registry.settings import Settings, load

Store: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--store", help="Record: sqlite:///PATH or neo4j://USER:PASSWORD@HOST.", show_default="DATA/registry.db"
    ),
]
Data: TypeAlias = Annotated[
    Path | None, typer.Option("--data", help="Folder of the record and the projection.", show_default="./data")
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Debug: TypeAlias = Annotated[bool, typer.Option("--debug", help="Show the trace of an error.")]


def settings(store: str | None = None, data: Path | None = None, **others: Any) -> Settings:
    """The settings with what the command line says on top."""
    return load({"store": store, "data": data, **others})
