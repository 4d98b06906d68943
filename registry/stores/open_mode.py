"""How a record is opened."""

from __future__ import annotations

from enum import Enum


class Access(Enum):
    """One process writes; any number read beside it."""

    READ = "read"
    WRITE = "write"
