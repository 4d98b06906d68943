"""Validation reports as what can be compared, whoever wrote them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Iri, Literal, Term, is_blank
from registry.rdf.vocabulary import SH
from registry.shacl.paths import read_path, text
from registry.shacl.reports.graph import Violation

Result = tuple[str, str, str, str, str]
"""Focus node, path, value, component, severity; all blank nodes look alike."""


def shown(term: Term | None) -> str:
    if term is None:
        return ""
    if isinstance(term, Literal):
        return f'"{term.lexical}"^^{term.datatype}@{term.language.lower()}'
    return "_:" if is_blank(term) else term


def told(violations: Iterable[Violation]) -> Counter[Result]:
    return Counter(
        (shown(v.focus), v.path, shown(v.value), v.component, v.custom_severity or SH + v.severity.value)
        for v in violations
    )


def written(graph: MemoryGraph, report: Iri) -> Counter[Result]:
    """The results of a report that is in a graph."""
    found: Counter[Result] = Counter()
    for result in graph.objects(report, SH + "result"):
        assert isinstance(result, str)
        path = graph.value(result, SH + "resultPath")
        found[
            shown(graph.value(result, SH + "focusNode")),
            "" if path is None else text(read_path(graph, path)),
            shown(graph.value(result, SH + "value")),
            shown(graph.value(result, SH + "sourceConstraintComponent")),
            shown(graph.value(result, SH + "resultSeverity")),
        ] += 1
    return found


def sources(graph: MemoryGraph, report: Iri, kind: str) -> Counter[str]:
    """How often each named shape is the source of a result in a report; blank ones have no name to compare."""
    results = [result for result in graph.objects(report, SH + "result") if isinstance(result, str)]
    found = [graph.value(result, SH + kind) for result in results]
    return Counter(shape for shape in found if isinstance(shape, str) and not is_blank(shape))


def without_paths(results: Counter[Result]) -> Counter[Result]:
    """The same results with no word on paths."""
    found: Counter[Result] = Counter()
    for (focus, _, value, component, severity), times in results.items():
        found[focus, "", value, component, severity] += times
    return found


def messages(graph: MemoryGraph, report: Iri) -> list[Term]:
    """All messages in a report."""
    results = [result for result in graph.objects(report, SH + "result") if isinstance(result, str)]
    return [message for result in results for message in graph.objects(result, SH + "resultMessage")]
