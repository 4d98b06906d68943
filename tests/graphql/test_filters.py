"""A filter never means more than was asked for: nulls, absent operands and missing variables."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from registry.api.graphql.serve import documents
from tests.graphql.conftest import REGISTER
from tests.graphql.server import Server

Fresh = Callable[[str], str]
GENERIC = "query ($f: ResourceFilter) { resources(filter: $f) { edges { node { iri } } } }"
TYPED = "query ($f: PumpFilter) { pumps(filter: $f) { nodes { iri } } }"


@pytest.fixture(params=["compiled", "stock"])
def runner(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every claim holds for the compiled way and for graphql-core alike."""
    monkeypatch.setattr(documents, "COMPILED_AT", 1 if request.param == "compiled" else 10**9)


@pytest.fixture(scope="module")
def pair(server: Server) -> tuple[str, str]:
    """Two pumps: one with a tag and a rated power, one without."""
    full, bare = "urn:test:filters:full", "urn:test:filters:bare"
    flow = {"property": "ratedFlow", "value": 3}
    more = [{"property": "ratedPower", "value": 4.5}, {"property": "tag", "value": "F-1"}]
    for iri, properties in ((full, [flow, *more]), (bare, [flow])):
        server.data(
            REGISTER, twin=iri + ":twin", entity=iri, **{"class": ["Pump"]}, name=iri[-4:], properties=properties
        )  # fmt: skip
    return full, bare


def here(pair: tuple[str, str]) -> dict[str, Any]:
    return {"iri": list(pair)}


def generic(server: Server, given: dict[str, Any]) -> set[str]:
    return {edge["node"]["iri"] for edge in server.data(GENERIC, f=given)["resources"]["edges"]}


def typed(server: Server, given: dict[str, Any]) -> set[str]:
    return {node["iri"] for node in server.data(TYPED, f=given)["pumps"]["nodes"]}


@pytest.mark.usefixtures("runner")
def test_null_equals_what_has_no_value(server: Server, pair: tuple[str, str]) -> None:
    full, bare = pair
    for name in ("ratedPower", "tag"):
        assert generic(server, {**here(pair), "property": [{"property": name, "eq": None}]}) == {bare}
        assert generic(server, {**here(pair), "property": [{"property": name, "ne": None}]}) == {full}
        assert typed(server, {"resource": here(pair), name: {"eq": None}}) == {bare}
        assert typed(server, {"resource": here(pair), name: {"ne": None}}) == {full}
    assert generic(server, {**here(pair), "name": {"eq": None}}) == set(), "everything has a name"
    query = """query ($v: Value, $only: [Iri!]) {
        resources(filter: {iri: $only, property: [{property: "ratedPower", eq: $v}]}) { edges { node { iri } } } }"""
    assert server.data(query, v=None, only=list(pair))["resources"]["edges"] == [{"node": {"iri": bare}}]


ABSENT: list[tuple[str, dict[str, Any], str]] = [
    ("f", {}, "filter"),
    ("f", {"property": [{"property": "ratedPower"}]}, "filter.property"),
    ("f", {"property": []}, "filter.property"),
    ("f", {"property": None}, "filter.property"),
    ("f", {"linked": []}, "filter.linked"),
    ("f", {"linked": None}, "filter.linked"),
    ("f", {"linked": [{"predicate": "feeds", "where": {}}]}, "filter.linked.where"),
    ("f", {"linked": [{"predicate": "feeds", "where": {"text": None}}]}, "filter.linked.where.text"),
    ("f", {"entity": {}}, "filter.entity"),
    ("f", {"entity": {"class": None}}, "filter.entity.class"),
    ("f", {"entity": None}, "filter.entity"),
    ("f", {"and": []}, "filter.and"),
    ("f", {"or": []}, "filter.or"),
    ("f", {"or": [{"iri": ["urn:x"]}, {}]}, "filter.or"),
    ("f", {"and": [{}]}, "filter.and"),
    ("f", {"not": {}}, "filter.not"),
    ("f", {"not": None}, "filter.not"),
    ("f", {"and": None}, "filter.and"),
    ("f", {"or": None}, "filter.or"),
    ("f", {"name": {}}, "filter.name"),
    ("f", {"name": None}, "filter.name"),
    ("f", {"name": {"prefix": None}}, "filter.name.prefix"),
    ("f", {"name": {"in": None}}, "filter.name.in"),
    *(("f", {name: None}, f"filter.{name}") for name in ("iri", "class", "state", "text", "within")),
    *(
        ("f", {"property": [{"property": "ratedPower", name: None}]}, f"filter.property.{name}")
        for name in ("lt", "lte", "gt", "gte", "in", "prefix", "exists")
    ),
]

TYPED_ABSENT: list[tuple[dict[str, Any], str]] = [
    ({}, "filter"),
    ({"ratedPower": {}}, "filter.ratedPower"),
    ({"ratedPower": None}, "filter.ratedPower"),
    *(({"ratedPower": {name: None}}, f"filter.ratedPower.{name}") for name in ("lt", "lte", "gt", "gte", "in")),
    ({"tag": {"prefix": None}}, "filter.tag.prefix"),
    ({"tag": {"exists": None}}, "filter.tag.exists"),
    ({"feeds": {}}, "filter.feeds"),
    ({"feeds": None}, "filter.feeds"),
    ({"feeds": {"some": None}}, "filter.feeds.some"),
    ({"feeds": {"every": {}}}, "filter.feeds.every"),
    ({"feeds": {"exists": None}}, "filter.feeds.exists"),
    ({"and": []}, "filter.and"),
    ({"or": []}, "filter.or"),
    ({"or": None}, "filter.or"),
    ({"or": [{}]}, "filter.or"),
    ({"not": {}}, "filter.not"),
    ({"not": None}, "filter.not"),
    ({"resource": {}}, "filter.resource"),
    ({"resource": {"text": None}}, "filter.resource.text"),
    ({"resource": None}, "filter.resource"),
    ({"twin": {}}, "filter.twin"),
    ({"twin": {"state": None}}, "filter.twin.state"),
]


@pytest.mark.usefixtures("runner")
def test_an_absent_operand_is_refused_by_its_name(server: Server) -> None:
    cases = [*((GENERIC, f, where) for _, f, where in ABSENT), *((TYPED, f, where) for f, where in TYPED_ABSENT)]
    for query, given, where in cases:
        refused = server.refused(query, f=given)
        assert (refused["code"], refused.get("argument")) == ("BAD_INPUT", where), given
    for query, given in (
        (GENERIC, {"iri": [None]}), (GENERIC, {"class": ["Pump", None]}), (GENERIC, {"and": [None]}),
        (GENERIC, {"or": [{"iri": ["urn:x"]}, None]}), (GENERIC, {"property": [None]}), (TYPED, {"or": [None]}),
        (GENERIC, {"property": [{"property": "tag", "in": [None]}]}), (TYPED, {"tag": {"in": ["a", None]}}),
    ):  # fmt: skip
        assert server.refused(query, f=given)["code"] == "BAD_INPUT", given
    assert server.ask(TYPED, f=None)["data"]["pumps"] is not None, "no filter at all means all"


@pytest.mark.usefixtures("runner")
def test_a_variable_that_is_missing_never_widens_a_filter(server: Server, pair: tuple[str, str]) -> None:
    within = [
        ("$v: Value", 'resources(filter: {property: [{property: "tag", eq: $v}]}) { totalCount }'),
        ("$v: String", 'resources(filter: {class: ["Pump"], text: $v}) { totalCount }'),
        ("$v: [Name!]", 'twins(filter: {iri: ["urn:x"], or: [{class: $v}]}) { totalCount }'),
        ("$v: Decimal", "pumps(filter: {ratedFlow: {gt: 1, lt: $v}}) { totalCount }"),
        ("$v: String", "pumps(filter: {tag: {eq: $v}}) { totalCount }"),
        ("$v: ResourceFilter", "pumps(filter: {resource: $v}) { totalCount }"),
    ]
    for declared, field in within:
        refused = server.refused(f"query ({declared}) {{ {field} }}")
        assert (refused["code"], refused["argument"], refused["variable"]) == ("BAD_INPUT", "filter", "v"), field
        inside = f"query ({declared}) {{ ...F }} fragment F on Query {{ {field} }}"
        assert server.refused(inside)["variable"] == "v"
    whole = "query ($v: ResourceFilter) { resources(filter: $v, first: 1) { edges { cursor } } }"
    assert len(server.data(whole)["resources"]["edges"]) == 1
    default = (
        'query ($v: String = "full") { resources(class: "Pump", filter: {name: {eq: $v}}) { edges { node { iri } } } }'
    )
    assert server.data(default)["resources"]["edges"] == [{"node": {"iri": pair[0]}}]
    for directive, asked in itertools.product(("include", "skip"), (True, False)):
        query = f"""query ($v: String, $on: Boolean!) {{ release {{ digest }}
            twins(filter: {{name: {{eq: $v}}}}) @{directive}(if: $on) {{ totalCount }} }}"""
        if asked is (directive == "include"):
            assert server.refused(query, on=asked)["variable"] == "v"
        else:
            assert set(server.data(query, on=asked)) == {"release"}
