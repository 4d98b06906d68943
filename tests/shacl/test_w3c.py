"""The W3C conformance suite: every test with its full report, and those refused that must be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.errors import OntologyRejected
from registry.rdf.graph import MemoryGraph
from registry.rdf.syntax import Syntax, parse
from registry.rdf.terms import Iri, Term, boolean
from registry.rdf.vocabulary import RDF_TYPE, SH
from registry.shacl.reports.results import report
from registry.shacl.shapes import compile_shapes
from tests.places import SHARED_DATA, shared
from tests.shacl.reports import messages, sources, told, written
from tests.shacl.whole import WholeMemoryGraph

TESTS = "http://www.w3.org/ns/shacl-test#"
MANIFEST = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SUITE = SHARED_DATA / "shacl-w3c"
CORE_TESTS = 98
SPARQL_TESTS = 23
SPARQL_REFUSALS = 7
FAILURE = TESTS + "Failure"


def read(path: Path) -> WholeMemoryGraph:
    parsed = parse(path.read_bytes(), Syntax.TURTLE, file=path.name, base=path.as_uri())
    return WholeMemoryGraph(parsed.statements)


def cases(folder: str) -> Iterator[tuple[Path, Iri]]:
    for path in sorted((SUITE / folder).rglob("*.ttl")):
        if path.name != "manifest.ttl":
            graph = read(path)
            yield from ((path, case) for case in graph.sources(TESTS + "Validate", RDF_TYPE))


def named(cases: list[tuple[Path, Iri]]) -> list[object]:
    return [pytest.param(path, case, id=f"{path.parent.name}/{path.stem}") for path, case in cases] or [
        pytest.param(None, None, id="suite")
    ]


def graphs(path: Path, case: Iri) -> tuple[WholeMemoryGraph, WholeMemoryGraph, WholeMemoryGraph, Term | None]:
    manifest = read(path)
    action = manifest.value(case, MANIFEST + "action")
    assert isinstance(action, str)
    data, shapes = (str(manifest.value(action, TESTS + kind)) for kind in ("dataGraph", "shapesGraph"))
    of = {uri: read(Path(uri.removeprefix("file://"))) for uri in {data, shapes}}
    return manifest, of[data], of[shapes], manifest.value(case, MANIFEST + "result")


def test_the_suite_is_whole() -> None:
    shared("shacl-w3c")
    assert len(list(cases("core"))) == CORE_TESTS
    of_sparql = list(cases("sparql"))
    assert len(of_sparql) == SPARQL_TESTS
    assert sum(graphs(path, case)[3] == FAILURE for path, case in of_sparql) == SPARQL_REFUSALS


@pytest.mark.parametrize(("path", "case"), named([*cases("core"), *cases("sparql")]))
def test_report(path: Path | None, case: Iri | None) -> None:
    shared("shacl-w3c")
    assert path is not None
    assert case is not None
    manifest, data, shapes, expected = graphs(path, case)
    assert isinstance(expected, str)
    if expected == FAILURE:
        with pytest.raises(OntologyRejected, match=r"has a (query|sub-select)"):
            compile_shapes(shapes)
        return
    violations = list(compile_shapes(shapes).validate(data))
    assert told(violations) == written(manifest, expected)
    assert manifest.value(expected, SH + "conforms") == boolean(not violations)
    own = MemoryGraph(report(violations))
    assert written(own, "_:report") == written(manifest, expected), "the report as RDF says the same"
    for kind in ("sourceShape", "sourceConstraint"):
        assert sources(own, "_:report", kind) >= sources(manifest, expected, kind), f"every named {kind} is named"
    for message in messages(manifest, expected):
        assert message in messages(own, "_:report")
