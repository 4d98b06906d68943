"""What stands before every route: who may connect, how much they may send, and in whose name they write.

Authentication is not built yet, so the registry serves this machine only: it listens on loopback, answers only to
loopback host names (a page elsewhere can point a name of its own at 127.0.0.1), and every change is the local actor's.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry.api.problems import problem
from registry.errors import BadInput, NotAllowed, TooLarge

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only be this machine."""
    name = host.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


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
    """Refuses foreign host names, cross-site origins and bodies over ``request_bytes``; adds the headers of a page."""

    def __init__(self, app: ASGIApp, request_bytes: int) -> None:
        self._app = app
        self._request_bytes = request_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = _foreign(headers)
        if refusal is not None:
            await _refuse(refusal, scope, receive, send)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        elif int(headers.get("content-length") or 0) > self._request_bytes:
            await _refuse(self._too_large(), scope, receive, send)
        else:
            await self._app(scope, self._limited(receive), _with_headers(send))

    def _limited(self, receive: Receive) -> Receive:
        seen = 0

        async def limited() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._request_bytes:
                raise self._too_large()
            return message

        return limited

    def _too_large(self) -> TooLarge:
        return TooLarge(
            f"a request may have at most {self._request_bytes:,} bytes: send less, or raise `request_bytes`",
            limit=self._request_bytes,
        )


def _foreign(headers: Headers) -> NotAllowed | None:
    host = headers.get("host", "")
    if not is_loopback(urlsplit(f"//{host}").hostname or ""):
        return NotAllowed(f"this registry does not answer to the host name {host!r}")
    origin = headers.get("origin")
    if origin is not None and not is_loopback(urlsplit(origin).hostname or ""):
        return NotAllowed(f"pages of {origin} may not use this registry")
    return None


async def _refuse(error: NotAllowed | TooLarge, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4403, "reason": error.message[:120]})
        return
    await problem(error)(scope, receive, send)


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            added = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
            message["headers"] = [*message.get("headers", []), *added]
        await send(message)

    return sending
