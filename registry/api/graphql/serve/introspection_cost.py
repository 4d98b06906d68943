"""What a question about the schema itself costs: how many values of it the answer would hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    get_introspection_query,
    parse,
)

from registry.api.graphql.serve.limits import too_large

TIMES_THE_WHOLE = 2
"""One request may ask for so many times what tools ask for, which is everything once."""

BESIDE_OTHERS = 2_000
"""So many values of the schema may be asked for in one request with other things."""

_SCHEMA_FIELDS = ("__schema", "__type")
_TO_TYPES = frozenset(
    {"type", "ofType", "interfaces", "possibleTypes", "queryType", "mutationType", "subscriptionType"}
)
"""Fields that lead to some types instead of to all: there the lists may be the longest."""


class IntrospectionCosts:
    """Estimates for one schema. Lists of types are counted as they are, lists deeper down as the longest of them."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema

    def check(self, document: DocumentNode, operation: OperationDefinitionNode, alone: bool) -> int:
        """Refuse an operation that asks for too much of the schema. ``alone`` says that it asks for nothing else.

        Returns the number of values, 0 where the schema is not asked for.
        """
        fragments = _fragments(document)
        if not any(node.name.value in _SCHEMA_FIELDS for node in root_fields(operation, fragments)):
            return 0
        cost = _Below(self, fragments).of(operation, "", 0)
        if alone and cost > self._most:
            raise too_large("the estimated cost of the introspection", cost, self._most, "ask for each type once")
        if not alone and cost > BESIDE_OTHERS:
            remedy = "ask for the schema in a request of its own"
            raise too_large("the estimated cost of the introspection beside other fields", cost, BESIDE_OTHERS, remedy)
        return cost

    def items(self, name: str, level: int) -> int:
        """How many items a field has: on average where all types are asked, which is exact in sum, else at most."""
        average, most = self._sizes.get(name, (1.0, 1))
        return max(1, round(average)) if level <= 1 else max(1, most)

    @cached_property
    def _most(self) -> int:
        whole = parse(get_introspection_query(input_value_deprecation=True, specified_by_url=True))
        (operation,) = (one for one in whole.definitions if isinstance(one, OperationDefinitionNode))
        return TIMES_THE_WHOLE * _Below(self, _fragments(whole)).of(operation, "", 0)

    @cached_property
    def _sizes(self) -> Mapping[str, tuple[float, int]]:
        """The average and the longest of each kind of list."""
        kinds = list(self._schema.type_map.values())
        fields = [len(one.fields) for one in kinds if isinstance(one, GraphQLObjectType | GraphQLInterfaceType)]
        inputs = [len(one.fields) for one in kinds if isinstance(one, GraphQLInputObjectType)]
        values = [len(one.values) for one in kinds if isinstance(one, GraphQLEnumType)]
        above = [len(one.interfaces) for one in kinds if isinstance(one, GraphQLObjectType | GraphQLInterfaceType)]
        below = [
            len(self._schema.get_possible_types(one))
            for one in kinds if isinstance(one, GraphQLInterfaceType | GraphQLUnionType)
        ]  # fmt: skip
        arguments = [len(one.args) for one in self._fields()]
        lists = {
            "types": [len(kinds)], "directives": [len(self._schema.directives)], "fields": fields,
            "inputFields": inputs, "enumValues": values, "interfaces": above, "possibleTypes": below,
        }  # fmt: skip
        count = {"types": 1, "directives": 1}
        found = {name: (sum(n) / count.get(name, len(kinds)), max(n, default=0)) for name, n in lists.items()}
        found["args"] = sum(arguments) / max(1, len(arguments)), max(arguments, default=0)
        return found

    def _fields(self) -> Iterator[GraphQLField]:
        for kind in self._schema.type_map.values():
            if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
                yield from kind.fields.values()


class _Below:
    """Values below the selections of one document."""

    def __init__(self, costs: IntrospectionCosts, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._costs = costs
        self._fragments = fragments
        self._known: dict[tuple[str, str, int], int] = {}

    def of(self, node: Node, above: str, level: int) -> int:
        """Values below a node. ``level`` is 1 among all types and 2 among some.

        ``above`` is the field that led here, none at the root, where only what is about the schema counts.
        """
        selections = getattr(node, "selection_set", None)
        return 0 if selections is None else sum(self._one(one, above, level) for one in selections.selections)

    def _one(self, node: Node, above: str, level: int) -> int:
        if isinstance(node, FragmentSpreadNode):
            key = node.name.value, above, level
            if key not in self._known:
                self._known[key] = 0  # Validation refuses fragments that spread themselves.
                fragment = self._fragments.get(node.name.value)
                self._known[key] = 0 if fragment is None else self.of(fragment, above, level)
            return self._known[key]
        if not isinstance(node, FieldNode):
            return self.of(node, above, level) if isinstance(node, InlineFragmentNode) else 0
        name = node.name.value
        if not above:
            if name not in _SCHEMA_FIELDS:
                return 0
            # One type that is asked for by its name may be the largest.
            return 1 + self.of(node, name, 0 if name == "__schema" else 2)
        inner = self.of(node, name, 1 if name == "types" else 2 if name in _TO_TYPES else level)
        return 1 + inner * self._costs.items(name, level)


def root_fields(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[FieldNode]:
    """The fields that an operation asks of its root, those in fragments included."""
    waiting: list[Node] = [operation]
    seen: set[str] = set()
    while waiting:
        selections = getattr(waiting.pop(), "selection_set", None)
        for one in () if selections is None else selections.selections:
            if isinstance(one, FieldNode):
                yield one
            elif isinstance(one, InlineFragmentNode):
                waiting.append(one)
            elif isinstance(one, FragmentSpreadNode) and one.name.value not in seen:
                seen.add(one.name.value)
                if one.name.value in fragments:
                    waiting.append(fragments[one.name.value])


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
