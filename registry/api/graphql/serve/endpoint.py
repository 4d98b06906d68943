"""``/graphql`` by HTTP (GraphQL over HTTP, https://graphql.github.io/graphql-over-http/draft/)."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus

from graphql import OperationType
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.types import Receive, Scope, Send

from registry.api.graphql.fixed.context import Context
from registry.api.graphql.fixed.errors import Answer, Refused, refusal
from registry.api.graphql.serve.contexts import Contexts
from registry.api.graphql.serve.explorer import page
from registry.api.graphql.serve.json_input import decoded
from registry.api.graphql.serve.limits import Limits
from registry.api.graphql.serve.operations import Operations, Request, request_of
from registry.api.http.negotiation import negotiated
from registry.api.json_text import json_bytes
from registry.errors import RegistryError

RESPONSE_TYPE = "application/graphql-response+json"
JSON_TYPE = "application/json"
PAGE_TYPE = "text/html"
_HEADERS = ((b"vary", b"accept, accept-language"), (b"cache-control", b"no-store"))


class Endpoint:
    """Answers queries and mutations; a browser that opens the address gets the explorer. An ASGI application.

    It reads and writes messages itself, because many answers cost less than a request and a response object do.
    """

    def __init__(self, operations: Operations, contexts: Contexts, limits: Limits) -> None:
        self._operations = operations
        self._contexts = contexts
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """GET for queries and the explorer, POST for everything but subscriptions."""
        request = HttpRequest(scope, receive)
        if request.method == "GET" and negotiated(request, [RESPONSE_TYPE, JSON_TYPE, PAGE_TYPE]) == PAGE_TYPE:
            await page()(scope, receive, send)
            return
        media_type = negotiated(request, [RESPONSE_TYPE, JSON_TYPE])
        context = self._contexts.of(request)
        try:
            asked = await request_from(request, self._limits)
        except RegistryError as fault:
            answer, status = refusal(fault, context.request), HTTPStatus(fault.status)
        else:
            answer, status = await self._answer(request, asked, context)
            # A plain JSON answer tells by its status only whether the request was well-formed (section 6.4.1).
            status = status if media_type == RESPONSE_TYPE else HTTPStatus.OK
        body = json_bytes(answer)
        headers = [
            (b"content-type", media_type.encode()), (b"content-length", str(len(body)).encode()),
            (b"registry-request", context.request.encode()), *_HEADERS,
        ]  # fmt: skip
        await send({"type": "http.response.start", "status": int(status), "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, request: HttpRequest, asked: Request, context: Context) -> tuple[Answer, HTTPStatus]:
        try:
            operation = await self._operations.prepare(asked)
            if request.method == "GET" and operation.kind is not OperationType.QUERY:
                raise HTTPException(405, f"a {operation.kind.value} must be posted", {"allow": "POST"})
            answer = await self._operations.run(operation, context)
            return answer, HTTPStatus.OK if "data" in answer else HTTPStatus.BAD_REQUEST
        except Refused as fault:
            return refusal(fault, context.request), HTTPStatus.BAD_REQUEST
        except RegistryError as fault:
            return refusal(fault, context.request), HTTPStatus(fault.status)


async def request_from(request: HttpRequest, limits: Limits) -> Request:
    """The GraphQL request in an HTTP request.

    Raises BadInput where it is malformed, TooLarge for too many values, HTTPException 415 for its body.

    A body must be declared as JSON: a page of another site can post a form or plain text, but not that, without
    asking first, so nobody can be made to write unknowingly (cross-site request forgery).
    """
    if request.method == "GET":
        parameters = {name: value for name, value in request.query_params.items() if value}
        variables = decoded(parameters.pop("variables", "{}").encode(), limits, "variables")
        extensions = decoded(parameters.pop("extensions", "{}").encode(), limits, "extensions")
        return request_of({**parameters, "variables": variables, "extensions": extensions})
    declared = next((value for name, value in request.scope["headers"] if name == b"content-type"), b"")
    media_type = _media_type(declared)
    if media_type != JSON_TYPE:
        raise HTTPException(415, f"a GraphQL request is posted as {JSON_TYPE}, not as {media_type or 'nothing'}")
    return request_of(decoded(await request.body(), limits, "the body"))


@lru_cache(maxsize=64)
def _media_type(declared: bytes) -> str:
    return declared.decode("latin-1").partition(";")[0].strip().lower()
