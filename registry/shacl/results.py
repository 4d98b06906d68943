"""The validation report as RDF (SHACL 3.6), for tools that read SHACL's own vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from registry.rdf.terms import Iri, Statement, boolean, is_blank, text
from registry.rdf.vocabulary import RDF_FIRST, RDF_NIL, RDF_REST, RDF_TYPE, SH
from registry.shacl.paths import MARKS, Alternative, Chain, Inverse, Path, Predicate, Repeat, path_of
from registry.shacl.report import Violation

_KINDS = {mark: kind for kind, mark in MARKS.items()}


def report(violations: Iterable[Violation]) -> Iterator[Statement]:
    """The statements of one sh:ValidationReport. Its blank nodes are ``_:report`` and ``_:report-1`` onwards."""
    yield "_:report", RDF_TYPE, SH + "ValidationReport"
    labels = (f"_:report-{number}" for number in count(1))
    conforms = True
    for violation in violations:
        conforms = False
        result = next(labels)
        yield "_:report", SH + "result", result
        yield from _result(result, violation)
        if violation.path:
            path = _PathStatements(labels)
            yield result, SH + "resultPath", path.node(path_of(violation.path))
            yield from path.statements
    yield "_:report", SH + "conforms", boolean(conforms)


def _result(result: Iri, violation: Violation) -> Iterator[Statement]:
    yield result, RDF_TYPE, SH + "ValidationResult"
    yield result, SH + "focusNode", violation.focus
    if violation.value is not None:
        yield result, SH + "value", violation.value
    yield result, SH + "resultSeverity", violation.custom_severity or SH + violation.severity.value
    yield result, SH + "sourceConstraintComponent", violation.component
    yield result, SH + "sourceShape", violation.shape
    if violation.constraint is not None and not is_blank(violation.constraint):
        yield result, SH + "sourceConstraint", violation.constraint
    for wording in violation.wordings or (text(violation.message),):
        yield result, SH + "resultMessage", wording


class _PathStatements:
    """Writes a path as RDF (SHACL 2.3.1)."""

    def __init__(self, labels: Iterator[Iri]) -> None:
        self.statements: list[Statement] = []
        self._labels = labels

    def node(self, path: Path) -> Iri:
        """The node that stands for a path."""
        match path:
            case Predicate(iri):
                return iri
            case Inverse(inner):
                return self._blank(SH + "inversePath", self.node(inner))
            case Chain(steps):
                return self._list(steps)
            case Alternative(options):
                return self._blank(SH + "alternativePath", self._list(options))
            case Repeat(inner, mark):
                return self._blank(_KINDS[mark], self.node(inner))

    def _blank(self, predicate: Iri, target: Iri) -> Iri:
        blank = next(self._labels)
        self.statements.append((blank, predicate, target))
        return blank

    def _list(self, members: Sequence[Path]) -> Iri:
        head = RDF_NIL
        for member in reversed(members):
            node = self.node(member)
            rest, head = head, next(self._labels)
            self.statements += [(head, RDF_FIRST, node), (head, RDF_REST, rest)]
        return head
