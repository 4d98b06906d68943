"""Documents that must be refused are, with a line and a reason; where the parser is too friendly, the gap is named."""

from __future__ import annotations

import contextlib
import csv
from pathlib import Path

import pytest

from registry.errors import SyntaxFault
from registry.rdf.syntax import Leniency, Syntax, parse, syntax_of
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
    accepted = set()
    for row in rows(folder / "index.csv"):
        try:
            read(folder / row["file"], Syntax.JSON_LD)
        except SyntaxFault:
            continue
        accepted.add(f"{row['manifest']}{row['id']}")
    assert accepted == ACCEPTED_JSON_LD


def test_no_json_document_crashes_the_reader() -> None:
    for path in sorted(shared("json-parsing").rglob("*.json")):
        with contextlib.suppress(SyntaxFault):
            read(path, Syntax.JSON_LD)


def test_a_remote_context_is_not_fetched() -> None:
    document = b'{"@context": "http://127.0.0.1:9/context.jsonld", "@id": "urn:a", "name": "x"}'
    with pytest.raises(SyntaxFault):
        list(parse(document, Syntax.JSON_LD).statements)


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


def test_a_lenient_reading_is_valid_for_a_strict_reader() -> None:
    path = shared("brick-cmu-ghc", "ghc_brick.ttl")
    with pytest.raises(SyntaxFault) as caught:
        read(path, Syntax.TURTLE)
    assert caught.value.details["line"] == 360
    from registry.rdf.canonical import canonical_hash
    from registry.rdf.syntax import serialise

    parsed = parse(path.read_bytes(), Syntax.TURTLE, leniency=Leniency.LENIENT)
    statements = list(parsed.statements)
    assert len(parsed.repairs) == 99
    again = list(parse(serialise(statements, Syntax.TURTLE), Syntax.TURTLE).statements)
    assert canonical_hash(again) == canonical_hash(statements)
