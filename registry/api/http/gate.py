"""What stands before every route: who may connect, from which pages, how much they may send, and as what.

Authentication is not built yet, so the registry serves this machine only: it listens on loopback, answers only to
loopback host names and those of a setting, and every change is the local actor's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry.api.http.negotiation import RDF_TYPES
from registry.api.http.origins import Origins, is_loopback, is_loopback_page
from registry.api.http.problems import on_http_exception, problem
from registry.errors import BadInput, NotAllowed, RegistryError, TooLarge

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

CHANGING_TYPES = frozenset({"application/json", *RDF_TYPES})
"""What a changing request may be: a page of another site can post a form or plain text without asking first, but none
of these, so nobody can be made to write unknowingly (cross-site request forgery)."""

QUERY_PATH = "/sparql"
"""Where forms are posted and nothing is changed (SPARQL 1.1 Protocol, section 2.1.2)."""

IMPORT_PATHS = frozenset({"/import", "/import/files"})
"""Where files are sent as RDF, which go to a disk and not to memory."""

_ADDED = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))
_READING = {"GET", "HEAD", "OPTIONS"}
_ELSEWHERE = {b"cross-site", b"same-site"}
_EXPOSED = b"registry-position, registry-request, etag, retry-after, location"
_TOKENS = re.compile(rb"[0-9A-Za-z!#$%&'*+.^_`|~, -]{1,4000}")


def checked_host(host: str) -> str:
    """The address to listen on. Raises BadInput for one that others could reach while authentication is off."""
    if not is_loopback(host):
        raise BadInput(
            f"will not listen on {host}: there is no authentication yet, so only this machine may connect; "
            "use 127.0.0.1 and put an authenticating proxy in front",
            argument="host",
        )
    return host


class Gate:
    """Refuses foreign host names, other origins and bodies over ``request_bytes``; adds the headers of a page.

    What is posted to a path of ``straight`` goes to its application and not through the router, which has many routes
    to try and would be a sixth of what a small answer costs. What a path of ``shared`` shows may be read by every page
    of this machine, on whatever port.
    """

    def __init__(
        self,
        app: ASGIApp,
        request_bytes: int,
        straight: Mapping[str, ASGIApp],
        origins: Origins = Origins(),  # noqa: B008 - a frozen value
        shared: frozenset[str] = frozenset(),
        import_bytes: int = 0,
    ) -> None:
        self._app = app
        self._of_requests = request_bytes, "request_bytes"
        self._straight = straight
        self._origins = origins
        # Clients say the same every time.
        self._refusal_of = lru_cache(maxsize=256)(origins.refusal)
        self._shared = shared
        self._import_bytes = import_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        # Looking each up by its name would cost more than the rest of this. Of several of a name the first counts.
        headers = dict(reversed(scope["headers"]))
        origin = headers.get(b"origin")
        refusal = self._refusal(scope, headers, origin)
        if scope["type"] == "websocket":
            if refusal is not None:
                await receive()
                await send({"type": "websocket.close", "code": 4403, "reason": str(refusal)[:120]})
                return
            await self._app(scope, receive, send)
            return
        send = _with_headers(send)
        if origin is not None and self._origins.shares_with(origin):
            send = _shared_with(send, origin)
            if refusal is None and scope["method"] == "OPTIONS" and b"access-control-request-method" in headers:
                await _preflight(headers)(scope, receive, send)
                return
        if refusal is not None:
            await (await _document(refusal, Request(scope)))(scope, receive, send)
            return
        most, setting = self._of_import(headers) if scope["path"] in IMPORT_PATHS else self._of_requests
        if scope["method"] not in _READING and int(headers.get(b"content-length") or 0) > most:
            await problem(_too_large(most, setting))(scope, receive, send)
            return
        app = self._straight.get(scope["path"], self._app) if scope["method"] == "POST" else self._app
        await app(scope, self._limited(receive, most, setting), send)

    def _refusal(
        self, scope: Scope, headers: Mapping[bytes, bytes], origin: bytes | None
    ) -> RegistryError | HTTPException | None:
        """Why a request is not let in; None where it is."""
        path, method = scope["path"], scope.get("method", "GET")
        is_open = path in self._shared and method in _READING
        page = None if is_open and origin is not None and is_loopback_page(origin) else origin
        refusal = self._refusal_of(scope["scheme"], headers.get(b"host", b""), page)
        if refusal is not None:
            return refusal
        if origin is None and not is_open and headers.get(b"sec-fetch-site") in _ELSEWHERE:
            # A link may lead here, to a page that a person then sees; a question costs, and is not for links.
            visits = headers.get(b"sec-fetch-mode") == b"navigate" and headers.get(b"sec-fetch-dest") == b"document"
            if not visits or method != "GET" or path == QUERY_PATH:
                return NotAllowed("pages of other sites may not use this registry: see `allowed_origins`")
        if scope["type"] == "websocket" or method in _READING:
            return None
        if path != QUERY_PATH:
            declared = _media_type(headers.get(b"content-type", b""))
            if declared not in CHANGING_TYPES:
                known = "application/json, or an RDF type such as text/turtle"
                return HTTPException(415, f"what changes something is sent as {known}, not as {declared or 'nothing'}")
        return None

    def _of_import(self, headers: Mapping[bytes, bytes]) -> tuple[int, str]:
        """How many bytes the body of an import may have, and which setting says so."""
        is_rdf = _media_type(headers.get(b"content-type", b"")) in RDF_TYPES
        return (self._import_bytes, "import_bytes") if is_rdf else self._of_requests

    def _limited(self, receive: Receive, most: int, setting: str) -> Receive:
        seen = 0

        async def limited() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise _too_large(most, setting)
            return message

        return limited


def _too_large(most: int, setting: str) -> TooLarge:
    return TooLarge(f"a request may have at most {most:,} bytes: send less, or raise `{setting}`", limit=most)


@lru_cache(maxsize=64)
def _media_type(declared: bytes) -> str:
    return declared.decode("latin-1").partition(";")[0].strip().lower()[:80]


async def _document(error: RegistryError | HTTPException, request: Request) -> Response:
    return problem(error) if isinstance(error, RegistryError) else await on_http_exception(request, error)


def _preflight(headers: Mapping[bytes, bytes]) -> Response:
    """The answer to a browser that asks whether a page may ask (Fetch, "CORS protocol"). There are no credentials."""
    allowed = {"access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE", "access-control-max-age": "600"}
    wanted = headers.get(b"access-control-request-headers", b"")
    if _TOKENS.fullmatch(wanted):
        allowed["access-control-allow-headers"] = wanted.decode("ascii")
    if headers.get(b"access-control-request-private-network") == b"true":
        allowed["access-control-allow-private-network"] = "true"
    return Response(status_code=204, headers=allowed)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *_ADDED]
        await send(message)

    return sending


def _shared_with(send: Send, origin: bytes) -> Send:
    """Lets pages of an origin read the answer."""
    added = (
        (b"access-control-allow-origin", origin), (b"access-control-expose-headers", _EXPOSED), (b"vary", b"Origin"),
    )  # fmt: skip

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = (pair for pair in message.get("headers", ()) if pair[0] != b"access-control-allow-origin")
            message["headers"] = [*kept, *added]
        await send(message)

    return sending
