"""How much one request may ask for, decided before any work is done for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLField,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from registry.api.graphql.fixed.pages import PAGE_SIZE
from registry.api.graphql.fixed.scalars import LARGEST_EXACT
from registry.errors import TooLarge


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one server; ``cost`` counts the values that a document may ask for, by estimate.

    ``request_bytes`` binds each message of a WebSocket; what an HTTP body may have is for the server to say.
    ``json_values`` are those of a whole message, counted before it is decoded; ``list_items`` those of one list.
    ``persisted_characters`` are those of documents that clients name by their digest; with 0 none are kept.
    ``waiting_bytes`` binds the events that wait for one client; one that is told that it reads too slowly has
    ``closing_seconds`` to hear of it.
    """

    request_bytes: int = 8_000_000
    document_characters: int = 100_000
    tokens: int = 10_000
    aliases: int = 100
    fragments: int = 100
    depth: int = 15
    cost: int = 50_000
    page_size: int = 1_000
    commands: int = 1_000
    nesting: int = 64
    json_values: int = 120_000
    variable_values: int = 100_000
    list_items: int = 5_000
    persisted_characters: int = 1_000_000
    subscriptions: int = 100
    waiting_bytes: int = 1_000_000
    closing_seconds: float = 10.0
    greeting_seconds: float = 10.0
    keep_alive_seconds: float = 15.0


def too_large(what: str, actual: int, limit: int, remedy: str) -> TooLarge:
    """The refusal of something that is over a limit, with both numbers and what to do.

    Pages within pages multiply to numbers of any width: beyond what JSON's readers hold exactly no more is told.
    """
    shown = f"{actual:,}" if actual <= LARGEST_EXACT else "more than any number here"
    actual = min(actual, LARGEST_EXACT)
    return TooLarge(f"{what} is {shown}, over the limit of {limit:,}: {remedy}", actual=actual, limit=limit)


def check_size(document: DocumentNode, limits: Limits) -> None:
    """Refuse a document for its aliases, fragments or depth. It need not be valid; what it spreads may be circular."""
    fragments = _fragments(document)
    if len(fragments) > limits.fragments:
        raise too_large("the number of fragments", len(fragments), limits.fragments, "ask for less in one document")
    characters = _expanded_characters(document, fragments)
    if characters > EXPANDED * limits.document_characters:
        remedy = "send fewer operations together"
        raise too_large(
            "the length of the operations with their fragments", characters, EXPANDED * limits.document_characters,
            remedy,
        )  # fmt: skip
    aliases = sum(1 for node in _fields(document) if node.alias is not None)
    if aliases > limits.aliases:
        raise too_large("the number of aliases", aliases, limits.aliases, "ask with a filter or in several requests")
    depths = _Depths(fragments)
    depth = max((depths.of(o.selection_set) for o in _operations(document)), default=0)
    if depth > limits.depth:
        raise too_large("the depth", depth, limits.depth, "ask for less nesting, or raise `query_depth`")


def check_cost(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    limits: Limits,
) -> int:
    """Refuse a valid operation that may answer more values than allowed: pages multiply what is asked of each item.

    Returns the estimate.
    """
    cost = estimated_cost(schema, document, operation, variables)
    if cost > limits.cost:
        raise too_large("the estimated cost", cost, limits.cost, "ask for smaller pages, or raise `query_cost`")
    return cost


def estimated_cost(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
) -> int:
    """How many values a valid operation may answer, those about the schema itself left out."""
    root = schema.get_root_type(operation.operation)
    if root is None:
        return 0
    return _Costs(schema, _fragments(document), _variables(operation, variables)).of(operation.selection_set, root)


def page_variables(document: DocumentNode) -> Sequence[str]:
    """The variables that say how large a page is: of all variables only these decide what a document costs."""
    return sorted({
        argument.value.name.value
        for node in _fields(document)
        for argument in node.arguments or ()
        if argument.name.value == "first" and isinstance(argument.value, VariableNode)
    })  # fmt: skip


@dataclass(slots=True)
class _Depths:
    """Levels of fields below a selection; introspection has limits of its own and is not counted."""

    fragments: Mapping[str, FragmentDefinitionNode]
    known: dict[str, int] = field(default_factory=dict)

    def of(self, selections: SelectionSetNode | None) -> int:
        return 0 if selections is None else max(map(self._below, selections.selections), default=0)

    def _below(self, node: Node) -> int:
        if isinstance(node, FieldNode):
            return 0 if node.name.value.startswith("__") else 1 + self.of(node.selection_set)
        if isinstance(node, InlineFragmentNode):
            return self.of(node.selection_set)
        assert isinstance(node, FragmentSpreadNode)
        name = node.name.value
        if name not in self.known:
            self.known[name] = 0  # A fragment that spreads itself is refused by validation.
            fragment = self.fragments.get(name)
            self.known[name] = self.of(fragment.selection_set) if fragment else 0
        return self.known[name]


@dataclass(slots=True)
class _Costs:
    """Values below a selection: one for each field, and a page's worth of them where a field takes ``first``."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]
    known: dict[str, int] = field(default_factory=dict)

    def of(self, selections: SelectionSetNode | None, parent: GraphQLCompositeType) -> int:
        return 0 if selections is None else sum(self._of_one(node, parent) for node in selections.selections)

    def _of_one(self, node: Node, parent: GraphQLCompositeType) -> int:
        if isinstance(node, FieldNode):
            return self._of_field(node, parent)
        if isinstance(node, InlineFragmentNode):
            return self.of(node.selection_set, self._narrowed(node.type_condition, parent))
        assert isinstance(node, FragmentSpreadNode)
        name = node.name.value
        if name not in self.known:
            fragment = self.fragments[name]
            self.known[name] = self.of(fragment.selection_set, self._narrowed(fragment.type_condition, parent))
        return self.known[name]

    def _of_field(self, node: FieldNode, parent: GraphQLCompositeType) -> int:
        declared = self.schema.get_field(parent, node.name.value)
        if declared is None or node.name.value.startswith("__"):
            return 1
        below = get_named_type(declared.type)
        inner = self.of(node.selection_set, below) if is_composite_type(below) else 0
        definition = declared.extensions.get("strawberry-definition")
        said = declared.extensions if definition is None else definition.metadata
        return int(said.get(WEIGHT, 1)) + inner * (1 if said.get(FLAT) else self._page(node, declared))

    def _page(self, node: FieldNode, declared: GraphQLField) -> int:
        if "first" not in declared.args:
            return 1
        for argument in node.arguments or ():
            if argument.name.value == "first":
                if isinstance(argument.value, IntValueNode):
                    return max(0, int(argument.value.value))
                if isinstance(argument.value, VariableNode):
                    given = self.variables.get(argument.value.name.value)
                    return max(0, given) if isinstance(given, int) else 1
        default = declared.args["first"].default_value
        return default if isinstance(default, int) else PAGE_SIZE

    def _narrowed(self, condition: Any, parent: GraphQLCompositeType) -> GraphQLCompositeType:
        found = self.schema.get_type(condition.name.value) if condition is not None else None
        return found if is_composite_type(found) else parent


EXPANDED = 3
"""Each operation is validated with all its fragments: together they may be so many times as long as a document."""

WEIGHT = "weight"
"""Metadata of a field that costs more than one value: a check of shapes, a reading of the log, a count."""

FLAT = "flat"
"""Metadata of a field whose ``first`` is paid for by its weight, because nothing is read for its items."""


def _operations(document: DocumentNode) -> Iterator[OperationDefinitionNode]:
    return (node for node in document.definitions if isinstance(node, OperationDefinitionNode))


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}


def _expanded_characters(document: DocumentNode, fragments: Mapping[str, FragmentDefinitionNode]) -> int:
    """How long the operations are, each with the fragments that it leads to; those are counted for each operation."""
    uses = {name: tuple(_spread(fragment)) for name, fragment in fragments.items()}
    total = 0
    for operation in _operations(document):
        total += _characters(operation)
        waiting, seen = list(_spread(operation)), set[str]()
        while waiting:
            name = waiting.pop()
            if name not in seen and name in fragments:
                seen.add(name)
                total += _characters(fragments[name])
                waiting.extend(uses[name])
    return total


def _characters(node: Node) -> int:
    return 0 if node.loc is None else node.loc.end - node.loc.start


def _spread(node: Node) -> Iterator[str]:
    """The names of the fragments that a node spreads itself."""
    waiting: list[Any] = [node]
    while waiting:
        selections = getattr(waiting.pop(), "selection_set", None)
        for one in () if selections is None else selections.selections:
            if isinstance(one, FragmentSpreadNode):
                yield one.name.value
            else:
                waiting.append(one)


def _variables(operation: OperationDefinitionNode, given: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {
        node.variable.name.value: int(node.default_value.value)
        for node in operation.variable_definitions or ()
        if isinstance(node.default_value, IntValueNode)
    }
    return {**defaults, **given}


def _fields(node: DocumentNode | SelectionSetNode | None) -> Iterator[FieldNode]:
    parts = () if node is None else node.definitions if isinstance(node, DocumentNode) else node.selections
    for part in parts:
        if isinstance(part, FieldNode):
            yield part
        yield from _fields(getattr(part, "selection_set", None))
