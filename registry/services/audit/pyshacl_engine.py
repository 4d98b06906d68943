"""The record judged by pySHACL: an independent engine, and the one that runs SHACL-AF rules.

It holds the whole graph in memory, about 2 kB for a statement, and takes milliseconds where the registry takes
microseconds. What it gets wrong at the time of writing is listed in ``tests/shacl/test_pyshacl.py``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import Any

from registry.domain.releases.release import template_targets
from registry.errors import BadInput, OntologyRejected
from registry.ontology.model import Model
from registry.ontology.modules import Module
from registry.rdf.graph import MemoryGraph
from registry.rdf.rdflib_terms import Terms
from registry.rdf.terms import Iri, Literal, Statement, Term, is_blank
from registry.rdf.vocabulary import RDF_TYPE, RDFS_SUB_CLASS_OF, SH
from registry.shacl.paths import read_path, text
from registry.shacl.reports.graph import Severity, Violation
from registry.shacl.shapes_graph import ShapesGraph


class Reach(Enum):
    """What pySHACL runs: SHACL Core and SPARQL constraints, or SHACL-AF rules, functions and targets as well."""

    CORE = "core"
    RULES = "rules"


def judged(statements: Iterable[Statement], modules: Sequence[Module], reach: Reach = Reach.CORE) -> list[Violation]:
    """What pySHACL finds, as our own results. Raises OntologyRejected for shapes that it does not understand.

    What the model says of its terms is there to be read; results at terms are none of the record's and are left out.
    """
    try:
        import pyshacl
        import rdflib
        from pyshacl.errors import ReportableRuntimeError
    except ImportError as error:
        raise BadInput("this needs pySHACL: pip install pyshacl", argument="engine") from error
    model = Model(modules)
    data, shapes = rdflib.Graph(), rdflib.Graph()
    terms = Terms()
    subjects = set()
    with _quiet():
        for subject, predicate, target in statements:
            subjects.add(subject)
            data.add((terms.foreign(subject), terms.foreign(predicate), terms.foreign(target)))
        beside = {term for term in model.graph.subjects() if term not in subjects}
        for statement in model.graph:
            if statement[0] in beside or statement[1] == RDFS_SUB_CLASS_OF:
                data.add(tuple(map(terms.foreign, statement)))
        for statement in _shapes(model, modules, data, terms):
            shapes.add(tuple(map(terms.foreign, statement)))
        try:
            _, report, words = pyshacl.validate(
                data, shacl_graph=shapes, inplace=True, advanced=reach is Reach.RULES, js=False, meta_shacl=False
            )
        except ReportableRuntimeError as error:
            raise OntologyRejected(f"pySHACL does not understand the shapes: {_line(error)}") from error
    if not isinstance(report, rdflib.Graph):
        raise OntologyRejected(f"pySHACL could not finish: {_line(words)}")
    own = MemoryGraph((terms.own(s), terms.own(p), terms.own(o)) for s, p, o in report)
    named = _Named(MemoryGraph(s for module in modules if module.kind.has_shapes for s in module.statements))
    # Details of a result are results too, but not the report's own.
    reports = own.sources(SH + "ValidationReport", RDF_TYPE)
    results = (result for node in reports for result in own.objects(node, SH + "result"))
    found = (_violation(own, str(result), named) for result in results)
    return [violation for violation in found if violation.focus not in beside]


def _shapes(model: Model, modules: Sequence[Module], data: Any, terms: Terms) -> Iterator[Statement]:
    """The shapes, with two kinds of targets spelled out.

    SHACL has none by value, as templates need; and pySHACL knows a class by its shapes graph only, one step below
    rdfs:Class (SHACL 2.1.3.3 has no such limit).
    """
    given = ShapesGraph(
        MemoryGraph(s for m in modules if m.kind.has_shapes for s in m.statements), ontologies=model.graph
    )
    yield from given.graph
    yield from ((node, SH + "targetClass", node) for node in given.nodes() if given.is_implicit_target(node))
    for shape, targets in template_targets(model).items():
        for predicate, value in targets:
            for subject in data.subjects(terms.foreign(predicate), terms.foreign(value)):
                yield shape, SH + "targetNode", terms.own(subject)


class _Named:
    """Finds the nearest named shape above one that has no name."""

    def __init__(self, shapes: MemoryGraph) -> None:
        self._above: dict[Term, Iri] = {}
        for subject, _, target in shapes:
            if isinstance(target, str) and is_blank(target):
                self._above.setdefault(target, subject)

    def of(self, shape: Iri) -> Iri:
        """The shape itself where it has a name."""
        seen = set[Iri]()
        while is_blank(shape) and shape in self._above and shape not in seen:
            seen.add(shape)
            shape = self._above[shape]
        return shape


def _violation(report: MemoryGraph, result: Iri, named: _Named) -> Violation:
    path = report.value(result, SH + "resultPath")
    severity = report.value(result, SH + "resultSeverity")
    known = {SH + kind.value: kind for kind in Severity if kind is not Severity.CUSTOM}
    wordings = tuple(term for term in report.objects(result, SH + "resultMessage") if isinstance(term, Literal))
    english = sorted(wordings, key=lambda wording: wording.language not in ("", "en"))
    return Violation(
        focus=report.objects(result, SH + "focusNode")[0],
        path="" if path is None else text(read_path(report, path)),
        value=report.value(result, SH + "value"),
        message=english[0].lexical if english else "",
        severity=known.get(str(severity), Severity.CUSTOM),
        component=str(report.value(result, SH + "sourceConstraintComponent")),
        shape=named.of(str(report.value(result, SH + "sourceShape"))),
        custom_severity=None if severity in known else str(severity),
        wordings=wordings,
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Both libraries log what shapes tell of, or what is raised; pySHACL sets levels of its own for each run."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _line(error: object) -> str:
    return " ".join(str(error).split())[:500]
