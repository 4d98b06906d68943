"""Grammar-made GraphQL with bytes changed, and messages of a socket that are odd in other ways."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

import pytest
from graphql import GraphQLSchema, build_client_schema, get_introspection_query
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.fuzz.documents import Documents
from tests.fuzz.values import any_json, mutated
from tests.fuzz.wire import HANG_SECONDS, MASKED, SEED, Wire, hostile_ground, judge

CHANGED, MESSAGES = 4_000, 1_000
JSON = "application/json"
PROTOCOL = Subprotocol("graphql-transport-ws")


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    with hostile_ground(tmp_path_factory.mktemp("documents")) as ready:
        yield ready


@pytest.fixture(scope="module")
def schema(wire: Wire) -> GraphQLSchema:
    asked = json.dumps({"query": get_introspection_query(input_value_deprecation=True)}).encode()
    return build_client_schema(json.loads(wire.ask("POST", "/graphql", asked, content_type=JSON).body)["data"])


@pytest.mark.timeout(900)
def test_documents_with_bytes_changed(wire: Wire, schema: GraphQLSchema) -> None:
    chance = random.Random(SEED + 1)
    documents = Documents(schema, chance)
    for number in range(CHANGED):
        asked = documents.request()
        if number % 2:
            asked["query"] = mutated(asked["query"].encode(), chance).decode(errors="replace")
            body = json.dumps(asked).encode()
        else:
            body = mutated(json.dumps(asked).encode(), chance)
        judge(wire.ask("POST", "/graphql", body, content_type=JSON), body)


@pytest.mark.timeout(900)
def test_messages_of_a_socket(wire: Wire, schema: GraphQLSchema) -> None:
    chance = random.Random(SEED + 2)
    documents = Documents(schema, chance)
    sent = 0
    while sent < MESSAGES:
        count = chance.randrange(1, 40)
        closed = _conversation(wire, [_message(documents, number, chance) for number in range(count)], chance)
        assert closed not in (1006, 1011)
        sent += count


def _message(documents: Documents, number: int, chance: random.Random) -> str:
    message = {"type": "subscribe", "id": str(number % 10), "payload": documents.request()}
    if chance.random() < 0.1:
        message[chance.choice(("type", "id", "payload"))] = any_json(chance)
    text = json.dumps(message)
    return mutated(text.encode(), chance).decode(errors="replace") if chance.random() < 0.05 else text


def _conversation(wire: Wire, messages: list[str], chance: random.Random) -> int | None:
    """Send messages and read what comes back; the code with which the server closes, None where it need not."""
    with connect(f"ws://{wire.host}/graphql", subprotocols=[PROTOCOL]) as socket:
        try:
            if chance.random() < 0.95:
                socket.send(json.dumps({"type": "connection_init"}))
            for message in (*messages, '{"type":"complete","id":"0"}', '{"type":"ping"}'):
                socket.send(message)
            while (said := socket.recv(timeout=HANG_SECONDS)) != '{"type":"pong"}':
                assert isinstance(said, str)
                assert MASKED not in said.encode(), said
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd is not None else None
    return None
