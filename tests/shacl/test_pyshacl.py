"""Reports beside pySHACL's on random cases, and the cases where pySHACL is known to be wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pyshacl
import pytest
import rdflib

from registry.rdf.graph import MemoryGraph
from registry.rdf.syntax import Syntax, parse, serialise
from registry.rdf.terms import Statement
from registry.rdf.vocabulary import RDF_TYPE, SH
from registry.shacl.shapes import compile_shapes
from tests.shacl.cases import HIERARCHY, Case, Scope
from tests.shacl.reports import Result, told, written
from tests.shacl.whole import WholeMemoryGraph, graph, shapes

SCOPE = Scope(complex_inverses=False, orders=False, extensions=False, tricky=False, empty_texts=False, queries=False)


def foreign(statements: Iterable[Statement]) -> rdflib.Graph:
    # Otherwise rdflib would rewrite "01" as "1" before anybody saw it.
    rdflib.NORMALIZE_LITERALS = False
    return rdflib.Graph().parse(data=serialise(statements, Syntax.N_TRIPLES), format="nt")


def of_pyshacl(data: Iterable[Statement], shapes_graph: rdflib.Graph) -> Counter[Result]:
    _, report, _ = pyshacl.validate(foreign(data), shacl_graph=shapes_graph, inplace=True)
    own = MemoryGraph(parse(report.serialize(format="nt").encode(), Syntax.N_TRIPLES).statements)
    return written(own, own.sources(SH + "ValidationReport", RDF_TYPE)[0])


def compare(seeds: Iterable[int]) -> Counter[str]:
    verdicts: Counter[str] = Counter()
    for seed in seeds:
        case = Case(seed, SCOPE).draw_shapes()
        compiled, shapes_graph = compile_shapes(MemoryGraph(case.shapes)), foreign(case.shapes)
        for size in (3, 8, 14):
            data = WholeMemoryGraph([*HIERARCHY, *(case.statement() for _ in range(size))])
            own = told(compiled.validate(data))
            assert own == of_pyshacl(data, shapes_graph), f"seed {seed}, {size} statements"
            verdicts["violates" if own else "conforms"] += 1
    return verdicts


@pytest.mark.parametrize("block", range(4))
def test_reports_are_those_of_pyshacl(block: int) -> None:
    verdicts = compare(range(block * 250, block * 250 + 250))
    assert min(verdicts["violates"], verdicts["conforms"]) > 100, "both verdicts must be met to prove anything"


@pytest.mark.soak
@pytest.mark.timeout(7_200)
def test_reports_are_those_of_pyshacl_for_long() -> None:
    compare(range(1_000, 20_000))


FAULTS = {
    "a string spelled out is the plain one": ('sh:in ( "x" )', ':n :p "x"^^xsd:string .', 0),
    "two nodes have no order, so none is less (4.5.3)": ("sh:lessThan :q", ":n :p :a ; :q :b .", 1),
    "a text and a number have no order (4.5.3)": ("sh:lessThan :q", ':n :p "a" ; :q 1 .', 1),
    "a date and a number have no order (4.3)": ("sh:maxInclusive 0", ':n :p "2020-05-05"^^xsd:date .', 1),
    "no number is ill-typed (4.3)": ("sh:minInclusive 0", ':n :p "abc"^^xsd:integer .', 1),
    "no text is that of a blank node, not even an empty one (4.4.1)": ("sh:minLength 0", ":n :p [] .", 1),
    "the term true alone switches it on (4.4.5)": ('sh:uniqueLang "1"^^xsd:boolean', ':n :p "a"@en , "b"@en .', 0),
}
"""What pySHACL gets wrong or did at the time of writing: a constraint on :p, data, and how many results there are."""

ON_INVERSES = {
    "of a sequence": ("[ sh:inversePath ( :p :q ) ]", ":a :p :b . :b :q :n ."),
    "of an alternative": ("[ sh:inversePath [ sh:alternativePath ( :p :q ) ] ]", ":a :q :n ."),
    "of a repeat": ("[ sh:inversePath [ sh:oneOrMorePath :p ] ]", ":b :p :a . :a :p :n ."),
    "of an inverse": ("[ sh:inversePath [ sh:inversePath :p ] ]", ":n :p :a ."),
}


@pytest.mark.parametrize("why", FAULTS)
def test_the_specification_settles_what_pyshacl_gets_wrong(why: str) -> None:
    constraint, data, results = FAULTS[why]
    found = list(shapes(f":S sh:targetNode :n ; sh:property [ sh:path :p ; {constraint} ] .").validate(graph(data)))
    assert len(found) == results, why


@pytest.mark.parametrize("what", ON_INVERSES)
def test_an_inverse_path_is_any_path_turned_round(what: str) -> None:
    path, data = ON_INVERSES[what]
    compiled = shapes(f":S sh:targetNode :n ; sh:property [ sh:path {path} ; sh:hasValue :a ; sh:in ( :a :b ) ] .")
    assert not list(compiled.validate(graph(data)))
    assert list(compiled.validate(graph("")))
