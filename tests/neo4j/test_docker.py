"""The files for people who have Docker, as far as they can be checked without it."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from registry.settings import Settings, load
from tests.neo4j.runtime import LONG_TERM
from tests.neo4j.server import configuration
from tests.places import CHECKOUT

COMPOSE = CHECKOUT / "docker" / "compose.yaml"
DOCKERFILE = CHECKOUT / "docker" / "Dockerfile"
KEYS = {
    "": {"name", "services", "volumes"},
    "service": {"image", "build", "environment", "ports", "volumes", "healthcheck", "network_mode", "depends_on"},
    "healthcheck": {"test", "interval", "timeout", "retries"},
    "build": {"context", "dockerfile"},
}
INSTRUCTIONS = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "VOLUME", "ENTRYPOINT", "CMD"}


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
    environment = {name: value.replace("${NEO4J_PASSWORD:?", "{") for name, value in registry["environment"].items()}
    assert load({}, environment, COMPOSE.parent / "none.toml").store != Settings().store
    assert "@127.0.0.1:7687" in environment["REGISTRY_STORE"]
    assert registry["depends_on"]["neo4j"] == {"condition": "service_healthy"}


def test_the_image_has_everything_that_the_package_needs() -> None:
    lines = [line for line in DOCKERFILE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    copied = set()
    for line in lines:
        instruction, _, rest = line.partition(" ")
        assert instruction in INSTRUCTIONS, line
        if instruction == "COPY":
            *sources, _ = rest.split()
            copied |= set(sources)
    assert all((CHECKOUT / source).exists() for source in copied)
    assert copied >= {"pyproject.toml", "README.md", "LICENSE", "registry", "ontologies", "shapes", "queries"}
