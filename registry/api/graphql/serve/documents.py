"""Query texts, parsed and validated once: the same text is asked again and again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    ListTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    TokenKind,
    parse,
)
from graphql.error import GraphQLSyntaxError
from graphql.validation import OverlappingFieldsCanBeMergedRule, recommended_rules, specified_rules, validate

from registry.api.graphql.fixed.errors import Refused
from registry.api.graphql.run.arguments import Arguments
from registry.api.graphql.run.deviation import Deviation
from registry.api.graphql.run.program import Program
from registry.api.graphql.serve.field_merging import conflicts
from registry.api.graphql.serve.filter_variables import FilterVariables
from registry.api.graphql.serve.introspection_cost import IntrospectionCosts, root_fields
from registry.api.graphql.serve.limits import Limits, check_cost, check_size, page_variables, too_large
from registry.api.graphql.serve.side_loop import SideLoop
from registry.bounded_cache import BoundedCache
from registry.errors import BadInput, TooLarge

DOCUMENT_CHARACTERS = 500
"""What a remembered document weighs besides its text."""

CACHED_CHARACTERS = 16_384
"""Longer texts are not remembered."""

CACHED_ALTOGETHER = 512_000
"""So many characters are remembered in all: a character costs about a hundred bytes, and hostile texts are all new."""


COMPILED_AT = 2
"""A document is compiled when it is asked for this time: for one that is never asked again it would be a waste."""

LONGEST_NUMBER = 400
"""So many digits has the longest number that anything here reads; Python spells none of thousands."""

_MANY_DIGITS = re.compile(rf"\d{{{LONGEST_NUMBER // 4}}}")

COMMAND_TYPE = "CommandInput"

KNOWN_COSTS = 64
LONGEST_REST = 64

AT_ONCE_CHARACTERS = 400
"""Longer texts are validated aside: each hundred characters can take a millisecond or two."""

MOST_SUGGESTED = 3
"""A document with more faults than this is told them without what was perhaps meant: each name costs a search."""

LARGE_COST = 4_000
"""Operations that may answer more values than this are run aside: each value can take ten microseconds."""

LARGE_VARIABLES = 1_000
LARGE_CHARACTERS = 4_000
"""The same for variables with more values than this, because each is coerced, and for longer documents."""


class Prepared:
    """One operation of a valid document, with all that is the same for every request that asks for it.

    ``typed`` says that it is a subscription to something of the ontology-shaped half.
    """

    def __init__(
        self, schema: GraphQLSchema, arguments: Arguments, document: DocumentNode, node: OperationDefinitionNode,
        typed: bool,
    ) -> None:  # fmt: skip
        self.document = document
        self.node = node
        self.kind = node.operation
        self.typed = typed
        fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
        self.is_introspection = all(one.name.value.startswith("__") for one in root_fields(node, fragments))
        self.command_lists = _command_lists(node)
        self._schema = schema
        self._arguments = arguments
        self._pages = page_variables(document)
        self.filter_variables = FilterVariables(document, node)
        self._costs: dict[tuple[object, ...], int] = {}
        self._asked = 0
        self._resting = self._rest = 0

    def check_cost(self, variables: Mapping[str, Any], limits: Limits) -> int:
        """The estimated cost of a request; pages of the same sizes are weighed once.

        Raises TooLarge for a request that asks for too much.
        """
        sizes = tuple(variables.get(name) for name in self._pages)
        if not all(type(size) is int or size is None for size in sizes):
            return check_cost(self._schema, self.document, self.node, variables, limits)
        cost = self._costs.get(sizes)
        if cost is None:
            cost = check_cost(self._schema, self.document, self.node, variables, limits)
            if len(self._costs) < KNOWN_COSTS:
                self._costs[sizes] = cost
        return cost

    def program(self, is_large: bool) -> Program | None:
        """What runs it, or None where that is for the stock executor. A large request is worth it the first time."""
        self._asked += 1
        if self._asked < COMPILED_AT and not is_large:
            return None
        if self._resting:
            self._resting -= 1
            return None
        return self._program

    def fitted(self) -> None:
        """The program ran to its end."""
        self._rest = 0

    def deviated(self) -> None:
        """The program did not fit what is stored. Where it goes on like that it is tried ever more rarely."""
        self._rest = min(LONGEST_REST, 2 * self._rest + 1)
        self._resting = self._rest

    @cached_property
    def _program(self) -> Program | None:
        try:
            return Program(self._schema, self._arguments, self.document, self.node)
        except Deviation:
            return None


@dataclass(frozen=True, slots=True)
class Document:
    """A valid document and its operations."""

    operations: Sequence[Prepared]

    def operation(self, name: str | None) -> Prepared:
        """The operation to run. Raises BadInput where the name picks none, or several could be meant."""
        if name is None and len(self.operations) == 1:
            return self.operations[0]
        for operation in self.operations:
            if name is not None and operation.node.name is not None and operation.node.name.value == name:
                return operation
        if name is None:
            raise BadInput("the document has several operations: `operationName` must name one", "operationName")
        raise BadInput(f"the document has no operation {name!r}", "operationName")


class Documents:
    """Documents for one schema, by their text; the latest are remembered."""

    def __init__(self, schema: GraphQLSchema, fixed: GraphQLSchema, limits: Limits) -> None:
        self._schema = schema
        self._fixed = fixed
        self._limits = limits
        self._arguments = Arguments(schema)
        self._introspection = IntrospectionCosts(schema)
        self._known: BoundedCache[str, Document] = BoundedCache(
            "documents",
            CACHED_ALTOGETHER,
            lambda text, document: len(text) + DOCUMENT_CHARACTERS,
            CACHED_CHARACTERS + DOCUMENT_CHARACTERS,
        )

    async def prepared(self, text: str, aside: SideLoop) -> Document:
        """The valid document of a text; one that is long and not known is looked at aside.

        Raises Refused with what is wrong, TooLarge for what is over a limit.
        """
        known = self._known.get(text)
        if known is not None:
            return known
        if len(text) <= AT_ONCE_CHARACTERS:
            try:
                return self._remembered(text, self._read(text, most_suggested=1))
            except Refused as fault:
                if not 1 < len(fault.errors) <= MOST_SUGGESTED:
                    raise
        return self._remembered(text, await aside.call(partial(self._read, text)))

    def document(self, text: str) -> Document:
        """The same at once, however long it takes."""
        return self._known.get(text) or self._remembered(text, self._read(text))

    def _remembered(self, text: str, document: Document) -> Document:
        self._known.keep(text, document)
        return document

    def _read(self, text: str, most_suggested: int = MOST_SUGGESTED) -> Document:
        """Parse a text, weigh and validate it."""
        node = self._parsed(text)
        check_size(node, self._limits)
        _validate(self._schema, node, most_suggested)
        operations = tuple(d for d in node.definitions if isinstance(d, OperationDefinitionNode))
        if not operations:
            raise BadInput("the document has no operation", "query")
        typed = self._is_typed(operations, node)
        prepared = [Prepared(self._schema, self._arguments, node, one, typed) for one in operations]
        for one in prepared:
            self._introspection.check(node, one.node, one.is_introspection)
        return Document(prepared)

    @property
    def remembered(self) -> Sequence[str]:
        """The texts that are remembered, the one that was not asked for longest first."""
        return tuple(self._known.keys())

    def _parsed(self, text: str) -> DocumentNode:
        limits = self._limits
        if len(text) > limits.document_characters:
            remedy = "pass long values as variables"
            raise too_large("the length of the document", len(text), limits.document_characters, remedy)
        try:
            node = parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
        except GraphQLSyntaxError as error:
            if error.message.endswith("Parsing aborted."):
                reason = error.message.removeprefix("Syntax Error: ").removesuffix(" Parsing aborted.")
                raise TooLarge(f"{reason} Pass long values as variables.") from error
            raise Refused([error]) from error
        if _MANY_DIGITS.search(text):
            _check_numbers(node)
        return node

    def _is_typed(self, operations: Sequence[OperationDefinitionNode], node: DocumentNode) -> bool:
        """Whether a subscription depends on the model: others go on whatever becomes of that."""
        watches = any(operation.operation is OperationType.SUBSCRIPTION for operation in operations)
        return watches and bool(validate(self._fixed, node, _RULES, max_errors=1, hide_suggestions=True))


_RULES = tuple(rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule)
"""Rules that take as long as the document. The merging of fields, which takes its square, has a way of its own."""


def _validate(schema: GraphQLSchema, node: DocumentNode, most_suggested: int) -> None:
    """Raises Refused with what does not fit the schema, TooLarge where that is too much to find out."""
    from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
    from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

    rules = (*_RULES, *recommended_rules, MaybeNullValidationRule, OneOfInputValidationRule)
    errors: list[GraphQLError] = validate(schema, node, rules, hide_suggestions=True)
    if errors and len(errors) <= most_suggested:
        errors = validate(schema, node, rules)
    if errors:
        raise Refused(errors)
    if found := conflicts(schema, node):
        raise Refused(found)


def _command_lists(node: OperationDefinitionNode) -> Sequence[str]:
    """The variables of an operation that are lists of commands."""
    found = []
    for definition in node.variable_definitions or ():
        kind: Any = definition.type
        while isinstance(kind, NonNullTypeNode | ListTypeNode):
            kind = kind.type
        if kind.name.value == COMMAND_TYPE:
            found.append(definition.variable.name.value)
    return found


def _check_numbers(document: DocumentNode) -> None:
    """Refuse a number that is too long to be read, wherever it stands. Raises BadInput with its place."""
    token = document.loc.start_token if document.loc is not None else None
    while token is not None:
        if token.kind in (TokenKind.INT, TokenKind.FLOAT) and len(token.value or "") > LONGEST_NUMBER:
            raise BadInput(
                f"a number in a document has at most {LONGEST_NUMBER} digits: pass a longer one as a text",
                "query", line=token.line, column=token.column,
            )  # fmt: skip
        token = token.next
