"""Rules that hold for every model, reported like shapes; what a model's own shapes say is not decided here."""

from __future__ import annotations

from registry.domain.integrity.checks import faults, malformed, outdated
from registry.domain.integrity.rules import (
    DANGLING_LINK,
    DEPRECATED_TERM,
    STILL_REFERRED_TO,
    UNKNOWN_CLASS,
    UNKNOWN_PROPERTY,
    beside,
)

__all__ = [
    "DANGLING_LINK",
    "DEPRECATED_TERM",
    "STILL_REFERRED_TO",
    "UNKNOWN_CLASS",
    "UNKNOWN_PROPERTY",
    "beside",
    "faults",
    "malformed",
    "outdated",
]
