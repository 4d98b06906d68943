"""Where GraphQL is found: queries, mutations, subscriptions and the explorer."""

from __future__ import annotations

from typing import NamedTuple

from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp

from registry.api.authentication import Authenticate
from registry.api.graphql.fixed.context import Services
from registry.api.graphql.fixed.schema import Schemas
from registry.api.graphql.serve.contexts import Contexts
from registry.api.graphql.serve.endpoint import Endpoint
from registry.api.graphql.serve.explorer import asset
from registry.api.graphql.serve.limits import Limits
from registry.api.graphql.serve.operations import Counts, Operations
from registry.api.graphql.serve.sse import Stream
from registry.api.graphql.serve.websocket import Sockets
from registry.api.graphql.stream.sharing import Hub


class Graphql(NamedTuple):
    """The routes of the API, and what answers most of the requests to them."""

    routes: list[BaseRoute]
    endpoint: ASGIApp


def create_graphql(
    services: Services, authenticate: Authenticate, limits: Limits | None = None,
    counts: Counts | None = None, schemas: Schemas | None = None,
) -> Graphql:  # fmt: skip
    """The API. ``authenticate`` says in whose name a connection acts, or raises NotAuthenticated."""
    limits = limits or Limits()
    schemas = schemas or Schemas(lambda: services.catalogue.release, limits)
    schemas.current()  # The first request need not wait for it.
    operations = Operations(schemas, limits, counts or Counts())
    hub = Hub(operations)
    contexts = Contexts(services, authenticate, limits)
    endpoint = Endpoint(operations, contexts, limits)
    routes = [
        Route("/graphql", endpoint, methods=["GET", "POST"]),
        WebSocketRoute("/graphql", Sockets(operations, hub, contexts, limits)),
        Route("/graphql/stream", Stream(operations, hub, contexts, limits).answer, methods=["GET", "POST"]),
        Route("/graphql/assets/{name}", asset),
    ]
    return Graphql(routes, endpoint)
