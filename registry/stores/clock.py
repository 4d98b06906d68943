"""The time of the registry."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """This moment as an xsd:dateTime text in UTC, to the microsecond."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
