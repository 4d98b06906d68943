"""`registry ontology`: the model that decides writes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from registry.cli.options import Data, Debug, Json, Store, settings
from registry.cli.terminal import say, show_json, show_table
from registry.cli.unchecked import show_unchecked
from registry.errors import BadInput, OntologyRejected

if TYPE_CHECKING:
    from registry.domain.releases.release import Release
    from registry.ontology.lint import Finding
    from registry.settings import Settings

commands = typer.Typer(no_args_is_help=True, help="The ontologies and shapes that decide writes.")


@commands.command("list")
def list_modules(store: Store = None, data: Data = None, json: Json = False, debug: Debug = False) -> None:
    """List the modules of the active model and the releases this record was written under.

    Example: registry ontology list
    """
    from registry.app.core import Access, open_registry

    registry = open_registry(settings(store, data), Access.READ)
    try:
        release = registry.ontologies.active()
        releases = asyncio.run(registry.catalogue.releases(registry.principal))
    finally:
        registry.close()
    rows = [(m.kind.value, m.name, m.version, len(m.statements), m.iri) for m in release.modules]
    if json:
        show_json({"digest": release.digest, "version": release.version, "modules": [row[4] for row in rows],
                   "releases": [{"digest": r.digest, "activated_at": r.activated_at} for r in releases]})  # fmt: skip
        return
    show_table(("kind", "module", "version", "statements", "IRI"), rows, f"release {release.digest[:12]}")
    show_table(("release", "version", "since"), [(r.digest[:12], r.version, r.activated_at) for r in releases])


@commands.command("check")
def check(
    folder: Annotated[Path | None, typer.Argument(help="Folder of ontologies with its catalogue.")] = None,
    shapes: Annotated[Path | None, typer.Argument(help="Folder of shapes; FOLDER/shapes without it.")] = None,
    foreign: Annotated[
        list[Path] | None,
        typer.Option("--foreign", metavar="FILE", help="Somebody else's ontology, classes and shapes in one file."),
    ] = None,
    coverage: Annotated[bool, typer.Option("--coverage", help="What becomes of each SHACL term.")] = False,
    reason: Annotated[
        bool, typer.Option("--reason", help="Also run the OWL API and HermiT; needs Java and Maven.")
    ] = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Check ontologies and shapes: what a review, Protégé or a reasoner would otherwise find late.

    With --reason, what only Java can tell as well: OWL 2 DL, consistency, classes that can have no members. The
    libraries come from Maven into a cache folder the first time. Exit code 0: nothing found. 1: findings. Shapes that
    never run, predicates of unknown vocabularies and what of foreign shapes is not enforced are listed, and no fault.

    Example: registry ontology check ontologies shapes --reason
    """
    from registry import share
    from registry.ontology.lint import lint

    if coverage:
        _show_coverage(json)
        return
    if folder is None and not foreign:
        raise BadInput("name the folder of ontologies or a foreign file, or ask for --coverage", argument="folder")
    findings = lint(folder, shapes) if folder is not None else []
    if reason and folder is not None and not findings:
        from registry.ontology.reasoner import Task, run

        findings = run(Task.REASON, folder, [share.folder("ontologies")])
    notes: dict[str, list[str]] = {}
    if not findings:
        findings, notes = _compiled(folder, shapes, foreign or ())
    if json:
        rows = [{"kind": f.kind, "where": f.where, "message": f.message} for f in findings]
        show_json(rows + [{"kind": kind, "message": line} for kind, lines in notes.items() for line in lines])
    else:
        if findings:
            show_table(("kind", "where", "finding"), [(f.kind, f.where, f.message) for f in findings])
        show_unchecked(*(notes.get(kind, ()) for kind in NOTES))
    if findings:
        raise typer.Exit(1)
    say(f"{folder or ', '.join(map(str, foreign or ()))}: nothing to mend")


NOTES = ("left-out", "never-runs", "passed-over")
"""What a check lists and is no fault: not enforced of foreign shapes, shapes that nothing runs, unknown predicates."""


def _compiled(
    folder: Path | None, shapes: Path | None, foreign: Sequence[Path]
) -> tuple[list[Finding], dict[str, list[str]]]:
    """What the compiler refuses in these files, with the standard ones beside them; and what is to be noted."""
    from registry.domain.releases.release import compile_release, unchecked_in
    from registry.ontology.lint import Finding
    from registry.ontology.modules import ModuleKind, read_folder, read_module, standard_modules

    for file in foreign:
        if not file.is_file():
            raise BadInput(f"there is no file {file}", argument="foreign")
    try:
        given = [*read_folder(folder, shapes)] if folder is not None else []
        given += [read_module(file, ModuleKind.FOREIGN) for file in foreign]
        merged = {module.file: module for module in (*standard_modules(), *given)}
        release = compile_release(list(merged.values()))
    except OntologyRejected as error:
        parts = [finding.partition(": ") for finding in error.details["findings"] or [error.message]]
        return [Finding("shapes", where, message) for where, _, message in parts], {}
    never_run, passed_over = unchecked_in(release)
    return [], dict(zip(NOTES, ([*release.shapes.left_out], never_run, passed_over), strict=True))


def _show_coverage(json: bool) -> None:
    from registry.shacl.terms import Treatment, coverage

    rows = [(term, found.value) for term, found in coverage()]
    if json:
        show_json(dict(rows))
        return
    counts = Counter(found for _, found in rows)
    summary = ", ".join(f"{counts[found.value]} {found.value}" for found in Treatment)
    show_table(("term", "here"), rows, f"{len(rows)} terms of SHACL: {summary}")


@commands.command("docs")
def docs(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Folder to write to.")] = Path("model"),
    release: Annotated[
        str | None, typer.Option(help="A kept release: first characters of a digest, a version, or `active`.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Installed ontologies with those of a folder, as a new record has them.")
    ] = None,
    store: Store = None,
    data: Data = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Write the model as a page: classes, properties, what shapes require in words, and lifecycles drawn.

    One file, DIR/index.html, that loads nothing: of the active release, without a record of the one that it would
    begin with. A running registry shows the same at /ontology, with ?release= for a past one.

    Example: registry ontology docs -o model --release 0.1.0
    """
    from registry.services.documentation import document

    if release is not None and model is not None:
        raise BadInput(
            "--release is kept by the record, --model is not in it yet: give one of them", argument="release"
        )
    documented = _documented(settings(store, data, model=model), release, of_files=model is not None)
    path = output / "index.html"
    output.mkdir(parents=True, exist_ok=True)
    path.write_text(document(documented), encoding="utf-8")
    if json:
        show_json({"file": str(path), "digest": documented.digest})
    else:
        say(f"wrote {path}")


def _documented(settings: Settings, name: str | None, *, of_files: bool) -> Release:
    """The release that a page is asked of."""
    from registry.app.core import Access, active_release, open_registry
    from registry.domain.releases.release import compile_release
    from registry.ontology.modules import load_modules

    if of_files:
        return compile_release(load_modules(settings.model))
    if name is None:
        return active_release(settings)
    registry = open_registry(settings, Access.READ)
    try:
        return registry.ontologies.compiled(registry.ontologies.digest_of(name))
    finally:
        registry.close()
