"""Errors over HTTP, outside GraphQL: problem documents (RFC 9457) with the registry's codes."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from registry.api.json_text import json_bytes
from registry.errors import RegistryError

_CODES = {404: "NOT_FOUND", 401: "NOT_AUTHENTICATED", 403: "NOT_ALLOWED", 413: "QUERY_TOO_LARGE"}

_log = logging.getLogger(__name__)


def problem(error: RegistryError) -> Response:
    """The problem document of an error, with the status that stands for its code."""
    status = error.status
    retry = {"retry-after": "1"} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    return _document(status, error.message, error.extensions(), retry)


async def on_registry_error(request: Request, error: Exception) -> Response:
    """A refusal that a user can act on."""
    assert isinstance(error, RegistryError)
    return problem(error)


async def on_http_exception(request: Request, error: Exception) -> Response:
    """What the router or a route refuses by status: unknown path, wrong method, nothing acceptable."""
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "BAD_INPUT")
    return _document(error.status_code, error.detail, {"code": code}, error.headers)


async def on_bug(request: Request, error: Exception) -> Response:
    """Anything else: the client gets an id and no inside, the log gets both."""
    request_id = uuid.uuid4().hex
    _log.error("request %s: %s %s", request_id, request.method, request.url.path, exc_info=error)
    text = f"internal error; the log knows more under request {request_id}"
    return _document(500, text, {"code": "INTERNAL", "requestId": request_id})


HANDLERS: Mapping[Any, Any] = {
    RegistryError: on_registry_error,
    HTTPException: on_http_exception,
    Exception: on_bug,
}
"""For `starlette.applications.Starlette(exception_handlers=...)`."""


class Refusing:
    """An application that stands before the router: what it refuses before it has said anything is told the same way.

    Starlette's own middleware looks through its handlers for every request, refused or not.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except RegistryError as error:
            await problem(error)(scope, receive, send)
        except HTTPException as error:
            await (await on_http_exception(Request(scope), error))(scope, receive, send)
        except ClientDisconnect:
            _log.info("a client left before its request was there")


def _document(
    status: int, detail: str, extensions: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Response:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **extensions}
    return Response(json_bytes(body), status, media_type="application/problem+json", headers=dict(headers or {}))
