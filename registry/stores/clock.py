"""The time of the registry."""

from __future__ import annotations

import time

_latest = (0, "")
"""The second that was told last, and how it is written: most moments of a busy registry share it with others."""


def now() -> str:
    """This moment as an xsd:dateTime text in UTC, to the microsecond."""
    global _latest
    second, microsecond = divmod(time.time_ns() // 1_000, 1_000_000)
    told, text = _latest
    if told != second:
        text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        _latest = second, text
    return f"{text}.{microsecond:06}Z"
