"""WebSockets as uvicorn serves them, with a short way for what a thousand clients are sent at once."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

from registry.api.graphql.stream.client_queue import AT_ONCE

FAREWELL_SECONDS = 0.5
"""So long an application may take to close a connection itself, with a reason, when the server stops."""

_TEXT = 0x81
"""How a text message begins that is one frame (RFC 6455, section 5.2)."""


class WebSockets(WebSocketsSansIOProtocol):
    """uvicorn's own protocol; an application finds `send_at_once` among the extensions of its scope."""

    def handle_connect(self, event: Request) -> None:
        """Take a connection."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[AT_ONCE] = self.send_at_once

    def shutdown(self) -> None:
        """Close for a server that stops, a moment later: the application says first where a client is to go on."""
        if self.handshake_complete and not self.close_sent:
            self.loop.call_later(FAREWELL_SECONDS, self._end)
        else:
            super().shutdown()

    def _end(self) -> None:
        if not self.transport.is_closing():
            super().shutdown()

    def send_at_once(self, message: dict[str, Any]) -> bool:
        """Send a text message without waiting; False where it has to wait, or is for uvicorn to decide.

        No coroutine is made and no state machine asked, which is a third of what a message costs the sender.
        """
        if (
            not self.writable.is_set()
            or self.close_sent
            or self.disconnected
            or self.conn.state is not State.OPEN
            or self.conn.extensions
            or self.transport.is_closing()
        ):
            return False
        content: bytes = message["text"].encode()
        self.transport.write(text_header(len(content)) + content)
        return True


def text_header(length: int) -> bytes:
    """The header of an unmasked frame (RFC 6455, section 5.2)."""
    if length < 126:
        return bytes((_TEXT, length))
    if length < 65_536:
        return bytes((_TEXT, 126)) + length.to_bytes(2, "big")
    return bytes((_TEXT, 127)) + length.to_bytes(8, "big")
