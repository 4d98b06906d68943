"""Files on their way to be imported: their names, bases and digests, and what in them no store could hold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from registry.domain.integrity import malformed
from registry.errors import BadInput
from registry.rdf.syntax import Syntax
from registry.rdf.terms import Iri, Statement
from registry.shacl.reports.graph import Violation

MOST_REPORTED = 10_000
"""How many violations a result lists; further ones are counted."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file as its owner knows it: messages call it ``name``, and relative IRIs in it are below ``base``."""

    path: Path
    name: str
    base: Iri | None
    syntax: Syntax | None = None


def source_of(file: Path | Source, base: Iri | None) -> Source:
    """A file with its base; ``base`` is that of files that have none of their own."""
    if isinstance(file, Source):
        return replace(file, base=file.base or base)
    return Source(file, str(file), base)


def digest_of(sources: Sequence[Source], options: str) -> str:
    """A number for the content of files, their bases and the options. Raises BadInput for a file that is not there."""
    whole = hashlib.sha256(options.encode())
    for source in sources:
        whole.update((source.base or "").encode())
        try:
            with source.path.open("rb") as content:
                whole.update(hashlib.file_digest(content, "sha256").digest())
        except OSError as error:
            raise BadInput(f"{source.name}: {error.strerror}", argument="file") from error
    return whole.hexdigest()


class TermCheck:
    """Statements of a file on their way to be staged; what no store could hold is reported and goes no further.

    ``subjects`` fills with the resources that such statements speak of: half of a resource is not stored.
    """

    def __init__(self, file: str, statements: Iterator[Statement], violations: list[Violation]) -> None:
        self.subjects: dict[Iri, None] = {}
        self._file = file
        self._statements = statements
        self._violations = violations

    def __iter__(self) -> Iterator[Statement]:
        for statement in self._statements:
            wrong = malformed((statement,))
            if not wrong:
                yield statement
                continue
            self.subjects[statement[0]] = None
            for violation in wrong[: MOST_REPORTED - len(self._violations)]:
                message = f"{violation.message} (in {self._file})"
                self._violations.append(replace(violation, message=message))
