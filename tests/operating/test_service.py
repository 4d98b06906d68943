"""The unit for systemd: it starts what exists, stops it as the registry wants to be stopped, and gives it little."""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from registry.cli.program import commands
from registry.settings import known_settings
from tests.endtoend.documents import blocks
from tests.endtoend.serving import ServingRegistry
from tests.places import CHECKOUT

UNIT = CHECKOUT / "packaging" / "registry.service"
PAGE = CHECKOUT / "docs" / "how-to" / "as-a-service.md"
BARRIERS = {
    "DynamicUser": "yes", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes",
    "PrivateTmp": "yes", "PrivateDevices": "yes", "UMask": "0077", "CapabilityBoundingSet": "",
    "Restart": "on-failure", "StateDirectoryMode": "0700",
}  # fmt: skip


@pytest.fixture(scope="module")
def service() -> dict[str, str]:
    """The assignments of the section ``[Service]``, each of which is there once."""
    section = UNIT.read_text(encoding="utf-8").partition("[Service]\n")[2].partition("\n[")[0]
    lines = [line for line in section.splitlines() if line and not line.startswith("#")]
    found = dict(line.split("=", 1) for line in lines)
    assert len(found) == len(lines)
    return found


def test_the_unit_starts_a_command_with_options_that_exist(service: dict[str, str]) -> None:
    executable, command, *arguments = shlex.split(service["ExecStart"])
    assert Path(executable).name == "registry"
    serve = get_command(commands).commands[command]  # type: ignore[attr-defined]
    known = {name for parameter in serve.params for name in parameter.opts}
    assert {argument for argument in arguments if argument.startswith("-")} <= known
    assert f"/var/lib/{service['StateDirectory']}" in arguments


def test_the_unit_gives_the_registry_no_more_than_it_needs(service: dict[str, str]) -> None:
    assert BARRIERS.items() <= service.items()


def test_what_the_unit_starts_ends_well_by_its_signal(service: dict[str, str], tmp_path: Path) -> None:
    assert int(service["TimeoutStopSec"]) > 20
    with ServingRegistry(tmp_path / service["StateDirectory"]) as registry:
        registry.signal(signal.Signals[service["KillSignal"]])
        assert registry.ended() == 0


def test_systemd_accepts_the_unit_and_finds_it_well_protected(tmp_path: Path) -> None:
    if (analyse := shutil.which("systemd-analyze")) is None:
        pytest.skip("needs systemd-analyze; the other tests of this file read the unit without it")
    unit = tmp_path / UNIT.name
    executable = Path(sys.executable).parent / "registry"
    unit.write_text(UNIT.read_text(encoding="utf-8").replace("/opt/registry/bin/registry", str(executable)))
    for arguments in (["verify"], ["security", "--offline=yes", "--threshold=30"]):
        done = subprocess.run([analyse, *arguments, str(unit)], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, f"{done.stdout[-2000:]}{done.stderr}"
        assert str(unit) not in done.stderr, done.stderr


def test_the_page_installs_what_the_unit_names(service: dict[str, str]) -> None:
    lines = [line for block in blocks(PAGE) if block.language == "sh" for line in block.text.splitlines()]
    parsed = [shlex.split(line) for line in lines]
    for words in parsed:
        assert shutil.which(words[0]) or words[0].startswith("/opt/registry/bin/") or "ctl" in words[0], words
    environment = service["EnvironmentFile"].removeprefix("-")
    assert ["install", "-m", "0600", "/dev/null", environment] in parsed
    assert f"/etc/{service['ConfigurationDirectory']}" == service["WorkingDirectory"] == str(Path(environment).parent)
    copied = [words for words in parsed if "packaging/registry.service" in words]
    assert [Path(words[-1]).name for words in copied] == [UNIT.name]
    assert parsed[0][-1] == str(Path(service["ExecStart"].split()[0]).parent.parent)
    named = re.findall(r"REGISTRY_([A-Z_]+)", PAGE.read_text(encoding="utf-8"))
    assert named
    assert {name.lower() for name in named} <= known_settings().keys()
