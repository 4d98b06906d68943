"""Whether everything is as it should be: for people who run the registry, and for what watches it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

from registry.errors import RegistryError
from registry.services.releases.ontologies import Ontologies
from registry.sparql.projection import Projection
from registry.stores.port import Record

IMPORT_JOBS = "import-job"
_RESTORE = "move the file away, then registry restore PATH of the last backup"


_PACKAGE = Path(__file__).resolve().parents[1]


class Verdict(Enum):
    GOOD = "good"
    NOTE = "note"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, what was found, and what repairs it."""

    part: str
    verdict: Verdict
    found: str
    repair: str = ""

    @property
    def is_fault(self) -> bool:
        """Whether somebody must do something."""
        return self.verdict is Verdict.FAULT

    def row(self) -> tuple[str, str, str, str]:
        """The finding as a row of a table."""
        return self.part, self.verdict.value, self.found, self.repair

    def as_json(self) -> dict[str, Any]:
        """The finding as JSON values."""
        return {"part": self.part, "verdict": self.verdict.value, "found": self.found, "repair": self.repair}


class Health:
    """Looks at the record, the log, the names, unfinished imports and the projection."""

    def __init__(
        self, record: Record, ontologies: Ontologies, projection: Projection | None,
        exposed: Callable[[], Sequence[Path]] = tuple,
    ) -> None:  # fmt: skip
        self._record = record
        self._ontologies = ontologies
        self._projection = projection
        self._exposed = exposed

    def examined(self) -> list[Finding]:
        """Everything that was looked at, in order."""
        parts: Mapping[str, Callable[[], Finding | Sequence[Finding]]] = {
            "record": self._of_record, "log": self._of_log, "names": self._of_names, "model": self._of_files,
            "shapes": self._of_shapes, "import": self._of_imports, "projection": self._of_projection,
            "privacy": self._of_privacy, "code": _of_code,
        }  # fmt: skip
        return [finding for part, look in parts.items() for finding in _looked(part, look)]

    def repaired(self) -> list[Finding]:
        """The same, after what can be rebuilt without losing data was rebuilt."""
        if self._projection is not None and self._of_projection().is_fault:
            self._projection.rebuild()
        return self.examined()

    def _of_record(self) -> Finding:
        faults = self._record.verify()
        if faults:
            return Finding("record", Verdict.FAULT, "; ".join(faults[:3]), _RESTORE)
        counts = self._record.statistics()
        return Finding("record", Verdict.GOOD, ", ".join(f"{count:,} {name}" for name, count in counts.items()))

    def _of_log(self) -> Finding:
        head, count = self._record.head(), self._record.statistics()["entries"]
        if head != count:
            return Finding("log", Verdict.FAULT, f"ends at {head:,} and has {count:,} entries", _RESTORE)
        return Finding("log", Verdict.GOOD, f"{head:,} entries without a gap")

    def _of_names(self) -> Finding:
        names = self._ontologies.active().names
        return Finding("names", Verdict.GOOD, f"{len(names):,} issued, each for one term")

    def _of_files(self) -> Sequence[Finding]:
        if not self._ontologies.has_other_files:
            return []
        found = "the installed ontologies are another model than the active release"
        return [Finding("model", Verdict.NOTE, found, "registry ontology publish, or leave it as it is")]

    def _of_shapes(self) -> Sequence[Finding]:
        """What an older version checked and this one does not: until it is mended, writes pass that should not."""
        return [
            Finding("shapes", Verdict.FAULT, f"no write is held to this any more: {gone}", "mend it and publish it")
            for gone in self._ontologies.active().shapes.no_longer_read
        ]

    def _of_privacy(self) -> Sequence[Finding]:
        exposed = self._exposed()
        if not exposed:
            return []
        found = f"others may read {', '.join(map(str, exposed[:3]))}{' and more' if len(exposed) > 3 else ''}"
        return [Finding("privacy", Verdict.FAULT, found, "registry doctor --repair, as the owner of the files")]

    def _of_imports(self) -> Sequence[Finding]:
        jobs = self._record.kept(IMPORT_JOBS)
        return [
            Finding("import", Verdict.NOTE, f"an import stopped half way: {key}", "run the same import again")
            for key in jobs
        ]

    def _of_projection(self) -> Finding:
        projection = self._projection
        if projection is None:
            found = "is not open here: a server has it, whose /ready tells its position, or the folder is read only"
            return Finding("projection", Verdict.NOTE, found)
        position = projection.catch_up()
        differing = projection.differing()
        if differing:
            found = (
                f"tells {', '.join(differing[:3])}{' and more' if len(differing) > 3 else ''} otherwise than the record"
            )
            return Finding("projection", Verdict.FAULT, found, "registry doctor --repair")
        return Finding("projection", Verdict.GOOD, f"equals the record at position {position:,}")


def _looked(part: str, look: Callable[[], Finding | Sequence[Finding]]) -> Sequence[Finding]:
    """What a look finds; one that a damaged record ends is a finding, and the others go on."""
    try:
        found = look()
    except RegistryError as error:
        return [Finding(part, Verdict.FAULT, error.message, _RESTORE)]
    return [found] if isinstance(found, Finding) else found


def _of_code() -> Finding:
    """Which code runs: an extension module goes before the file that it was compiled from."""
    compiled = [path for path in _PACKAGE.rglob(f"*{EXTENSION_SUFFIXES[0]}") if path.with_name(_source(path)).exists()]
    found = f"compiled: {len(compiled)} modules are machine code" if compiled else "pure Python"
    return Finding("code", Verdict.GOOD, found)


def _source(path: Path) -> str:
    return path.name.removesuffix(EXTENSION_SUFFIXES[0]) + ".py"
