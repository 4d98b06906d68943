"""Who asks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A name for the log, and the roles that transitions may require. ``roles`` of None means every role."""

    name: str
    roles: frozenset[str] | None = None

    def has(self, role: str) -> bool:
        """Whether the actor may act in a role."""
        return self.roles is None or role in self.roles
