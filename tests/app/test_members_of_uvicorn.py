"""The private members of uvicorn and websockets that our protocols rely on: each is there, and one that moves is named.

What is looked for is read from our own source, so that a new use is checked without being listed here.
"""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

import pytest
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State
from websockets.server import ServerProtocol

from registry.app import http_protocol, websocket_protocol
from registry.app.http_protocol import BoundedHttp
from registry.app.websocket_protocol import WebSockets

PROTOCOLS: list[tuple[Any, type, type]] = [
    (http_protocol, BoundedHttp, HttpToolsProtocol),
    (websocket_protocol, WebSockets, WebSocketsSansIOProtocol),
]
PARTS: dict[str, type] = {"flow": FlowControl, "cycle": RequestResponseCycle, "conn": ServerProtocol}
"""What stands behind an attribute of a protocol."""


def defined(kind: type) -> set[str]:
    """Every attribute that a class or what it inherits from defines, those that methods assign included."""
    found = set(dir(kind))
    for one in kind.__mro__[:-1]:
        try:
            tree = ast.parse(inspect.getsource(one))
        except (OSError, TypeError):
            continue
        found |= {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name)
        }
    return found


def used(module: Any) -> tuple[set[str], set[tuple[str, str]]]:
    """The attributes of ``self`` that a module uses, and those of its parts."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    own, of_parts = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            own.add(node.attr)
        elif (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Attribute)
            and isinstance(node.value.value, ast.Name)
            and node.value.value.id == "self"
            and node.value.attr in PARTS
        ):
            of_parts.add((node.value.attr, node.attr))
    return own, of_parts


@pytest.mark.parametrize(("module", "ours", "theirs"), PROTOCOLS, ids=lambda value: getattr(value, "__name__", ""))
def test_what_a_protocol_relies_on_is_there(module: Any, ours: type, theirs: type) -> None:
    own, of_parts = used(module)
    assert own, "nothing is read from our own source any more"
    assert of_parts
    moved = sorted(own - defined(ours) - defined(theirs))
    assert not moved, f"{theirs.__name__} has no {', '.join(moved)} any more: see {module.__name__}"
    gone = sorted(f"{part}.{name}" for part, name in of_parts if name not in defined(PARTS[part]))
    assert not gone, f"uvicorn or websockets has no {', '.join(gone)} any more: see {module.__name__}"


@pytest.mark.parametrize(("module", "ours", "theirs"), PROTOCOLS, ids=lambda value: getattr(value, "__name__", ""))
def test_what_a_protocol_overrides_is_there(module: Any, ours: type, theirs: type) -> None:
    """A method that uvicorn calls no longer would be ours alone, and never run."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    overriding = {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Call)
        and isinstance(node.func.value.func, ast.Name)
        and node.func.value.func.id == "super"
    }
    assert overriding
    moved = sorted(name for name in overriding if name not in vars(theirs))
    assert not moved, f"{theirs.__name__} has no {', '.join(moved)} any more: see {module.__name__}"


def test_an_open_connection_is_called_so() -> None:
    assert State.OPEN.name == "OPEN"
