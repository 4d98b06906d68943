"""GraphQL over HTTP: what a request may look like, and what an answer looks like."""

from __future__ import annotations

import json
import logging
from typing import Any

import httpx
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_client_schema,
    get_introspection_query,
    parse,
    print_schema,
)

from registry.api.graphql.fixed.schema import ReleaseSchema, fixed_half
from registry.api.graphql.serve import documents
from registry.api.graphql.serve.limits import Limits
from tests.graphql.server import Server

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
QUERY = {"query": "{ release { version } }"}


def post(server: Server, content: Any, accept: str = RESPONSE) -> httpx.Response:
    return httpx.post(f"{server.address}/graphql", json=content, headers={"accept": accept})


def get(server: Server, accept: str = RESPONSE, **parameters: str) -> httpx.Response:
    return httpx.get(f"{server.address}/graphql", params=parameters, headers={"accept": accept})


@pytest.mark.parametrize("accept", [RESPONSE, JSON, "*/*"])
def test_a_query_is_answered_in_the_type_that_the_client_reads(server: Server, accept: str) -> None:
    answer = post(server, QUERY, accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == (JSON if accept == JSON else RESPONSE)
    assert answer.json()["data"]["release"]["version"]
    assert answer.headers["registry-request"]


@pytest.mark.parametrize(
    ("content", "status", "plain_status"),
    [
        ({"query": "{"}, 400, 200),
        ({"query": "{ nonsense }"}, 400, 200),
        ({"query": "query A { __typename } query B { __typename }"}, 400, 200),
        ({"query": "query A { __typename }", "operationName": "B"}, 400, 200),
        ({"query": "fragment F on Query { __typename }"}, 400, 200),
        ({"query": "query ($iri: Iri!) { twin(iri: $iri) { iri } }"}, 400, 200),
        ({"query": "query ($iri: Iri!) { twin(iri: $iri) { iri } }", "variables": {"iri": "no iri"}}, 400, 200),
        ({"query": '{ twin(iri: "no iri") { iri } }'}, 400, 200),
        ({"query": "subscription { changes { position } }"}, 400, 200),
        ({"query": "{ twins(first: 2000) { totalCount } }"}, 200, 200),
        ({}, 400, 400),
        ([QUERY], 400, 400),
        ({"query": 7}, 400, 400),
        ({"query": "{ __typename }", "variables": []}, 400, 400),
        ({"query": "{ __typename }", "operationName": 7}, 400, 400),
        ("{ __typename }", 400, 400),
    ],
)
def test_the_status_says_whether_the_request_could_be_run(
    server: Server, content: Any, status: int, plain_status: int
) -> None:
    assert post(server, content).status_code == status
    plain = post(server, content, JSON)
    assert plain.status_code == plain_status
    assert plain.json()["errors"][0]["extensions"]["code"] in ("BAD_INPUT", "QUERY_TOO_LARGE")


def test_an_answer_to_what_was_not_run_has_no_data(server: Server) -> None:
    assert "data" not in post(server, {"query": "{ nonsense }"}).json()
    assert "data" not in post(server, {"query": "query ($iri: Iri!) { twin(iri: $iri) { iri } }"}).json()


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"query": NaN}', b"[" * 2000])
def test_what_is_no_json_is_refused(server: Server, body: bytes) -> None:
    answer = httpx.post(f"{server.address}/graphql", content=body, headers={"content-type": JSON})
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_INPUT")


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_a_body_that_a_foreign_page_could_post_unasked_is_refused(server: Server, media_type: str) -> None:
    headers = {"content-type": media_type} if media_type else {}
    answer = httpx.post(f"{server.address}/graphql", content=json.dumps(QUERY), headers=headers)
    assert answer.status_code == 415


def test_get_is_for_queries(server: Server) -> None:
    assert get(server, query="{ release { version } }").json()["data"]["release"]
    variables = json.dumps({"iri": "urn:x"})
    found = get(server, query="query ($iri: Iri!) { twin(iri: $iri) { iri } }", variables=variables)
    assert found.json() == {"data": {"twin": None}}
    assert get(server, query="{ __typename }", variables="{").status_code == 400
    assert get(server).status_code == 400
    refused = get(server, query='mutation { deleteResource(iri: "urn:x") { revision } }')
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert httpx.put(f"{server.address}/graphql", json=QUERY).status_code == 405
    assert post(server, QUERY, "image/png").status_code == 406


def test_a_bug_is_masked_and_logged_under_the_id_that_the_client_is_told(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the inside of the registry")

    monkeypatch.setattr(server.record, "find", broken)
    with caplog.at_level(logging.ERROR):
        answer = post(server, {"query": "{ release { version } twins { totalCount } }"})
    error = answer.json()["errors"][0]
    assert (error["extensions"]["code"], error["path"]) == ("INTERNAL", ["twins"])
    assert error["extensions"]["requestId"] == answer.headers["registry-request"]
    assert "inside" not in answer.text
    assert error["extensions"]["requestId"] in caplog.text
    assert "the inside of the registry" in caplog.text


def test_the_same_text_is_parsed_and_validated_once(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = []

    def counted(text: str, **limits: Any) -> Any:
        parsed.append(text)
        return parse(text, **limits)

    monkeypatch.setattr(documents, "parse", counted)
    for version in range(3):
        post(
            server,
            {"query": "query Once($iri: Iri!) { twin(iri: $iri) { iri } }", "variables": {"iri": f"u:{version}"}},
        )
    assert len(parsed) == 1


def test_the_schema_can_be_asked_and_printed(server: Server) -> None:
    answer = post(server, {"query": get_introspection_query(one_of=True)})
    assert "errors" not in answer.json()
    told = print_schema(build_client_schema(answer.json()["data"]))
    active = ReleaseSchema(server.ontologies.active(), Limits())
    assert told == print_schema(build_client_schema(active.introspection))  # type: ignore[arg-type]
    for text in (told, active.sdl()):
        assert "type Twin implements Resource" in text
        assert "input CommandInput @oneOf" in text


def test_everything_in_the_schema_says_what_it_is() -> None:
    bare = []
    for name, kind in fixed_half()._schema.type_map.items():
        if name.startswith("__") or name in {"Boolean", "Float", "Int", "String", "ID"}:
            continue
        if not kind.description:
            bare.append(name)
        if isinstance(kind, GraphQLEnumType):
            bare += [f"{name}.{value}" for value, meant in kind.values.items() if not meant.description]
        if isinstance(kind, GraphQLInputObjectType):
            bare += [f"{name}.{field}" for field, meant in kind.fields.items() if not meant.description]
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field, declared in kind.fields.items():
                arguments = [f"{field}({a})" for a, meant in declared.args.items() if not meant.description]
                bare += [f"{name}.{which}" for which in [*([] if declared.description else [field]), *arguments]]
    assert not bare
