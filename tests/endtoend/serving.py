"""A registry in a process of its own, on a free port, as a user would start it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

REGISTRY = (sys.executable, "-m", "registry")


class ServingRegistry:
    """``registry serve`` or ``registry demo`` on a data folder; use it in a ``with`` block."""

    def __init__(
        self, data: Path, command: str = "serve", environment: dict[str, str] | None = None, port: int = 0,
        log: Path | None = None,
    ) -> None:  # fmt: skip
        """``log`` is a file for what it writes beside its answers; without one that can be read when it has ended."""
        self.data = data
        self._log = log
        self._command = [*REGISTRY, command, "--data", str(data), "--port", str(port), "--json"]
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[str] | None = None
        self.address = ""

    def __enter__(self) -> ServingRegistry:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait for the address it prints once it answers."""
        with ExitStack() as files:
            log = files.enter_context(self._log.open("ab")) if self._log is not None else subprocess.PIPE
            self._process = subprocess.Popen(
                self._command, stdout=subprocess.PIPE, stderr=log, text=True, env=self._environment
            )
        assert self._process.stdout is not None
        printed = ""
        for line in self._process.stdout:
            printed += line
            if line.startswith("}"):
                break
        if not printed.strip():
            assert self._process.stderr is not None
            raise RuntimeError(f"the registry did not start: {self._process.stderr.read()}")
        self.address = json.loads(printed)["address"]

    def kill(self) -> None:
        """End it as a power cut would: kill -9."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._wait()

    def signal(self, number: int) -> None:
        """Send it a signal and do not wait."""
        assert self._process is not None
        self._process.send_signal(number)

    def ended(self) -> int:
        """Wait for its end; the exit code, negative for the signal that ended it."""
        self._wait()
        assert self._process is not None
        return self._process.returncode

    def stop(self) -> None:
        """End it politely."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        self._wait()

    def _wait(self) -> None:
        assert self._process is not None
        try:
            self._process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            raise

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The answer to a GraphQL document, errors and all."""
        answer = httpx.post(f"{self.address}/graphql", json={"query": query, "variables": variables}, timeout=30)
        decoded: dict[str, Any] = answer.json()
        return decoded

    def sparql(self, query: str) -> list[dict[str, str]]:
        """The rows of a SELECT that sees every write acknowledged so far."""
        position = httpx.get(f"{self.address}/health", timeout=30).json()["position"]
        answer = httpx.post(
            f"{self.address}/sparql",
            data={"query": query},
            headers={"accept": "application/sparql-results+json", "registry-at-least": str(position)},
            timeout=60,
        )
        answer.raise_for_status()
        rows = answer.json()["results"]["bindings"]
        return [{name: cell["value"] for name, cell in row.items()} for row in rows]


def run_cli(
    *arguments: str | Path,
    check: int | None = 0,
    stdin: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the command line; ``check`` is the exit code it must have, None for any."""
    done = subprocess.run(
        [*REGISTRY, *map(str, arguments)], capture_output=True, text=True, timeout=240, input=stdin, check=False,
        env={**os.environ, **(environment or {})},
    )  # fmt: skip
    assert check is None or done.returncode == check, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done
