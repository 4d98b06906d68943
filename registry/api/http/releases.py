"""``/releases``: drafts published, compared, weighed and activated over HTTP, for commands and for pipelines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from registry.api.authentication import Authenticate
from registry.api.http.comparison import Vocabularies, comparison_json
from registry.api.http.long_work import in_lines
from registry.api.json_text import json_bytes
from registry.domain.releases.impact import Waiver
from registry.domain.releases.release import unchecked_in
from registry.errors import BadInput
from registry.services.releases.migration import Migration
from registry.services.releases.ontologies import Ontologies, ReleaseNote, modules_from
from registry.services.releases.releases import Draft, Releases


def routes(releases: Releases, ontologies: Ontologies, authenticate: Authenticate, words: Vocabularies) -> list[Route]:
    """The routes of releases; ``words`` knows what terms are called in the graph."""

    async def listed(request: Request) -> Response:
        active = ontologies.active().digest
        notes = await asyncio.to_thread(ontologies.notes)
        return _json([note_json(note, active) for note in notes])

    async def publish(request: Request) -> Response:
        given = await _body(request)
        texts, without = given.get("modules", {}), given.get("without", [])
        if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
            raise BadInput("`modules` maps file names such as `plant.ttl` or `shapes/plant.ttl` to texts", "modules")
        if not isinstance(without, list) or not (texts or without):
            raise BadInput("`modules` or `without` must say what changes", "modules")
        draft = await asyncio.to_thread(
            releases.publish,
            authenticate(request),
            modules_from(texts),
            [str(name) for name in without],
            str(given.get("message", "")),
        )
        return _json(await asyncio.to_thread(draft_json, draft, ontologies.active().digest, words), 201)

    async def compared(request: Request) -> Response:
        before = request.query_params.get("from", "active")

        def compare() -> dict[str, Any]:
            return comparison_json(*releases.compare(authenticate(request), before, request.path_params["name"]), words)

        return _json(await asyncio.to_thread(compare))

    async def weighed(request: Request) -> Response:
        given, name = await _body(request), request.path_params["name"]
        migration, principal = migration_of(given.get("migration", {})), authenticate(request)
        return in_lines(lambda progress: releases.impact(principal, name, progress, migration).as_json())

    async def activated(request: Request) -> Response:
        given, name = await _body(request), request.path_params["name"]
        waivers = _waivers(given.get("waivers", []))
        migration = migration_of(given.get("migration", {}))
        if name == "previous":
            name = await asyncio.to_thread(releases.previous)

        principal = authenticate(request)

        def activate(progress: Callable[[str, int, int], None]) -> dict[str, Any]:
            receipt = releases.activate(principal, name, waivers, migration, progress)
            return {"position": receipt.position, "release": ontologies.active().digest}

        return in_lines(activate)

    return [
        Route("/releases", listed, methods=["GET"]),
        Route("/releases", publish, methods=["POST"]),
        Route("/releases/{name}/comparison", compared),
        Route("/releases/{name}/impact", weighed, methods=["GET", "POST"]),
        Route("/releases/{name}/activation", activated, methods=["POST"]),
    ]


def note_json(note: ReleaseNote, active: str) -> dict[str, Any]:
    """A release as JSON values."""
    return {
        "digest": note.digest,
        "version": note.version,
        "publishedAt": note.published_at,
        "activatedAt": note.activated_at,
        "active": note.digest == active,
        "modules": list(note.modules),
        "message": note.message,
    }


def draft_json(draft: Draft, active: str, words: Vocabularies) -> dict[str, Any]:
    """A draft as JSON values, with what no write will be held to: shapes that never run, predicates passed over.

    ``slowest`` are the shapes that took longest on a sample of what is stored.
    """
    never_run, passed_over = unchecked_in(draft.release)
    return {
        **note_json(draft.note, active),
        "comparison": comparison_json(draft.comparison, draft.before, draft.release, words),
        "leftOut": list(draft.release.shapes.left_out),
        "neverRun": never_run,
        "passedOver": passed_over,
        "slowest": [cost.as_json() for cost in draft.slowest],
    }


def _waivers(given: object) -> list[Waiver]:
    if not isinstance(given, list):
        raise BadInput("`waivers` is a list of objects, each with `shape` and `reason`", "waivers")
    return [_waiver(value) for value in given]


def _waiver(value: object) -> Waiver:
    if not isinstance(value, dict) or not value.get("shape") or not value.get("reason"):
        raise BadInput("a waiver names a `shape` and gives a `reason`", "waivers")
    return Waiver(str(value["shape"]), str(value["reason"]))


def migration_of(given: object) -> Migration:
    """The migration that a JSON object describes. Raises BadInput for what is none."""
    if not isinstance(given, dict):
        raise BadInput("`migration` is an object with `renames` or `update`", "migration")
    renames, update = given.get("renames", {}), given.get("update", "")
    if not isinstance(renames, dict) or not isinstance(update, str):
        raise BadInput("`renames` maps IRIs to IRIs, `update` is a SPARQL update", "migration")
    return Migration({str(old): str(new) for old, new in renames.items()}, update)


async def _body(request: Request) -> dict[str, Any]:
    try:
        given = orjson.loads(await request.body() or b"{}")
    except orjson.JSONDecodeError as error:
        raise BadInput(f"the body is not JSON: {error}") from error
    if not isinstance(given, dict):
        raise BadInput("the body must be a JSON object")
    return given


def _json(value: object, status: int = 200) -> Response:
    return Response(json_bytes(value), status, media_type="application/json")
