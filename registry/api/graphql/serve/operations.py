"""From a request to its answer: one way for HTTP, WebSocket and server-sent events."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, cast

import orjson
from graphql import ExecutionResult, OperationType, execute, subscribe

from registry.api.graphql.fixed.errors import Answer, answer, refusal
from registry.api.graphql.run.deviation import Deviation
from registry.api.graphql.serve.documents import LARGE_CHARACTERS, LARGE_COST, LARGE_VARIABLES, Prepared
from registry.api.graphql.serve.json_input import check_variables
from registry.api.graphql.serve.limits import Limits
from registry.api.graphql.serve.persisted_queries import PersistedQueries, digest_of
from registry.api.graphql.serve.side_loop import SideLoop
from registry.errors import BadInput, ReleaseChanged
from registry.stores.submission import Warnings

if TYPE_CHECKING:
    from registry.api.graphql.fixed.context import Context
    from registry.api.graphql.fixed.schema import ReleaseSchema, Schemas


_LOG = logging.getLogger(__name__)

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
    digest: str | None = None
    """The SHA-256 digest of the document, where the client names it by that."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A request that fits a schema and the limits, ready to run on it."""

    schema: ReleaseSchema
    request: Request
    prepared: Prepared
    is_large: bool = False
    """Whether it is so much that others on the same loop would wait for it."""

    @property
    def asks_for_schema_alone(self) -> bool:
        """Whether it is introspection and nothing else, which has one answer as long as the schema is the same."""
        return self.prepared.is_introspection

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
    digest = digest_of(content.get("extensions"))
    if query is None and digest is not None:
        query = ""
    elif not isinstance(query, str) or not query.strip():
        raise BadInput("`query` must be the text of a GraphQL document", "query")
    if not isinstance(variables, dict | None):
        raise BadInput("`variables` must be a JSON object", "variables")
    if not isinstance(name, str | None):
        raise BadInput("`operationName` must be a text", "operationName")
    return Request(query, variables or {}, name or None, digest)


@dataclass(slots=True)
class Counts:
    """How many requests their programs answered, how many were left to the stock executor halfway, and by a bug."""

    compiled: int = 0
    deviated: int = 0
    faults: int = 0


class Operations:
    """Runs requests, each on the schema of the release that is active when it comes, within limits."""

    def __init__(self, schemas: Schemas, limits: Limits, counts: Counts) -> None:
        self.counts = counts
        self._aside = SideLoop()
        self._persisted = PersistedQueries(limits.persisted_characters)
        self._schemas = schemas
        self._limits = limits

    async def prepare(self, request: Request) -> Operation:
        """Decide whether the request may run. Raises Refused, BadInput or TooLarge before any work is done for it."""
        schema = self._schemas.current()
        if request.digest is not None:
            request = replace(request, query=self._persisted.text(request.query, request.digest))
        document = await schema.documents.prepared(request.query, self._aside)
        if request.digest is not None:
            self._persisted.keep(request.query, request.digest)
        prepared = document.operation(request.operation_name)
        values = 0
        if request.variables:
            values = check_variables(request.variables, self._limits, prepared.command_lists)
        prepared.filter_variables.check(request.variables)
        cost = prepared.check_cost(request.variables, self._limits)
        is_large = cost > LARGE_COST or values > LARGE_VARIABLES or len(request.query) > LARGE_CHARACTERS
        return Operation(schema, request, prepared, is_large)

    async def run(self, operation: Operation, context: Context) -> Answer:
        """The answer to a query or a mutation."""
        if operation.kind is OperationType.SUBSCRIPTION:
            raise BadInput("a subscription needs a WebSocket, or a POST to /graphql/stream", "query")
        if operation.asks_for_schema_alone:
            request = operation.request
            variables = orjson.dumps(request.variables, option=orjson.OPT_SORT_KEYS) if request.variables else b""
            return await operation.schema.told(
                (request.query, request.operation_name, variables), context.request,
                partial(
                    execute, operation.schema.core, operation.prepared.document, **self._arguments(operation, context)
                ),
            )  # fmt: skip
        if WARNINGS not in operation.request.query:
            context.warnings = Warnings.PLAIN
        if operation.is_large:
            return await self._aside.run(self._run(operation, context))
        return await self._run(operation, context)

    async def _run(self, operation: Operation, context: Context) -> Answer:
        program = operation.prepared.program(operation.is_large)
        fault: Exception | None = None
        if program is not None:
            context.run_on(operation.schema.release, to_the_end=False)
            try:
                data = await program.data(context, operation.request.variables)
            except Exception as error:
                # Whatever it was, the stock executor tells it as it has to be told; no write is carried out twice.
                fault = error
                self.counts.deviated += 1
                operation.prepared.deviated()
                context.begin_again()
            else:
                self.counts.compiled += 1
                operation.prepared.fitted()
                return {"data": data}
        running = execute(operation.schema.core, operation.prepared.document, **self._arguments(operation, context))
        result = await running if isawaitable(running) else running
        if fault is not None and not result.errors and not isinstance(fault, Deviation):
            # What the stock executor tells as an error is no bug of the program, or is logged where it is told.
            self.counts.faults += 1
            _LOG.error("request %s: a compiled document failed that is right", context.request, exc_info=fault)
        return answer(result, context.request, context.languages)

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
