"""Query texts, parsed and validated once: the same text is asked again and again."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    TokenKind,
    parse,
)
from graphql.error import GraphQLSyntaxError
from graphql.validation import recommended_rules, specified_rules

from registry.api.graphql.fixed.errors import Refused
from registry.api.graphql.run.arguments import Arguments
from registry.api.graphql.run.deviation import Deviation
from registry.api.graphql.run.program import Program
from registry.api.graphql.serve.filter_variables import FilterVariables
from registry.api.graphql.serve.limits import Limits, check_cost, check_size, page_variables, too_large
from registry.errors import BadInput, TooLarge

CACHED_DOCUMENTS = 512
CACHED_CHARACTERS = 16_384
"""Longer texts are not remembered."""

CACHED_ALTOGETHER = 512_000
"""So many characters are remembered in all: a character costs about a hundred bytes, and hostile texts are all new."""


COMPILED_AT = 2
"""A document is compiled when it is asked for this time: for one that is never asked again it would be a waste."""

LONGEST_NUMBER = 400
"""So many digits has the longest number that anything here reads; Python spells none of thousands."""

_MANY_DIGITS = re.compile(rf"\d{{{LONGEST_NUMBER // 4}}}")

KNOWN_COSTS = 64
LONGEST_REST = 64


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
        selected = node.selection_set.selections
        names = [one.name.value for one in selected if isinstance(one, FieldNode)]
        self.is_introspection = len(names) == len(selected) and all(name.startswith("__") for name in names)
        self._schema = schema
        self._arguments = arguments
        self._pages = page_variables(document)
        self.filter_variables = FilterVariables(document, node)
        self._costs: set[tuple[object, ...]] = set()
        self._asked = 0
        self._resting = self._rest = 0

    def check_cost(self, variables: Mapping[str, Any], limits: Limits) -> None:
        """Raises TooLarge for a request that asks for too much; pages of the same sizes are weighed once."""
        sizes = tuple(variables.get(name) for name in self._pages)
        if all(type(size) is int or size is None for size in sizes):
            if sizes in self._costs:
                return
            check_cost(self._schema, self.document, self.node, variables, limits)
            if len(self._costs) < KNOWN_COSTS:
                self._costs.add(sizes)
        else:
            check_cost(self._schema, self.document, self.node, variables, limits)

    def program(self) -> Program | None:
        """What runs it, or None where that is for the stock executor."""
        self._asked += 1
        if self._asked < COMPILED_AT:
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
        self._known: OrderedDict[str, Document] = OrderedDict()
        self._characters = 0

    def document(self, text: str) -> Document:
        """The valid document of a text. Raises Refused with what is wrong, TooLarge for what is over a limit."""
        known = self._known.get(text)
        if known is not None:
            self._known.move_to_end(text)
            return known
        node = self._parsed(text)
        check_size(node, self._limits)
        self._validate(node)
        operations = tuple(d for d in node.definitions if isinstance(d, OperationDefinitionNode))
        if not operations:
            raise BadInput("the document has no operation", "query")
        typed = self._is_typed(operations, node)
        document = Document([Prepared(self._schema, self._arguments, node, one, typed) for one in operations])
        if len(text) <= CACHED_CHARACTERS:
            self._known[text] = document
            self._characters += len(text)
            while len(self._known) > CACHED_DOCUMENTS or self._characters > CACHED_ALTOGETHER:
                self._characters -= len(self._known.popitem(last=False)[0])
        return document

    @property
    def remembered(self) -> Sequence[str]:
        """The texts that are remembered, the one that was not asked for longest first."""
        return tuple(self._known)

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
        from strawberry.schema.schema import validate_document

        watches = any(operation.operation is OperationType.SUBSCRIPTION for operation in operations)
        return watches and bool(validate_document(self._fixed, node, tuple(specified_rules)))

    def _validate(self, node: DocumentNode) -> None:
        from strawberry.schema.schema import validate_document

        errors: list[GraphQLError] = validate_document(self._schema, node, (*specified_rules, *recommended_rules))
        if errors:
            raise Refused(errors)


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
