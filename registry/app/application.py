"""The application over HTTP: every surface and every capability on one opened registry."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection

from registry.access.principal import Principal
from registry.api.graphql.fixed.context import Services
from registry.api.graphql.fixed.schema import Schemas
from registry.api.graphql.serve.limits import Limits
from registry.api.graphql.serve.operations import Counts
from registry.api.graphql.serve.routes import create_graphql
from registry.api.http import changes, health, imports, pages, problems, rdf, releases, sparql
from registry.api.http.comparison import Vocabularies
from registry.api.http.gate import Gate
from registry.api.http.origins import Origins
from registry.app.capabilities import CAPABILITIES, open_all, roots
from registry.app.core import NEO4J_SCHEMES, Registry, graph_words, open_queries, record_file
from registry.capability import Capability, Core, Metric
from registry.log.feed import Feed
from registry.services.disk import Disk
from registry.services.twins import Twins
from registry.settings import Settings
from registry.sparql.service import Sparql
from registry.stores.graph_vocabulary import Vocabulary
from registry.stores.writer import Writer


def create_app(registry: Registry, capabilities: Sequence[Capability] = CAPABILITIES) -> Starlette:
    """The application over HTTP. The registry must be open for writing."""
    settings, writer, projection = registry.settings, registry.writer, registry.projection
    assert writer is not None
    assert projection is not None
    feed = Feed(registry.record)
    writer.follow(feed.wake)
    queries, words = open_queries(registry), graph_words(registry)
    twins = Twins(writer, registry.ontologies.active)

    def authenticate(connection: HTTPConnection) -> Principal:
        return registry.principal

    core = Core(
        None, registry.record, registry.ontologies, registry.catalogue, twins, registry.audit, queries, feed,
        authenticate, _vocabulary(registry, words),
    )  # fmt: skip
    opened = open_all(core, settings.sections, capabilities)
    consumers = [consumer for parts in opened.values() for consumer in parts.consumers]

    def metrics() -> Sequence[Metric]:
        return [metric for parts in opened.values() for metric in parts.metrics()]

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        projection.start()
        for consumer in consumers:
            await consumer.start()
        yield
        for consumer in reversed(consumers):
            await consumer.close()
        await queries.close()

    limits = _limits(settings)
    disk = Disk(settings.data, record_file(settings), settings.least_free_bytes)
    counts, schemas = Counts(), Schemas(registry.ontologies.active, limits, roots(capabilities))
    registry.releases.ready(schemas.of)
    services = Services(twins, registry.catalogue, feed, registry.audit)
    graphql = create_graphql(services, authenticate, limits, counts, schemas)
    origins = Origins.of(settings.host_names, settings.allowed_origins)
    importing = imports.Imports(registry.transfer, imports.Uploads(settings.data / "imports", settings.import_bytes))
    straight = {"/graphql": problems.Refusing(graphql.endpoint)}
    app = Starlette(
        routes=[
            *pages.routes(),
            *graphql.routes,
            *sparql.routes(queries, authenticate),
            *rdf.routes(registry.record, registry.ontologies, authenticate),
            *changes.routes(registry.record, feed, authenticate),
            *releases.routes(registry.releases, registry.ontologies, authenticate, words),
            *imports.routes(importing, lambda: registry.ontologies.active().names, authenticate),
            *(route for parts in opened.values() for route in parts.routes),
            *health.routes(registry.record, writer, projection, registry.ontologies.active, counts, disk, metrics),
        ],
        middleware=[
            Middleware(
                Gate,
                request_bytes=settings.request_bytes,
                straight=straight,
                origins=origins,
                import_bytes=settings.import_bytes,
                shared=frozenset(path for parts in opened.values() for path in parts.shared_paths),
            )
        ],
        exception_handlers=problems.HANDLERS,
        lifespan=lifespan,
    )
    _ends(app, feed, queries, importing, writer)
    return app


def _ends(app: Starlette, feed: Feed, queries: Sparql, importing: imports.Imports, writer: Writer) -> None:
    """How a server that stops ends its streams first: otherwise it would wait for clients that never hang up."""

    def end_writes() -> None:
        importing.stop()
        writer.close()

    app.state.end_streams = feed.close
    app.state.end_queries = queries.stop
    app.state.end_writes = end_writes


def _limits(settings: Settings) -> Limits:
    return Limits(
        settings.request_bytes, depth=settings.query_depth, cost=settings.query_cost, page_size=settings.page_size,
        subscriptions=settings.subscriptions, waiting_bytes=settings.waiting_bytes,
        persisted_characters=settings.persisted_queries,
    )  # fmt: skip


def _vocabulary(registry: Registry, words: Vocabularies) -> Callable[[], Vocabulary] | None:
    """The words of the graph that people look at; None where the record is a file."""
    if not registry.settings.store_url.startswith(NEO4J_SCHEMES):
        return None
    return lambda: words(registry.ontologies.active().names.of_terms)
