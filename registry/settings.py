"""Every setting, read once: defaults, then ``registry.toml``, then the environment, then the command line."""

from __future__ import annotations

import dataclasses
import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from registry.errors import BadInput

ENVIRONMENT_PREFIX = "REGISTRY_"
TEST_PREFIX = "REGISTRY_TEST_"


@dataclass(frozen=True, slots=True)
class Settings:
    """What an administrator can set. Each field is one row of the README's table, which a test compares."""

    data: Annotated[Path, "folder of the record, the projection and its checkpoints"] = Path("data")
    store: Annotated[str, "`sqlite:///PATH` or `neo4j://USER:PASSWORD@HOST`; empty means `registry.db` in `data`"] = ""
    model: Annotated[str, "folder of further ontologies (`*.ttl`) with their shapes (`shapes/*.ttl`)"] = ""
    host: Annotated[str, "address to listen on; only loopback while authentication is off"] = "127.0.0.1"
    port: Annotated[int, "port to listen on; 0 takes a free one and prints it"] = 8080
    actor: Annotated[str, "name written to the log while authentication is off"] = "local"
    request_bytes: Annotated[int, "largest request body"] = 8_000_000
    query_depth: Annotated[int, "deepest nesting of a GraphQL document"] = 15
    query_cost: Annotated[int, "most values a GraphQL document may ask for, by estimate"] = 50_000
    page_size: Annotated[int, "most items of one page of a list"] = 1_000
    sparql_seconds: Annotated[float, "longest a SPARQL query may run before it is stopped"] = 30.0
    sparql_rows: Annotated[int, "most rows or triples of a SPARQL answer"] = 100_000
    sparql_workers: Annotated[int, "SPARQL queries at the same time, each in its own process; 0 for one per core"] = 0
    subscriptions: Annotated[int, "most subscriptions of one client connection"] = 100
    waiting_bytes: Annotated[int, "most bytes of events that wait for one client that reads too slowly"] = 1_000_000
    queue_length: Annotated[int, "most writes that may wait; further ones are told to come back"] = 10_000

    @property
    def store_url(self) -> str:
        """The record's address, the default written out."""
        return self.store or f"sqlite:///{self.data / 'registry.db'}"


def explanations() -> list[tuple[str, str, str]]:
    """Name, default and meaning of every setting, for ``--help`` and the README."""
    hints = get_type_hints(Settings, include_extras=True)
    return [(f.name, str(f.default), hints[f.name].__metadata__[0]) for f in dataclasses.fields(Settings)]


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
    kinds = get_type_hints(Settings)
    if name not in kinds:
        closest = difflib.get_close_matches(name, kinds, n=1, cutoff=0)
        raise BadInput(f"{source}: there is no setting {name!r}; did you mean {closest[0]!r}?", argument=name)
    try:
        converted = kinds[name](value)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{source}: {value!r} is no {_WORDS[kinds[name]]}", argument=name) from error
    if isinstance(converted, int | float) and not 0 <= converted < 2**40:
        raise BadInput(f"{source}: {value!r} must be zero or more", argument=name)
    return converted


_WORDS = {int: "whole number", float: "number", str: "text", Path: "path"}
