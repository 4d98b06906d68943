"""How answers are written as JSON: whatever a client sent can be told back to it, even where JSON's readers cannot."""

from __future__ import annotations

from typing import Any

import orjson

_LEAST, _MOST = -(2**63), 2**64 - 1
_SHOWN_DIGITS = 40


def json_bytes(value: Any, option: int = 0) -> bytes:
    """A value as JSON; ``option`` is of orjson.

    A document can hold a number beyond 64 bits and a text half of a surrogate pair, and an error tells them back.
    Such a number is written as a text, and such a sign as the replacement character.
    """
    try:
        return orjson.dumps(value, option=option, default=str)
    except TypeError:
        return orjson.dumps(_writable(value), option=option, default=str)


def _writable(value: Any) -> Any:
    """The value with only such parts as JSON can hold. Answers nest as deep as documents may, so this may recurse."""
    if isinstance(value, dict):
        return {_writable(str(name)): _writable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_writable(inner) for inner in value]
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, int) and not _LEAST <= value <= _MOST:
        # Python refuses to spell numbers of thousands of digits, because that takes the square of their length.
        digits = value.bit_length() * 3 // 10
        return str(value) if digits <= _SHOWN_DIGITS else f"a number of some {digits:,} digits"
    return value
