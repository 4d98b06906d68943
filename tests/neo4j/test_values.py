"""Literals: native where that is lossless, and exactly as they were in any case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain.resource import Resource
from registry.rdf.canonical import canonical_hash
from registry.rdf.skolem import skolemise
from registry.rdf.syntax import Leniency
from registry.rdf.terms import Iri, Literal, Statement, Term, text
from registry.rdf.vocabulary import RDF_LANG_STRING, RDF_TYPE, RDFS_LABEL, XSD
from registry.stores.neo4j import keys, nodes
from registry.stores.neo4j.naming import Names
from registry.stores.neo4j.record import open_neo4j
from registry.stores.open_mode import Access
from registry.stores.ordering import NUMBER, SortKey
from tests.neo4j.session import emptied
from tests.places import shared
from tests.stores.plant import everything, put
from tests.transfer.test_buildings import BUILDINGS, LENIENT, original

EX = "https://values.example/"

LEXICALS = {
    "string": ["", " ", "a\nb", "é", "\U0001f4a7", "x" * 40_000, '"\\'],
    "boolean": ["true", "false", "1", "0", "True", "yes"],
    "integer": ["0", "-0", "+1", "01", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "1" * 400, "x"],
    "decimal": ["0.1", "1.0", "1", "-0.0", "+1.5", ".5", "5.", "123456789012345678901234567890.5", "1" * 500, "0.10", "1e3"],
    "double": ["0.1", "1", "1.0E0", "1e400", "INF", "-INF", "+INF", "NaN", "nan", "-0.0", "1.7976931348623157E308", "5e-324"],
    "float": ["0.1", "NaN", "INF", "16777217"],
    "date": ["2026-01-31", "0001-01-01", "9999-12-31", "-0044-03-15", "12026-01-01", "2026-01-01Z", "2026-02-30", "0000-01-01"],
    "dateTime": [
        "2026-01-31T12:30:00", "2026-01-31T12:30:00Z", "2026-01-31T12:30:00+05:30", "2026-01-31T12:30:00-00:00",
        "2026-01-31T12:30:00.100Z", "2026-01-31T12:30:00.123456789Z", "2026-01-31T12:30:00.1234567890Z",
        "2026-01-31T24:00:00Z", "2026-01-31T23:59:60Z", "10000-01-01T00:00:00Z", "2026-13-01T00:00:00Z",
        "1900-06-30T12:00:00+14:00", "0001-01-01T00:00:00Z",
    ],
    "time": ["12:30:00", "12:30:00Z", "12:30:00.5", "24:00:00", "25:00:00"],
    "duration": ["P1Y2M3DT4H5M6.7S", "PT0S", "P400D", "-P1D", "PT36H", "P1Y", "P", "P99999999999999999999Y"],
    "dayTimeDuration": ["PT1H", "P1DT2H"], "yearMonthDuration": ["P14M", "P1Y2M"],
    "gYear": ["2026", "-0001"], "gYearMonth": ["2026-01"], "gMonthDay": ["--02-29"], "gDay": ["---31"], "gMonth": ["--12"],
    "hexBinary": ["00ff", "00FF", "0"], "base64Binary": ["AAEC", "AA EC", "?"], "anyURI": ["http://x/ y", ""],
    "language": ["en"], "token": ["a  b"], "normalizedString": ["a\tb"], "NMTOKEN": ["a b"], "Name": ["1a"], "NCName": ["a:b"],
    "byte": ["127", "128"], "unsignedLong": ["18446744073709551615"], "positiveInteger": ["0", "7"], "int": ["7"],
    "long": ["-9223372036854775808"], "short": ["007"], "nonNegativeInteger": ["5"], "dateTimeStamp": ["2026-01-01T00:00:00Z"],
}  # fmt: skip
"""Usual, odd, extreme and ill-typed forms of every datatype."""

CORPUS = [
    *(Literal(lexical, XSD + name) for name, lexicals in LEXICALS.items() for lexical in lexicals),
    *(Literal("Pumpe", RDF_LANG_STRING, tag) for tag in ("de", "de-AT", "en-GB", "x-private", "zh-Hant-TW")),
    Literal("{}", "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON"), Literal("own", EX + "type"),
]  # fmt: skip


def statements_of(corpus: list[Literal]) -> list[Statement]:
    """Each literal alone, each beside another of its datatype, and all as the values of one property."""
    alone: list[Statement] = [(f"{EX}alone-{n}", f"{EX}p{n}", literal) for n, literal in enumerate(corpus)]
    typed: list[Statement] = [(f"{EX}typed-{n}", f"{EX}of-{hash(v[1:]) % 10**9}", v) for n, v in enumerate(corpus)]
    together: list[Statement] = [(EX + "all", EX + "every", literal) for literal in corpus]
    mixed: list[Statement] = [(EX + "all", EX + "every", EX + "link"), (EX + "all", RDF_TYPE, text("no class"))]
    return [*alone, *typed, *together, *mixed]


def there_and_back(resources: Iterable[Resource], names: Names) -> Iterator[tuple[Resource, nodes.Node]]:
    """Resources as their nodes would hold them, read again with the names as a database keeps them."""
    for resource in resources:
        names.issue([*resource.statements, *resource.classes], {})
        node = nodes.encoded(resource, names)
        kept = Names({iri: name.as_text() for iri, name in names.items()}) if len(names) < 50 else names
        links = [
            (name.type, target, order)
            for predicate, values in resource.statements.items()
            if predicate != RDF_TYPE and (name := names.get(predicate)) is not None
            for order, target in enumerate(values)
            if isinstance(target, str)
        ]
        yield nodes.decoded(node.labels, node.properties, links, kept), node


def test_every_literal_comes_back_from_the_server_as_it_was() -> None:
    statements = statements_of(CORPUS)
    with closing(open_neo4j(emptied(), Access.WRITE)) as record:
        put(record, *statements)
        found = [
            (iri, predicate, value)
            for iri, says in everything(record).items() for predicate, values in says.items() for value in values
        ]  # fmt: skip
        assert not record.verify()
    assert set(found) == set(statements)
    assert canonical_hash(found) == canonical_hash(statements)


def resources_of(statements: Iterable[Statement]) -> list[Resource]:
    found = []
    for iri, group in groupby(sorted(set(statements), key=repr), key=lambda statement: statement[0]):
        says: dict[Iri, list[Term]] = {}
        for _, predicate, value in group:
            says.setdefault(predicate, []).append(value)
        found.append(Resource(iri, says, 1, "2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:00.000000Z"))
    return found


def building(name: str) -> set[Statement]:
    files = [shared(*file.split("/")) for file in BUILDINGS[name]]
    return set(skolemise(original(files, Leniency.LENIENT if name in LENIENT else Leniency.STRICT), "b"))


@pytest.mark.parametrize("name", BUILDINGS)
def test_a_real_building_comes_back_as_it_was(name: str) -> None:
    statements, names = building(name), Names({})
    resources = resources_of(statements)
    found = [back for back, _ in there_and_back(resources, names)]
    assert found == resources
    assert canonical_hash(s for resource in found for s in resource.triples()) == canonical_hash(statements)


def test_nearly_all_real_values_are_native() -> None:
    shadows, values = 0, 0
    for name in BUILDINGS:
        statements, names = building(name), Names({})
        shadows += sum(node.shadows for _, node in there_and_back(resources_of(statements), names))
        values += sum(1 for _, _, value in statements if isinstance(value, Literal))
    assert values > 5_000
    assert shadows <= 0.01 * values, f"{shadows} of {values} values need a shadow"


def test_what_a_person_sees_is_native() -> None:
    says: dict[Iri, list[Term]] = {
        RDFS_LABEL: [text("Pump")], EX + "flow": [Literal("12.5", XSD + "decimal")], EX + "count": [Literal("3", XSD + "int")],
        EX + "since": [Literal("2026-01-31", XSD + "date")], EX + "at": [Literal("2026-01-31T12:00:00.50Z", XSD + "dateTime")],
        EX + "on": [Literal("true", XSD + "boolean")], EX + "tags": [text("a"), text("b")], EX + "odd": [Literal("01", XSD + "integer")],
    }  # fmt: skip
    names = Names({})
    names.issue(says, {})
    node = nodes.encoded(Resource(EX + "p", says, 1, "t", "t"), names)
    shown = {key: value for key, value in node.properties.items() if not key.startswith("_")}
    assert str(shown.pop("since")) == "2026-01-31"
    assert str(shown.pop("at")).startswith("2026-01-31T12:00:00.5")
    assert shown == {
        "iri": EX + "p", "name": "Pump", "label": "Pump", "flow": 12.5, "count": 3, "on": True, "tags": ["a", "b"], "odd": 1,
    }  # fmt: skip
    assert node.shadows == 1, "only the odd spelling of an integer needs one"


NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False)


@settings(max_examples=2_000, deadline=None)
@given(NUMBERS, NUMBERS)
def test_numbers_as_rows_keep_their_order_and_come_back(left: float, right: float) -> None:
    left, right = (int(n) if n == n // 1 and abs(n) < 2**63 else n for n in (left, right))
    rows = [keys.written(SortKey(NUMBER, number)) for number in (left, right)]
    assert (rows[0] < rows[1], rows[0] == rows[1]) == (left < right, left == right)
    assert keys.read(rows[0]) == (NUMBER, left)
