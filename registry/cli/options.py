"""Options that several commands take, and the settings they lead to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from registry.app.capabilities import sections
from registry.errors import BadInput
from registry.rdf.languages import accepted, language_of_locale
from registry.settings import Settings, load

Store: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--store", help="Record: sqlite:///PATH or neo4j://USER:PASSWORD@HOST.", show_default="DATA/registry.db"
    ),
]
Data: TypeAlias = Annotated[
    Path | None, typer.Option("--data", help="Folder of the record and the projection.", show_default="./data")
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Debug: TypeAlias = Annotated[bool, typer.Option("--debug", help="Show the trace of an error.")]

Language: TypeAlias = Annotated[
    str | None, typer.Option("--language", help="Language of messages, such as de.", show_default="the locale's")
]


def languages(asked: str | None) -> tuple[str, ...]:
    """The languages that the reader wants: the one asked for, or those of the locale as gettext finds it."""
    if asked is not None:
        found = accepted(asked)
        if not found:
            raise BadInput(f"{asked!r} is no language: give a tag such as de or en-GB", argument="language")
        return found
    variables = (os.environ.get(name, "") for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"))
    stated = next(filter(None, variables), "")
    return tuple(tag for locale in stated.split(":") if (tag := language_of_locale(locale)))


def settings(store: str | None = None, data: Path | None = None, **others: Any) -> Settings:
    """The settings with what the command line says on top."""
    return load({"store": store, "data": data, **others}, sections=sections())
