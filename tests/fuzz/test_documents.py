"""Grammar-made GraphQL over the whole schema, posted, fetched and as a stream."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from graphql import GraphQLSchema, build_client_schema, get_introspection_query

from tests.fuzz.documents import Documents
from tests.fuzz.values import LONG_NUMBER
from tests.fuzz.wire import SEED, Wire, hostile_ground, judge

MADE = 7_000
JSON = "application/json"


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    with hostile_ground(tmp_path_factory.mktemp("documents")) as ready:
        yield ready


@pytest.fixture(scope="module")
def schema(wire: Wire) -> GraphQLSchema:
    asked = json.dumps({"query": get_introspection_query(input_value_deprecation=True)}).encode()
    return build_client_schema(json.loads(wire.ask("POST", "/graphql", asked, content_type=JSON).body)["data"])


@pytest.mark.timeout(900)
def test_documents_made_by_the_grammar(wire: Wire, schema: GraphQLSchema) -> None:
    chance = random.Random(SEED)
    documents = Documents(schema, chance)
    seen: Counter[bool] = Counter()
    for number in range(MADE):
        asked = documents.request()
        if number % 20 == 0:
            variables = json.dumps(asked.get("variables", {}))
            target = f"/graphql?{urlencode({'query': asked['query'], 'variables': variables})}"
            answer = wire.ask("GET", target, accept=JSON)
        else:
            path = "/graphql/stream" if number % 20 == 1 else "/graphql"
            answer = wire.ask("POST", path, json.dumps(asked).encode(), content_type=JSON)
        judge(answer, asked)
        seen[b'"data"' in answer.body] += 1
    # A grammar that makes hardly anything that runs would prove nothing.
    assert seen[True] > MADE / 5, seen


@pytest.mark.parametrize("first", [2**31 - 1, 2**63, 10**40])
@pytest.mark.parametrize("depth", [2, 5])
def test_a_cost_of_any_width_is_told(first: int, depth: int, wire: Wire) -> None:
    inner = "iri"
    for level in range(depth):
        inner = f"a{level}: incoming(first: {first}) {{ edges {{ node {{ {inner} }} }} }}"
    body = json.dumps({"query": f"{{ resources(first: {first}) {{ edges {{ node {{ {inner} }} }} }} }}"}).encode()
    judge(wire.ask("POST", "/graphql", body, content_type=JSON), body)


@pytest.mark.parametrize(
    "query",
    [
        "{ resources(first: %s) { totalCount } }",
        "query($n: Int = %s) { resources(first: $n) { totalCount } }",
        "{ resources(first: 1, filter: {iri: {eq: %s}}) { totalCount } }",
        'mutation { patchResource(iri: "urn:e:1", set: [{property: "ratedFlow", value: %s}]) { revision } }',
        'mutation { patchResource(iri: "urn:e:1", expectedRevision: %s, set: []) { revision } }',
        "subscription { changes(after: %s) { __typename } }",
    ],
)
@pytest.mark.parametrize("number", [LONG_NUMBER, f"-{LONG_NUMBER}", f"1.{LONG_NUMBER}", f"1e{LONG_NUMBER}"])
def test_a_number_of_any_length_is_told(query: str, number: str, wire: Wire) -> None:
    body = json.dumps({"query": query % number}).encode()
    answer = wire.ask("POST", "/graphql", body, content_type=JSON)
    judge(answer, body)
    assert b'"errors"' in answer.body
    assert len(answer.body) < 4_000
