"""What `registry neo4j browser` prints, and what the two addresses answer without a Neo4j record."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from registry.errors import BadInput
from registry.neo4j_browser.settings import browser_link, server_settings
from tests.endtoend.serving import ServingRegistry, run_cli


def test_the_two_settings_name_the_registry_and_keep_what_a_server_allows_anyway() -> None:
    assert server_settings("http://127.0.0.1:8080") == {
        "browser.post_connect_cmd": "style http://127.0.0.1:8080/neo4j/style.grass; "
        "play http://127.0.0.1:8080/neo4j/guide.html",
        "browser.remote_content_hostname_whitelist": "guides.neo4j.com,localhost,127.0.0.1",
    }
    assert server_settings("http://localhost:1")["browser.remote_content_hostname_whitelist"].count("localhost") == 1


@pytest.mark.parametrize(
    ("store", "browser", "link"),
    [
        ("neo4j://db", "", "http://db:7474/browser/?dbms=neo4j://db:7687&preselectAuthMethod=NO_AUTH"),
        (
            "bolt://db:99/plant",
            "https://db",
            "https://db/browser/?dbms=bolt://db:99&db=plant&preselectAuthMethod=NO_AUTH",
        ),
        (
            "neo4j+s://me:secret@db",
            "",
            "http://db:7474/browser/?dbms=neo4j%2Bs://me@db:7687&preselectAuthMethod=NATIVE",
        ),
        ("bolt://[::1]:99", "", "http://[::1]:7474/browser/?dbms=bolt://[::1]:99&preselectAuthMethod=NO_AUTH"),
        ("bolt://a%26b@db", "", "http://db:7474/browser/?dbms=bolt://a%2526b@db:7687&preselectAuthMethod=NATIVE"),
    ],
)
def test_the_link_opens_the_store_and_never_tells_a_password(store: str, browser: str, link: str) -> None:
    assert browser_link(store, browser) == link
    assert "secret" not in browser_link(store, browser)


@pytest.mark.parametrize("store", ["sqlite:///registry.db", "http://db", "neo4j://", "neo4j", "bolt://db:99999999"])
def test_a_store_that_has_no_browser_is_refused(store: str) -> None:
    with pytest.raises(BadInput):
        browser_link(store)


def test_the_command_prints_lines_for_a_file_and_json_for_programs(tmp_path: Path) -> None:
    arguments = ("neo4j", "browser", "--store", "neo4j://db", "--data", tmp_path)
    lines = run_cli(*arguments).stdout.splitlines()
    printed = json.loads(run_cli(*arguments, "--json").stdout)
    assert lines == [*(f"{name}={value}" for name, value in printed["settings"].items()), printed["link"]]
    assert "BAD_INPUT" in run_cli("neo4j", "browser", "--data", tmp_path, check=2).stderr


def test_a_registry_on_a_file_says_that_it_has_none_and_the_command_names_the_one_that_serves(tmp_path: Path) -> None:
    with ServingRegistry(tmp_path) as registry:
        answer = httpx.get(f"{registry.address}/neo4j/style.grass")
        assert answer.status_code == 404
        assert answer.json()["code"] == "NOT_FOUND"
        told = json.loads(run_cli("neo4j", "browser", "--store", "bolt://db", "--data", tmp_path, "--json").stdout)
        assert registry.address in told["settings"]["browser.post_connect_cmd"]
