"""Compiled documents: they read and answer exactly what graphql-core and strawberry do, and say when they cannot."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    Undefined,
    parse_value,
    value_from_ast_untyped,
)
from graphql.utilities import coerce_input_literal, coerce_input_value
from strawberry import Schema
from strawberry.types.arguments import convert_argument

from registry.api.graphql.fixed.resource_cache import Shown
from registry.api.graphql.fixed.resources import typed
from registry.api.graphql.fixed.schema import ReleaseSchema, fixed_half
from registry.api.graphql.run.arguments import Arguments
from registry.api.graphql.serve import documents
from registry.api.graphql.serve.limits import Limits
from registry.domain.releases.release import compile_release
from registry.domain.resource import Resource
from registry.ontology.modules import standard_modules
from registry.rdf.terms import text
from tests.graphql.server import Server

TRIES = 150
REFUSED = object()
SCALARS: dict[str, list[Any]] = {
    "Iri": ["urn:a", "no iri", "", 7],
    "Value": ["x", 1, 2.5, True, ["x"], {"a": 1}],
    "Int": [0, 7, 2**31, 1.5, "7", True],
    "Position": [0, 5, "5", -1, 2**53],
    "Revision": [1, "x", 3],
    "Boolean": [True, False, 1, "true"],
}


def values_of(kind: Any, chance: random.Random, depth: int = 4) -> Any:
    """A JSON value that is mostly of a type."""
    if isinstance(kind, GraphQLNonNull):
        return None if chance.random() < 0.03 else values_of(kind.of_type, chance, depth)
    if chance.random() < 0.1:
        return chance.choice([None, None, "odd", 3, [], {}])
    if isinstance(kind, GraphQLList):
        return [values_of(kind.of_type, chance, depth - 1) for _ in range(chance.randrange(3))]
    if isinstance(kind, GraphQLEnumType):
        return chance.choice([*kind.values, "ODD"] if chance.random() < 0.1 else list(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        return _object(kind, chance, depth)
    known = SCALARS.get(kind.name, ["text", "", 5])
    return known[0] if chance.random() < 0.8 else chance.choice(known)


def _object(kind: GraphQLInputObjectType, chance: random.Random, depth: int) -> dict[str, Any]:
    names = list(kind.fields)
    if kind.is_one_of:
        picked = chance.sample(names, 1 if chance.random() < 0.9 else 2)
    else:
        share = 0.5 if depth > 0 else 0.0
        picked = [
            name for name in names if isinstance(kind.fields[name].type, GraphQLNonNull) or chance.random() < share
        ]
    found = {name: values_of(kind.fields[name].type, chance, depth - 1) for name in picked}
    return found | {"unheardOf": 1} if chance.random() < 0.02 else found


def told(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except Exception:
        return REFUSED


def _stock(fixed: Schema, kind: Any, declared: Any, said: Any) -> Callable[[], Any]:
    def read() -> Any:
        value = coerce_input_value(said, kind)
        if value is Undefined:
            return REFUSED
        return convert_argument(value, declared, fixed.schema_converter.scalar_registry, fixed.config)

    return read


@pytest.mark.parametrize("root", ["Query", "Mutation"])
def test_arguments_are_read_as_strawberry_reads_them(root: str) -> None:
    fixed = fixed_half()
    core = fixed._schema
    fields = core.type_map[root]
    assert isinstance(fields, GraphQLObjectType)
    chance, arguments = random.Random(7), Arguments(core)
    accepted = 0
    for field in fields.fields.values():
        definition = field.extensions["strawberry-definition"]
        ours = {fixed.config.name_converter.from_argument(one): one for one in definition.arguments}
        for name, argument in field.args.items():
            for _ in range(TRIES):
                said = values_of(argument.type, chance)
                expected = told(_stock(fixed, argument.type, ours[name].type, said))
                found = told(partial(arguments.reader(argument.type), said))
                assert found == expected, (name, said)
                accepted += found is not REFUSED
    assert accepted > 500


WRITE = """mutation($iri: Iri!, $flow: Value!, $revision: Revision, $dry: Boolean = true) {
  first: patchResource(
    iri: $iri, set: [{property: "ratedFlow", value: $flow}, {property: "ratedPower", values: [$flow]}],
    expectedRevision: $revision, dryRun: $dry
  ) {
    __typename revision position resource { __typename iri name properties(names: ["ratedFlow"]) { name value } }
    removed { name object } added { subject name object datatype } warnings { message } touched { iri revision } }
  second: patchResource(iri: $iri, set: [{property: "ratedFlow", value: 3.5}], dryRun: $dry) { resource { revision } }
}"""
READS = [
    "{ twins(first: 3) { edges { cursor node { __typename ...on Twin { state { name terminal } } iri } } pageInfo"
    " { hasNextPage endCursor } totalCount } }",
    "{ resources(class: \"Pump\", first: 2) { edges { node { ...Told ...on Entity { twin { iri } } ...on Pump"
    " { ratedFlow partOf { nodes { iri } } } } } } } fragment Told on Resource { name classes createdAt n: linksCount"
    " links(first: 3) { edges { cursor name node { iri } properties { name } } pageInfo { startCursor } }"
    " back: links(direction: IN) { edges { subject node { __typename } } } }",
    "{ lifecycles { name states { name initial } transitions { name from { name } to { name } cascade requires } } }",
    "{ pumps(first: 5, orderBy: {ratedFlow: DESC}) { nodes { iri ratedFlow twin { state { label } } }"
    " groups(by: state) { name count } } release { digest } }",
    "{ a: resource(iri: \"urn:nothing\") { iri } __typename validate(turtle: \"<urn:x> a <urn:y> .\") { message } }",
]  # fmt: skip


def stock_and_compiled(server: Server, query: str, **variables: Any) -> tuple[bytes, bytes]:
    """The answer of graphql-core's executor, and of the program."""
    told = []
    for at in (10**9, 1):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(documents, "COMPILED_AT", at)
            body = {"query": query, "variables": variables}
            told.append(httpx.post(f"{server.address}/graphql", json=body, timeout=30).content)
    return told[0], told[1]


@pytest.mark.parametrize("query", READS)
def test_what_is_read_is_the_same_byte_for_byte(server: Server, pump: Callable[..., str], query: str) -> None:
    for number in range(3):
        pump(f"compiled-{number}")
    stock, compiled = stock_and_compiled(server, query)
    assert compiled == stock
    assert b'"data"' in stock


@pytest.mark.parametrize("flow", [4.5, "a text", None, [1]])
@pytest.mark.parametrize("more", [{}, {"revision": 99}, {"revision": None}, {"dry": None}, {"unknown": 1}])
def test_what_is_written_is_told_the_same(
    server: Server, pump: Callable[..., str], flow: Any, more: dict[str, Any]
) -> None:
    iri = pump("told").removesuffix("-twin")
    stock, compiled = stock_and_compiled(server, WRITE, iri=iri, flow=flow, **more)
    assert compiled == stock


TWICE = """mutation($iri: Iri!) {
  a: patchResource(iri: $iri, set: [{property: "ratedFlow", value: 8}]) { revision }
  b: patchResource(iri: $iri, set: [{property: "ratedFlow", value: "much"}]) { revision } }"""


def test_a_write_that_deviates_halfway_is_carried_out_once(server: Server, pump: Callable[..., str]) -> None:
    iri = pump("once").removesuffix("-twin")
    before = server.writer.counts.accepted
    answer = server.ask(TWICE, iri=iri)
    assert [error["path"] for error in answer["errors"]] == [["b"]]
    assert server.writer.counts.accepted == before + 1
    shown = server.data("query($iri: Iri!) { resource(iri: $iri) { revision properties { name value } } }", iri=iri)
    assert shown["resource"]["revision"] == 2
    assert {"name": "ratedFlow", "value": 8} in shown["resource"]["properties"]


def test_directives_are_left_to_the_stock_executor(server: Server) -> None:
    query = "query($yes: Boolean!) { release @include(if: $yes) { digest } __typename @skip(if: $yes) }"
    assert set(server.data(query, yes=True)) == {"release"}
    assert set(server.data(query, yes=False)) == {"__typename"}


def test_what_is_remembered_of_documents_is_bounded() -> None:
    schema = ReleaseSchema(compile_release(standard_modules()), Limits())
    long = "{ release { digest } }" + " " * (documents.CACHED_CHARACTERS - 30)
    for number in range(40):
        schema.documents.document(f"{long}# {number}")
    kept = schema.documents.remembered
    assert 2 < len(kept) < 40
    assert sum(map(len, kept)) <= documents.CACHED_ALTOGETHER
    assert kept[-1].endswith("# 39")
    schema.documents.document("{ release { digest } }" + " " * documents.CACHED_CHARACTERS)
    assert schema.documents.remembered == kept


def test_what_is_kept_of_answers_and_resources_is_bounded() -> None:
    release = compile_release(standard_modules())
    shown = Shown(typed)
    little = Resource("urn:little", {"urn:p": [text("a"), text("b")]})
    large = Resource("urn:large", {"urn:p": [text(str(number)) for number in range(1_000)]})
    assert shown.of(release, little) is shown.of(release, little)
    assert shown.of(release, large) is not shown.of(release, large)
    told = shown.of(release, little).told
    told.keep(1, {f"alias{number}": {"name": ["x", "y"]} for number in range(100)})
    assert not told.answers
    for number in range(50):
        told.keep(number, {"name": number})
    assert 1 <= len(told.answers) < 10
    assert shown.of(compile_release(standard_modules()), little).told is not told


LITERALS = [
    (
        "ResourceFilter",
        '{and: [{class: "Pump"}, {not: {iri: ["urn:a"]}}], property: [{property: "ratedFlow", gt: 3.5}]}',
    ),
    ("CommandInput", '{patchResource: {iri: "urn:a", set: [{property: "ratedFlow", values: [1, 2.5, true, "x"]}]}}'),
    ("CommandInput", '{transition: {twin: "urn:a", trigger: "stop", cascade: APPLY}}'),
    ("OrderBy", '{property: "ratedFlow", direction: DESC}'),
]


@pytest.mark.parametrize(("name", "literal"), LITERALS)
def test_literals_are_read_as_strawberry_reads_them(name: str, literal: str) -> None:
    fixed = fixed_half()
    kind = fixed._schema.type_map[name]
    assert isinstance(kind, GraphQLInputObjectType)
    node = parse_value(literal)
    value = coerce_input_literal(node, kind)
    assert value is not Undefined
    origin = kind.extensions["strawberry-definition"].origin
    expected = convert_argument(value, origin, fixed.schema_converter.scalar_registry, fixed.config)
    assert Arguments(fixed._schema).reader(kind)(value_from_ast_untyped(node)) == expected
