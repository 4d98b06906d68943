"""Lenient reading: what it mends, that it says so, and that every strict reader takes the result."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import SyntaxFault
from registry.rdf.canonical import canonical_hash
from registry.rdf.repair import is_iri, mended_iri
from registry.rdf.syntax import Leniency, Syntax, parse, serialise
from registry.rdf.terms import Literal, text
from registry.rdf.vocabulary import XSD_STRING
from tests.places import shared


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("urn:a%zz", "urn:a%25zz"),
        ("urn:100%", "urn:100%25"),
        ("urn:a%20b", "urn:a%20b"),
        ("urn:a b", "urn:a%20b"),
        ("https://e.example/a<b>c|d^e`f{g}", "https://e.example/a%3Cb%3Ec%7Cd%5Ee%60f%7Bg%7D"),
        ("https://e.example/a[1]?b[2]#c[3]#d", "https://e.example/a%5B1%5D?b%5B2%5D#c%5B3%5D%23d"),
        ("https://e.example:port/a", "https://e.example%3Aport/a"),
        ("https://[::x]/a", "https://%5B%3A%3Ax%5D/a"),
        ("https://[::1]/a", "https://[::1]/a"),
        ("https://e.example/\u0080\ue000\ufdd0", "https://e.example/%C2%80%EE%80%80%EF%B7%90"),
        ("https://e.example/ä/日本", "https://e.example/ä/日本"),
        ("urn:\x00", "urn:%00"),
    ],
)
def test_an_iri_is_mended_no_more_than_it_must(before: str, after: str) -> None:
    assert mended_iri(before) == after
    assert is_iri(after)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(rest=st.text(st.one_of(st.sampled_from('/:@?#[]%{}<> \\"0aF'), st.characters(exclude_categories=["Cs"]))))
def test_every_absolute_iri_can_be_mended_and_stays_as_it_is_then(rest: str) -> None:
    mended = mended_iri("urn:" + rest)
    assert is_iri(mended)
    assert mended_iri(mended) == mended


def test_each_repair_is_told_once() -> None:
    document = """<urn:a b> <urn:a b> <urn:a b> ; <urn:p> "x"^^<urn:t u> , "y"@toolonglanguagetag , "z"@en--ltr ."""
    parsed = parse(document.encode(), Syntax.TURTLE, leniency=Leniency.LENIENT)
    assert set(parsed.statements) == {
        ("urn:a%20b", "urn:a%20b", "urn:a%20b"),
        ("urn:a%20b", "urn:p", Literal("x", "urn:t%20u")),
        ("urn:a%20b", "urn:p", text("y")),
        ("urn:a%20b", "urn:p", text("z", "en")),
    }
    assert [(repair.before, repair.after) for repair in parsed.repairs] == [
        ("urn:a b", "urn:a%20b"), ("urn:t u", "urn:t%20u"), ("toolonglanguagetag", ""), ("ltr", ""),
    ]  # fmt: skip


def test_a_text_without_its_language_becomes_a_plain_one() -> None:
    document = (
        b'{"@id": "urn:a", "urn:b": {"@value": "x", "@type": "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"}}'
    )
    parsed = parse(document, Syntax.JSON_LD, leniency=Leniency.LENIENT)
    assert list(parsed.statements) == [("urn:a", "urn:b", Literal("x", XSD_STRING))]
    assert len(parsed.repairs) == 1


def test_a_strict_reading_mends_nothing() -> None:
    parsed = parse(b"<urn:a%20b> <urn:b> <urn:c> .", Syntax.TURTLE)
    assert list(parsed.statements) == [("urn:a%20b", "urn:b", "urn:c")]
    assert parsed.repairs == []


def test_a_real_building_with_an_iri_that_is_none_is_read_leniently() -> None:
    path = shared("brick-cmu-ghc", "ghc_brick.ttl")
    with pytest.raises(SyntaxFault) as caught:
        list(parse(path.read_bytes(), Syntax.TURTLE, file=path.name).statements)
    assert caught.value.details["line"] == 360
    parsed = parse(path.read_bytes(), Syntax.TURTLE, leniency=Leniency.LENIENT)
    statements = list(parsed.statements)
    assert len(parsed.repairs) == 99
    again = list(parse(serialise(statements, Syntax.TURTLE), Syntax.TURTLE).statements)
    assert canonical_hash(again) == canonical_hash(statements)
