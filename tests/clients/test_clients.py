"""Apollo Client with persisted queries, urql and SPARQLWrapper, as people install them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from SPARQLWrapper import CSV, GET, JSON, POST, TURTLE, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from tests.endtoend.serving import ServingRegistry
from tests.fuzz.wire import REGISTER
from tests.npm import installed

PACKAGES = ("@apollo/client@4", "@urql/core@6", "graphql@16", "rxjs@7")


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingRegistry]:
    with ServingRegistry(tmp_path_factory.mktemp("clients")) as serving:
        told = serving.ask(REGISTER, n="urn:t:1", e="urn:e:1", s="S1")
        assert "errors" not in told, told
        yield serving


def heard(registry: ServingRegistry, client: str) -> dict[str, Any]:
    """What a client of JavaScript heard."""
    modules = installed("javascript-clients", *PACKAGES) / "node_modules"
    script = Path(__file__).with_name("javascript.cjs")
    done = subprocess.run(
        ["node", str(script), registry.address, "urn:e:1", client],
        env={**os.environ, "NODE_PATH": str(modules)}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_apollo_client_with_persisted_queries(tmp_path: Path) -> None:
    with ServingRegistry(tmp_path) as serving:
        assert "errors" not in serving.ask(REGISTER, n="urn:t:1", e="urn:e:1", s="S1")
        apollo = heard(serving, "apollo")
    assert (apollo["before"]["ratedFlow"], apollo["after"]["ratedFlow"]) == (5.5, 7.5)
    assert apollo["after"]["revision"] == apollo["before"]["revision"] + 1
    assert apollo["refused"] == "BAD_INPUT"
    first, second = apollo["sent"][:2]
    assert "query" not in first
    assert "query" in second
    again = [one for one in apollo["sent"] if one.get("operationName") == "Flow"][-1]
    assert "query" not in again, "the second time the text is known here"


def test_apollo_client_sends_whole_queries_where_persisted_ones_are_off(tmp_path: Path) -> None:
    with ServingRegistry(tmp_path, environment={"REGISTRY_PERSISTED_QUERIES": "0"}) as serving:
        assert "errors" not in serving.ask(REGISTER, n="urn:t:1", e="urn:e:1", s="S1")
        apollo = heard(serving, "apollo")
    assert (apollo["before"]["ratedFlow"], apollo["after"]["ratedFlow"]) == (5.5, 7.5)
    assert apollo["refused"] == "BAD_INPUT"
    first, *later = apollo["sent"]
    assert "query" not in first
    assert later
    # PersistedQueryNotSupported: the client sends no hash alone again for as long as it lives.
    assert all("query" in one and "persistedQuery" not in one.get("extensions", {}) for one in later)


def test_urql(registry: ServingRegistry) -> None:
    urql = heard(registry, "urql")
    assert (urql["before"]["ratedFlow"], urql["written"]["ratedFlow"], urql["after"]["ratedFlow"]) == (5.5, 8.5, 8.5)
    assert urql["refused"] == "BAD_INPUT"


@pytest.mark.parametrize("method", [GET, POST])
def test_sparqlwrapper(method: str, registry: ServingRegistry) -> None:
    assert registry.sparql("SELECT ?s { ?s a plant:Pump }") == [{"s": "urn:e:1"}]
    client: Any = SPARQLWrapper(f"{registry.address}/sparql")
    client.setMethod(method)
    client.setQuery("SELECT ?s { ?s a plant:Pump }")
    client.setReturnFormat(JSON)
    answer = client.queryAndConvert()
    assert [row["s"]["value"] for row in answer["results"]["bindings"]] == ["urn:e:1"]
    client.setReturnFormat(CSV)
    assert client.queryAndConvert().decode().split() == ["s", "urn:e:1"]
    client.setQuery("ASK { <urn:e:1> a plant:Pump }")
    client.setReturnFormat(JSON)
    assert client.queryAndConvert()["boolean"] is True
    client.setQuery("CONSTRUCT { ?s a ?c } WHERE { ?s a ?c . FILTER(?s = <urn:e:1>) }")
    client.setReturnFormat(TURTLE)
    assert b"urn:e:1" in client.queryAndConvert()
    client.setQuery("SELECT nonsense")
    client.setReturnFormat(JSON)
    with pytest.raises(QueryBadFormed):
        client.query()
