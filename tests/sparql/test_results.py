"""The W3C tests of the result formats, over HTTP: their data stands in named graphs that the request asks for."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from registry.ontology.modules import Module, ModuleKind
from registry.rdf.syntax import Syntax, parse
from tests.places import shared
from tests.sparql.plant import release
from tests.sparql.served import Served, serving
from tests.sparql.test_projection import eventually

GRAPH = "http://w3c.example/"
DATA = ["csv-tsv-res/data.ttl", "csv-tsv-res/data2.ttl", "json-res/data.ttl"]

XSD = "http://www.w3.org/2001/XMLSchema#"
RESPELLED = {"1.0E6": "1000000", "1.0e6": f'"1000000"^^<{XSD}double>', f'"-3"^^<{XSD}negativeInteger>': "-3"}
"""Oxigraph keeps values and not their spelling: how it writes what the tests expect, a double and an integer."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    modules = []
    for name in DATA:
        statements = tuple(parse(shared("sparql11-protocol", name).read_bytes(), Syntax.TURTLE).statements)
        modules.append(Module(name, GRAPH + name, "", ModuleKind.ONTOLOGY, b"", statements, {}))
    with serving(tmp_path_factory.mktemp("served"), replace(release(), modules=tuple(modules))) as served:
        eventually(lambda: served.projection.is_open)
        yield served


def asked(served: Served, query: str, data: str, accept: str) -> str:
    text = shared("sparql11-protocol", query).read_text()
    parameters = {"query": text, "default-graph-uri": GRAPH + data}
    answer = served.http.get("/sparql", params=parameters, headers={"accept": accept})
    assert answer.status_code == 200, answer.text
    return answer.text


Rows = list[dict[str, str]]


def rows(table: list[list[str]]) -> Rows:
    """The rows by column, since SELECT * leaves the order of columns open, and blank nodes without their labels."""
    columns = [name.removeprefix("?") for name in table[0]]
    cells = [["_:" if cell.startswith("_:") else cell for cell in row] for row in table[1:]]
    return [dict(zip(columns, row, strict=True)) for row in cells]


def respelled(expected: Rows) -> Rows:
    return [{name: RESPELLED.get(cell, cell) for name, cell in row.items()} for row in expected]


@pytest.mark.parametrize(
    ("query", "data", "result"),
    [("csvtsv01", "data.ttl", "csvtsv01"), ("csvtsv02", "data.ttl", "csvtsv02"), ("csvtsv01", "data2.ttl", "csvtsv03")],
)
def test_csv_and_tsv(served: Served, query: str, data: str, result: str) -> None:
    folder = "csv-tsv-res/"
    expected = rows(list(csv.reader(io.StringIO(shared("sparql11-protocol", f"{folder}{result}.csv").read_text()))))
    answer = asked(served, f"{folder}{query}.rq", folder + data, "text/csv")
    assert rows(list(csv.reader(io.StringIO(answer)))) == respelled(expected)

    lines = shared("sparql11-protocol", f"{folder}{result}.tsv").read_text().splitlines()
    answer = asked(served, f"{folder}{query}.rq", folder + data, "text/tab-separated-values")
    tsv = rows([line.split("\t") for line in answer.splitlines()])
    assert tsv == respelled(rows([line.split("\t") for line in lines]))


@pytest.mark.parametrize("name", ["jsonres01", "jsonres02", "jsonres03", "jsonres04"])
def test_json(served: Served, name: str) -> None:
    expected = json.loads(shared("sparql11-protocol", f"json-res/{name}.srj").read_text())
    answer = asked(served, f"json-res/{name}.rq", "json-res/data.ttl", "application/sparql-results+json")
    assert without_labels(json.loads(answer)) == without_labels(expected)


def without_labels(results: dict[str, Any]) -> tuple[object, ...]:
    bindings = results.get("results", {}).get("bindings", [])
    for row in bindings:
        for cell in row.values():
            if cell["type"] == "bnode":
                cell["value"] = ""
    return results.get("boolean"), sorted(results["head"].get("vars", [])), bindings
