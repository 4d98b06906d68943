"""GraphQL documents made from a schema: most are valid, some nearly; arguments are of the right type, nearly or not."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from tests.fuzz.values import FLOATS, INTEGERS, IRIS, LONG_NUMBER, NAMES, TEXTS, any_json

DEEPEST = 6
MOST_FIELDS = 10
"""So many fields a document has at most, or it would be about size and nothing else."""

VARIATIONS = 8
"""So many requests share a document: the same text with other variables goes another way through the server."""

USUAL: dict[str, tuple[Any, ...]] = {
    "Iri": IRIS[:5], "Int": (1, 2, 10), "Name": ("Pump", "ratedFlow", "serialNumber", "feeds", "partOf"),
    "Position": (0, 1, 2), "Revision": (1, 2), "Value": (5.5, "S1", 7, True),
}  # fmt: skip
"""What people send: with odd values alone every request would end at the first of them."""


class Documents:
    """Makes request after request for a schema, the same ones for the same chance."""

    def __init__(self, schema: GraphQLSchema, chance: random.Random) -> None:
        self._schema = schema
        self._chance = chance
        self._variables: dict[str, GraphQLInputType] = {}
        self._text = ""
        self._made = 0
        self._left = 0
        self._aliases = 0

    def request(self) -> dict[str, Any]:
        """A request with document, variables and now and then something that does not belong there."""
        chance = self._chance
        if self._made % VARIATIONS == 0:
            self._text = self._document()
        self._made += 1
        asked: dict[str, Any] = {"query": self._text}
        values = {name: self.value(kind) for name, kind in self._variables.items() if chance.random() < 0.97}
        if values or chance.random() < 0.1:
            asked["variables"] = values if chance.random() < 0.97 else any_json(chance)
        if chance.random() < 0.05:
            asked["operationName"] = chance.choice(("Q", "R", "", None, 5))
        if chance.random() < 0.05:
            asked["extensions"] = any_json(chance)
        return asked

    def _document(self) -> str:
        self._variables, self._left, self._aliases = {}, MOST_FIELDS, 0
        kind = self._chance.choices(("query", "mutation", "subscription"), (60, 37, 3))[0]
        root = {"query": self._schema.query_type, "mutation": self._schema.mutation_type,
                "subscription": self._schema.subscription_type}[kind]  # fmt: skip
        assert root is not None
        selected = self._selection(root, 0, self._chance.choice((1, 1, 2)))
        declared = ", ".join(f"${name}: {kind}" for name, kind in self._variables.items())
        return f"{kind} Q{f'({declared})' if declared else ''} {selected}"

    def _selection(self, parent: Any, depth: int, most: int) -> str:
        if isinstance(parent, GraphQLUnionType):
            member = self._chance.choice(parent.types)
            return f"{{ __typename ... on {member.name} {self._selection(member, depth, most)} }}"
        fields = list(parent.fields.items())
        lines = []
        for name, field in self._chance.sample(fields, min(most, len(fields))):
            line = self._field(name, field, depth)
            if line:
                lines.append(line)
        if isinstance(parent, GraphQLInterfaceType) and self._chance.random() < 0.3:
            member = self._chance.choice(self._schema.get_possible_types(parent))
            lines.append(f"... on {member.name} {self._selection(member, depth + 1, 2)}")
        return f"{{ {' '.join(lines or ['__typename'])} }}"

    def _field(self, name: str, field: GraphQLField, depth: int) -> str:
        named = get_named_type(field.type)
        self._left -= 1
        if self._left < 0 or (depth >= DEEPEST and not is_leaf_type(named)):
            return ""
        arguments = [
            f"{argument}: {self._spelled(self._argument(declared.type))}"
            for argument, declared in field.args.items()
            if is_required_argument(declared) or self._chance.random() < 0.3
        ]
        self._aliases += 1
        alias = f"a{self._aliases}: " if arguments or self._chance.random() < 0.2 else ""
        called = f"{alias}{name}{f'({chr(44).join(arguments)})' if arguments else ''}"
        if is_leaf_type(named):
            return called
        return f"{called} {self._selection(named, depth + 1, self._chance.randrange(1, 5))}"

    def _argument(self, kind: GraphQLInputType) -> Any:
        """A value, or a variable that will carry one."""
        if self._chance.random() < 0.8:
            name = f"v{len(self._variables)}"
            self._variables[name] = kind
            return _Variable(name)
        return self.value(kind)

    def value(self, kind: GraphQLInputType, depth: int = 0) -> Any:
        """A value for an input type, now and then of another form."""
        chance = self._chance
        if isinstance(kind, GraphQLNonNull):
            return self.value(kind.of_type, depth)
        if chance.random() < 0.01:
            return any_json(chance)
        if isinstance(kind, GraphQLList):
            if depth > 5:
                return []
            return [self.value(kind.of_type, depth + 1) for _ in range(chance.choice((0, 1, 1, 1, 2, 3)))]
        if isinstance(kind, GraphQLEnumType):
            return _Word(chance.choice(list(kind.values)))
        if isinstance(kind, GraphQLInputObjectType):
            fields = list(kind.fields.items())
            if kind.is_one_of:
                fields = [chance.choice(fields)]
            return {
                name: self.value(field.type, depth + 1)
                for name, field in fields
                if is_required_input_field(field) or kind.is_one_of or (depth < 4 and chance.random() < 0.3)
            }
        assert isinstance(kind, GraphQLScalarType)
        return self._scalar(kind.name)

    def _scalar(self, name: str) -> Any:
        choices: dict[str, tuple[Any, ...]] = {
            "Iri": IRIS, "Name": NAMES, "Int": INTEGERS, "Float": FLOATS + INTEGERS, "Boolean": (True, False),
            "Position": INTEGERS, "Revision": INTEGERS, "ID": IRIS,
            "Value": (*TEXTS, *INTEGERS, *FLOATS, True),
            "Decimal": (*INTEGERS, *FLOATS, "1.10", "1e400", LONG_NUMBER),
        }  # fmt: skip
        if name in USUAL and self._chance.random() < 0.7:
            return self._chance.choice(USUAL[name])
        return self._chance.choice(choices.get(name, (*TEXTS, *IRIS)))

    def _spelled(self, value: Any) -> str:
        return "".join(_spelled(value))


class _Variable(str):
    """The name of a variable."""


class _Word(str):
    """A value of an enum, which a document spells without quotes."""


def _spelled(value: Any) -> Iterator[str]:
    """A value as GraphQL spells it."""
    if isinstance(value, _Variable):
        yield f"${value}"
    elif isinstance(value, _Word):
        yield str(value)
    elif isinstance(value, dict):
        yield "{" + ", ".join(f"{name or '_'}: {''.join(_spelled(inner))}" for name, inner in value.items()) + "}"
    elif isinstance(value, list):
        yield "[" + ", ".join("".join(_spelled(inner)) for inner in value) + "]"
    else:
        yield json.dumps(value)
