"""Every setting, read once: defaults, then ``registry.toml``, then the environment, then the command line."""

from __future__ import annotations

import dataclasses
import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registry.errors import BadInput

ENVIRONMENT_PREFIX = "REGISTRY_"
TEST_PREFIX = "REGISTRY_TEST_"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _setting(default: Any, explanation: str) -> Any:
    return field(default=default, metadata={"explanation": explanation})


@dataclass(frozen=True, slots=True)
class Settings:
    """What an administrator can set. Each field is one row of the README's table, which a test compares."""

    data: Path = _setting(Path("data"), "folder of the record, the projection and its checkpoints")
    store: str = _setting("", "record to open: `sqlite:///PATH`; empty means `registry.db` in the data folder")
    model: str = _setting("", "folder of further ontologies (`*.ttl`) with their shapes (`shapes/*.ttl`)")
    host: str = _setting(
        "127.0.0.1", "address to listen on; other than loopback is refused while authentication is off"
    )
    port: int = _setting(8080, "port to listen on; 0 takes a free one and prints it")
    actor: str = _setting("local", "name written to the log for changes made while authentication is off")
    request_bytes: int = _setting(8_000_000, "largest request body")
    query_depth: int = _setting(15, "deepest nesting of a GraphQL document")
    query_cost: int = _setting(50_000, "most values a GraphQL document may ask for, by estimate")
    page_size: int = _setting(1_000, "most items of one page of a list")
    sparql_seconds: float = _setting(30.0, "longest a SPARQL query may run before it is stopped")
    sparql_rows: int = _setting(100_000, "most rows or triples of a SPARQL answer")
    sparql_workers: int = _setting(2, "SPARQL queries that run at the same time, each in a process of its own")
    subscriptions: int = _setting(100, "most subscriptions of one client connection")
    queue_length: int = _setting(10_000, "most writes that may wait; further ones are told to come back")

    @property
    def store_url(self) -> str:
        """The record's address, the default written out."""
        return self.store or f"sqlite:///{self.data / 'registry.db'}"


def explanations() -> list[tuple[str, str, str]]:
    """Name, default and meaning of every setting, for ``--help`` and the README."""
    return [(f.name, str(f.default), f.metadata["explanation"]) for f in dataclasses.fields(Settings)]


def load(
    overrides: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] = os.environ,
    file: Path = Path("registry.toml"),
) -> Settings:
    """Read the settings. ``overrides`` come from the command line; None values are left out.

    Raises BadInput for an unknown name, naming the closest known one, and for a value of the wrong type.
    """
    values: dict[str, Any] = {}
    if file.is_file():
        try:
            values |= {name: (value, str(file)) for name, value in tomllib.loads(file.read_text()).items()}
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadInput(f"{file}: {error}", argument=str(file)) from error
    for name, value in environment.items():
        if name.startswith(ENVIRONMENT_PREFIX) and not name.startswith(TEST_PREFIX):
            values[name.removeprefix(ENVIRONMENT_PREFIX).lower()] = (value, f"environment variable {name}")
    for name, value in (overrides or {}).items():
        if value is not None:
            values[name] = (value, f"--{name.replace('_', '-')}")
    return Settings(**{name: _converted(name, value, source) for name, (value, source) in values.items()})


def _converted(name: str, value: Any, source: str) -> Any:
    known = {f.name: f for f in dataclasses.fields(Settings)}
    if name not in known:
        closest = difflib.get_close_matches(name, known, n=1, cutoff=0)
        raise BadInput(f"{source}: there is no setting {name!r}; did you mean {closest[0]!r}?", argument=name)
    kind = type(known[name].default)
    try:
        converted = kind(value)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{source}: {value!r} is no {_WORDS[kind]}", argument=name) from error
    if kind in (int, float) and not 0 <= converted < 2**40:
        raise BadInput(f"{source}: {value!r} must be zero or more", argument=name)
    return converted


_WORDS = {int: "whole number", float: "number", str: "text", Path: "path"}
