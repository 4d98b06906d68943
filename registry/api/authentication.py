"""How a surface learns who asks: every route takes this and hands the principal on to the service."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from starlette.requests import HTTPConnection

from registry.access.principal import Principal

Authenticate: TypeAlias = Callable[[HTTPConnection], Principal]
"""Who asks by a connection. Raises NotAuthenticated where it does not say so."""
