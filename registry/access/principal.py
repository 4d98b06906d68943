"""Who asks. Every method of a service takes it as its first argument, reads included."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Principal:
    """A name for the log, and the roles that transitions may require. ``roles`` of None means every role."""

    name: str
    roles: frozenset[str] | None = None

    def has(self, role: str) -> bool:
        """Whether the principal may act in a role."""
        return self.roles is None or role in self.roles


REGISTRY = Principal("registry")
"""The registry itself, where it reads once for everybody: what each of them may see of it is decided afterwards."""
