"""``/graphql`` by HTTP (GraphQL over HTTP, https://graphql.github.io/graphql-over-http/draft/)."""

from __future__ import annotations

from http import HTTPStatus

import orjson
from graphql import OperationType
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from registry.api.graphql.contexts import Contexts
from registry.api.graphql.errors import Answer, Refused, refusal
from registry.api.graphql.explorer import page
from registry.api.graphql.operations import Operations, Request, request_of
from registry.api.negotiation import negotiated
from registry.api.problems import STATUS
from registry.errors import BadInput, RegistryError

RESPONSE_TYPE = "application/graphql-response+json"
JSON_TYPE = "application/json"
PAGE_TYPE = "text/html"


class Endpoint:
    """Answers queries and mutations; a browser that opens the address gets the explorer."""

    def __init__(self, operations: Operations, contexts: Contexts) -> None:
        self._operations = operations
        self._contexts = contexts

    async def answer(self, request: HttpRequest) -> Response:
        """GET for queries and the explorer, POST for everything but subscriptions."""
        if request.method == "GET" and negotiated(request, [RESPONSE_TYPE, JSON_TYPE, PAGE_TYPE]) == PAGE_TYPE:
            return page()
        media_type = negotiated(request, [RESPONSE_TYPE, JSON_TYPE])
        context = self._contexts.of(request)
        try:
            asked = await request_from(request)
        except BadInput as fault:
            return _response(refusal(fault, context.request), HTTPStatus.BAD_REQUEST, media_type, context.request)
        try:
            operation = self._operations.prepare(asked)
            if request.method == "GET" and operation.kind is not OperationType.QUERY:
                raise HTTPException(405, f"a {operation.kind.value} must be posted", {"allow": "POST"})
            answer = await self._operations.run(operation, context)
            status = HTTPStatus.OK if "data" in answer else HTTPStatus.BAD_REQUEST
        except (Refused, RegistryError) as fault:
            answer = refusal(fault, context.request)
            status = HTTPStatus(STATUS[fault.code] if isinstance(fault, RegistryError) else HTTPStatus.BAD_REQUEST)
        # A plain JSON answer tells by its status only whether the request was well-formed (section 6.4.1).
        return _response(answer, status if media_type == RESPONSE_TYPE else HTTPStatus.OK, media_type, context.request)


async def request_from(request: HttpRequest) -> Request:
    """The GraphQL request in an HTTP request. Raises BadInput where it is malformed, HTTPException 415 for its body.

    A body must be declared as JSON: a page of another site can post a form or plain text, but not that, without
    asking first, so nobody can be made to write unknowingly (cross-site request forgery).
    """
    if request.method == "GET":
        parameters = {name: value for name, value in request.query_params.items() if value}
        variables = _json(parameters.pop("variables", "{}").encode(), "variables")
        return request_of({**parameters, "variables": variables})
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != JSON_TYPE:
        raise HTTPException(415, f"a GraphQL request is posted as {JSON_TYPE}, not as {media_type or 'nothing'}")
    return request_of(_json(await request.body(), "the body"))


def _response(answer: Answer, status: HTTPStatus, media_type: str, request: str) -> Response:
    headers = {"registry-request": request, "vary": "accept, accept-language", "cache-control": "no-store"}
    return Response(orjson.dumps(answer, default=str), status, headers, media_type)


def _json(content: bytes, what: str) -> object:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"{what} is not JSON: {error}") from error
