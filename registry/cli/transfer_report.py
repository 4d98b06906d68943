"""What `registry import`, `export` and `check` do with what the command line says, and how they tell the result."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import typer

from registry.app.announcement import serving_address
from registry.app.core import Access, Registry, open_registry
from registry.cli.import_client import Refused, import_there
from registry.cli.output import written
from registry.cli.progress import progress_bar
from registry.cli.terminal import say, show_json, show_violations
from registry.errors import BadInput, ShapesViolated
from registry.garbage import settle
from registry.rdf.losses import Loss
from registry.rdf.repair import Repair
from registry.rdf.syntax import Leniency, Syntax, check_base, syntax_of, write
from registry.rdf.vocabulary import DASH, SH
from registry.services.transfer.importer import ImportOptions, ImportResult, OnFault
from registry.settings import Settings
from registry.shacl.reports.graph import Violation
from registry.shacl.reports.results import report


@dataclass(frozen=True, slots=True)
class Telling:
    """How a result is told: in which languages, for people or machines, and in which file the SHACL report of it."""

    languages: tuple[str, ...] = ()
    as_json: bool = False
    report: Path | None = None

    def show(self, violations: Sequence[Violation]) -> None:
        """Violations as a table for people, and in the report if there is to be one."""
        self._write_report(violations)
        if violations and not self.as_json:
            show_violations([violation.as_json(self.languages) for violation in violations])

    def show_result(self, result: ImportResult, lines: Sequence[str]) -> None:
        """A result with its violations; ``lines`` say the rest of it to people."""
        self.show(result.violations)
        if self.as_json:
            show_json(result.as_json(self.languages))
            return
        for line in lines:
            say(line)

    def show_received(self, violations: Sequence[Mapping[str, Any]], graph: str) -> None:
        """The same of violations that a server told, with their report as text."""
        self._write(lambda out: out.write(graph.encode()))
        if violations and not self.as_json:
            show_violations(list(violations))

    def _write_report(self, violations: Sequence[Violation]) -> None:
        if self.report is None:
            return
        syntax = syntax_of(self.report.name)
        self._write(lambda out: write(report(violations), syntax, out, {"sh": SH, "dash": DASH}))

    def _write(self, content: Callable[[IO[bytes]], object]) -> None:
        if self.report is None:
            return
        try:
            with self.report.open("wb") as out:
                content(out)
        except OSError as error:
            raise BadInput(f"{self.report}: {error.strerror}", argument="report") from error


def run_import(
    settings: Settings, files: Sequence[Path], *, format: str | None, adopt: Sequence[str], owed: bool, strict: bool,
    lenient: bool, dry_run: bool, base: str | None, telling: Telling,
) -> None:  # fmt: skip
    """Import files and report. Exit code 1 where something was left out or is owed."""
    if owed and strict:
        raise BadInput("--owed keeps what breaks a shape and --strict refuses all of it: choose one", argument="owed")
    on_fault = OnFault.OWE if owed else OnFault.REFUSE_ALL if strict else OnFault.LEAVE_OUT
    check_base(base)
    address = serving_address(settings.data)
    if address is not None:
        asked = {"adopt": list(adopt), "owed": owed, "strict": strict, "lenient": lenient, "dry-run": dry_run}
        if base is not None:
            asked["base"] = base
        _import_there(address, files, syntax_of(format) if format else None, asked, on_fault, telling)
        return
    registry = open_registry(settings)
    try:
        settle()
        names = registry.ontologies.active().names
        options = ImportOptions(
            syntax_of(format) if format else None,
            tuple(names.resolve(name, "adopt") for name in adopt),
            on_fault,
            Leniency.LENIENT if lenient else Leniency.STRICT,
            dry_run,
            base,
        )
        with progress_bar() as progress:
            result = registry.transfer.import_files(registry.principal, files, options, progress)
    except ShapesViolated as refused:
        telling.show(refused.violations)
        raise
    finally:
        registry.close()
    telling.show_result(result, _told(result, on_fault, dry_run))
    if result.violations:
        raise typer.Exit(1)


def _import_there(
    address: str, files: Sequence[Path], syntax: Syntax | None, asked: Mapping[str, Any], on_fault: OnFault,
    telling: Telling,
) -> None:  # fmt: skip
    """Have the process that serves the data folder import the files, and report as if it had been done here."""
    if telling.report is not None:
        asked = {**asked, "report": syntax_of(telling.report.name).label}
    try:
        with progress_bar() as progress:
            told = import_there(address, files, syntax, asked, telling.languages, progress)
    except Refused as refused:
        if refused.violations:
            telling.show_received(refused.violations, refused.report)
        raise
    graph, violations = told.pop("report", ""), told["violations"]
    telling.show_received(violations, graph)
    if telling.as_json:
        show_json(told)
    else:
        repairs, losses = [Repair(**repair) for repair in told["repairs"]], [Loss(**loss) for loss in told["losses"]]
        result = ImportResult(**{**told, "repairs": repairs, "losses": losses})
        for line in _told(result, on_fault, bool(asked["dry-run"])):
            say(line)
    if violations:
        raise typer.Exit(1)


def run_check(
    settings: Settings, files: Sequence[Path], *, format: str | None, base: str | None, telling: Telling
) -> None:
    """Check files and report. Exit code 1 where they break a shape."""
    registry = _opened_for_reading(settings)
    settle()
    try:
        with progress_bar() as progress:
            result = registry.transfer.check_files(
                registry.principal, files, syntax_of(format) if format else None, progress, base
            )
    finally:
        registry.close()
    words = [] if result.violations else [f"{result.resources:,} resources conform"]
    telling.show_result(result, [*words, *_lost(result.losses)])
    if result.violations:
        raise typer.Exit(1)


def run_export(
    settings: Settings, *, format: str | None, class_iri: str | None, output: Path | None, as_json: bool
) -> None:
    """Export to a file or to stdout."""
    registry = open_registry(settings, Access.READ)
    try:
        syntax = syntax_of(format or (output.name if output else "turtle"))
        wanted = registry.ontologies.active().names.resolve(class_iri, "class") if class_iri else None
        with progress_bar() as progress:
            if output is None:
                count = registry.transfer.export(registry.principal, sys.stdout.buffer, syntax, wanted, progress)
            else:
                with written(output) as out:
                    count = registry.transfer.export(registry.principal, out, syntax, wanted, progress)
    finally:
        registry.close()
    if as_json and output is not None:
        show_json({"file": str(output), "statements": count})
    elif output is not None:
        say(f"{count:,} statements in {output}")


def _opened_for_reading(settings: Settings) -> Registry:
    """The record as it stands; without one, files are checked by themselves against the model."""
    path = Path(settings.store_url.removeprefix("sqlite:///"))
    return open_registry(settings, Access.READ if path.exists() else Access.WRITE)


def _told(result: ImportResult, on_fault: OnFault, dry_run: bool) -> list[str]:
    done = "would be stored" if dry_run else "stored"
    stored = result.resources - len(set(result.left_out) | set(result.dangling)) if dry_run else result.stored
    lines = [f"{stored:,} of {result.resources:,} resources {done}, {result.statements:,} statements read"]
    if result.resumed_at:
        lines.append(f"went on behind {result.resumed_at:,} resources that an interrupted import had stored")
    if result.unchanged:
        lines.append(f"{result.unchanged:,} were there already")
    if result.adopted:
        lines.append(f"{result.adopted:,} twins registered for adopted entities")
    if result.warnings:
        lines.append(f"{result.warnings:,} warnings: `violations` of a twin lists them")
    lines += [f"repaired: {repair.what}: {repair.before} → {repair.after}" for repair in result.repairs[:5]]
    if len(result.repairs) > 5:
        lines.append(f"… and {len(result.repairs) - 5:,} more repairs; --json lists all")
    lines += _lost(result.losses)
    if on_fault is OnFault.OWE and result.violations:
        lines.append(f"{len(result.violations):,} violations are owed: `violations` lists them until they are mended")
    elif result.left_out:
        dangling = f", and {len(result.dangling):,} that link to them" if result.dangling else ""
        lines.append(f"{len(result.left_out):,} resources left out because they break shapes{dangling}")
    return lines


def _lost(losses: Sequence[Loss]) -> list[str]:
    """What could not be kept, each term with how often and where first."""
    lines = []
    for loss in losses[:20]:
        often = "once, in" if loss.count == 1 else f"{loss.count:,} times, first in"
        place = loss.file if loss.line is None else f"{loss.file}:{loss.line}"
        of = f" of {loss.resource}" if loss.resource else ""
        lines.append(f"not kept: {loss.what}: {loss.term}, {often} {place}{of}")
    if len(losses) > 20:
        lines.append(f"… and {len(losses) - 20:,} more terms that were not kept; --json lists all")
    return lines
