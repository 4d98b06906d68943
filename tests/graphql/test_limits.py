"""What is too large is refused before any work is done for it, with the number."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import build_schema, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.api.graphql.fixed.pages import PAGE_SIZE
from registry.api.graphql.serve.json_input import check_variables
from registry.api.graphql.serve.limits import Limits, check_cost, check_size
from registry.errors import TooLarge
from tests.graphql.server import Server

NODE = build_schema("type Query { all(first: Int): [Query] one: Query name: String }")


def too_large(server: Server, query: str, **variables: Any) -> dict[str, Any]:
    before = sum(server.counting.calls.values())
    error = server.refused(query, **variables)
    assert error["code"] == "QUERY_TOO_LARGE", error
    assert sum(server.counting.calls.values()) == before, "nothing was read for it"
    return error


def test_a_document_may_be_so_long(server: Server) -> None:
    error = too_large(server, "{ __typename } #" + "x" * 100_000)
    assert (error["actual"], error["limit"]) == (100_016, 100_000)
    assert "10000 tokens" in too_large(server, "{ " + "a " * 10_001 + "}")["message"]
    assert "comments" in too_large(server, "#\n" * 10_001 + "{ __typename }")["message"]


def test_a_document_may_nest_so_deep(server: Server) -> None:
    links = "links { edges { node { "
    error = too_large(server, '{ resource(iri: "u:x") { ' + links * 5 + "iri" + " } } }" * 5 + " } }")
    assert (error["actual"], error["limit"]) == (17, 15)
    assert too_large(server, "{ a " * 2000 + "}" * 2000)
    assert too_large(server, '{ resource(iri: "u:x", x: ' + "[" * 2000 + "]" * 2000 + ") { iri } }")


def test_introspection_is_not_counted_as_depth_but_cannot_be_nested_at_will(server: Server) -> None:
    deep = "{ __schema { types { " + "fields { type { " * 9 + "name" + " } }" * 9 + " } } }"
    assert server.refused(deep)["code"] == "BAD_INPUT"


def test_aliases_and_fragments_are_counted(server: Server) -> None:
    aliases = " ".join(f"a{n}: __typename" for n in range(101))
    assert too_large(server, f"{{ {aliases} }}")["actual"] == 101
    spread = " ".join(f"...F{n}" for n in range(101))
    fragments = " ".join(f"fragment F{n} on Query {{ __typename }}" for n in range(101))
    assert too_large(server, f"{{ {spread} }} {fragments}")["actual"] == 101


def test_pages_multiply_what_is_asked_of_each_item(server: Server) -> None:
    query = "query ($n: Int!) { twins(first: $n) { edges { node { links(first: $n) { edges { node { iri } } } } } } }"
    assert server.data(query, n=100)
    assert too_large(server, query, n=1000)["actual"] > 1_000_000
    literal = query.replace("($n: Int!)", "").replace("$n", "900")
    assert too_large(server, literal)["actual"] > 1_000_000
    default = query.replace("$n: Int!", "$n: Int! = 900")
    assert too_large(server, default)["actual"] > 1_000_000


def test_what_costs_more_than_a_value_weighs_more(server: Server) -> None:
    query = "query ($n: Int!) { twins(first: $n) { edges { node { violations { message } } } } }"
    assert server.data(query, n=400)
    assert too_large(server, query, n=500)["actual"] > 50_000


def test_a_number_of_many_digits_is_an_error_with_a_name(server: Server) -> None:
    query = "query ($n: Int!) { twins(first: $n) { totalCount } }"
    assert server.refused(query.replace("($n: Int!)", "").replace("$n", "9" * 5000))["code"] == "BAD_INPUT"
    assert server.refused(query, n=10**15)["code"] == "QUERY_TOO_LARGE"
    assert server.refused(query, n=-1)["code"] == "BAD_INPUT"


def test_variables_and_filters_may_nest_so_deep(server: Server) -> None:
    query = "query ($filter: ResourceFilter) { twins(filter: $filter) { totalCount } }"
    inner: dict[str, Any] = {"text": "x"}
    for level in range(70):
        inner = {"not": inner}
        if level in (9, 69):
            assert too_large(server, query, filter=inner)
    wide = {"or": [{"text": "x"}] * 201}
    assert too_large(server, query, filter=wide)
    assert too_large(server, query, filter={"iri": [f"u:{n}" for n in range(1001)]})
    assert too_large(server, "mutation ($c: [CommandInput!]!) { apply(commands: $c) { revision } }",
                     c=[{"deleteResource": {"iri": "u:x"}}] * 1001)  # fmt: skip


@pytest.mark.parametrize("document", ["{ ...A } fragment A on Query { one { ...A } }", "{ ...A ...A }", "{ ...None }"])
def test_a_document_need_not_be_valid_to_be_measured(document: str) -> None:
    check_size(parse(document), Limits())


def test_fragments_that_multiply_are_counted_without_walking_them_all() -> None:
    levels = 50
    fragments = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels))
    document = parse("{ ...F0 } " + fragments + f" fragment F{levels} on Query {{ name }}")
    (operation, *_) = document.definitions
    with pytest.raises(TooLarge, match=f"{2**levels:,}"):
        check_cost(NODE, document, operation, {}, Limits())  # type: ignore[arg-type]


selections = st.recursive(
    st.just(("name", 0, ())),
    lambda inner: st.tuples(
        st.sampled_from(["one", "all"]), st.integers(0, 6), st.lists(inner, min_size=1, max_size=3).map(tuple)
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(selections, min_size=1, max_size=3))
def test_the_cost_is_at_least_what_can_be_answered(asked: list[Any]) -> None:
    def text(node: Any) -> str:
        name, first, inner = node
        if name == "name":
            return "name"
        argument = f"(first: {first})" if name == "all" and first else ""
        return f"{name}{argument} {{ {' '.join(map(text, inner))} }}"

    def values(node: Any) -> int:
        name, first, inner = node
        below = sum(map(values, inner))
        return 1 + below * ((first or PAGE_SIZE) if name == "all" else 1)

    document = parse("{ " + " ".join(map(text, asked)) + " }")
    cost = sum(map(values, asked))
    operation: Any = document.definitions[0]
    check_cost(NODE, document, operation, {}, Limits(cost=cost))
    with pytest.raises(TooLarge):
        check_cost(NODE, document, operation, {}, Limits(cost=cost - 1))


def test_json_is_measured_without_recursion() -> None:
    value: Any = 1
    for _ in range(100_000):
        value = [value]
    with pytest.raises(TooLarge):
        check_variables({"v": value}, Limits())
    while isinstance(value, list):  # Taken apart step by step, because freeing it at once would recurse.
        value = value[0]
