"""Property paths: read, written down, read back from text, turned round, and walked as a SPARQL engine walks them."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pyoxigraph as ox
import pytest

from registry.rdf.graph import MemoryGraph
from registry.rdf.oxigraph import from_oxigraph, quad
from registry.rdf.terms import Iri, Statement
from registry.rdf.vocabulary import RDF, SH
from registry.shacl.paths import (
    Alternative,
    Chain,
    Inverse,
    Path,
    Predicate,
    Repeat,
    inverse,
    path_of,
    read_path,
    text,
    walk,
)  # fmt: skip
from tests.shacl.cases import NAMED, PREDICATES, Case
from tests.shacl.whole import E, WholeMemoryGraph, statements

P, Q = Predicate(E + "p"), Predicate(E + "q")
TEXTS: list[tuple[str, Path, str]] = [
    (":p", P, f"<{E}p>"),
    ("[ sh:inversePath :p ]", Inverse(P), f"^<{E}p>"),
    ("( :p :q )", Chain((P, Q)), f"<{E}p>/<{E}q>"),
    ("[ sh:alternativePath ( :p :q ) ]", Alternative((P, Q)), f"<{E}p>|<{E}q>"),
    ("[ sh:zeroOrMorePath :p ]", Repeat(P, "*"), f"<{E}p>*"),
    ("[ sh:oneOrMorePath :p ]", Repeat(P, "+"), f"<{E}p>+"),
    ("[ sh:zeroOrOnePath :p ]", Repeat(P, "?"), f"<{E}p>?"),
    ("( [ sh:inversePath :p ] [ sh:oneOrMorePath :q ] )", Chain((Inverse(P), Repeat(Q, "+"))), f"^<{E}p>/<{E}q>+"),
    ("[ sh:inversePath ( :p :q ) ]", Inverse(Chain((P, Q))), f"^(<{E}p>/<{E}q>)"),
    ("[ sh:zeroOrMorePath [ sh:inversePath :p ] ]", Repeat(Inverse(P), "*"), f"(^<{E}p>)*"),
    ("[ sh:inversePath [ sh:zeroOrMorePath :p ] ]", Inverse(Repeat(P, "*")), f"^<{E}p>*"),
    ("[ sh:inversePath [ sh:inversePath :p ] ]", Inverse(Inverse(P)), f"^(^<{E}p>)"),
    ("( [ sh:alternativePath ( :p :q ) ] :p )", Chain((Alternative((P, Q)), P)), f"(<{E}p>|<{E}q>)/<{E}p>"),
    ("( ( :p :q ) :p )", Chain((Chain((P, Q)), P)), f"(<{E}p>/<{E}q>)/<{E}p>"),
    ("[ sh:oneOrMorePath [ sh:zeroOrOnePath :p ] ]", Repeat(Repeat(P, "?"), "+"), f"(<{E}p>?)+"),
]


def read(turtle: str) -> Path:
    graph = MemoryGraph(statements(f":S sh:path {turtle} ."))
    return read_path(graph, graph.objects(E + "S", SH + "path")[0])


@pytest.mark.parametrize(("turtle", "path", "written"), TEXTS)
def test_a_path_is_read_and_written_down(turtle: str, path: Path, written: str) -> None:
    assert read(turtle) == path
    assert text(path) == written
    assert path_of(written) == path


MALFORMED = {
    "a literal": '"p"',
    "an empty list": "()",
    "one step": "( :p )",
    "one option": "[ sh:alternativePath ( :p ) ]",
    "options that are no list": "[ sh:alternativePath :p ]",
    "nothing": "[]",
    "two kinds": "[ sh:inversePath :p ; sh:zeroOrMorePath :q ]",
    "two paths of one kind": "[ sh:inversePath :p , :q ]",
    "a list without an end": "[ rdf:first :p ]",
    "a list with two ends": "[ rdf:first :p ; rdf:rest ( :q ) , ( :p ) ]",
    "itself": "_:a . _:a sh:inversePath _:a",
    "a list of itself": "_:a . _:a rdf:first :p ; rdf:rest _:a",
    "far too much": "[ sh:inversePath " * 60 + ":p" + " ]" * 60,
}


@pytest.mark.parametrize("what", MALFORMED)
def test_a_malformed_path_is_refused(what: str) -> None:
    with pytest.raises(ValueError, match=r"path|list"):
        read(MALFORMED[what])


@pytest.mark.parametrize("wrong", ["", "p", "<p", "<p>/", "(<p>", "<p>)", "<p>|", "^", "<p><q>", "*<p>", "<p> / <q>"])
def test_text_that_is_no_path_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="no property path"):
        path_of(wrong)


def drawn(count: int) -> Iterator[tuple[Path, list[Statement]]]:
    random = Random(11)
    for seed in range(count):
        case = Case(seed)
        node = case.path()
        data = [(random.choice(NAMED), random.choice(PREDICATES), random.choice(NAMED)) for _ in range(8)]
        # Oxigraph gives no path of length zero from a term that its data do not name.
        named = [(name, E + "in", E + "data") for name in NAMED]
        yield read_path(MemoryGraph(case.shapes), node), [*data, *named]


def test_walks_lead_where_a_sparql_engine_goes_and_back() -> None:
    for path, data in drawn(300):
        graph, store = WholeMemoryGraph(data), ox.Store()
        store.extend(map(quad, data))
        there, back = walk(path), walk(inverse(path))
        reached: dict[Iri, set[object]] = {node: set(there(graph, node)) for node in NAMED}
        for node in NAMED:
            assert len(there(graph, node)) == len(reached[node]), "each node once"
            solutions = store.query(f"SELECT DISTINCT ?t WHERE {{ <{node}> {text(path)} ?t }}")
            assert isinstance(solutions, ox.QuerySolutions)
            assert {from_oxigraph(solution["t"]) for solution in solutions} == reached[node], text(path)
            assert {start for start in NAMED if node in reached[start]} == set(back(graph, node)), text(path)


def test_random_paths_come_back_from_their_text() -> None:
    for path, _ in drawn(300):
        assert path_of(text(path)) == path


def test_the_nil_of_rdf_is_no_node_to_walk_to() -> None:
    with pytest.raises(ValueError, match="empty list"):
        read(f"<{RDF}nil>")
