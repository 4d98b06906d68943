"""`registry query`: SPARQL on the projection, a table for people, CSV or JSON for programs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from registry.cli.options import Data, Debug, Json, Store, settings


def query(
    text: Annotated[str, typer.Argument(metavar="TEXT|FILE.rq", help="SPARQL, or a file that holds it.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File to write: .csv, .json, .parquet, .ttl …")
    ] = None,
    store: Store = None, data: Data = None, json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Ask SPARQL. A table on a terminal, CSV when piped, JSON with --json.

    A running server is asked over HTTP; otherwise the projection is opened here. The model's prefixes are known.

    Example: registry query "SELECT ?twin ?state { ?twin lifecycle:inState ?state }"
    """
    from registry.cli.query_answer import answer

    source = Path(text)
    if text.endswith(".rq") and source.is_file():
        text = source.read_text(encoding="utf-8")
    answer(settings(store, data), text, output=output, as_json=json, terminal=sys.stdout.isatty())
