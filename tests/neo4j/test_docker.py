"""The files for people who have Docker, as far as they can be checked without it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from registry.settings import Settings, known_settings, load
from tests.endtoend.documents import blocks
from tests.endtoend.serving import ServingRegistry
from tests.neo4j.runtime import LONG_TERM
from tests.neo4j.server import configuration
from tests.places import CHECKOUT

COMPOSE = CHECKOUT / "docker" / "compose.yaml"
PAGE = CHECKOUT / "docs" / "how-to" / "containers.md"
DOCKERFILE = CHECKOUT / "docker" / "Dockerfile"
KEYS = {
    "": {"name", "services", "volumes"},
    "service": {
        "image",
        "build",
        "environment",
        "ports",
        "volumes",
        "healthcheck",
        "network_mode",
        "depends_on",
        "stop_grace_period",
    },
    "healthcheck": {"test", "interval", "timeout", "retries"},
    "build": {"context", "dockerfile"},
}
INSTRUCTIONS = {
    "FROM",
    "WORKDIR",
    "COPY",
    "RUN",
    "USER",
    "VOLUME",
    "ENV",
    "HEALTHCHECK",
    "STOPSIGNAL",
    "ENTRYPOINT",
    "CMD",
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return found


def test_compose_has_only_what_compose_knows(compose: dict[str, Any]) -> None:
    assert compose.keys() == KEYS[""]
    for service in compose["services"].values():
        assert service.keys() <= KEYS["service"]
        assert service.get("healthcheck", {}).keys() <= KEYS["healthcheck"]
        assert service.get("build", {}).keys() <= KEYS["build"]
        assert set(service.get("depends_on", ())) <= compose["services"].keys()
        assert {volume.partition(":")[0] for volume in service["volumes"]} <= compose["volumes"].keys()
        for port in service.get("ports", ()):
            assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port), "nothing is open to the network"


def test_neo4j_is_the_version_that_the_tests_run(compose: dict[str, Any]) -> None:
    neo4j = compose["services"]["neo4j"]
    assert neo4j["image"] == f"neo4j:{LONG_TERM.version}-community"
    settings = {
        re.sub("_+", lambda found: "_" * (len(found[0]) // 2) or ".", name.removeprefix("NEO4J_"))
        for name in neo4j["environment"] if name != "NEO4J_AUTH"
    }  # fmt: skip
    # The server refuses names that it does not know, and the tests start one with these.
    assert settings <= {line.partition("=")[0] for line in configuration(7687).splitlines()}


def test_the_registry_is_built_from_this_checkout_and_finds_its_record(compose: dict[str, Any]) -> None:
    registry = compose["services"]["registry"]
    context = COMPOSE.parent / registry["build"]["context"]
    assert (context / registry["build"]["dockerfile"]).samefile(DOCKERFILE)
    environment = {
        name: value.replace("${NEO4J_PASSWORD:?", "{").replace("${REGISTRY_PORT:-8080}", "8080")
        for name, value in registry["environment"].items()
    }
    assert load({}, environment, COMPOSE.parent / "none.toml").store != Settings().store
    assert "@127.0.0.1:7687" in environment["REGISTRY_STORE"]
    assert registry["depends_on"]["neo4j"] == {"condition": "service_healthy"}


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile with their arguments, each on one line."""
    text = DOCKERFILE.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines]


def test_the_image_has_everything_that_the_package_needs() -> None:
    copied = set()
    for instruction, rest in instructions():
        assert instruction in INSTRUCTIONS, rest
        if instruction == "COPY":
            *sources, _ = rest.split()
            copied |= set(sources)
    assert all((CHECKOUT / source).exists() for source in copied)
    assert copied >= {"pyproject.toml", "README.md", "LICENSE", "registry", "ontologies", "shapes", "queries"}


def test_the_image_runs_as_a_user_that_owns_its_volume_and_stops_by_the_book() -> None:
    found = dict(instructions())
    names = [name for name, _ in instructions()]
    assert names.index("RUN") < names.index("USER") < names.index("ENTRYPOINT")
    assert found["USER"] not in ("root", "0")
    assert f"install -d -o {found['USER']} -g {found['USER']} -m 0700 {found['VOLUME']}" in found["RUN"]
    assert found["VOLUME"] == f"{found['WORKDIR']}/{Settings().data}"
    assert found["STOPSIGNAL"] == "SIGTERM"


def test_the_health_of_the_image_is_that_of_the_registry_where_it_listens(tmp_path: Path) -> None:
    found = dict(instructions())
    environment = dict(pair.split("=") for pair in found["ENV"].split())
    listening = load({}, environment, COMPOSE.parent / "none.toml")
    assert (listening.host, listening.port) == (Settings().host, Settings().port)
    _, *arguments = json.loads(found["HEALTHCHECK"].partition("CMD ")[2])
    with ServingRegistry(tmp_path / "data") as registry:
        place = {**environment, "REGISTRY_PORT": registry.address.rpartition(":")[2]}
        asked = [sys.executable, *arguments]
        assert subprocess.run(asked, env={**os.environ, **place}, timeout=60, check=False).returncode == 0
    assert subprocess.run(asked, env={**os.environ, **place}, timeout=60, check=False, capture_output=True).returncode


def test_the_page_on_containers_names_what_is_there(compose: dict[str, Any]) -> None:
    lines = [line for block in blocks(PAGE) if block.language == "sh" for line in block.text.splitlines()]
    for words in (shlex.split(line) for line in lines):
        assert words[0] == "docker", words
        for file in re.findall(r"docker/\S+", " ".join(words)):
            assert (CHECKOUT / file).is_file()
        for name in re.findall(r"--env REGISTRY_([A-Z_]+)", " ".join(words)):
            assert name.lower() in known_settings()
        for place in re.findall(r"registry:(/\S+)", " ".join(words)):
            assert place == dict(instructions())["VOLUME"]
