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
from tests.endtoend.documents import Block, blocks, matches
from tests.endtoend.serving import ServingRegistry
from tests.places import CHECKOUT

RUN_HERE = [
    "README.md",
    "docs/tutorials/first-session.md",
    "docs/how-to/audit.md",
    "docs/how-to/backup-and-restore.md",
    "docs/how-to/import.md",
    "docs/how-to/neo4j-browser.md",
    "docs/how-to/protege.md",
    "docs/how-to/publish.md",
    "docs/how-to/python.md",
    "docs/how-to/upgrade.md",
]
"""Documents whose blocks run in order against a registry of their own."""

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


def run_shell(name: str, block: Block, registry: ServingRegistry, folder: Path) -> str:
    """What a shell block prints, run as a reader would, against the registry of this test."""
    environment = {
        **os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "REGISTRY_DATA": str(registry.data)
    }  # fmt: skip
    script = block.text.replace("http://127.0.0.1:8080", registry.address).replace(
        "ontologies shapes", f"{CHECKOUT}/ontologies {CHECKOUT}/shapes"
    )
    done = subprocess.run(
        ["bash", "-ec", script], capture_output=True, text=True, timeout=120, cwd=folder, env=environment, check=False
    )
    assert done.returncode == 0, f"{name}:{block.line}: {done.stderr}"
    return done.stdout.replace(registry.address, "http://127.0.0.1:8080")


@pytest.mark.parametrize("name", RUN_HERE)
def test_every_block_of_a_document_does_what_it_shows(name: str, tmp_path: Path) -> None:
    found = list(blocks(CHECKOUT / name))
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
                assert "errors" not in printed[0][:12] or expected, f"{name}:{block.line}: {printed[0]}"
            elif block.language == "sh" and block.text.strip() not in TARGETS_PROVEN_ELSEWHERE:
                printed = [run_shell(name, block, registry, tmp_path)]
            elif block.language == "python":
                asked = [sys.executable, "-W", "error", "-c", block.text]
                done = subprocess.run(asked, capture_output=True, text=True, timeout=120, cwd=tmp_path, check=False)
                assert done.returncode == 0, f"{name}:{block.line}: {done.stderr}"
                printed = [done.stdout]
            else:
                continue
            ran += 1
            for wanted, actual in zip(expected, printed, strict=False):
                assert matches(wanted, actual), f"{name}:{block.line}: shows {wanted}\nand printed {actual}"
    assert ran >= 1


def test_every_page_with_commands_is_run_by_a_test() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in (CHECKOUT / "tests").rglob("*.py"))
    for page in sorted((CHECKOUT / "docs").rglob("*.md")):
        runnable = [block for block in blocks(page) if block.language in ("sh", "graphql", "python")]
        name = str(page.relative_to(CHECKOUT))
        assert not runnable or name in RUN_HERE or page.name in tests, f"no test runs the commands of {name}"


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
