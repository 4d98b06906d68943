"""RDF over HTTP: ``/resource``, modules at ``/ontology/NAME`` and ``/shapes/NAME``, and ``/ontology`` for people."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from registry.api.authentication import Authenticate
from registry.api.http.gate import PAGE_POLICY
from registry.api.http.negotiation import RDF_TYPES, negotiated
from registry.domain.replacement import successor
from registry.errors import BadInput, NotFound
from registry.ontology.modules import Module, ModuleKind
from registry.rdf.syntax import Syntax, serialise
from registry.rdf.terms import Iri, Term
from registry.rdf.vocabulary import OWL_IMPORTS
from registry.services.description import describe
from registry.services.documentation import document
from registry.services.releases.ontologies import Ontologies
from registry.stores.port import Store


def routes(store: Store, ontologies: Ontologies, authenticate: Authenticate) -> list[Route]:
    """The routes for one resource, and for the modules of the active release or of the one that ``release`` names."""

    async def resource(request: Request) -> Response:
        iri = request.query_params.get("iri", "")
        if not iri:
            raise BadInput("`iri` names the resource: /resource?iri=https://…", argument="iri")
        principal, view = authenticate(request), store.view()
        try:
            description = describe(principal, view, iri)
        except NotFound:
            if (now := successor(view, iri)) is None:
                raise
            return RedirectResponse("?" + urlencode({**request.query_params, "iri": now}), 301)
        media_type = negotiated(request, list(RDF_TYPES))
        # Weak, because one revision has many spellings (RFC 9110, section 8.8.1).
        headers = {"ETag": f'W/"{description.resource.revision}"', "Vary": "Accept"}
        if _is_known(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        content = serialise(description.statements, RDF_TYPES[media_type], ontologies.active().model.prefixes)
        return Response(content, media_type=media_type, headers=headers)

    def module(kind: ModuleKind) -> Callable[[Request], Awaitable[Response]]:
        async def named(request: Request) -> Response:
            name = request.path_params["name"].removesuffix(".ttl")
            digest = ontologies.digest_of(request.query_params.get("release", "active"))
            modules = {module.name: module for module in ontologies.modules(digest) if module.kind is kind}
            if name not in modules:
                known = ", ".join(sorted(modules))
                raise NotFound(f"the release has no {kind.name.lower()} module {name!r}; it has {known}")
            text = modules[name].text
            if request.query_params.get("imports") == "here":
                text = _imports_here(modules[name], modules.values(), f"{request.base_url}ontology/", digest)
            headers = {"ETag": f'"{hashlib.sha256(text).hexdigest()[:32]}"'}
            if _is_known(request, headers["ETag"]):
                return Response(status_code=304, headers=headers)
            return Response(text, media_type="text/turtle", headers=headers)

        return named

    written: dict[str, str] = {}

    async def ontology(request: Request) -> Response:
        release = ontologies.active()
        if name := request.query_params.get("release"):
            release = await run_in_threadpool(lambda: ontologies.compiled(ontologies.digest_of(name)))
        headers = {"ETag": f'"{release.digest[:32]}"', "content-security-policy": PAGE_POLICY}
        if _is_known(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        if release.digest not in written:
            page = await run_in_threadpool(document, release)
            written.clear()
            written[release.digest] = page
            return HTMLResponse(page, headers=headers)
        return HTMLResponse(written[release.digest], headers=headers)

    return [
        Route("/resource", resource),
        Route("/ontology", ontology),
        Route("/ontology/{name}", module(ModuleKind.ONTOLOGY)),
        Route("/shapes/{name}", module(ModuleKind.SHAPES)),
    ]


def _imports_here(module: Module, others: Iterable[Module], base: str, release: str) -> bytes:
    """A module that imports from this registry, so that Protégé opens the address and finds all of it.

    A catalogue would say the same for files; Protégé reads none for an address.
    """
    places: dict[Iri, Term] = {other.iri: f"{base}{other.name}?imports=here&release={release}" for other in others}
    statements = (
        (subject, predicate, places.get(str(target), target) if predicate == OWL_IMPORTS else target)
        for subject, predicate, target in module.statements
    )
    return serialise(statements, Syntax.TURTLE, module.prefixes)


def _is_known(request: Request, etag: str) -> bool:
    """Whether the client has this version already (RFC 9110, section 13.1.2: compared weakly)."""
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return "*" in known or etag.removeprefix("W/") in known
