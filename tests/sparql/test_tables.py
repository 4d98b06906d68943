"""Results as tables and as Parquet."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow.parquet
import pyoxigraph as ox
import pytest

from registry.errors import BadInput
from registry.rdf.terms import Literal
from registry.rdf.vocabulary import XSD_INTEGER
from registry.sparql.tables import read_table, write_parquet

MOMENT = "<http://www.w3.org/2001/XMLSchema#dateTime>"
DOUBLE = "<http://www.w3.org/2001/XMLSchema#double>"


def results(variables: str, *rows: str) -> bytes:
    names = " ".join(f"?{name}" for name in variables)
    values = " ".join(f"({row})" for row in rows)
    written = ox.Store().query(f"SELECT {names} {{ VALUES ({names}) {{ {values} }} }}")
    assert isinstance(written, ox.QuerySolutions)
    content = written.serialize(format=ox.QueryResultsFormat.JSON)
    assert content is not None
    return content


def test_a_table_keeps_terms_and_what_is_not_bound() -> None:
    table = read_table(results("ab", "1 <http://e/x>", "UNDEF 'é'@en"))
    assert table.columns == ["a", "b"]
    assert table.rows[0] == [Literal("1", XSD_INTEGER), "http://e/x"]
    assert table.texts() == [["1", "http://e/x"], ["", "é"]]


def test_an_ask_is_no_table() -> None:
    with pytest.raises(BadInput, match="SELECT"):
        read_table(b'{"head":{},"boolean":true}')


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (["1", "-2", "UNDEF"], "int64", [1, -2, None]),
        (["1.50", "22.5"], "decimal128(3, 1)", [Decimal("1.5"), Decimal("22.5")]),
        (["1e0", f"'INF'^^{DOUBLE}"], "double", [1.0, float("inf")]),
        (["true", "false"], "bool", [True, False]),
        (
            [f"'2026-01-01T00:00:00.5Z'^^{MOMENT}", f"'2026-01-01T00:00:00+02:00'^^{MOMENT}"],
            "timestamp[us, tz=UTC]",
            [datetime(2026, 1, 1, 0, 0, 0, 500_000, UTC), datetime(2025, 12, 31, 22, tzinfo=UTC)],
        ),
        ([f"'2026-01-01T00:00:00'^^{MOMENT}"], "string", ["2026-01-01T00:00:00"]),
        (["1", "1.5"], "string", ["1", "1.5"]),
        (["1", "<http://e/x>"], "string", ["1", "http://e/x"]),
        (["'one'^^<http://www.w3.org/2001/XMLSchema#integer>"], "string", ["one"]),
        (["99999999999999999999"], "string", ["99999999999999999999"]),
        (["'a'", "'b'@en"], "string", ["a", "b"]),
        (["UNDEF", "UNDEF"], "string", [None, None]),
    ],
)
def test_a_column_of_one_type_keeps_it_in_parquet(values: list[str], kind: str, expected: list[object]) -> None:
    written = write_parquet(read_table(results("x", *values)))
    table = pyarrow.parquet.read_table(io.BytesIO(written))
    assert str(table.schema.field("x").type) == kind
    assert table.column("x").to_pylist() == expected


def test_parquet_without_pyarrow_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(BadInput, match=r"pip install 'semantic-twin-registry\[parquet\]'"):
        write_parquet(read_table(results("x", "1")))
