"""``/sparql``: SPARQL 1.1 Protocol, query only, and the description of the service."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from registry.api.authentication import Authenticate
from registry.api.http.negotiation import RDF_TYPES, negotiated
from registry.errors import BadInput
from registry.rdf.syntax import serialise
from registry.rdf.terms import Iri, Statement
from registry.rdf.vocabulary import RDF_TYPE
from registry.sparql.service import Answer, Dataset, Sparql

FORM_TYPE = "application/x-www-form-urlencoded"
QUERY_TYPE = "application/sparql-query"
UPDATE_TYPE = "application/sparql-update"
CLIENT_GONE = 499
"""The usual status for the log where nobody is left to read an answer."""

SOLUTION_TYPES: Mapping[str, str] = {
    "application/sparql-results+json": "application/sparql-results+json",
    "application/sparql-results+xml": "application/sparql-results+xml",
    "text/csv": "text/csv",
    "text/tab-separated-values": "text/tab-separated-values",
    "application/json": "application/sparql-results+json",
    "application/xml": "application/sparql-results+xml",
}
GRAPH_TYPES: Mapping[str, str] = {
    **{media_type: media_type for media_type in RDF_TYPES},
    "application/json": "application/ld+json",
    "application/xml": "application/rdf+xml",
}
"""What a client may ask for and the type that answers it: many clients say plain JSON or XML."""
_ELSEWHERE = "; `registry query QUERY -o rows.parquet` writes Parquet, with the extra `parquet`"

SD = "http://www.w3.org/ns/sparql-service-description#"
FORMATS = "http://www.w3.org/ns/formats/"
_RESULT_FORMATS = (
    "SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV",
    "Turtle", "N-Triples", "RDF_XML", "JSON-LD", "TriG", "N-Quads",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request holds, wherever the protocol lets it stand."""

    query: str | None
    dataset: Dataset | None


def routes(sparql: Sparql, authenticate: Authenticate) -> list[Route]:
    """The routes of the endpoint."""

    async def endpoint(request: Request) -> Response:
        asked = await _asked(request)
        if asked.query is None:
            return _description(request, sparql.graphs())
        query = sparql.read(asked.query)
        offers = GRAPH_TYPES if query.form.answers_triples else SOLUTION_TYPES
        media_type = negotiated(request, list(offers), _ELSEWHERE)
        running = sparql.answer(
            authenticate(request),
            query,
            offers[media_type],
            dataset=asked.dataset,
            at_least=_at_least(request),
            base=_address(request),
        )
        answer = await _unless_gone(request, running)
        if answer is None:
            return Response(status_code=CLIENT_GONE)
        headers = {"Registry-Position": str(answer.position), "Vary": "Accept"}
        return Response(answer.content, media_type=media_type, headers=headers)

    return [Route("/sparql", endpoint, methods=["GET", "POST"])]


async def _asked(request: Request) -> _Asked:
    """The query of a request. Raises BadInput for a request that the protocol does not know, 415 for its body."""
    parameters = _decoded(request.scope["query_string"])
    body = await request.body()
    if request.method == "POST":
        media_type = _media_type(request)
        if media_type == FORM_TYPE:
            parameters += _decoded(body)
        elif media_type == QUERY_TYPE:
            parameters.append(("query", _text(body)))
        elif media_type == UPDATE_TYPE:
            parameters.append(("update", ""))
        else:
            known = f"{QUERY_TYPE} or {FORM_TYPE}"
            raise HTTPException(415, f"a query is posted as {known}, not as {media_type or 'nothing'}")
    if any(name == "update" for name, _ in parameters):
        raise BadInput("SPARQL only reads here: changes go through GraphQL", argument="update")
    queries = [value for name, value in parameters if name == "query"]
    if len(queries) > 1 or (not queries and (parameters or request.method == "POST")):
        raise BadInput(f"a request has one query, this one has {len(queries) or 'none'}", argument="query")
    default = [value for name, value in parameters if name == "default-graph-uri"]
    named = [value for name, value in parameters if name == "named-graph-uri"]
    return _Asked(queries[0] if queries else None, Dataset(default, named) if default or named else None)


def _decoded(encoded: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(encoded.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError as error:
        raise BadInput(f"the parameters cannot be decoded: {error}", argument="query") from error


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"a query is UTF-8: {error}", argument="query") from error


def _media_type(request: Request) -> str:
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    name, _, value = parameters.strip().partition("=")
    if name.lower() == "charset" and value.strip('"').lower() not in ("utf-8", "utf8"):
        raise HTTPException(415, f"a query is UTF-8, not {value}")
    return media_type.strip().lower()


def _at_least(request: Request) -> int:
    text = request.headers.get("registry-at-least", "0")
    if not text.isdecimal():
        raise BadInput(f"Registry-At-Least is a position of the log, not {text!r}", argument="Registry-At-Least")
    return int(text)


def _address(request: Request) -> Iri:
    return str(request.url.replace(query=None, fragment=None))


async def _unless_gone(request: Request, running: Coroutine[Any, Any, Answer]) -> Answer | None:
    """The answer, or None where the client leaves before it is there: then the query is stopped, its worker free."""
    answering = asyncio.create_task(running)
    leaving = asyncio.create_task(_disconnected(request))
    try:
        await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
        return answering.result() if answering.done() else None
    finally:
        answering.cancel()
        leaving.cancel()
        await asyncio.gather(answering, leaving, return_exceptions=True)


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _description(request: Request, graphs: Sequence[Iri]) -> Response:
    """The service description (SPARQL 1.1 Service Description), which is what a request without a query gets."""
    media_type = negotiated(request, list(RDF_TYPES))
    content = serialise(_described(_address(request), graphs), RDF_TYPES[media_type], {"sd": SD, "formats": FORMATS})
    return Response(content, media_type=media_type, headers={"Vary": "Accept"})


def _described(address: Iri, graphs: Sequence[Iri]) -> list[Statement]:
    service, dataset, data = "_:service", "_:dataset", "_:data"
    return [
        (service, RDF_TYPE, SD + "Service"),
        (service, SD + "endpoint", address),
        (service, SD + "supportedLanguage", SD + "SPARQL11Query"),
        *((service, SD + "resultFormat", FORMATS + name) for name in _RESULT_FORMATS),
        (service, SD + "defaultDataset", dataset),
        (dataset, RDF_TYPE, SD + "Dataset"),
        (dataset, SD + "defaultGraph", data),
        (data, RDF_TYPE, SD + "Graph"),
        *(
            statement
            for number, graph in enumerate(graphs)
            for statement in (
                (dataset, SD + "namedGraph", f"_:graph{number}"),
                (f"_:graph{number}", RDF_TYPE, SD + "NamedGraph"),
                (f"_:graph{number}", SD + "name", graph),
            )
        ),
    ]
