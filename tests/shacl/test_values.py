"""The lexical traps: what is well-formed, what comes before what, and what has no order at all."""

from __future__ import annotations

import itertools

import pyoxigraph as ox
import pytest

from registry.rdf.oxigraph import to_oxigraph
from registry.rdf.terms import Literal, Term, text
from registry.rdf.vocabulary import RDF, XSD
from registry.shacl.values import LONGEST, compare, in_language, is_well_formed
from tests.shacl.whole import E


def of(lexical: str, datatype: str) -> Literal:
    return Literal(lexical, XSD + datatype)


WELL_FORMED = {
    "integer": ["01", "+1", "-0", "9" * LONGEST],
    "decimal": ["1.0", "1.", ".5", "-00.10", "7"],
    "double": ["NaN", "INF", "-INF", "+INF", "1e0", "1.E-3", ".5E+10"],
    "float": ["NaN", "1e999"],
    "boolean": ["true", "false", "1", "0"],
    "byte": ["127", "-128", "+007"],
    "unsignedByte": ["255", "0"],
    "positiveInteger": ["1"],
    "dateTime": [
        "2020-01-01T00:00:00", "2020-01-01T24:00:00Z", "2020-01-01T24:00:00.000", "-0044-03-15T12:00:00Z",
        "2020-02-29T23:59:59.999999999+14:00", "12020-01-01T00:00:00-13:59", "0000-01-01T00:00:00Z",
    ],
    "dateTimeStamp": ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00-00:00"],
    "date": ["2020-12-31", "2020-12-31+01:00", "2000-02-29"],
    "time": ["24:00:00", "00:00:00.5Z"],
    "gYear": ["2020", "-0001", "2020Z"],
    "gMonthDay": ["--02-29"],
    "duration": ["P1D", "-P1Y2M3DT4H5M6.7S", "PT0S"],
    "dayTimeDuration": ["P1DT1H", "PT1.5S"],
    "yearMonthDuration": ["P1Y", "-P13M"],
    "hexBinary": ["", "0aFF"],
    "base64Binary": ["", "AAAA", "AAA=", "AA==", "AA A="],
    "language": ["en", "en-GB"],
    "token": ["", "a b"],
    "NCName": ["a-b", "_1"],
    "anyURI": ["", "any thing"],
}  # fmt: skip
ILL_FORMED = {
    "integer": ["abc", "", "1.0", " 1", "1 ", "1\n", "١", "9" * (LONGEST + 1)],
    "decimal": ["1e0", ".", "", "NaN", "1,5"],
    "double": ["inf", "nan", "Infinity", "1e", "-NaN", "0x1"],
    "boolean": ["TRUE", "True", "yes", ""],
    "byte": ["300", "128", "-129"],
    "unsignedByte": ["-1", "256"],
    "positiveInteger": ["0"],
    "nonNegativeInteger": ["-1"],
    "dateTime": [
        "2020-13-01T00:00:00Z", "2020-01-32T00:00:00Z", "2021-02-29T00:00:00Z", "2020-01-01T24:00:01Z", "2020-01-01",
        "2020-01-01 00:00:00", "2020-01-01T00:00:60Z", "2020-01-01T00:00:00+14:01", "2020-01-01T00:00:00+15:00",
        "20-01-01T00:00:00", "02020-01-01T00:00:00", "2020-01-01T00:00:00z", "2020-01-01T00:00:00.", "",
    ],
    "dateTimeStamp": ["2020-01-01T00:00:00"],
    "date": ["2020-13-01", "2020-00-01", "2020-02-30", "1900-02-29", "2020-1-1"],
    "time": ["25:00:00", "24:00:00.1", "12:60:00", "12:00"],
    "gYear": ["20", "2020-01"],
    "gMonthDay": ["--02-30", "--13-01"],
    "duration": ["P", "PT", "P1", "1D", "P1H", "P-1D", "P1.5D", "P1DT"],
    "dayTimeDuration": ["P1Y", "P1M"],
    "yearMonthDuration": ["P1D", "PT1H"],
    "hexBinary": ["0", "0g"],
    "base64Binary": ["A", "AAA", "A===", "****"],
    "language": ["", "en_GB", "verylonglanguage"],
    "token": [" a", "a  b", "a\n"],
    "NCName": ["a:b", "1a", ""],
}  # fmt: skip


@pytest.mark.parametrize("datatype", WELL_FORMED)
def test_well_formed(datatype: str) -> None:
    assert [lexical for lexical in WELL_FORMED[datatype] if not is_well_formed(of(lexical, datatype))] == []


@pytest.mark.parametrize("datatype", ILL_FORMED)
def test_ill_formed(datatype: str) -> None:
    assert [lexical for lexical in ILL_FORMED[datatype] if is_well_formed(of(lexical, datatype))] == []


def test_nothing_is_known_of_other_datatypes() -> None:
    assert is_well_formed(Literal("anything", E + "datatype"))
    assert is_well_formed(Literal("<", RDF + "HTML"))
    assert compare(Literal("1", E + "datatype"), Literal("1", E + "datatype")) is None


IN_ORDER: list[tuple[Literal, int | None, Literal]] = [
    (of("1", "integer"), 0, of("1.0", "decimal")),
    (of("01", "integer"), 0, of("1", "byte")),
    (of("0.1", "decimal"), 0, of("0.1", "double")),
    (of("9007199254740993", "integer"), 1, of("9007199254740992", "decimal")),
    (of("9" * 400, "integer"), 1, of("1", "double")),
    (of("-" + "9" * 400, "integer"), -1, of("1", "double")),
    (of("NaN", "double"), None, of("NaN", "double")),
    (of("NaN", "double"), None, of("1", "integer")),
    (of("-INF", "double"), -1, of("-1", "integer")),
    (of("1", "integer"), -1, of("INF", "float")),
    (of("abc", "integer"), None, of("1", "integer")),
    (of("false", "boolean"), -1, of("1", "boolean")),
    (of("true", "boolean"), None, of("1", "integer")),
    (text("Z"), -1, text("a")),
    (text("a"), None, text("b", "en")),
    (text("a", "en"), None, text("b", "en")),
    (of("2020-01-01T00:00:00+01:00", "dateTime"), 0, of("2019-12-31T23:00:00Z", "dateTime")),
    (of("2020-01-01T24:00:00Z", "dateTime"), 0, of("2020-01-02T00:00:00Z", "dateTime")),
    (of("2020-01-01T00:00:00.0000001Z", "dateTime"), -1, of("2020-01-01T00:00:00.0000002Z", "dateTime")),
    (of("2020-01-01T12:00:00Z", "dateTime"), None, of("2020-01-01T12:00:00", "dateTime")),
    (of("2020-01-01T12:00:00Z", "dateTime"), None, of("2020-01-02T02:00:00", "dateTime")),
    (of("2020-01-01T12:00:00Z", "dateTime"), -1, of("2020-01-02T02:00:01", "dateTime")),
    (of("2020-01-02T02:00:01Z", "dateTime"), 1, of("2020-01-01T12:00:00", "dateTime")),
    (of("-0001-12-31T00:00:00Z", "dateTime"), -1, of("0000-01-01T00:00:00Z", "dateTime")),
    (of("2020-01-01", "date"), None, of("2020-01-01T00:00:00", "dateTime")),
    (of("2020-02-29", "date"), -1, of("2020-03-01", "date")),
    (of("24:00:00", "time"), 0, of("00:00:00", "time")),
    (of("2020", "gYear"), -1, of("2021", "gYear")),
    (of("P1M", "duration"), None, of("P30D", "duration")),
    (of("P1M", "duration"), 1, of("P27D", "duration")),
    (of("P1Y", "yearMonthDuration"), 0, of("P12M", "duration")),
    (of("PT24H", "dayTimeDuration"), 0, of("P1D", "duration")),
    (of("-P1D", "duration"), -1, of("PT0S", "duration")),
    (of("2020-13-01", "date"), None, of("2020-12-01", "date")),
]


@pytest.mark.parametrize(("left", "order", "right"), IN_ORDER)
def test_order(left: Literal, order: int | None, right: Literal) -> None:
    assert compare(left, right) == order
    assert compare(right, left) == (None if order is None else -order)


def test_nodes_have_no_order() -> None:
    nodes: list[Term] = [E + "a", "_:b", text("a")]
    assert [compare(a, b) for a, b in itertools.combinations(nodes, 2)] == [None, None, None]


COMPARED = ("integer", "decimal", "byte", "double", "string", "date", "dateTime", "time", "gYear", "duration",
            "dayTimeDuration", "yearMonthDuration")  # fmt: skip


def test_order_is_that_of_a_sparql_engine() -> None:
    """Oxigraph is asked for every pair; it orders no booleans, though SPARQL 1.1 does (section 17.3)."""
    store = ox.Store()
    literals = [of(lexical, datatype) for datatype in COMPARED for lexical in WELL_FORMED.get(datatype, ())]
    literals += [literal for left, _, right in IN_ORDER for literal in (left, right)]
    known = [one for one in dict.fromkeys(literals) if one[1].removeprefix(XSD) in COMPARED and len(one.lexical) < 100]
    different = [
        (left, right)
        for left, right in itertools.permutations(known, 2)
        if bool(store.query(f"ASK {{ FILTER({to_oxigraph(left)} < {to_oxigraph(right)}) }}"))
        != (compare(left, right) == -1)
    ]
    assert different == []


@pytest.mark.parametrize(
    ("tag", "wanted", "is_in"),
    [
        ("en", "en", True), ("EN", "en", True), ("en-GB", "EN", True), ("eng", "en", False), ("en", "en-GB", False),
        ("de", "*", True), ("", "*", False), ("", "en", False),
    ],
)  # fmt: skip
def test_language_ranges(tag: str, wanted: str, is_in: bool) -> None:
    assert in_language(tag, wanted) is is_in
