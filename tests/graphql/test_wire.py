"""Messages that are sent at once are, byte for byte, the frames that the websockets library makes."""

from __future__ import annotations

import pytest
from websockets.frames import Frame, Opcode

from registry.app.websocket_protocol import text_header


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 255, 256, 65_535, 65_536, 70_000, 2**24])
def test_a_header_is_what_the_library_writes(length: int) -> None:
    content = b"x" * length
    assert text_header(length) + content == Frame(Opcode.TEXT, content).serialize(mask=False)
