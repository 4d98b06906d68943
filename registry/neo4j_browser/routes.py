"""``/neo4j/style.grass`` and ``/neo4j/guide.html``: what Neo4j Browser, a page of another origin, loads from here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from registry.domain.releases.release import Release
from registry.errors import NotFound
from registry.neo4j_browser.guide import guide
from registry.neo4j_browser.style import style_sheet
from registry.ontology.model import Model
from registry.stores.graph_vocabulary import Vocabulary

STYLE_PATH, GUIDE_PATH = "/neo4j/style.grass", "/neo4j/guide.html"

# Browser asks for a guide with headers that make its request a preflighted one (Fetch, "CORS protocol").
_ALLOWED = {
    "access-control-allow-methods": "GET, OPTIONS",
    "access-control-allow-headers": "cache-control, pragma",
    "access-control-max-age": "600",
}
# Any origin: who may ask at all is decided by the gate that stands before every route.
_SHARED = {"access-control-allow-origin": "*", "cache-control": "no-cache"}


def routes(release: Callable[[], Release], vocabulary: Callable[[], Vocabulary] | None) -> list[Route]:
    """The two routes; without a ``vocabulary`` the record is no Neo4j database, and they say so."""

    def served(
        written: Callable[[Model, Vocabulary], str], media_type: str
    ) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if vocabulary is None:
                raise NotFound("the record of this registry is no Neo4j database: start it with --store neo4j://HOST")
            if request.method == "OPTIONS":
                return Response(status_code=204, headers=_ALLOWED | _SHARED)
            text = await asyncio.to_thread(lambda: written(release().model, vocabulary()))
            return Response(text, media_type=media_type, headers=_SHARED)

        return answer

    methods = ["GET", "OPTIONS"]
    return [
        Route(STYLE_PATH, served(style_sheet, "text/plain"), methods=methods),
        Route(GUIDE_PATH, served(guide, "text/html"), methods=methods),
    ]
