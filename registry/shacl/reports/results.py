"""The validation report as RDF (SHACL 3.6), with suggestions as DASH writes them, for tools that read these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from registry.rdf.terms import Iri, Statement, boolean, is_blank, text
from registry.rdf.vocabulary import DASH, RDF, RDF_FIRST, RDF_NIL, RDF_REST, RDF_TYPE, RDFS_LABEL, SH
from registry.shacl.paths import MARKS, Alternative, Chain, Inverse, Path, Predicate, Repeat, path_of
from registry.shacl.reports.graph import Violation

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
        yield from _suggestion(result, violation, labels)
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
    if isinstance(violation.focus, str):
        for label in violation.labels.focus:
            yield violation.focus, RDFS_LABEL, label
    for label in violation.labels.path:
        yield result, RDFS_LABEL, label
    if violation.constraint is not None and not is_blank(violation.constraint):
        yield result, SH + "sourceConstraint", violation.constraint
    for wording in violation.wordings or (text(violation.message),):
        yield result, SH + "resultMessage", wording


def _suggestion(result: Iri, violation: Violation, labels: Iterator[Iri]) -> Iterator[Statement]:
    """What to do, in the words that DASH has for it (http://datashapes.org/suggestions.html)."""
    if violation.suggestion is None:
        return
    node = next(labels)
    yield result, DASH + "suggestion", node
    yield node, RDF_TYPE, DASH + ("Suggestion" if violation.fix is None else "GraphUpdate")
    yield node, SH + "message", text(violation.suggestion, "en")
    for name, statements in _changes(violation):
        for subject, predicate, target in statements:
            triple = next(labels)
            yield node, DASH + name, triple
            yield triple, RDF_TYPE, RDF + "Statement"
            yield triple, RDF + "subject", subject
            yield triple, RDF + "predicate", predicate
            yield triple, RDF + "object", target


def _changes(violation: Violation) -> Iterator[tuple[str, Sequence[Statement]]]:
    if violation.fix is not None:
        yield "deletedTriple", violation.fix.remove
        yield "addedTriple", violation.fix.add


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
