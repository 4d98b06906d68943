"""`registry ontology materialise`: what follows from data and model, into a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, nullcontext
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from registry.cli.options import Data, Debug, Json, Store, settings
from registry.cli.progress import progress_bar
from registry.cli.terminal import say, show_json
from registry.errors import BadInput

if TYPE_CHECKING:
    from registry.rdf.terms import Statement


class Rules(StrEnum):
    RDFS = "rdfs"
    OWL_RL = "owlrl"


def materialise(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="File to write; its suffix decides.")],
    files: Annotated[list[Path] | None, typer.Argument(help="RDF files; the record without any.")] = None,
    rules: Annotated[Rules, typer.Option(help="RDF Schema, or OWL 2 RL.")] = Rules.OWL_RL,
    stated: Annotated[bool, typer.Option("--stated", help="Write what is stated too, blank nodes with it.")] = False,
    base: Annotated[str | None, typer.Option(metavar="IRI", help="What relative IRIs are relative to.")] = None,
    store: Store = None, data: Data = None, json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Work out what follows from data and the active model, and write it to a file; the record is never changed.

    Classes and properties above, domains and ranges, inverses, chains and the like. Without --stated only what
    is not stated, and nothing about blank nodes, which have no name to be known by. All of it is held in memory.

    Exit code 0: written. 1: written, and data and model contradict each other.

    Example: registry ontology materialise --rules rdfs -o entailed.ttl
    """
    from registry.app.core import Access, active_release, open_registry
    from registry.cli.output import written
    from registry.rdf.syntax import syntax_of, write
    from registry.services.releases.entailment import Regime, Unnamed, entailed

    asked = settings(store, data)
    syntax = syntax_of(output.name)
    registry = None if files else open_registry(asked, Access.READ)
    with closing(registry) if registry is not None else nullcontext(), progress_bar() as progress:
        release = active_release(asked) if registry is None else registry.ontologies.active()
        given = list(
            _read(files or (), base)
            if registry is None
            else registry.transfer.statements(registry.principal, None, progress)
        )
        unnamed = Unnamed.KEEP if stated else Unnamed.LEAVE_OUT
        found = entailed(given, release.modules, Regime(rules.value), unnamed, progress)
    with written(output) as out:
        write(chain(given if stated else (), found.statements), syntax, out, release.model.prefixes)
    if json:
        show_json({
            "file": str(output), "stated": len(given), "entailed": len(found.statements),
            "aboutBlankNodes": found.unnamed, "contradictions": list(found.contradictions),
        })  # fmt: skip
    else:
        left_out = f"; {found.unnamed:,} about blank nodes are left out" if found.unnamed and not stated else ""
        say(f"{len(found.statements):,} statements follow from {len(given):,}, in {output}{left_out}")
        for words in found.contradictions:
            say(f"a contradiction: {words}")
    if found.contradictions:
        raise typer.Exit(1)


def _read(files: Sequence[Path], base: str | None) -> Iterator[Statement]:
    from registry.rdf.skolem import skolemise
    from registry.rdf.syntax import parse, syntax_of

    for number, file in enumerate(files, start=1):
        try:
            with file.open("rb") as source:
                parsed = parse(source, syntax_of(file.name), file=str(file), base=base)
                # Blank nodes of two files are never the same one.
                yield from skolemise(parsed.statements, f"f{number}")
        except OSError as error:
            raise BadInput(f"{file}: {error.strerror}", argument="files") from error
