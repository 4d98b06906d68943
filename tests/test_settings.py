"""Settings: where they come from, and what happens to a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.errors import BadInput
from registry.settings import Settings, load


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "registry.toml"
    file.write_text('port = 1\nhost = "127.0.0.2"\npage_size = 5\n')
    settings = load({"port": 3, "host": None}, {"REGISTRY_PORT": "2", "REGISTRY_HOST": "::1"}, file)
    assert (settings.port, settings.host, settings.page_size) == (3, "::1", 5)


def test_without_any_the_defaults_hold(tmp_path: Path) -> None:
    assert load({}, {}, tmp_path / "none.toml") == Settings()
    assert Settings().store_url == "sqlite:///data/registry.db"


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"REGISTRY_PROT": "1"}, "did you mean 'port'"),
        ({"REGISTRY_PORT": "http"}, "is no whole number"),
        ({"REGISTRY_PORT": "-1"}, "zero or more"),
        ({"REGISTRY_SPARQL_SECONDS": "nan"}, "zero or more"),
    ],
)
def test_a_wrong_setting_is_one_clear_error(environment: dict[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=said):
        load({}, environment, tmp_path / "none.toml")


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "registry.toml"
    file.write_text("port = = 1")
    with pytest.raises(BadInput, match=r"registry\.toml"):
        load({}, {}, file)
