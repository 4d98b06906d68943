"""Every setting, read once: defaults, then ``registry.toml``, then the environment, then the command line."""

from __future__ import annotations

import dataclasses
import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_type_hints

from registry.errors import BadInput

ENVIRONMENT_PREFIX = "REGISTRY_"
TEST_PREFIX = "REGISTRY_TEST_"
NO_SECTIONS: Mapping[str, type] = {}


@dataclass(frozen=True, slots=True)
class Settings:
    """What an administrator can set. Each field is one row of `docs/reference/settings.md`, which a test compares.

    ``sections`` has the settings of each capability, by its name.
    """

    data: Annotated[Path, "folder of the record, the projection and its checkpoints"] = Path("data")
    store: Annotated[str, "`sqlite:///PATH` or `neo4j://USER:PASSWORD@HOST`; empty means `registry.db` in `data`"] = ""
    model: Annotated[str, "folder of further ontologies (`*.ttl`) with their shapes (`shapes/*.ttl`)"] = ""
    host: Annotated[str, "address to listen on; only loopback while authentication is off"] = "127.0.0.1"
    port: Annotated[int, "port to listen on; 0 takes a free one and prints it"] = 8080
    host_names: Annotated[str, "further host names to answer to, as a proxy passes them on, with commas between"] = ""
    allowed_origins: Annotated[str, "origins whose pages may ask and write here (CORS), with commas between"] = ""
    actor: Annotated[str, "name written to the log while authentication is off"] = "local"
    request_bytes: Annotated[int, "largest request body"] = 8_000_000
    import_bytes: Annotated[int, "most bytes of files that were sent and wait to be imported"] = 4_000_000_000
    head_seconds: Annotated[float, "longest a request's head may take to arrive, or a slow body until it is cut"] = 10.0
    connections: Annotated[int, "most client connections; 0 for as many as the process has descriptors for"] = 0
    query_depth: Annotated[int, "deepest nesting of a GraphQL document"] = 15
    query_cost: Annotated[int, "most values a GraphQL document may ask for, by estimate"] = 50_000
    persisted_queries: Annotated[int, "most characters of automatic persisted queries; 0 turns them off"] = 1_000_000
    page_size: Annotated[int, "most items of one page of a list"] = 1_000
    sparql_seconds: Annotated[float, "longest a SPARQL query may run before it is stopped"] = 30.0
    sparql_rows: Annotated[int, "most rows or triples of a SPARQL answer"] = 100_000
    sparql_workers: Annotated[int, "SPARQL queries at the same time, each in its own process; 0 for one per core"] = 0
    shapes_seconds: Annotated[
        float, "longest the shapes may take to check a write; 2 ms more for each statement of it"
    ] = 1.0
    sparql_memory_bytes: Annotated[int, "memory of all SPARQL queries together, shared evenly"] = 2_000_000_000
    subscriptions: Annotated[int, "most subscriptions of one client connection"] = 100
    waiting_bytes: Annotated[int, "most bytes of events that wait for one client that reads too slowly"] = 1_000_000
    queue_length: Annotated[int, "most writes that may wait; further ones are told to come back"] = 10_000
    least_free_bytes: Annotated[int, "with less free where the data lies, `/ready` says so"] = 100_000_000

    sections: Mapping[str, Any] = field(default_factory=dict)

    @property
    def store_url(self) -> str:
        """The record's address, the default written out."""
        return self.store or f"sqlite:///{self.data / 'registry.db'}"


class Setting(NamedTuple):
    """One setting: its full name, the section it belongs to or nothing, its type, its default and its meaning."""

    name: str
    section: str
    kind: type
    default: Any
    meaning: str


def known_settings(sections: Mapping[str, type] = NO_SECTIONS) -> dict[str, Setting]:
    """Every setting by its full name: those of the core, and those of each section behind the section's name."""
    found = list(_settings_of("", Settings))
    for section, fields in sections.items():
        found += _settings_of(section, fields)
    return {setting.name: setting for setting in found}


def _settings_of(section: str, fields: type) -> Iterator[Setting]:
    hints, kinds = get_type_hints(fields, include_extras=True), get_type_hints(fields)
    for one in dataclasses.fields(fields):
        if one.name != "sections":
            name = f"{section}_{one.name}" if section else one.name
            yield Setting(name, section, kinds[one.name], one.default, hints[one.name].__metadata__[0])


def load(
    overrides: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] = os.environ,
    file: Path = Path("registry.toml"),
    sections: Mapping[str, type] = NO_SECTIONS,
) -> Settings:
    """Read the settings. ``overrides`` come from the command line; None values are left out.

    A table of the file says the same as its names behind the table's: ``[sparql]`` with ``seconds`` is
    ``sparql_seconds``. ``sections`` are dataclasses with the settings of capabilities, by their names.

    Raises BadInput for an unknown name, naming the closest known one, and for a value of the wrong type.
    """
    values: dict[str, Any] = {}
    if file.is_file():
        try:
            values |= {name: (value, str(file)) for name, value in _flat(tomllib.loads(file.read_text())).items()}
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadInput(f"{file}: {error}", argument=str(file)) from error
    for name, value in environment.items():
        if name.startswith(ENVIRONMENT_PREFIX) and not name.startswith(TEST_PREFIX):
            values[name.removeprefix(ENVIRONMENT_PREFIX).lower()] = (value, f"environment variable {name}")
    for name, value in (overrides or {}).items():
        if value is not None:
            values[name] = (value, f"--{name.replace('_', '-')}")
    known = known_settings(sections)
    read = {name: _converted(known, name, value, source) for name, (value, source) in values.items()}
    own = {name: value for name, value in read.items() if not known[name].section}
    return Settings(
        **own,
        sections={
            section: fields(**{
                name.removeprefix(f"{section}_"): value
                for name, value in read.items() if known[name].section == section
            })
            for section, fields in sections.items()
        },
    )  # fmt: skip


def _flat(values: Mapping[str, Any], table: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        found |= _flat(value, f"{table}{name}_") if isinstance(value, dict) else {f"{table}{name}": value}
    return found


def _converted(known: Mapping[str, Setting], name: str, value: Any, source: str) -> Any:
    if name not in known:
        closest = difflib.get_close_matches(name, known, n=1, cutoff=0)
        raise BadInput(f"{source}: there is no setting {name!r}; did you mean {closest[0]!r}?", argument=name)
    kind = known[name].kind
    try:
        converted = kind(value)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{source}: {value!r} is no {_WORDS[kind]}", argument=name) from error
    if isinstance(converted, int | float) and not 0 <= converted < 2**40:
        raise BadInput(f"{source}: {value!r} must be zero or more", argument=name)
    return converted


_WORDS = {int: "whole number", float: "number", str: "text", Path: "path"}
