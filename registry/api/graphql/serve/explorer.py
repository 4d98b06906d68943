"""GraphiQL in the browser, served from here alone: it works without the internet."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from registry.api.http.gate import PAGE_POLICY
from registry.share import folder

_HERE = Path(__file__).parent / "graphiql"
_OURS = ("graphiql.js", "graphiql.css")
_EXAMPLE = "explorer.graphql"
_PACKAGE = "graphene_django_graphiql_static"
"""Carries GraphiQL and what it needs as files; its Python is for another framework and is never imported."""
_THEIRS = (
    "react.production.min.js",
    "react-dom.production.min.js",
    "graphql-ws.min.js",
    "graphiql.min.js",
    "graphiql.min.css",
    "graphiql-plugin-explorer.umd.js",
    "style.css",
)


def page() -> Response:
    """The page itself. Its policy lets it load and reach this server and nothing else."""
    return FileResponse(
        _HERE / "page.html",
        media_type="text/html",
        headers={"content-security-policy": PAGE_POLICY, "vary": "accept", "x-content-type-options": "nosniff"},
    )


async def asset(request: Request) -> Response:
    """One of the files that the page loads, by its name; no other file can be asked for."""
    path = _assets().get(request.path_params["name"])
    if path is None:
        raise HTTPException(404, "GraphiQL has no such file")
    return FileResponse(path, headers={"cache-control": "public, max-age=3600", "x-content-type-options": "nosniff"})


@cache
def _assets() -> Mapping[str, Path]:
    found = find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise RuntimeError(f"the package {_PACKAGE} is not installed, so GraphiQL has no files")
    theirs = Path(found.origin).parent / "static" / _PACKAGE
    example = folder("queries") / "graphql" / _EXAMPLE
    return {
        _EXAMPLE: example,
        **{name: _HERE / name for name in _OURS},
        **{name: theirs / name for name in _THEIRS},
    }
