"""``python -m tests.documentation.reference``: write the reference pages anew, from the code that they are about."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from registry import errors
from registry.api.graphql.fixed.schema import fixed_half
from registry.api.graphql.typed.printing import printed
from registry.app.application import create_app
from registry.app.capabilities import roots, sections
from registry.app.core import open_registry
from registry.cli.program import program
from registry.errors import RegistryError
from registry.settings import Settings, known_settings
from tests.places import CHECKOUT

FOLDER = CHECKOUT / "docs" / "reference"
_NOTE = "<!-- Written by `python -m tests.documentation.reference`; a test compares. -->\n\n"


_COMMANDS = """\
# Commands

Commands take `--data DIR`, `--store URL`, `--json` and `--debug`, and end with 0, with 1 where the data deserved a
refusal, or with 2 where it could not be done.
"""
_SETTINGS = """\
# Settings

From `registry.toml`, the environment (`REGISTRY_PORT=9000`) or the command line, each winning over the one before.
In the file a table stands for the beginning of names: `[sparql]` with `seconds = 5` is `sparql_seconds`. An unknown
setting is an error that names the closest known one.

| setting | default | meaning |
|---|---|---|
"""
_LIMITS = """\
# Limits

Whatever a user sends has a bound; over it the answer is one error with a code and nothing is done by half. Those that
an administrator can move are [settings](settings.md):

| setting | default | meaning |
|---|---|---|
"""
_BOUND = re.compile(r"\b(most|largest|longest|deepest|bound)\b")

_HTTP = """\
# HTTP

Errors outside GraphQL are `application/problem+json` with the codes of [errors](errors.md). There is no authentication
yet, so the registry answers to loopback host names only.

| route | methods | what |
|---|---|---|
"""
_ERRORS = """\
# Errors

Every refusal has a code, in `extensions.code` of a GraphQL error and in `code` of a problem document (RFC 9457), and
says what to do. Anything else is a bug: it is answered with `INTERNAL` and a request id, under which the log has it.

| code | HTTP | meaning |
|---|---|---|
"""


def pages() -> Mapping[str, str]:
    """Every generated page by its file name."""
    writers: Mapping[str, Callable[[], str]] = {
        "commands": _commands, "settings": _settings, "http": _http, "graphql": _graphql, "errors": _errors,
        "metrics": _metrics, "limits": _limits,
    }  # fmt: skip
    return {f"{name}.md": _NOTE + write().rstrip("\n") + "\n" for name, write in writers.items()}


def _commands() -> str:
    parts = [_COMMANDS]
    for name, command in _every_command("registry", program):
        help_text = re.sub(r"\[/?bold\]", "`", (command.help or "").strip())
        parts.append(f"\n## {name}\n\n{_unindented(help_text)}\n")
        rows = [_option(parameter) for parameter in command.params if getattr(parameter, "help", None)]
        if rows:
            parts.append("\n| option | default | meaning |\n|---|---|---|\n" + "".join(rows))
    return "".join(parts)


def _every_command(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    names = command.list_commands(None) if hasattr(command, "list_commands") else []
    if not names:
        yield path, command
    for name in sorted(names):
        _, found, _ = command.resolve_command(_Context(command), [name])
        yield from _every_command(f"{path} {name}", found)


class _Context:
    """What a group of commands asks of the call that it is part of, where nobody calls."""

    token_normalize_func = None
    resilient_parsing = True

    def __init__(self, command: Any) -> None:
        self.command = command


def _option(parameter: Any) -> str:
    names = ", ".join(f"`{name}`" for name in parameter.opts) if parameter.param_type_name == "option" else (
        f"`{(parameter.metavar or parameter.name).upper()}`")  # fmt: skip
    shown = getattr(parameter, "show_default", "")
    default = shown if isinstance(shown, str) else parameter.default
    text = "" if default in (None, False, "", ()) or callable(default) else f"`{default}`"
    return f"| {names} | {text} | {parameter.help} |\n"


def _unindented(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines())


def _settings() -> str:
    text = _SETTINGS
    for setting in known_settings(sections()).values():
        default = "" if str(setting.default) == "" else f"`{setting.default}`"
        text += f"| `{setting.name}` | {default} | {setting.meaning} |\n"
    return text


def _limits() -> str:
    rows = [setting for setting in known_settings(sections()).values() if _BOUND.search(setting.meaning)]
    return _LIMITS + "".join(f"| `{row.name}` | `{row.default}` | {row.meaning} |\n" for row in rows)


def _http() -> str:
    text = _HTTP
    with tempfile.TemporaryDirectory() as folder, closing(open_registry(Settings(data=Path(folder)))) as registry:
        for route in create_app(registry).routes:
            assert isinstance(route, Route | WebSocketRoute)
            methods = sorted(route.methods or ()) if isinstance(route, Route) else ["WebSocket"]
            shown = ", ".join(method for method in methods if method != "HEAD")
            text += f"| `{route.path}` | {shown} | {ROUTES[route.path]} |\n"
    return text


def _graphql() -> str:
    schema = printed(fixed_half(roots())._schema)
    return (
        "# GraphQL\n\nThe fixed half of the schema, the same for every model. A model adds a type for each class, with "
        "queries, mutations and\nsubscriptions of its own: `registry schema --sdl` prints all of it.\n\n"
        f"```sdl\n{schema.rstrip()}\n```\n"
    )


def _errors() -> str:
    text = _ERRORS
    # The tree in the docstring is where an error is explained once, for readers of the code as well.
    tree = re.findall(r"── \w+ +([A-Z_]+) +(.+)", errors.__doc__ or "")
    meanings = dict(reversed(tree))
    statuses = {kind.code: kind.status for kind in _every_error(RegistryError)}
    for code in sorted(statuses):
        text += f"| `{code}` | {statuses[code]} | {meanings[code]} |\n"
    return text


def _every_error(kind: type[RegistryError]) -> Iterator[type[RegistryError]]:
    # Tests of this process may have errors of their own.
    for below in (found for found in kind.__subclasses__() if found.__module__.startswith("registry.")):
        yield below
        yield from _every_error(below)


def _metrics() -> str:
    with tempfile.TemporaryDirectory() as folder, closing(open_registry(Settings(data=Path(folder)))) as registry:
        answer = asyncio.run(_asked(create_app(registry), "/metrics"))
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", answer, re.MULTILINE))
    text = "# Metrics\n\n`/metrics` answers in the text format of Prometheus.\n\n"
    text += "| name | kind | meaning |\n|---|---|---|\n"
    for name, meaning in re.findall(r"^# HELP (\w+) (.*)$", answer, re.MULTILINE):
        text += f"| `{name}` | {kinds[name]} | {meaning} |\n"
    return text


async def _asked(app: Starlette, path: str) -> str:
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        return (await client.get(path)).text


ROUTES: Mapping[str, str] = {
    "/": "the live view",
    "/pages/{name}": "what the live view loads",
    "/graphql": "GraphQL over HTTP, and `graphql-transport-ws`; GraphiQL for a browser",
    "/graphql/stream": "GraphQL over server-sent events, distinct connections mode",
    "/graphql/assets/{name}": "what GraphiQL loads",
    "/sparql": "SPARQL 1.1 Protocol, query only; `Registry-At-Least` waits for a position of the log",
    "/resource": "one resource as RDF: `?iri=`",
    "/ontology": "the active model as a page, with `?release=` a past one",
    "/ontology/{name}": "a module as Turtle; `?release=` of a past one, `?imports=here` lets imports lead back here",
    "/shapes/{name}": "shapes of a module as Turtle",
    "/changes": "the change log as CloudEvents, behind `?after=`: lines of JSON, or server-sent events",
    "/releases": "the releases; `POST` publishes a draft",
    "/releases/{name}/comparison": "how a release differs from the one in `?from=`, the active one by default",
    "/releases/{name}/impact": "what a release would mean for what is stored; lines of JSON tell how far it is",
    "/releases/{name}/activation": "puts a release in force",
    "/import": "imports a file of RDF, or what `uploads` names as one graph; lines of JSON tell how far it is",
    "/import/files": "keeps a file of RDF for an import: `?name=` for messages, `?base=` for its relative IRIs",
    "/health": "alive: version, position, release",
    "/ready": "ready, or 503 with the reasons",
    "/metrics": "[metrics](metrics.md)",
    "/neo4j/style.grass": "the look of your model for Neo4j Browser, where the record is a Neo4j database",
    "/neo4j/guide.html": "the guide for Neo4j Browser",
}


def main() -> None:
    """Write every page."""
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
