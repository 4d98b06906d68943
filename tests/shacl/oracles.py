"""Independent SHACL engines, each asked only what it is known to answer by the specification.

What an engine gets wrong is left out of its scopes, here with the section that settles it, and every one of these
faults lies in the scope of another engine: no part of SHACL Core is held to fewer than one of them, and most to all.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pyshacl
import rdflib
import shacl
import shifty

from registry.rdf.graph import MemoryGraph
from registry.rdf.syntax import Syntax, parse, serialise
from registry.rdf.terms import Literal, Statement, boolean
from registry.rdf.vocabulary import RDF_TYPE, SH, XSD, XSD_BOOLEAN
from tests.shacl.cases import PLAIN, Scope
from tests.shacl.reports import Result, without_paths, written

# rdflib has much to say about "abc"^^xsd:integer.
logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)

Check = Callable[[Iterable[Statement]], Counter[Result]]
"""From data to the results of one shapes graph."""


@dataclass(frozen=True)
class Oracle:
    """An engine, the scopes in which it is right, and how it takes a shapes graph."""

    name: str
    scopes: Sequence[Scope]
    load: Callable[[Sequence[Statement]], Check]
    shows_paths: bool = True

    def sees(self, results: Counter[Result]) -> Counter[Result]:
        """What of some results can be compared with this engine's."""
        return results if self.shows_paths else without_paths(results)


def _text(statements: Iterable[Statement]) -> str:
    return serialise(statements, Syntax.N_TRIPLES).decode()


def _report(text: str | bytes, syntax: Syntax) -> Counter[Result]:
    graph = MemoryGraph(parse(text.encode() if isinstance(text, str) else text, syntax).statements)
    return written(graph, graph.sources(SH + "ValidationReport", RDF_TYPE)[0])


def _keep_spellings() -> None:
    # Otherwise rdflib would rewrite "01" as "1" before anybody saw it; pySHACL switches that on after every run.
    rdflib.NORMALIZE_LITERALS = False


def _of_pyshacl(shapes: Sequence[Statement]) -> Check:
    _keep_spellings()
    compiled = rdflib.Graph().parse(data=_text(shapes), format="nt")

    def check(data: Iterable[Statement]) -> Counter[Result]:
        _keep_spellings()
        graph = rdflib.Graph().parse(data=_text(data), format="nt")
        _, report, _ = pyshacl.validate(graph, shacl_graph=compiled, inplace=True)
        return _report(report.serialize(format="nt"), Syntax.N_TRIPLES)

    return check


def _of_rust(shapes: Sequence[Statement]) -> Check:
    compiled = shacl.Shapes.from_text(_text(shapes), "ntriples")
    return lambda data: _report(compiled.validate_text(_text(data), "ntriples").serialize("ntriples"), Syntax.N_TRIPLES)


def _of_shifty(shapes: Sequence[Statement]) -> Check:
    compiled = shifty.PreparedValidator(_text(shapes).encode())

    def check(data: Iterable[Statement]) -> Counter[Result]:
        _keep_spellings()
        _, report, _ = compiled.validate(_text(data).encode(), graph_mode="data", infer=False, on_unsupported="error")
        # The paths of this engine's reports are empty blank nodes unless they are one predicate.
        report.remove((None, rdflib.URIRef(SH + "resultPath"), None))
        return _report(report.serialize(format="nt"), Syntax.N_TRIPLES)

    return check


IN_LANGUAGES = frozenset(literal for literal in PLAIN if literal.language)
TOO_LARGE = Literal("300", XSD + "byte")
ORACLES = (
    Oracle(
        "pyshacl",
        # An inverse of a complex path is walked wrongly (2.3.1.4); what has no order passes or stops the run (4.3,
        # 4.5.3); spellings of a value are not told apart, or take it for another (4.8.3); the empty text of a blank
        # node passes lengths (4.4.1).
        (
            Scope(
                extensions=False, complex_inverses=False, orders=False, tricky=False, empty_texts=False, queries=False
            ),
        ),
        _of_pyshacl,
    ),
    Oracle(
        "shacl",
        # A closed property shape looks at the focus node's statements in place of its value nodes' (4.8.1). Texts in
        # languages are ordered, which SPARQL 1.1 does not (17.3), and so is a byte of 300, which has no value (4.3).
        (
            Scope(extensions=False, queries=False, closed_values=False, left_out=IN_LANGUAGES | {TOO_LARGE}),
            Scope(extensions=False, queries=False, closed_values=False, left_out=frozenset({TOO_LARGE}), orders=False),
        ),
        _of_rust,
    ),
    Oracle(
        "shifty",
        # The same of closed property shapes; and truth values have no order, though SPARQL 1.1 gives them one (17.3).
        (
            Scope(
                extensions=False,
                queries=False,
                closed_values=False,
                left_out=frozenset({boolean(True), Literal("1", XSD_BOOLEAN)}),
            ),
        ),
        _of_shifty,
        shows_paths=False,
    ),
)
