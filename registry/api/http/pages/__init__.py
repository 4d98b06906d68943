"""The live view at ``/``: one page of ours that uses the public API and needs no other host."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from registry.api.http.gate import PAGE_POLICY
from registry.errors import NotFound

_FOLDER = Path(__file__).parent
_TYPES = {"home.css": "text/css", "home.js": "text/javascript"}


def routes() -> list[Route]:
    """The page and its two files."""

    async def home(request: Request) -> Response:
        return FileResponse(
            _FOLDER / "home.html", media_type="text/html", headers={"content-security-policy": PAGE_POLICY}
        )

    async def file(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _TYPES:
            raise NotFound(f"there is no page file {name!r}")
        return FileResponse(_FOLDER / name, media_type=_TYPES[name])

    return [Route("/", home), Route("/pages/{name}", file)]
