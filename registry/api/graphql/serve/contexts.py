"""Makes the context of each request."""

from __future__ import annotations

from random import getrandbits

from starlette.requests import HTTPConnection

from registry.api.authentication import Authenticate
from registry.api.graphql.fixed.context import Context, Services
from registry.api.graphql.fixed.loaders import Loaders
from registry.api.graphql.fixed.resource_cache import Shown
from registry.api.graphql.fixed.resources import typed
from registry.api.graphql.fixed.watch import Watch
from registry.api.graphql.serve.limits import Limits
from registry.rdf.languages import accepted


class Contexts:
    """Makes the context of each request."""

    def __init__(self, services: Services, authenticate: Authenticate, limits: Limits) -> None:
        self._services = services
        self._authenticate = authenticate
        self._limits = limits
        self._watch = Watch(services.catalogue)
        self._shown = Shown(typed)

    def of(self, connection: HTTPConnection) -> Context:
        """A context for one request of this connection. Raises NotAuthenticated where it does not say who asks."""
        principal, catalogue = self._authenticate(connection), self._services.catalogue
        request = f"{getrandbits(128):032x}"
        return Context(
            self._services, self._watch, principal, self._limits, request, catalogue.release,
            Loaders(catalogue, principal), self._shown,
            languages=accepted(connection.headers.get("accept-language", "")),
        )  # fmt: skip
