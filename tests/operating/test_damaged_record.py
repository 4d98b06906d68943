"""Flipped bytes in the middle of the record's file: one clear error with a code everywhere, and no traceback."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import httpx

from registry.app.core import open_registry
from registry.demo import plant_imported
from registry.settings import Settings
from tests.endtoend.serving import ServingRegistry, run_cli

PAGE_BYTES = 4_096
ALL = "{ twins(first: 500) { edges { node { iri name } } } }"


def damage(file: Path, first_page: int, pages: int) -> None:
    """Turn over every byte of some pages, of which the first is 0."""
    content = bytearray(file.read_bytes())
    for place in range(first_page * PAGE_BYTES, min(len(content), (first_page + pages) * PAGE_BYTES)):
        content[place] ^= 0xFF
    with file.open("r+b") as out:
        out.write(content)


def test_a_damaged_record_says_so_and_what_to_type(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with closing(open_registry(Settings(data=data))) as registry:
        plant_imported(registry)
    file = data / "registry.db"
    sound = file.read_bytes()
    refused = 0
    for first_page in range(20, len(sound) // PAGE_BYTES, max(1, len(sound) // PAGE_BYTES // 3)):
        file.write_bytes(sound)
        damage(file, first_page, 10_000)
        for command in (("doctor",), ("export", "-o", str(tmp_path / "out.ttl"))):
            done = run_cli(*command, "--data", data, check=None)
            told = done.stdout + done.stderr
            assert "Traceback" not in told, told
            if done.returncode:
                refused += 1
                assert "damaged" in told or command == ("doctor",), told
                assert "restore" in told, told
    assert refused > 1


def test_a_server_whose_file_is_damaged_under_it_answers_with_a_code(tmp_path: Path) -> None:
    data, log = tmp_path / "data", tmp_path / "log"
    with closing(open_registry(Settings(data=data))) as registry:
        plant_imported(registry)
    with closing(sqlite3.connect(data / "registry.db")) as opened:
        root = opened.execute("SELECT rootpage FROM sqlite_master WHERE name = 'node'").fetchone()[0]
    damage(data / "registry.db", root - 1, 1)
    with ServingRegistry(data, log=log) as serving:
        error = serving.ask(ALL)["errors"][0]
        assert error["extensions"]["code"] == "STORE_UNAVAILABLE", error
        assert error["extensions"]["reason"] == "the record is damaged", error
        assert "registry restore" in error["message"]
        assert "registry doctor" in error["message"]
        ready = httpx.get(f"{serving.address}/ready", timeout=30)
        assert ready.status_code == 503
        assert any("damaged" in reason for reason in ready.json()["reasons"]), ready.text
