"""`registry import`, `export` and `check`: RDF in, RDF out, and RDF judged without storing it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from registry.cli.options import Data, Debug, Json, Language, Store, languages, settings

Files = Annotated[list[Path], typer.Argument(metavar="FILE…", help="RDF files; the suffix tells the format.")]
Report = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", help="Also write a SHACL report; the suffix tells the format."),
]
Format = Annotated[str | None, typer.Option(help="turtle, trig, ntriples, nquads, jsonld or rdfxml.")]

Base = Annotated[
    str | None, typer.Option(metavar="IRI", help="What relative IRIs are relative to; without it they are refused.")
]


def import_files(
    files: Files,
    format: Format = None,
    adopt: Annotated[list[str] | None, typer.Option(help="Also register a twin for each entity of this class.")] = None,
    owed: Annotated[bool, typer.Option("--owed", help="Keep what breaks a shape; `violations` lists it.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Store nothing if anything breaks a shape.")] = False,
    lenient: Annotated[bool, typer.Option("--lenient", help="Repair what can be repaired, and say so.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; store nothing.")] = False,
    whole: Annotated[bool, typer.Option("--whole", help="Restore one file of `export --whole`, log and all.")] = False,
    base: Base = None, report: Report = None, language: Language = None, store: Store = None, data: Data = None,
    json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Import RDF files, each resource checked against the shapes.

    A resource that breaks a shape is reported and left out, with all that would dangle. Importing again changes
    nothing; an interrupted import goes on where it stopped. Where a registry serves the data folder, the files are sent
    to it. Exit code 1 says that something was left out.

    Example: registry import building.ttl --adopt https://brickschema.org/schema/1.0.2/Brick#AHU
    """
    if whole:
        from registry.cli.whole_transfer import run_restore

        run_restore(settings(store, data), files, as_json=json)
        return
    from registry.cli.transfer_report import Telling, run_import

    telling = Telling(languages(language), json, report)
    run_import(settings(store, data), files, format=format, adopt=adopt or [], owed=owed, strict=strict,
               lenient=lenient, dry_run=dry_run, base=base, telling=telling)  # fmt: skip


def export(
    format: Format = None,
    class_iri: Annotated[str | None, typer.Option("--class", help="Only resources of this class.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write; stdout without it.")] = None,
    whole: Annotated[bool, typer.Option("--whole", help="Log and releases too, for `import --whole`.")] = False,
    store: Store = None, data: Data = None, json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Export resources as RDF; the format follows the file's suffix, Turtle without one.

    Example: registry export -o plant.ttl
    """
    if whole:
        from registry.cli.whole_transfer import run_whole

        run_whole(settings(store, data), output, as_json=json)
        return
    from registry.cli.transfer_report import run_export

    run_export(settings(store, data), format=format, class_iri=class_iri, output=output, as_json=json)


def check(
    files: Files, format: Format = None, base: Base = None, report: Report = None, language: Language = None,
    store: Store = None, data: Data = None, json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Check RDF files against the active shapes, touching nothing.

    Exit code 0: conforms. 1: violations. 2: could not be checked.

    Example: registry check plant.ttl
    """
    from registry.cli.transfer_report import Telling, run_check

    telling = Telling(languages(language), json, report)
    run_check(settings(store, data), files, format=format, base=base, telling=telling)
