"""From a request to its answer: one way for HTTP, WebSocket and server-sent events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, cast

from graphql import ExecutionResult, OperationDefinitionNode, OperationType, execute, subscribe

from registry.api.graphql.documents import Document, Documents
from registry.api.graphql.errors import Answer, answer, refusal
from registry.api.graphql.limits import Limits, check_cost, check_nesting
from registry.errors import BadInput

if TYPE_CHECKING:
    from strawberry import Schema

    from registry.api.graphql.context import Context


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sends, whichever way it comes."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """A request that fits the schema and the limits, ready to run."""

    request: Request
    document: Document
    node: OperationDefinitionNode

    @property
    def kind(self) -> OperationType:
        """Whether it is a query, a mutation or a subscription."""
        return self.node.operation


def request_of(content: object) -> Request:
    """The request that a JSON value holds. Raises BadInput naming the part that is not what it must be."""
    if isinstance(content, list):
        raise BadInput("several operations in one request are not supported: send one, or use `apply`")
    if not isinstance(content, dict):
        raise BadInput("the request must be a JSON object with `query`")
    query, variables, name = (content.get(part) for part in ("query", "variables", "operationName"))
    if not isinstance(query, str) or not query.strip():
        raise BadInput("`query` must be the text of a GraphQL document", "query")
    if not isinstance(variables, dict | None):
        raise BadInput("`variables` must be a JSON object", "variables")
    if not isinstance(name, str | None):
        raise BadInput("`operationName` must be a text", "operationName")
    return Request(query, variables or {}, name or None)


class Operations:
    """Runs requests on one schema, within limits."""

    def __init__(self, schema: Schema, limits: Limits) -> None:
        self._strawberry = schema
        self._schema = schema._schema
        self._limits = limits
        self._documents = Documents(self._schema, limits)

    def prepare(self, request: Request) -> Operation:
        """Decide whether the request may run. Raises Refused, BadInput or TooLarge before any work is done for it."""
        document = self._documents.document(request.query)
        node = document.operation(request.operation_name)
        check_nesting(request.variables, self._limits, "variables")
        check_cost(self._schema, document.node, node, request.variables, self._limits)
        return Operation(request, document, node)

    async def run(self, operation: Operation, context: Context) -> Answer:
        """The answer to a query or a mutation."""
        if operation.kind is OperationType.SUBSCRIPTION:
            raise BadInput("a subscription needs a WebSocket, or a POST to /graphql/stream", "query")
        result = execute(self._schema, operation.document.node, **self._arguments(operation, context))
        return answer(await result if isawaitable(result) else result, context.request, context.languages)

    async def stream(self, operation: Operation, context: Context) -> AsyncGenerator[Answer]:
        """The answers to a subscription, or the one answer to anything else. It never raises."""
        if operation.kind is not OperationType.SUBSCRIPTION:
            yield await self.run(operation, context)
            return
        subscribing = subscribe(self._schema, operation.document.node, **self._arguments(operation, context))
        source = await subscribing if isawaitable(subscribing) else subscribing
        if isinstance(source, ExecutionResult):
            yield {"errors": answer(source, context.request, context.languages)["errors"]}
            return
        async with aclosing(cast(AsyncGenerator[ExecutionResult], source)) as results:
            try:
                async for result in results:
                    yield answer(result, context.request, context.languages)
            except Exception as fault:
                yield refusal(fault, context.request)

    def _arguments(self, operation: Operation, context: Context) -> dict[str, Any]:
        return {
            "context_value": context,
            "variable_values": operation.request.variables,
            "operation_name": operation.request.operation_name,
            "executor_class": self._strawberry.execution_context_class,
        }
