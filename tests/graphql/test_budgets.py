"""No request holds up the others: what it costs is weighed first, and whatever takes long is done aside."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn
import websockets
from graphql import build_schema, get_introspection_query, parse, validate
from graphql.validation import OverlappingFieldsCanBeMergedRule, specified_rules

from registry.api.graphql.run.program import Program
from registry.api.graphql.serve.field_merging import MOST_STEPS, conflicts
from registry.api.graphql.serve.json_input import check_variables, decoded
from registry.api.graphql.serve.limits import Limits
from registry.errors import TooLarge
from registry.garbage import settle
from tests.graphql.server import Server

MOST_SECONDS = 0.1
"""The goal is 0.05 on a quiet machine. It is time of the processor: how busy the machine is does not count."""

PET = build_schema("""
    interface Pet { name: String size(unit: Int): Int friend: Pet friends: [Pet!]! }
    type Dog implements Pet { name: String size(unit: Int): Int friend: Pet friends: [Pet!]! barks: Boolean loud: Int }
    type Cat implements Pet { name: String size(unit: Int): Int friend: Pet friends: [Pet!]! loud: Boolean! }
    union Any = Dog | Cat
    type Query { pet(id: Int): Pet dog: Dog cat: Cat any: Any all: [Pet] name: String }
""")


class Turns:
    """How long the thread of an event loop computed before it got to the next turn, at most."""

    longest = 0.0

    async def watch(self) -> None:
        """Look as long as the loop runs."""
        before = time.thread_time()
        while True:
            await asyncio.sleep(0.001)
            now = time.thread_time()
            self.longest, before = max(self.longest, now - before), now


@pytest.fixture(scope="module")
def turns() -> Turns:
    return Turns()


@pytest.fixture(scope="module")
def watched(turns: Turns, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose loop is watched."""
    tasks: list[asyncio.Task[None]] = []
    begin = uvicorn.Server.startup

    async def startup(self: uvicorn.Server, *told: Any, **more: Any) -> None:
        tasks.append(asyncio.get_running_loop().create_task(turns.watch()))
        await begin(self, *told, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uvicorn.Server, "startup", startup)
        with Server(tmp_path_factory.mktemp("budgets")) as server:
            settle()
            server.data("{ release { digest } twins(first: 1) { edges { node { iri } } } }")
            yield server


TWINS = "twins(first: 1) { edges { node { iri name state { name } entity { iri name classes } } } }"
SCHEMA = "__schema { types { name fields { name args { name } type { name ofType { name } } } } }"
APPLY = "mutation ($c: [CommandInput!]!) { apply(commands: $c) { revision } }"
FILTER = "query ($f: ResourceFilter) { twins(filter: $f) { totalCount } }"
PATCH = 'mutation ($s: [PropertyInput!]!) { patchResource(iri: "urn:t:1", set: $s) { revision } }'
DELETE = {"deleteResource": {"iri": "urn:nobody"}}


def many(form: str, count: int, between: str = " ") -> str:
    """A text so many times, `#` in it being the number."""
    return between.join(form.replace("#", str(number)) for number in range(count))


HOSTILE: dict[str, tuple[str, dict[str, Any]]] = {
    "aliased fields": (f"{{ {many('a#: __typename', 100)} }}", {}),
    "one field often": (f"{{ {many('release { digest version }', 300)} }}", {}),
    "one list often": (f"{{ {many(TWINS, 100)} }}", {}),
    "names of types": (f"{{ {many('__typename', 3000)} }}", {}),
    "fields that merge": (f"{{ {many('twins(first: 1) { edges { node { iri } } edges { cursor } }', 150)} }}", {}),
    "lists by alias": (f"{{ {many(f'a#: {TWINS}', 90)} }}", {}),
    "the schema by alias": (f"{{ {many(f'a#: {SCHEMA}', 90)} }}", {}),
    "types by alias": (
        f"{{ __schema {{ {many('a#: types { fields { type { fields { name } } } }', 30)} }} }}", {}
    ),
    "the schema beside others": (f"{{ release {{ digest }} {SCHEMA} }}", {}),
    "the schema in a fragment": (f"{{ ...F }} fragment F on Query {{ {SCHEMA} }}", {}),
    "the schema with variables": (f"query ($d: Boolean!) {{ {SCHEMA} @include(if: $d) }}", {"d": True}),
    "operations": (
        f"{many('query Q# { ...F }', 600)} fragment F on Query {{ {many('__typename', 3000)} }}", {}
    ),
    "unused variables": (f"query ({many('$v#: String', 800)}) {{ release {{ digest }} }}", {}),
    "undefined variables": (f"{{ {many('x#: twins(first: $v#) { totalCount }', 100)} }}", {}),
    "unknown fields": (f"{{ {many('twinsOfSomePumps#', 500)} }}", {}),
    "unknown arguments": (f"{{ {many('x#: twins(frist#: 1) { totalCount }', 100)} }}", {}),
    "few unknown fields": (f"{{ {many('twinsOfSomePumps#', 12)} }}", {}),
    "fragments in place": (f"{{ twins(first: 1) {{ edges {{ {many('... on TwinEdge { cursor }', 600)} }} }} }}", {}),
    "directives": (f"{{ release {many('@include(if: true)', 500)} {{ digest }} }}", {}),
    "a long text": (f'{{ resource(iri: "{"x" * 99_000}") {{ iri }} }}', {}),
    "a long list": (f"{{ twins(filter: {{iri: [{many(chr(34) + 'u:x' + chr(34), 3000)}]}}) {{ totalCount }} }}", {}),
    "commands in the document": (
        f"mutation {{ apply(commands: [{many('{deleteResource: {iri: %surn:nobody%s}}', 400)}]) {{ revision }} }}"
        .replace("%s", '"'), {},
    ),
    "deep lists": (f'{{ resource(iri: "u:x", x: {"[" * 4000}{"]" * 4000}) {{ iri }} }}', {}),
    "deep fields": ("{ a " * 3000 + "}" * 3000, {}),
    "fragments that multiply": (
        f"{{ ...F0 }} {' '.join(f'fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}' for n in range(90))}"
        " fragment F90 on Query { __typename }", {},
    ),
    "fragments in a circle": ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", {}),
    "a number of many digits": (f"{{ twins(first: {'9' * 5000}) {{ totalCount }} }}", {}),
    "60,000 commands": (APPLY, {"c": [DELETE] * 60_000}),
    "1,000 commands that fail": (APPLY, {"c": [DELETE] * 1_000}),
    "a long list of a filter": (FILTER, {"f": {"iri": ["u:x"] * 100_000}}),
    "many properties": (PATCH, {"s": [{"property": "name", "value": "x"}] * 60_000}),
    "many values of one": (PATCH, {"s": [{"property": "name", "value": [1] * 200_000}]}),
    "lists that nobody asked for": ("{ release { digest } }", {"x": [[]] * 1_000_000}),
    "an object that nobody asked for": ("{ release { digest } }", {"x": {str(n): {} for n in range(300_000)}}),
    "a text of megabytes": (FILTER, {"f": {"text": "x" * 3_000_000}}),
    "large numbers": (FILTER, {"f": {"iri": [10**400] * 1_000}}),
}  # fmt: skip
REFUSED_BY_SIZE = {
    "the schema by alias", "types by alias", "the schema beside others", "operations", "a long list", "deep lists",
    "fragments that multiply", "deep fields", "60,000 commands", "a long list of a filter", "many properties",
    "many values of one", "lists that nobody asked for", "an object that nobody asked for",
}  # fmt: skip

BY_WEBSOCKET = (
    "one field often", "fields that merge", "the schema by alias", "the schema beside others", "unknown fields",
    "commands in the document", "1,000 commands that fail", "fragments that multiply",
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_no_request_holds_the_loop(watched: Server, turns: Turns, name: str) -> None:
    query, variables = HOSTILE[name]
    body = json.dumps({"query": query, "variables": variables})
    for path in ("/graphql", "/graphql/stream"):
        turns.longest = 0.0
        answer = httpx.post(
            f"{watched.address}{path}", content=body, headers={"content-type": "application/json"}, timeout=60
        )
        assert answer.status_code < 500, answer.text[:300]
        assert turns.longest < MOST_SECONDS, f"{path}: {turns.longest:.3f} s"
        if path == "/graphql":
            codes = {error["extensions"]["code"] for error in answer.json().get("errors", ())}
            assert "INTERNAL" not in codes, answer.text[:300]
            assert ("QUERY_TOO_LARGE" in codes) == (name in REFUSED_BY_SIZE), answer.text[:300]


async def test_the_same_goes_for_a_websocket(watched: Server, turns: Turns) -> None:
    async with websockets.connect(watched.websocket, subprotocols=["graphql-transport-ws"], max_size=None) as ws:  # type: ignore[list-item]
        await ws.send('{"type": "connection_init"}')
        await ws.recv()
        for name in BY_WEBSOCKET:
            query, variables = HOSTILE[name]
            message = json.dumps({"id": name, "type": "subscribe", "payload": {"query": query, "variables": variables}})
            turns.longest = 0.0
            await ws.send(message)
            while (told := json.loads(await asyncio.wait_for(ws.recv(), 60)))["type"] == "next":
                pass
            assert told["id"] == name
            assert turns.longest < MOST_SECONDS, f"{name}: {turns.longest:.3f} s"


async def test_a_message_with_too_many_values_ends_a_websocket(watched: Server) -> None:
    async with websockets.connect(watched.websocket, subprotocols=["graphql-transport-ws"]) as ws:  # type: ignore[list-item]
        await ws.send(json.dumps({"type": "ping", "payload": {"x": [[]] * 200_000}}))
        with pytest.raises(websockets.ConnectionClosed):
            await asyncio.wait_for(ws.recv(), 60)
        assert ws.close_code == 1009


def test_what_tools_ask_of_the_schema_is_answered(watched: Server) -> None:
    whole = get_introspection_query(input_value_deprecation=True, specified_by_url=True, schema_description=True)
    for query in (whole, "query ($t: String!) { __type(name: $t) { name fields { name } } }"):
        body = {"query": query, "variables": {"t": "Twin"}}
        answer = httpx.post(f"{watched.address}/graphql", json=body, timeout=60).json()
        assert "errors" not in answer
    assert watched.data('{ release { digest } __type(name: "Twin") { name } }')["__type"] == {"name": "Twin"}


def _selections(chance: random.Random, kind: str, depth: int) -> str:
    """Something valid to select of a type; fragments are those of lower numbers."""
    parts = ["name"] if kind != "Any" else ["__typename"]
    for _ in range(chance.randrange(1, 4)):
        alias = chance.choice(["", "", "a: ", "b: "])
        choice = chance.randrange(9)
        if kind != "Any" and (choice < 3 or depth == 0):
            leaves = ["name", "size", "size(unit: 1)", "size(unit: $u)", "__typename"]
            parts.append(alias + chance.choice([*leaves, "loud"] if kind != "Pet" else leaves))
        elif kind != "Any" and choice < 6:
            parts.append(f"{alias}{chance.choice(['friend', 'friends'])} {{ {_selections(chance, 'Pet', depth - 1)} }}")
        elif depth > 0:
            below = kind if kind in ("Dog", "Cat") else chance.choice(["Dog", "Cat", "Pet"])
            below = chance.choice([below, "Pet"])
            fitting = [n for n in range(depth) if below in ("Pet", FRAGMENTS[n]) or FRAGMENTS[n] == "Pet"]
            spread = f"...F{chance.choice(fitting)} " if fitting and chance.random() < 0.5 else ""
            parts.append(f"... on {below} {{ {spread}{_selections(chance, below, depth - 1)} }}")
    return " ".join(parts)


FRAGMENTS = ("Dog", "Pet", "Cat")


def test_fields_merge_where_the_specification_says_so() -> None:
    """graphql-core's own rule is the oracle."""
    chance = random.Random(7)
    seen = {True: 0, False: 0}
    others = [rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule]
    for number in range(400):
        kind = chance.choice(["Pet", "Dog", "Cat", "Any"])
        fragments = [f"fragment F{n} on {of} {{ {_selections(chance, of, n)} }}" for n, of in enumerate(FRAGMENTS)]
        uses = "all { ...F0 ...F1 ...F2 size(unit: $u) }" if chance.random() < 0.3 else "y: all { ...F0 }"
        text = f"query ($u: Int) {{ {kind.lower()} {{ {_selections(chance, kind, 3)} }} {uses} }}"
        document = parse(" ".join([text, *fragments]))
        if number < 40:
            wrong = [error.message for error in validate(PET, document, others) if "never used" not in error.message]
            assert not wrong, (text, fragments, wrong)
        reached = [text]
        for fragment in reversed(fragments):
            if f"...{fragment.split()[1]}" in " ".join(reached):
                reached.append(fragment)
        document = parse(" ".join(reached))
        expected = bool(validate(PET, document, [OverlappingFieldsCanBeMergedRule]))
        found = conflicts(PET, document)
        assert bool(found) == expected, (text, fragments, found)
        seen[expected] += 1
    assert min(seen.values()) > 40, seen


def test_a_conflict_is_told_with_its_way() -> None:
    (error,) = conflicts(PET, parse("{ pet { friend { name } friend { name: size } } }"))
    assert error.message == (
        "Fields 'pet' conflict because subfields 'friend' conflict because subfields 'name' conflict because they"
        " return conflicting types 'String' and 'Int'. Use different aliases on the fields to fetch both if this was"
        " intentional."
    )  # fmt: skip
    (error,) = conflicts(PET, parse("{ pet { size(unit: 1) } pet { size(unit: 2) } }"))
    assert "'size' conflict because they have differing arguments" in error.message


def test_merging_takes_a_bounded_number_of_steps() -> None:
    """Sets of fields whose number doubles with each level, out of a document that grows by two lines."""
    levels, parts = 30, []
    for n in range(levels):
        parts.append(
            f"fragment S{n} on Pet {{ a: friend {{ ...S{n + 1} ...T{n + 1}_0 }} b: friend {{ ...S{n + 1} }} }}"
        )
        parts += [
            f"fragment T{n}_{k} on Pet {{ a: friend {{ ...T{n + 1}_{k + 1} }} b: friend {{ ...T{n + 1}_{k + 1} }} }}"
            for k in range(n + 1)
        ]
    parts.append(f"fragment S{levels} on Pet {{ name }}")
    parts += [f"fragment T{levels}_{k} on Pet {{ name }}" for k in range(levels + 1)]
    with pytest.raises(TooLarge, match=f"{MOST_STEPS:,} steps"):
        conflicts(PET, parse("{ pet { ...S0 } } " + " ".join(parts)))


def test_values_are_counted_before_they_are_decoded() -> None:
    limits = Limits(json_values=100, variable_values=50, list_items=20)
    assert decoded(b"[" + b"1," * 98 + b"1]", limits, "it") == [1] * 99
    for content in (b"[" + b"1," * 100 + b"1]", b"[" * 101, b'{"a":' * 101):
        with pytest.raises(TooLarge):
            decoded(content, limits, "it")
    assert check_variables({"x": [1] * 20}, limits) == 21
    for variables in ({"x": [1] * 21}, {"x": {str(n): n for n in range(50)}}, {"x": [[1] * 10] * 6}):
        with pytest.raises(TooLarge):
            check_variables(variables, limits)


def test_a_bug_in_the_compiled_way_is_logged(
    watched: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*told: Any) -> Any:
        raise KeyError("a bug")

    query = "{ release { digest version } }"
    expected = watched.data(query)
    watched.data(query)
    with caplog.at_level(logging.ERROR):
        watched.refused('{ resource(iri: "no iri") { iri } }')
        assert not caplog.records
        monkeypatch.setattr(Program, "data", broken)
        assert watched.data(query) == expected
    (record,) = caplog.records
    assert "compiled document" in record.getMessage()
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], KeyError)
