"""Query texts, parsed and validated once: the same text is asked again and again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode, OperationType, parse
from graphql.error import GraphQLSyntaxError
from graphql.validation import recommended_rules, specified_rules

from registry.api.graphql.errors import Refused
from registry.api.graphql.limits import Limits, check_size, too_large
from registry.errors import BadInput, TooLarge

CACHED_DOCUMENTS = 512
CACHED_CHARACTERS = 16_384
"""Longer texts are not remembered, so that hostile ones cannot fill the memory."""


@dataclass(frozen=True, slots=True)
class Document:
    """A valid document and its operations; ``typed`` says that it asks for something of the ontology-shaped half."""

    node: DocumentNode
    operations: Sequence[OperationDefinitionNode]
    typed: bool

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run. Raises BadInput where the name picks none, or several could be meant."""
        if name is None and len(self.operations) == 1:
            return self.operations[0]
        for operation in self.operations:
            if name is not None and operation.name is not None and operation.name.value == name:
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
        self._known: OrderedDict[str, Document] = OrderedDict()

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
        document = Document(node, operations, self._is_typed(operations, node))
        if len(text) <= CACHED_CHARACTERS:
            self._known[text] = document
            if len(self._known) > CACHED_DOCUMENTS:
                self._known.popitem(last=False)
        return document

    def _parsed(self, text: str) -> DocumentNode:
        limits = self._limits
        if len(text) > limits.document_characters:
            remedy = "pass long values as variables"
            raise too_large("the length of the document", len(text), limits.document_characters, remedy)
        try:
            return parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
        except GraphQLSyntaxError as error:
            if error.message.endswith("Parsing aborted."):
                reason = error.message.removeprefix("Syntax Error: ").removesuffix(" Parsing aborted.")
                raise TooLarge(f"{reason} Pass long values as variables.") from error
            raise Refused([error]) from error

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
