"""What is written is read again exactly: every syntax, odd literals, blank nodes."""

from __future__ import annotations

import io
import re
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import BadInput
from registry.rdf.canonical import canonical_hash
from registry.rdf.skolem import skolemise, unskolemised
from registry.rdf.syntax import Syntax, parse, serialise, syntax_of, write
from registry.rdf.terms import Literal, Statement, is_blank
from registry.rdf.vocabulary import RDF, RDF_LANG_STRING, SKOLEM, XSD

NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
READERS = {"turtle": "turtle", "ntriples": "nt", "jsonld": "json-ld", "rdfxml": "xml"}
NODES = st.sampled_from(["urn:a", "urn:b", "https://example.org/ä?x=1&y=%20#z", "_:x", "_:y"])
PREDICATES = st.sampled_from(["https://example.org/p", "https://example.org/q"])
TEXTS = st.text(
    st.one_of(st.sampled_from("\0\t\r\n\"'\\<&]\x1f\x7f\x85\u2028\ufffe"), st.characters(exclude_categories=["Cs"]))
)
LITERALS = st.one_of(
    st.builds(lambda lexical: Literal(lexical), TEXTS),
    st.builds(lambda lexical, tag: Literal(lexical, RDF_LANG_STRING, tag), TEXTS, st.sampled_from(["en", "de-at"])),
    st.builds(
        lambda lexical, name: Literal(lexical, XSD + name),
        st.sampled_from(
            ["01", "1.0", "+1", "abc", "NaN", "-INF", "1e400", "2026-13-45T99:00:00", "", "TRUE", "24:00:00"]
        ),
        st.sampled_from(["integer", "decimal", "double", "boolean", "dateTime", "time", "byte"]),
    ),
    st.just(Literal("POINT(1 2)", "http://www.opengis.net/ont/geosparql#wktLiteral")),
)
GRAPHS = st.lists(st.tuples(NODES, PREDICATES, st.one_of(NODES, LITERALS)), max_size=12)


@pytest.mark.parametrize("syntax", list(Syntax))
@settings(max_examples=150, deadline=None, derandomize=True)
@given(graph=GRAPHS)
def test_every_syntax_gives_back_every_literal(syntax: Syntax, graph: list[Statement]) -> None:
    if syntax is Syntax.RDF_XML and any(isinstance(t, Literal) and NOT_IN_XML.search(t.lexical) for _, _, t in graph):
        with pytest.raises(BadInput, match="control character"):
            serialise(graph, syntax)
        return
    document = serialise(graph, syntax, {"ex": "https://example.org/"})
    assert canonical_hash(parse(document, syntax).statements) == canonical_hash(graph)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(graph=GRAPHS, chosen=st.sampled_from(sorted(READERS)))
def test_other_readers_find_the_same_number_of_statements(graph: list[Statement], chosen: str) -> None:
    import rdflib

    kept = [s for s in graph if not (isinstance(s[2], Literal) and NOT_IN_XML.search(s[2].lexical))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = rdflib.Graph().parse(data=serialise(kept, syntax_of(chosen)), format=READERS[chosen])
    assert len(read) == len(set(kept))


@pytest.mark.parametrize(
    "statement",
    [
        ("urn:a", "https://example.org/1", "urn:b"),
        ("urn:a", "https://example.org/", "urn:b"),
        ("urn:a", RDF + "li", "urn:b"),
        ("urn:a", RDF + "type", "https://example.org/1"),
        ("urn:a", "urn:p", Literal("\0")),
    ],
)
def test_what_rdf_xml_has_no_way_to_write_is_refused(statement: Statement) -> None:
    with pytest.raises(BadInput, match="RDF/XML cannot write"):
        serialise([statement], Syntax.RDF_XML, {"ex": "https://example.org/"})
    assert list(parse(serialise([statement], Syntax.TURTLE), Syntax.TURTLE).statements) == [statement]


@pytest.mark.parametrize(
    "statement", [("urn:a b", "urn:p", "urn:o"), ("urn:a", "urn:p", Literal("x", RDF_LANG_STRING))]
)
def test_what_is_no_rdf_is_not_written(statement: Statement) -> None:
    for syntax in Syntax:
        with pytest.raises(BadInput, match="cannot be written"):
            serialise([statement], syntax)


def test_prefixes_that_some_syntax_objects_to_are_left_out() -> None:
    prefixes = {"ex": "https://example.org/", "": "urn:e#", "a b": "urn:x", "xml": "urn:y", "rel": "x", "dot.": "urn:z"}
    for syntax in Syntax:
        document = serialise([("urn:a", "https://example.org/p", "urn:b")], syntax, prefixes)
        assert len(list(parse(document, syntax).statements)) == 1
    assert b"ex:p" in serialise([("urn:a", "https://example.org/p", "urn:b")], Syntax.TURTLE, prefixes)


def test_turtle_keeps_the_order_and_groups_by_subject() -> None:
    statements: list[Statement] = [
        ("urn:b", "urn:p", "urn:x"),
        ("urn:b", "urn:q", "urn:y"),
        ("urn:a", "urn:p", "urn:z"),
    ]
    assert serialise(statements, Syntax.TURTLE).count(b"<urn:b>") == 1
    assert list(parse(serialise(statements, Syntax.TURTLE), Syntax.TURTLE).statements) == statements


def test_an_iri_that_only_looks_like_a_stored_blank_node_stays_one() -> None:
    for label in ("a b", "1", "a/b", ""):
        statement = ("urn:a", "urn:p", SKOLEM + label)
        assert unskolemised(statement) == statement
    assert unskolemised((SKOLEM + "b1-2", "urn:p", SKOLEM + "b1-3")) == ("_:b1-2", "urn:p", "_:b1-3")


def test_the_hash_tells_graphs_apart_but_not_names_of_blank_nodes() -> None:
    ring: list[Statement] = [("_:a", "urn:p", "_:b"), ("_:b", "urn:p", "_:a")]
    assert canonical_hash(ring) == canonical_hash([("_:y", "urn:p", "_:x"), ("_:x", "urn:p", "_:y")])
    assert canonical_hash(ring) == canonical_hash(skolemise(ring, "b"))
    assert canonical_hash(ring) != canonical_hash([("_:a", "urn:p", "_:a"), ("_:b", "urn:p", "_:b")])
    assert canonical_hash([("urn:a", "urn:p", Literal("1"))]) != canonical_hash([("urn:a", "urn:p", Literal("01"))])


@settings(max_examples=100, deadline=None, derandomize=True)
@given(graph=GRAPHS)
def test_skolem_iris_are_numbered_alike_and_given_back(graph: list[Statement]) -> None:
    stored = list(skolemise(graph, "import"))
    assert stored == list(skolemise(graph, "import"))
    assert not any(subject.startswith("_:") for subject, _, _ in stored)
    blank = {s for s, _, _ in graph if is_blank(s)} | {t for _, _, t in graph if isinstance(t, str) and is_blank(t)}
    assert len({s for s, _, _ in stored if is_blank(s)} | {t for _, _, t in stored if is_blank(t)}) == len(blank)
    out = io.BytesIO()
    write(stored, Syntax.N_TRIPLES, out)
    assert canonical_hash(parse(out.getvalue(), Syntax.N_TRIPLES).statements) == canonical_hash(graph)


def test_two_documents_keep_their_blank_nodes_apart() -> None:
    one, other = (list(skolemise([("_:x", "urn:p", "urn:o")], label)) for label in ("a", "b"))
    assert one[0][0] != other[0][0]


@pytest.mark.parametrize(
    ("name", "syntax"),
    [("x.ttl", Syntax.TURTLE), ("text/turtle; charset=utf-8", Syntax.TURTLE), ("jsonld", Syntax.JSON_LD),
     ("plant.RDF", Syntax.RDF_XML), ("model.owl", Syntax.RDF_XML), ("nquads", Syntax.N_QUADS)],
)  # fmt: skip
def test_a_name_tells_the_syntax(name: str, syntax: Syntax) -> None:
    assert syntax_of(name) is syntax
