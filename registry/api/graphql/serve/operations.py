"""From a request to its answer: one way for HTTP, WebSocket and server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, cast

from graphql import ExecutionResult, OperationType, execute, subscribe

from registry.api.graphql.fixed.errors import Answer, answer, refusal
from registry.api.graphql.serve.documents import Prepared
from registry.api.graphql.serve.limits import Limits, check_nesting
from registry.errors import BadInput, ReleaseChanged
from registry.stores.submission import Warnings

if TYPE_CHECKING:
    from registry.api.graphql.fixed.context import Context
    from registry.api.graphql.fixed.schema import ReleaseSchema, Schemas


RELEASE_SECONDS = 1.0
"""So often a silent subscription looks whether its model is still the active one."""


WARNINGS = "warnings"
"""A document without this word selects no warnings: GraphQL has one spelling for a name."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sends, whichever way it comes."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """A request that fits a schema and the limits, ready to run on it."""

    schema: ReleaseSchema
    request: Request
    prepared: Prepared

    @property
    def asks_for_schema_alone(self) -> bool:
        """Whether it is introspection and nothing else, which has one answer as long as the schema is the same."""
        return self.prepared.is_introspection and not self.request.variables

    @property
    def kind(self) -> OperationType:
        """Whether it is a query, a mutation or a subscription."""
        return self.prepared.kind


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


@dataclass(slots=True)
class Counts:
    """How many requests their programs answered, and how many were left to the stock executor halfway."""

    compiled: int = 0
    deviated: int = 0


class Operations:
    """Runs requests, each on the schema of the release that is active when it comes, within limits."""

    def __init__(self, schemas: Schemas, limits: Limits, counts: Counts) -> None:
        self.counts = counts
        self._schemas = schemas
        self._limits = limits

    def prepare(self, request: Request) -> Operation:
        """Decide whether the request may run. Raises Refused, BadInput or TooLarge before any work is done for it."""
        schema = self._schemas.current()
        prepared = schema.documents.document(request.query).operation(request.operation_name)
        if request.variables:
            check_nesting(request.variables, self._limits, "variables")
        prepared.filter_variables.check(request.variables)
        prepared.check_cost(request.variables, self._limits)
        return Operation(schema, request, prepared)

    async def run(self, operation: Operation, context: Context) -> Answer:
        """The answer to a query or a mutation."""
        if operation.kind is OperationType.SUBSCRIPTION:
            raise BadInput("a subscription needs a WebSocket, or a POST to /graphql/stream", "query")
        if operation.asks_for_schema_alone:
            return await operation.schema.told(operation.request.query, operation.request.operation_name, partial(
                execute, operation.schema.core, operation.prepared.document, **self._arguments(operation, context)
            ))  # fmt: skip
        if WARNINGS not in operation.request.query:
            context.warnings = Warnings.PLAIN
        program = operation.prepared.program()
        if program is not None:
            context.run_on(operation.schema.release, to_the_end=False)
            try:
                data = await program.data(context, operation.request.variables)
            except Exception:
                # Whatever it was, the stock executor tells it as it has to be told; no write is carried out twice.
                self.counts.deviated += 1
                operation.prepared.deviated()
                context.begin_again()
            else:
                self.counts.compiled += 1
                operation.prepared.fitted()
                return {"data": data}
        result = execute(operation.schema.core, operation.prepared.document, **self._arguments(operation, context))
        return answer(await result if isawaitable(result) else result, context.request, context.languages)

    async def begin(self, operation: Operation, context: Context) -> AsyncGenerator[ExecutionResult] | Answer:
        """Begin a subscription behind ``context.reached``; an answer instead says why it cannot be."""
        subscribing = subscribe(
            operation.schema.core, operation.prepared.document, **self._arguments(operation, context)
        )
        source = await subscribing if isawaitable(subscribing) else subscribing
        if isinstance(source, ExecutionResult):
            return {"errors": answer(source, context.request, context.languages)["errors"]}
        return cast(AsyncGenerator[ExecutionResult], source)

    async def answers(
        self, operation: Operation, context: Context, source: AsyncGenerator[ExecutionResult]
    ) -> AsyncGenerator[Answer]:
        """The answers to a subscription; one without ``data`` is the last and says why. It never raises."""
        async with aclosing(source) as results:
            try:
                async for result in self._while_it_means_the_same(operation, context, results):
                    yield answer(result, context.request, context.languages)
            except Exception as fault:
                yield refusal(fault, context.request)

    async def _while_it_means_the_same(
        self, operation: Operation, context: Context, results: AsyncGenerator[ExecutionResult]
    ) -> AsyncIterator[ExecutionResult]:
        """The results, for as long as the release is active that the document needs.

        Raises ReleaseChanged once nothing of that release is left to tell: a client that subscribes again behind the
        position that this names misses nothing. `registry.api.graphql.fixed.subscriptions` does so for the first change
        of the next release; this is for the silence before it.
        """
        if not operation.prepared.typed:
            async for result in results:
                yield result
            return
        release, coming = operation.schema.release.digest, None
        try:
            while True:
                coming = coming or asyncio.ensure_future(anext(results))
                done, _ = await asyncio.wait({coming}, timeout=RELEASE_SECONDS)
                if done:
                    result, coming = coming.result(), None
                    yield result
                elif context.catalogue.release.digest != release:
                    raise ReleaseChanged(context.catalogue.release.digest, context.reached)
        except StopAsyncIteration:
            return
        finally:
            if coming is not None:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)

    def _arguments(self, operation: Operation, context: Context) -> dict[str, Any]:
        context.run_on(operation.schema.release, operation.prepared.typed)
        return {
            "context_value": context,
            "variable_values": operation.request.variables,
            "operation_name": operation.request.operation_name,
            "executor_class": operation.schema.executor,
        }
