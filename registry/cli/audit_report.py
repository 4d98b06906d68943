"""What `registry audit` does with what the command line says, and how it tells the result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer

from registry.app.core import Access, Registry, open_registry
from registry.cli.progress import progress_bar
from registry.cli.terminal import say, show_json, show_table
from registry.errors import BadInput
from registry.ontology.modules import Module, ModuleKind, read_module
from registry.rdf.terms import local_name
from registry.services.audit.audit import Progress
from registry.settings import Settings
from registry.shacl.reports.graph import Violation

MOST_LISTED = 10_000
"""How many results are listed one by one for machines; all are counted."""
EXAMPLES = 3


@dataclass(slots=True)
class _Kind:
    """The results of one constraint of one shape."""

    first: Violation
    count: int = 0
    examples: dict[str, None] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The kind as JSON values."""
        told = self.first.as_json()
        same = {name: told[name] for name in ("severity", "shape", "path", "component", "message")}
        return {**same, "count": self.count, "examples": list(self.examples)}


class Tally:
    """Counts results by shape, path and component, with the first few focus nodes of each."""

    def __init__(self) -> None:
        self.owed = 0
        self.others = 0
        self.listed: list[Violation] = []
        self._kinds: dict[tuple[object, ...], _Kind] = {}

    def add(self, violations: Iterable[Violation]) -> None:
        """Count these."""
        for violation in violations:
            if violation.severity.refuses:
                self.owed += 1
            else:
                self.others += 1
            if len(self.listed) < MOST_LISTED:
                self.listed.append(violation)
            key = violation.severity, violation.shape, violation.path, violation.component
            kind = self._kinds.setdefault(key, _Kind(violation))
            kind.count += 1
            if len(kind.examples) < EXAMPLES:
                kind.examples[str(violation.as_json()["focus"])] = None

    def kinds(self) -> Sequence[_Kind]:
        """What refuses first, and the most frequent first."""
        return sorted(self._kinds.values(), key=lambda kind: (not kind.first.severity.refuses, -kind.count))


def run_audit(settings: Settings, *, second: bool, files: Sequence[Path], rules: bool, as_json: bool) -> None:
    """Audit and report. Exit code 1 where something is owed."""
    if rules and not second:
        raise BadInput("--rules runs SHACL-AF rules, which only pySHACL does: add --engine pyshacl", argument="rules")
    shapes = [_shapes(file) for file in files]
    tally = Tally()
    registry = open_registry(settings, Access.READ)
    try:
        resources = registry.record.statistics()["resources"]
        with progress_bar() as progress:
            if second:
                tally.add(_of_pyshacl(registry, shapes, rules, progress))
            else:
                tally.add(registry.audit.results(registry.principal, shapes, progress))
    finally:
        registry.close()
    if as_json:
        show_json({
            "resources": resources, "owed": tally.owed, "others": tally.others,
            "shapes": [kind.as_json() for kind in tally.kinds()],
            "violations": [violation.as_json() for violation in tally.listed],
        })  # fmt: skip
    else:
        _show(tally, resources)
    if tally.owed:
        raise typer.Exit(1)


def _of_pyshacl(registry: Registry, shapes: Sequence[Module], rules: bool, progress: Progress) -> list[Violation]:
    from registry.services.audit.pyshacl_engine import Reach, judged

    statements = registry.transfer.statements(registry.principal, None, progress)
    return judged(statements, registry.audit.modules(shapes), Reach.RULES if rules else Reach.CORE)


def _shapes(file: Path) -> Module:
    try:
        return read_module(file, ModuleKind.SHAPES)
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}", argument="shapes") from error


def _show(tally: Tally, resources: int) -> None:
    rows = [
        (kind.first.severity.value, f"{kind.count:,}", local_name(kind.first.shape), kind.first.path,
         kind.first.message, "\n".join(kind.examples))
        for kind in tally.kinds()
    ]  # fmt: skip
    if rows:
        show_table(("severity", "count", "shape", "path", "what to do", "such as"), rows)
    if tally.owed:
        say(f"{tally.owed:,} violations are owed by {resources:,} resources, and {tally.others:,} warnings stand")
    else:
        say(f"nothing is owed by {resources:,} resources; {tally.others:,} warnings stand")
