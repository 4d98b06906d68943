"""What stands before every route: who may connect, how much they may send, and in whose name they write.

Authentication is not built yet, so the registry serves this machine only: it listens on loopback, answers only to
loopback host names (a page elsewhere can point a name of its own at 127.0.0.1), and every change is the local actor's.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry.api.http.problems import problem
from registry.errors import BadInput, NotAllowed, TooLarge

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_ADDED = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))


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
    """Refuses foreign host names, cross-site origins and bodies over ``request_bytes``; adds the headers of a page.

    What is posted to a path of ``straight`` goes to its application and not through the router, which has many routes
    to try and would be a sixth of what a small answer costs.
    """

    def __init__(self, app: ASGIApp, request_bytes: int, straight: Mapping[str, ASGIApp]) -> None:
        self._app = app
        self._request_bytes = request_bytes
        self._straight = straight

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        # Looking each up by its name would cost more than the rest of this. Of several of a name the first counts.
        headers = dict(reversed(scope["headers"]))
        refusal = _foreign(headers.get(b"host", b""), headers.get(b"origin"))
        if refusal is not None:
            await _refuse(refusal, scope, receive, send)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        elif int(headers.get(b"content-length") or 0) > self._request_bytes:
            await _refuse(self._too_large(), scope, receive, send)
        else:
            app = self._straight.get(scope["path"], self._app) if scope["method"] == "POST" else self._app
            await app(scope, self._limited(receive), _with_headers(send))

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


@lru_cache(maxsize=256)
def _foreign(host: bytes, origin: bytes | None) -> NotAllowed | None:
    """Why a request is refused for where it comes from; clients say the same every time."""
    name, page = host.decode("latin-1"), origin.decode("latin-1") if origin is not None else None
    if not is_loopback(urlsplit(f"//{name}").hostname or ""):
        return NotAllowed(f"this registry does not answer to the host name {name!r}")
    if page is not None and not is_loopback(urlsplit(page).hostname or ""):
        return NotAllowed(f"pages of {page} may not use this registry")
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
            message["headers"] = [*message.get("headers", ()), *_ADDED]
        await send(message)

    return sending
