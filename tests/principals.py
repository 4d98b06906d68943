"""In whose name tests ask."""

from __future__ import annotations

from registry.access.principal import Principal

LOCAL = Principal("local")
"""May everything, as the one actor of a registry without authentication."""
