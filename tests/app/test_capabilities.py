"""The seam: what a capability hands over is found at every surface, and the command line imports none early."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import httpx
import pytest
import strawberry
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from registry.app.application import create_app
from registry.app.capabilities import CAPABILITIES, sections
from registry.app.core import open_registry
from registry.capability import Capability, Core, Metric, Parts
from registry.errors import BadInput
from registry.settings import Settings, known_settings, load


@dataclass(frozen=True)
class GreetingSettings:
    """Settings of the capability that this test adds."""

    word: Annotated[str, "the word of the greeting"] = "hello"


@strawberry.type
class Greetings:
    """A root of GraphQL."""

    @strawberry.field
    def greeting(self) -> str:
        """A field that the core does not have."""
        return "hello"


@dataclass
class Greeter:
    """Runs beside the requests."""

    ran: list[str] = field(default_factory=list)

    async def start(self) -> None:
        """Begin."""
        self.ran.append("started")

    async def close(self) -> None:
        """End."""
        self.ran.append("closed")


async def test_what_a_capability_hands_over_is_found_at_every_surface(tmp_path: Path) -> None:
    greeter = Greeter()

    def open_greeting(core: Core) -> Parts:
        async def greet(request: Request) -> PlainTextResponse:
            return PlainTextResponse(f"{core.settings.word} {core.authenticate(request).name}")

        return Parts(
            routes=[Route("/greeting", greet)],
            consumers=[greeter],
            metrics=lambda: [Metric("registry_greetings", "gauge", "Greetings.", 7)],
        )

    greeting = Capability("greeting", open_greeting, GreetingSettings, queries=[f"{__name__}:Greetings"])
    settings = load(
        {"data": tmp_path}, {"REGISTRY_GREETING_WORD": "servus"}, tmp_path / "none.toml", {"greeting": GreetingSettings}
    )
    with closing(open_registry(settings)) as registry:
        app = create_app(registry, [*CAPABILITIES, greeting])
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
        ):
            assert greeter.ran == ["started"]
            assert (await client.get("/greeting")).text == "servus local"
            answer = await client.post("/graphql", json={"query": "{ greeting release { version } }"})
            assert answer.json()["data"]["greeting"] == "hello"
            assert "registry_greetings 7" in (await client.get("/metrics")).text
            # A capability that was there before the seam stands behind it like any other.
            assert (await client.get("/neo4j/style.grass")).status_code == 404
    assert greeter.ran == ["started", "closed"]


def test_a_setting_of_a_capability_has_its_name_in_front(tmp_path: Path) -> None:
    file = tmp_path / "registry.toml"
    file.write_text('[neo4j_browser]\nhttp = "http://graph:7474"\n[sparql]\nseconds = 3\n')
    settings = load({}, {}, file, sections())
    assert settings.sections["neo4j_browser"].http == "http://graph:7474"
    assert settings.sparql_seconds == 3
    assert set(known_settings()) == set(known_settings(sections())) - {"neo4j_browser_http"}
    with pytest.raises(BadInput, match="did you mean 'neo4j_browser_http'"):
        load({}, {"REGISTRY_NEO4J_BROWSER_HTP": "x"}, tmp_path / "none.toml", sections())
    assert Settings().sections == {}


def test_the_commands_of_a_capability_are_imported_when_they_are_called() -> None:
    script = (
        "import sys; from registry.cli.program import program; names = program.list_commands(None); "
        "assert 'neo4j' in names, names; assert 'registry.neo4j_browser.commands' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    asked = [sys.executable, "-m", "registry", "neo4j", "browser", "--store", "neo4j://graph"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert "http://graph:7474/browser" in answer
