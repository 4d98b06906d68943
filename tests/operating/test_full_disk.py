"""A disk that is full: writes are refused with one code, nothing is lost, and writing goes on when there is space."""

from __future__ import annotations

import contextlib
import resource
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.endtoend.serving import ServingRegistry, run_cli

SIZE_BYTES = 48_000_000
REGISTER = """mutation($twin: Iri!, $iri: Iri!, $name: String!) { registerTwin(input: {iri: $twin, entity: {iri: $iri,
  class: ["CentrifugalPump"], name: $name, properties: [{property: "ratedFlow", value: 1.5}]}}) { position } }"""


class SmallDisk:
    """A file system of its own where this process may mount one; otherwise files of the server may not grow."""

    def __init__(self, path: Path, kind: str) -> None:
        self.path = path
        path.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_BYTES}", "tmpfs", str(path)]
        self.is_mounted = kind == "mounted" and subprocess.run(mount, capture_output=True, check=False).returncode == 0
        self._ballast = path / "ballast"

    def fill(self, registry: ServingRegistry) -> None:
        """Leave no room for a page more."""
        if not self.is_mounted:
            largest = max(file.stat().st_size for file in registry.data.glob("registry.db*"))
            resource.prlimit(registry.pid, resource.RLIMIT_FSIZE, (largest + 4_096, resource.RLIM_INFINITY))
            return
        with self._ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 4_096)

    def free(self, registry: ServingRegistry) -> None:
        """Make room again."""
        if self.is_mounted:
            self._ballast.unlink()
        else:
            resource.prlimit(registry.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def close(self) -> None:
        if self.is_mounted:
            subprocess.run(["umount", "-l", str(self.path)], check=True)


@pytest.fixture(params=["mounted", "limited"])
def disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[SmallDisk]:
    small = SmallDisk(tmp_path / "disk", request.param)
    yield small
    small.close()


def register(registry: ServingRegistry, number: int) -> dict[str, Any]:
    return registry.ask(
        REGISTER, twin=f"urn:twin:{number}", iri=f"urn:pump:{number}", name=f"Pump {number} " + "x" * 2_000
    )


def test_a_full_disk_refuses_writes_loses_nothing_and_goes_on_when_there_is_space(
    tmp_path: Path, disk: SmallDisk
) -> None:
    data = disk.path / "data"
    environment = {"REGISTRY_LEAST_FREE_BYTES": "1000000"}
    with ServingRegistry(data, environment=environment, log=tmp_path / "log") as registry:
        stored = list(range(20))
        assert [answer for number in stored if "errors" in (answer := register(registry, number))] == []
        assert len(registry.sparql("SELECT ?s { ?s a ?c FILTER(STRSTARTS(STR(?s), 'urn:pump:')) }")) == 20
        ready(registry, 200)
        disk.fill(registry)
        refused: list[dict[str, Any]] = []
        number = 100
        while not refused and number < 20_000:
            answer = register(registry, number)
            if "errors" in answer:
                refused = answer["errors"]
            else:
                stored.append(number)
            number += 1
        assert refused, "the disk was never full"
        said = refused[0]["extensions"]
        assert (said["code"], said["reason"], said["retryable"]) == ("STORE_UNAVAILABLE", "the disk is full", True)
        assert "the disk is full" in refused[0]["message"]
        assert any("the disk is full" in reason for reason in ready(registry, 503))
        over_rest = httpx.get(f"{registry.address}/health", timeout=30)
        assert over_rest.status_code == 200
        position = over_rest.json()["position"]
        assert position == len(stored), "what was acknowledged is there, and nothing else"
        disk.free(registry)
        assert "errors" not in register(registry, number)
        stored.append(number)
        end = time.monotonic() + 60
        while httpx.get(f"{registry.address}/ready", timeout=30).status_code != 200:
            assert time.monotonic() < end, httpx.get(f"{registry.address}/ready", timeout=30).text
            time.sleep(0.2)
        rows = registry.sparql("SELECT ?s { ?s a ?c FILTER(STRSTARTS(STR(?s), 'urn:pump:')) }")
        assert sorted(row["s"] for row in rows) == sorted(f"urn:pump:{number}" for number in stored)
    assert "Traceback" not in (tmp_path / "log").read_text()
    run_cli("doctor", "--data", data)


def ready(registry: ServingRegistry, status: int) -> list[str]:
    """What `/ready` gives as reasons, with the status that it must have."""
    answer = httpx.get(f"{registry.address}/ready", timeout=30)
    assert answer.status_code == status, answer.text
    reasons: list[str] = answer.json()["reasons"]
    return reasons
