"""What a document cannot keep: relative IRIs without a base, JSON-LD keys without a mapping, names that are none."""

from __future__ import annotations

import io
import json

import pytest

from registry.errors import BadInput, SyntaxFault
from registry.rdf.losses import MOST_LOSSES, RELATIVE, UNMAPPED
from registry.rdf.syntax import Leniency, Parsed, Syntax, parse
from registry.rdf.terms import Literal, Statement
from registry.rdf.vocabulary import XSD_DECIMAL

XML = b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="urn:x#" xmlns:x="urn:x#">\n%s\n</r:RDF>'
WRITTEN_RELATIVELY = [
    (Syntax.TURTLE, b'<urn:a> <urn:b> 1 .\n<%s> <urn:p> "x" .', "pump"),
    (Syntax.TURTLE, b"<urn:a> <urn:b> 1 .\n<urn:a> <%s> 2 .", "pump"),
    (Syntax.TURTLE, b"<urn:a> <urn:b> 1 .\n<urn:a> <urn:p> <%s> .", "#pump"),
    (Syntax.TURTLE, b'<urn:a> <urn:b> 1 .\n<urn:a> <urn:p> "x"^^<%s> .', "../../up"),
    (Syntax.TURTLE, b"<urn:a> <urn:b> 1 .\n<urn:a> <urn:p> <%s> .", ""),
    (Syntax.TURTLE, b"<urn:a> <urn:b> 1 .\n@prefix : <#> . <urn:a> <urn:p> :%s .", "pump"),
    (Syntax.TURTLE, b"<urn:a> <urn:b> 1 .\n@base <%s> . <urn:a> <urn:p> <> .", "pump/"),
    (Syntax.TRIG, b"<urn:a> <urn:b> 1 .\n{ <%s> <urn:b> 2 }", "/pump"),
    (Syntax.N_TRIPLES, b'<urn:a> <urn:b> "1" .\n<urn:a> <urn:b> <%s> .', "pump"),
    (Syntax.N_QUADS, b'<urn:a> <urn:b> "1" .\n<%s> <urn:b> <urn:c> .', "//host/pump"),
    (Syntax.RDF_XML, XML % b'<r:Description r:about="urn:a" x:b="1"/><r:Description r:about="%s" x:p="x"/>', "pump"),
    (Syntax.RDF_XML, XML % b'<r:Description r:about="urn:a" x:b="1"><p r:resource="%s"/></r:Description>', "pump"),
    (Syntax.JSON_LD, b'[{"@id": "urn:a", "urn:b": 1},\n{"@id": "%s", "urn:p": "x"}]', "pump"),
    (Syntax.JSON_LD, b'[{"@id": "urn:a", "urn:b": 1,\n"urn:p": {"@id": "%s"}}]', "../pump"),
    (Syntax.JSON_LD, b'[{"@id": "urn:a", "urn:b": 1,\n"@type": "%s"}]', "Pump"),
    (Syntax.JSON_LD, b'[{"@id": "urn:a", "urn:b": 1,\n"urn:p": {"@value": "x", "@type": "%s"}}]', "text"),
    (Syntax.JSON_LD, b'{"@context": {"@base": null}, "@id": "urn:a", "urn:b": 1,\n"urn:p": {"@id": "%s"}}', "pump"),
]


def read(
    document: bytes, syntax: Syntax, leniency: Leniency, base: str | None = None
) -> tuple[list[Statement], Parsed]:
    parsed = parse(document, syntax, file="plant", leniency=leniency, base=base)
    return list(parsed.statements), parsed


@pytest.mark.parametrize(("syntax", "document", "relative"), WRITTEN_RELATIVELY)
def test_a_relative_iri_without_a_base_is_refused_or_listed(syntax: Syntax, document: bytes, relative: str) -> None:
    document = document % relative.encode()
    with pytest.raises(SyntaxFault, match="relative IRI") as caught:
        read(document, syntax, Leniency.STRICT)
    assert caught.value.details["line"] == 2
    statements, parsed = read(document, syntax, Leniency.LENIENT)
    assert [statement[:2] for statement in statements] in ([("urn:a", "urn:b")], [("urn:a", "urn:x#b")])
    (loss,) = parsed.losses
    assert (loss.what, loss.count, loss.file) == (RELATIVE, 1, "plant")
    assert loss.term == ("#pump" if b"@prefix" in document else relative)
    assert loss.line == 2 or syntax is Syntax.JSON_LD
    assert not any("x-" in str(term) for statement in statements for term in statement)


@pytest.mark.parametrize("leniency", list(Leniency))
@pytest.mark.parametrize(("syntax", "document", "relative"), WRITTEN_RELATIVELY[:-1])
def test_a_base_says_what_it_is_relative_to(syntax: Syntax, document: bytes, relative: str, leniency: Leniency) -> None:
    if syntax in (Syntax.N_TRIPLES, Syntax.N_QUADS):
        return  # Their IRIs are absolute whatever is given.
    statements, parsed = read(document % relative.encode(), syntax, leniency, "https://plant.example/a/b")
    assert len(statements) == 2
    assert any("https://plant.example/" in str(term) for statement in statements for term in statement)
    assert parsed.losses == []


def test_a_base_that_is_none_is_refused() -> None:
    with pytest.raises(BadInput, match="the base is an absolute IRI"):
        parse(b"", Syntax.TURTLE, base="plant/")


BUILDING = {
    "@context": {"name": "urn:name", "part": {"@id": "urn:part"}, "none": None},
    "@id": "urn:pump",
    "name": "P",
    "colour": "red",
    "none": "left out by intention",
    "part": [{"@id": "urn:part-1", "colour": ["blue", "green"]}],
    "maker": {"name": "hidden", "address": {"street": "x"}},
    "nothing": None,
}


@pytest.mark.parametrize("leniency", list(Leniency))
def test_json_ld_keys_without_a_mapping_are_counted_with_their_first_place(leniency: Leniency) -> None:
    statements, parsed = read(json.dumps(BUILDING, indent=1).encode(), Syntax.JSON_LD, leniency)
    assert {statement[:2] for statement in statements} == {("urn:pump", "urn:name"), ("urn:pump", "urn:part")}
    told = {loss.term: (loss.what, loss.count, loss.resource) for loss in parsed.losses}
    assert told["colour"] == (UNMAPPED, 3, "urn:pump")
    assert told["maker"] == (UNMAPPED, 1, "urn:pump")
    assert not {"none", "name", "part"} & set(told)
    assert all(loss.line and loss.file == "plant" for loss in parsed.losses)


def test_a_stream_is_looked_at_twice_whether_or_not_it_goes_back() -> None:
    class OneWay(io.BytesIO):
        def seekable(self) -> bool:
            return False

    document = json.dumps(BUILDING).encode()
    for stream in (io.BytesIO(document), OneWay(document)):
        parsed = parse(stream, Syntax.JSON_LD)
        assert len(list(parsed.statements)) == 2
        assert {loss.term for loss in parsed.losses} >= {"colour", "maker"}


@pytest.mark.parametrize(
    ("said", "reason", "kept"),
    [
        ('"@id": "urn:a b", "urn:p": 1', "is no IRI", "urn:a%20b"),
        ('"@id": "urn:a", "@type": "urn:a b"', "is no IRI", "urn:a%20b"),
        ('"@id": "urn:a", "urn:p": {"@id": "urn:x<y"}', "is no IRI", "urn:x%3Cy"),
        ('"@id": "urn:a", "urn:p q": 1', "is no IRI", "urn:p%20q"),
        ('"@id": "urn:a", "urn:p": {"@value": "x", "@language": "en gb"}', "no language tag", "x"),
        ('"@id": "urn:a", "urn:p": {"@value": "x", "@type": "urn:t u"}', "Invalid IRI", "urn:t%20u"),
    ],
)
def test_names_that_are_none_are_refused_or_mended_and_not_passed_over(said: str, reason: str, kept: str) -> None:
    document = b"{%s}" % said.encode()
    with pytest.raises(SyntaxFault, match=reason) as caught:
        read(document, Syntax.JSON_LD, Leniency.STRICT)
    assert caught.value.details["line"] == 1
    statements, parsed = read(document, Syntax.JSON_LD, Leniency.LENIENT)
    assert kept in str(statements)
    assert len(parsed.repairs) == 1
    assert parsed.losses == []


def test_a_document_full_of_losses_has_a_short_list() -> None:
    document = b"".join(b"<urn:a> <urn:p> <x%d> .\n" % number for number in range(MOST_LOSSES + 500))
    statements, parsed = read(document, Syntax.TURTLE, Leniency.LENIENT)
    assert statements == []
    assert len(parsed.losses) == MOST_LOSSES + 1
    assert parsed.losses[-1].count == 500


@pytest.mark.parametrize(
    ("number", "decimal"),
    [
        ("1.5", "1.5"), ("-0.25", "-0.25"), ("1e3", "1000"), ("1e30", "1" + "0" * 30), ("1.0", "1"), ("0.0", "0"),
        ("9007199254740993", "9007199254740993"), ("0.10000000000000000001", "0.10000000000000000001"),
        ("5e-7", "0.0000005"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("leniency", list(Leniency))
def test_a_json_number_that_is_a_decimal_is_written_as_one(number: str, decimal: str, leniency: Leniency) -> None:
    context = f'{{"p": {{"@id": "urn:p", "@type": "{XSD_DECIMAL}"}}}}'
    document = f'{{"@context": {context}, "@id": "urn:a", "p": {number}}}'
    statements, _ = read(document.encode(), Syntax.JSON_LD, leniency)
    assert statements == [("urn:a", "urn:p", Literal(decimal, XSD_DECIMAL))]
