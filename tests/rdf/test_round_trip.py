"""What is written is read again exactly: every syntax, odd literals, blank nodes."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.rdf.canonical import canonical_hash
from registry.rdf.syntax import Syntax, parse, serialise, skolemise, syntax_of, write
from registry.rdf.terms import Literal, Statement, is_blank
from registry.rdf.vocabulary import RDF_LANG_STRING, XSD

NODES = st.sampled_from(["urn:a", "urn:b", "https://example.org/ä?x=1&y=%20#z", "_:x", "_:y"])
PREDICATES = st.sampled_from(["https://example.org/p", "https://example.org/q"])
# XML cannot carry most control characters, whatever the escaping.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="￾￿", min_codepoint=32))
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
    again = list(parse(serialise(graph, syntax, {"ex": "https://example.org/"}), syntax).statements)
    assert canonical_hash(again) == canonical_hash(graph)


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
