"""Documents by their digest, as Apollo's clients ask for them, and the exact refusal where that is off."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from registry.api.graphql.serve.limits import Limits
from registry.api.graphql.serve.persisted_queries import PersistedQueries
from registry.errors import PersistedQueryNotFound
from tests.graphql.server import Server


def digest(query: str) -> str:
    return hashlib.sha256(query.encode()).hexdigest()


def extensions(query: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": digest(query)}}


def post(server: Server, **body: Any) -> dict[str, Any]:
    answer: dict[str, Any] = httpx.post(f"{server.address}/graphql", json=body, timeout=30).json()
    return answer


def get(server: Server, **told: Any) -> dict[str, Any]:
    parameters = {name: value if isinstance(value, str) else json.dumps(value) for name, value in told.items()}
    answer = httpx.get(
        f"{server.address}/graphql", params=parameters, headers={"accept": "application/json"}, timeout=30
    )
    found: dict[str, Any] = answer.json()
    return found


def refusal(answer: dict[str, Any]) -> tuple[str, str]:
    (error,) = answer["errors"]
    return error["message"], error["extensions"]["code"]


NOT_FOUND = ("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
NOT_SUPPORTED = ("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("without")
    with Server(folder, Limits(persisted_characters=0)) as running:
        yield running


@pytest.mark.parametrize("ask", [post, get])
def test_a_digest_is_asked_for_once_and_then_stands_for_its_document(server: Server, ask: Any) -> None:
    query = f"query By($iri: Iri!) {{ twin(iri: $iri) {{ iri }} }} # {ask.__name__}"
    told = {"variables": {"iri": "urn:nobody"}, "extensions": extensions(query)}
    assert refusal(ask(server, **told)) == NOT_FOUND
    assert ask(server, query=query, **told) == {"data": {"twin": None}}
    for again in (post, get):
        assert again(server, **told) == {"data": {"twin": None}}
    assert ask(server, **told, operationName="By") == {"data": {"twin": None}}


def test_a_digest_of_another_document_is_refused_and_not_kept(server: Server) -> None:
    query, other = "{ release { digest } } # one", "{ release { digest } } # other"
    _, code = refusal(post(server, query=other, extensions=extensions(query)))
    assert code == "BAD_INPUT"
    assert refusal(post(server, extensions=extensions(query))) == NOT_FOUND


def test_what_is_not_valid_is_not_kept(server: Server) -> None:
    query = "{ nothingOfThis }"
    assert refusal(post(server, query=query, extensions=extensions(query)))[1] == "BAD_INPUT"
    assert refusal(post(server, extensions=extensions(query))) == NOT_FOUND


@pytest.mark.parametrize(
    "told", [{"version": 2, "sha256Hash": "x"}, {"version": 1}, 7, {"version": 1, "sha256Hash": 7}]
)
def test_what_is_no_digest_is_said(server: Server, told: Any) -> None:
    assert refusal(post(server, extensions={"persistedQuery": told}))[1] == "BAD_INPUT"
    assert refusal(post(server, query="", extensions={"persistedQuery": None}))[1] == "BAD_INPUT"


@pytest.mark.parametrize("ask", [post, get])
def test_where_they_are_off_clients_are_told_so_and_go_on_without(without: Server, ask: Any) -> None:
    query = "{ __typename }"
    assert refusal(ask(without, extensions=extensions(query))) == NOT_SUPPORTED
    assert ask(without, query=query, extensions=extensions(query)) == {"data": {"__typename": "Query"}}
    assert refusal(ask(without, extensions=extensions(query))) == NOT_SUPPORTED


def test_what_is_kept_is_bounded() -> None:
    known = PersistedQueries(10_000)
    for number in range(100):
        query = f"{{ a{number} }}".ljust(1_000)
        known.keep(query, digest(query))
        assert known.text("", digest(query)) == query
    with pytest.raises(PersistedQueryNotFound):
        known.text("", digest("{ a0 }".ljust(1_000)))
    huge = "x" * 20_000
    known.keep(huge, digest(huge))
    with pytest.raises(PersistedQueryNotFound):
        known.text("", digest(huge))
