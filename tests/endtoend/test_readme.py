"""The README is the product too: every block of it is run, and what it shows must be what comes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

from registry.cli.program import program
from registry.settings import explanations
from tests.endtoend.documents import Block, blocks, matches
from tests.endtoend.serving import ServingRegistry
from tests.places import CHECKOUT

README = CHECKOUT / "README.md"
TARGETS_PROVEN_ELSEWHERE = {"make run", "make test"}
"""`test_newcomer.py` runs the first from a clean clone; the second is running."""


def shown_after(index: int, found: list[Block]) -> list[str]:
    """What the document says that a block prints, one text for each answer; nothing where it shows none."""
    following = found[index + 1] if index + 1 < len(found) else None
    if following is None or following.language not in ("json", "text") or "──►" in following.text:
        return []
    if following.language == "text":
        return [following.text]
    return [f"{{{part}" for part in re.split(r"^\{", following.text, flags=re.MULTILINE) if part.strip()]


def subscribed(address: str, query: str, count: int) -> Iterator[str]:
    """The first answers of a subscription, over the protocol that browsers use."""
    with connect(address.replace("http", "ws", 1) + "/graphql", subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
        socket.send(json.dumps({"type": "connection_init"}))
        assert json.loads(socket.recv(timeout=20))["type"] == "connection_ack"
        socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": query}}))
        for _ in range(count):
            message = json.loads(socket.recv(timeout=20))
            assert message["type"] == "next", message
            yield json.dumps(message["payload"], ensure_ascii=False)


def run_shell(block: Block, address: str, folder: Path) -> str:
    """What a shell block prints, run as a reader would, against the registry of this test."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    script = block.text.replace("http://127.0.0.1:8080", address).replace(
        "ontologies shapes", f"{CHECKOUT}/ontologies {CHECKOUT}/shapes"
    )
    done = subprocess.run(
        ["bash", "-ec", script], capture_output=True, text=True, timeout=120, cwd=folder, env=environment, check=False
    )
    assert done.returncode == 0, f"README.md:{block.line}: {done.stderr}"
    return done.stdout


def test_every_block_of_the_readme_does_what_it_shows(tmp_path: Path) -> None:
    found = list(blocks(README))
    (tmp_path / "building.ttl").write_text(
        "@prefix b: <urn:b:> .\nb:ahu a b:AHU ; b:feeds b:room .\nb:room a b:Room .\n"
    )
    ran = 0
    with ServingRegistry(tmp_path / "serving") as registry:
        for index, block in enumerate(found):
            expected = shown_after(index, found)
            if block.language == "graphql" and block.text.lstrip().startswith("subscription"):
                printed = list(subscribed(registry.address, block.text, len(expected)))
            elif block.language == "graphql":
                printed = [json.dumps(registry.ask(block.text), ensure_ascii=False)]
                assert "errors" not in printed[0][:12] or expected, f"README.md:{block.line}: {printed[0]}"
            elif block.language == "sh" and block.text.strip() not in TARGETS_PROVEN_ELSEWHERE:
                printed = [run_shell(block, registry.address, tmp_path)]
            else:
                continue
            ran += 1
            for wanted, actual in zip(expected, printed, strict=False):
                assert matches(wanted, actual), f"README.md:{block.line}: shows {wanted}\nand printed {actual}"
    assert ran >= 8


def test_the_settings_table_is_the_settings() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (?:`([^`]*)`)? ?\| (.*) \|$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert [(name, default, meaning) for name, default, meaning in rows] == explanations()


def test_the_command_table_is_the_commands() -> None:
    table = README.read_text(encoding="utf-8")
    for name in program.commands:  # type: ignore[attr-defined]
        assert f"`registry {name}" in table, name


def names_of(group: Any, before: str = "") -> Iterator[str]:
    """Every command of a group, those of the groups in it by both words."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from names_of(command, f"{name} ")
        else:
            yield f"{before}{name}"


@pytest.mark.parametrize("name", sorted(names_of(program)))
def test_every_command_has_help_with_an_example(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "registry", *name.split(), "--help"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    plain = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)
    assert "Usage:" in plain
    assert f"Example: registry {name}" in plain
