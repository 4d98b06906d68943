"""Documents that must be refused are, with a line and a reason; where the parser is too friendly, the gap is named."""

from __future__ import annotations

import contextlib
import csv
import io
from pathlib import Path
from typing import BinaryIO, cast

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import SyntaxFault
from registry.rdf.syntax import Leniency, Syntax, parse, syntax_of
from registry.rdf.vocabulary import RDF_LANG_STRING
from tests.places import SHARED_DATA, shared

SUITE = SHARED_DATA / "rdf-negative-syntax"

ACCEPTED_JSON_LD = {
    # Rules of processing mode 1.0; the parser reads JSON-LD 1.1 only.
    *(f"toRdf#{name}" for name in ("tc029", "te115", "te116", "tep02", "ter21", "ter24", "ter32", "ter42", "ttn01")),
    *(f"expand#{name}" for name in ("t0115", "t0116", "tc029", "tep02", "ter21", "ter24", "ter32", "ter42", "tes01")),
    "expand#ttn01",
    # The one of mode 1.1: an @import of a context that the parser does not fetch.
    "expand#tdi09",
}
"""The whole gap: the test fails when it grows and when it shrinks."""


def rows(index: Path) -> list[dict[str, str]]:
    if not index.is_file():
        return [{"file": "", "test": "suite", "suite": ""}]
    with index.open(encoding="utf-8") as source:
        return list(csv.DictReader(source))


def read(path: Path, syntax: Syntax, leniency: Leniency = Leniency.STRICT) -> int:
    parsed = parse(path.read_bytes(), syntax, file=path.name, base="http://example.org/", leniency=leniency)
    return sum(1 for _ in parsed.statements)


@pytest.mark.parametrize("row", rows(SUITE / "index.csv"), ids=lambda row: f"{row['suite']}/{row['test']}")
def test_a_negative_syntax_file_is_refused_with_line_and_reason(row: dict[str, str]) -> None:
    path = shared("rdf-negative-syntax", row["file"])
    with pytest.raises(SyntaxFault) as caught:
        read(path, syntax_of(path.name))
    details = caught.value.details
    assert details["reason"]
    assert details["file"] == path.name
    assert 1 <= details["line"] <= path.read_bytes().count(b"\n") + 1


def test_json_ld_is_refused_but_for_the_named_gap() -> None:
    folder = shared("rdf-negative-syntax", "json-ld")
    accepted, placed = set(), {}
    for row in rows(folder / "index.csv"):
        path = folder / row["file"]
        try:
            read(path, Syntax.JSON_LD)
        except SyntaxFault as fault:
            placed[row["file"]] = 1 <= fault.details["line"] <= path.read_bytes().count(b"\n") + 1
        else:
            accepted.add(f"{row['manifest']}{row['id']}")
    assert accepted == ACCEPTED_JSON_LD
    assert all(placed.values())


def test_no_json_document_crashes_the_reader() -> None:
    for path in sorted(shared("json-parsing").rglob("*.json")):
        with contextlib.suppress(SyntaxFault):
            read(path, Syntax.JSON_LD)


def test_a_remote_context_is_not_fetched() -> None:
    document = b'{"@context": "http://127.0.0.1:9/context.jsonld", "@id": "urn:a", "name": "x"}'
    for leniency in Leniency:
        with pytest.raises(SyntaxFault, match="put the @context into the document"):
            list(parse(document, Syntax.JSON_LD, leniency=leniency).statements)


@pytest.mark.parametrize(
    ("document", "line", "said"),
    [
        (b"<urn:a> <urn:b> <urn:c> .\n<urn:a> <urn:b>", 2, ""),
        (b"<urn:a> <urn:b> <urn:c> .\n<urn:a> <urn:b> \xff\xfe .", 2, ""),
        (b"<urn:a> <urn:b> <urn:c%zz> .", 1, "percent encoding"),
        (b"<urn:a> <urn:b> <<( <urn:a> <urn:b> <urn:c> )>> .", 1, "triple terms"),
        (b"\x00\x00\x00", 1, ""),
        (b"[" * 5_000, 1, ""),
    ],
)
def test_hostile_turtle_is_one_clear_fault(document: bytes, line: int, said: str) -> None:
    with pytest.raises(SyntaxFault) as caught:
        list(parse(document, Syntax.TURTLE, file="x.ttl").statements)
    assert caught.value.details["line"] == line
    assert said in caught.value.message


def test_named_graphs_are_refused_or_merged_and_told() -> None:
    document = b"<urn:a> <urn:b> <urn:c> .\n<urn:g> { <urn:d> <urn:e> <urn:f> }"
    with pytest.raises(SyntaxFault, match="named graphs are not kept"):
        list(parse(document, Syntax.TRIG).statements)
    parsed = parse(document, Syntax.TRIG, leniency=Leniency.LENIENT)
    assert len(list(parsed.statements)) == 2
    assert [(repair.what, repair.before) for repair in parsed.repairs] == [
        ("named graph merged into the default graph", "urn:g")
    ]


RDF_XML = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="urn:x#">'
BOMB = b"".join(
    [
        b'<!DOCTYPE r [<!ENTITY e0 "' + b"x" * 100 + b'">',
        *(b'<!ENTITY e%d "%b">' % (level, b"&e%d;" % (level - 1) * 10) for level in range(1, 9)),
        b"]>" + RDF_XML + b'<rdf:Description rdf:about="urn:a"><p>&e8;</p></rdf:Description></rdf:RDF>',
    ]
)


@pytest.mark.parametrize("leniency", list(Leniency))
@pytest.mark.parametrize(
    ("syntax", "document", "line", "said"),
    [
        # Each of the first four ends the process, or takes it for hours, where the parser gets to see it.
        (Syntax.JSON_LD, b'{"urn:p":\n' * 100_000, 201, "more than 200 levels"),
        (
            Syntax.JSON_LD,
            b'{"@id": "urn:a", "urn:p": ' + b'{"@list": [' * 5_000 + b"]}" * 5_000 + b"}",
            1,
            "200 levels",
        ),
        (Syntax.RDF_XML, RDF_XML + b"\n<a><b>" * 200_000, 101, "more than 200 levels"),
        (Syntax.RDF_XML, BOMB, 1, "limit on input amplification factor"),
        (Syntax.JSON_LD, b'{"@id": "urn:a",\n"urn:p": "' + b'\\"[' * 300, 2, "end of file"),
        (Syntax.RDF_XML, RDF_XML + b'\n<rdf:Description rdf:about="urn:a">\n', 3, "no element found"),
        (Syntax.RDF_XML, b"", 1, "no element found"),
        (Syntax.JSON_LD, b"", 1, "end of file"),
    ],
)
def test_a_document_that_would_bring_the_parser_down_is_refused(
    syntax: Syntax, document: bytes, line: int, said: str, leniency: Leniency
) -> None:
    for data in (document, io.BytesIO(document)):
        with pytest.raises(SyntaxFault) as caught:
            list(parse(data, syntax, file="x", leniency=leniency).statements)
        assert said in caught.value.message
        assert caught.value.details["line"] == line


def test_brackets_in_texts_are_no_nesting() -> None:
    document = orjson.dumps({"@id": "urn:a", "urn:p": ['"[{\\' * 1_000, "\\"], "urn:q": [{"@id": "urn:b"}] * 1_000})
    for step in (1, 7, 1_024):
        assert len(list(parse(cast(BinaryIO, Drip(document, step)), Syntax.JSON_LD).statements)) == 1_002


class Drip(io.RawIOBase):
    """A stream that cannot be wound back and hands out a few bytes at a time, as a pipe may."""

    def __init__(self, document: bytes, step: int) -> None:
        self._document = io.BytesIO(document)
        self._step = step

    def read(self, size: int = -1, /) -> bytes:
        return self._document.read(self._step if size < 0 else min(size, self._step))

    def seekable(self) -> bool:
        return False


@pytest.mark.parametrize("step", [1, 2, 1_000])
def test_a_byte_order_mark_is_no_content(step: int) -> None:
    document = b"\xef\xbb\xbf<urn:a> <urn:b> <urn:c> ."
    for data in (document, io.BytesIO(document), cast(BinaryIO, Drip(document, step))):
        assert list(parse(data, Syntax.TURTLE).statements) == [("urn:a", "urn:b", "urn:c")]
    assert list(parse(b"\xef\xbb\xbf[]", Syntax.JSON_LD).statements) == []


@pytest.mark.parametrize(
    ("syntax", "document", "said"),
    [
        (Syntax.TURTLE, b'<urn:a> <urn:b> "x"@en--ltr .', "direction"),
        (
            Syntax.JSON_LD,
            b'[{"@id": "urn:a", "urn:b": {"@value": "x", "@language": "en", "@direction": "ltr"}}]',
            "direction",
        ),
        (
            Syntax.JSON_LD,
            orjson.dumps({"@id": "urn:a", "urn:b": {"@value": "x", "@type": RDF_LANG_STRING}}),
            "no language",
        ),
        (Syntax.TURTLE, b"<< <urn:a> <urn:b> <urn:c> >> <urn:p> 1 .", "triple terms"),
        (Syntax.TURTLE, b"<urn:a> <urn:b> <urn:c> {| <urn:p> 1 |} .", "triple terms"),
    ],
)
def test_what_cannot_be_kept_or_written_again_is_refused(syntax: Syntax, document: bytes, said: str) -> None:
    with pytest.raises(SyntaxFault, match=said):
        list(parse(document, syntax).statements)


@pytest.mark.parametrize("syntax", list(Syntax))
@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    document=st.one_of(
        st.binary(max_size=60), st.text("<>\"'[]{}().;,@^_:\\ua#%\0\n &\ud7ff", max_size=60).map(str.encode)
    )
)
def test_any_bytes_are_read_or_refused(syntax: Syntax, document: bytes) -> None:
    for leniency in Leniency:
        with contextlib.suppress(SyntaxFault):
            list(parse(document, syntax, leniency=leniency).statements)
