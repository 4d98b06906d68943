"""Where `registry query` gets its answer, and the forms it is shown in."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from registry.cli.terminal import say, show_table
from registry.errors import BadInput, RegistryError, StoreUnavailable
from registry.rdf.syntax import syntax_of
from registry.settings import Settings

SOLUTIONS = "application/sparql-results+json"
_SUFFIXES = {".json": SOLUTIONS, ".xml": "application/sparql-results+xml", ".csv": "text/csv",
             ".tsv": "text/tab-separated-values", ".parquet": SOLUTIONS}  # fmt: skip


def answer(settings: Settings, text: str, *, output: Path | None, as_json: bool, terminal: bool) -> None:
    """Ask and show. Raises BadInput for a query or a file name that does not fit."""
    graph = _answers_graph(settings, text)
    if output is not None:
        media_type = syntax_of(output.name).media_type if graph else _SUFFIXES.get(output.suffix)
        if media_type is None:
            known = ", ".join(_SUFFIXES)
            raise BadInput(f"{output.name}: a table goes to a file of {known}", argument="output")
    elif graph:
        media_type = "text/turtle"
    else:
        media_type = SOLUTIONS if as_json or terminal else "text/csv"
    content = _ask(settings, text, media_type)
    if output is not None:
        _save(content, output)
    elif terminal and not as_json and not graph:
        _show(content)
    else:
        sys.stdout.buffer.write(content)


def _answers_graph(settings: Settings, text: str) -> bool:
    from registry.ontology.model import Model
    from registry.ontology.modules import load_modules
    from registry.rdf.sparql_text import read_query

    return read_query(text, Model(load_modules(settings.model)).prefixes).form.answers_triples


def _ask(settings: Settings, text: str, media_type: str) -> bytes:
    """Ask the process that serves this data folder, or open the projection here where none does."""
    from registry.app.announcement import serving_address

    address = serving_address(settings.data)
    if address:
        return _ask_server(address, text, media_type)
    if not settings.data.exists() or os.access(settings.data, os.W_OK):
        return asyncio.run(_ask_here(settings, text, media_type))
    # A projection is made of the record, so where none can be written one is made elsewhere, for this question.
    with TemporaryDirectory(prefix="registry-") as folder:
        elsewhere = replace(settings, store=settings.store_url, data=Path(folder))
        return asyncio.run(_ask_here(elsewhere, text, media_type))


def _ask_server(address: str, text: str, media_type: str) -> bytes:
    request = urllib.request.Request(
        f"{address}/sparql", urlencode({"query": text}).encode(), headers={"accept": media_type}
    )
    try:
        with urllib.request.urlopen(request) as reply:
            content: bytes = reply.read()
            return content
    except urllib.error.HTTPError as error:
        told = json.loads(error.read() or b"{}")
        refusal = RegistryError(told.get("detail") or told.get("title") or str(error))
        refusal.code = told.get("code", "INTERNAL")
        raise refusal from error
    except OSError as error:
        raise StoreUnavailable(f"the registry at {address} does not answer: {error}") from error


async def _ask_here(settings: Settings, text: str, media_type: str) -> bytes:
    from registry.app.core import Access, open_queries, open_registry

    registry = open_registry(settings, Access.READ)
    try:
        queries = open_queries(registry)
        try:
            assert registry.projection is not None
            await asyncio.to_thread(registry.projection.catch_up)
            return (
                await queries.answer(
                    registry.principal, queries.read(text), media_type, at_least=registry.record.head()
                )
            ).content
        finally:
            await queries.close()
    finally:
        registry.close()


def _show(content: bytes) -> None:
    answer = json.loads(content)
    if "boolean" in answer:
        print("yes" if answer["boolean"] else "no")
        return
    from registry.sparql.tables import read_table

    table = read_table(content)
    show_table(table.columns, table.texts())
    say(f"{len(table.rows):,} rows")


def _save(content: bytes, output: Path) -> None:
    if output.suffix == ".parquet":
        from registry.sparql.tables import read_table, write_parquet

        content = write_parquet(read_table(content))
    try:
        output.write_bytes(content)
    except OSError as error:
        raise BadInput(f"{output}: {error.strerror}", argument="output") from error
    say(f"written to {output}")
