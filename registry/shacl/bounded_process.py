"""A process for the queries and searches of shapes that may take long: it is ended when their time is over.

pyoxigraph and RE2 cannot be interrupted, and what cannot be interrupted must not run in a thread that others wait for.
Processes are kept for the next time. One that is ended has its successor started at once, which is ready by then.
"""

from __future__ import annotations

import atexit
import pickle
import select
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from registry.errors import ShapesTooCostly
from registry.shacl.budget import PATIENCE_SECONDS, current

_PROGRAM = Path(__file__).with_name("bounded_process_program.py")
_LENGTH = struct.Struct("<Q")

MEMORY_BYTES = 500_000_000
"""What a process may take beyond its own code; one that needs more ends, and its work is too costly."""

MOST_RESULTS = 10_000
"""How many solutions a query of a shape may have at one node."""

_START_SECONDS = 20.0
"""How long an interpreter may take to start on a machine that is very busy; nobody's budget pays for it."""

_KEPT = 1


class BoundedProcesses:
    """The processes that wait for work, shared by all threads."""

    def __init__(self) -> None:
        self._idle: list[_Process] = []
        self._lock = threading.Lock()

    def run(self, name: str, *arguments: Any) -> Any:
        """What a function of the program gives, within what is left of the budget.

        Raises ShapesTooCostly where time, memory or results are too much, and ValueError for what pyoxigraph refuses.
        """
        process = self._taken()
        process.wait_until_ready()
        budget = current()
        seconds = PATIENCE_SECONDS if budget is None else budget.seconds
        left = PATIENCE_SECONDS if budget is None else budget.left_seconds
        try:
            outcome, found = process.ask((name, arguments), max(left, 0.0))
        except (OSError, EOFError, TimeoutError):
            process.end()
            self._keep(_Process())
            raise ShapesTooCostly(seconds) from None
        except BaseException:
            process.end()
            raise
        self._keep(process)
        if outcome == "exceeded":
            raise ShapesTooCostly(seconds)
        if outcome == "refused":
            raise ValueError(found)
        return found

    def close(self) -> None:
        """End all that wait."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.end()

    def _taken(self) -> _Process:
        with self._lock:
            found = self._idle.pop() if self._idle else None
        if found is not None and not found.is_alive:
            found.end()
            found = None
        return found or _Process()

    def _keep(self, process: _Process) -> None:
        with self._lock:
            if len(self._idle) < _KEPT:
                self._idle.append(process)
                return
        process.end()


class _Process:
    """One process and its pipes."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(_PROGRAM), str(MEMORY_BYTES), str(MOST_RESULTS)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self._is_ready = False

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def wait_until_ready(self) -> None:
        """Wait for the interpreter to start."""
        if not self._is_ready:
            with suppress(OSError, EOFError, TimeoutError):
                self._read(_LENGTH.size, time.monotonic() + _START_SECONDS)
            self._is_ready = True

    def ask(self, job: object, seconds: float) -> tuple[str, Any]:
        """The outcome of a job. Raises EOFError or OSError where the process ended, TimeoutError where time did."""
        end = time.monotonic() + seconds
        content = pickle.dumps((seconds, job))
        assert self._process.stdin is not None
        self._process.stdin.write(_LENGTH.pack(len(content)) + content)
        self._process.stdin.flush()
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size, end))
        outcome: tuple[str, Any] = pickle.loads(self._read(length, end))
        return outcome

    def end(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            _close(pipe)
        self._process.wait()

    def _read(self, length: int, end: float) -> bytes:
        out = self._process.stdout
        assert out is not None
        found = bytearray()
        while len(found) < length:
            ready, _, _ = select.select([out], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                raise TimeoutError
            part = out.read1(length - len(found))  # type: ignore[attr-defined]
            if not part:
                raise EOFError
            found += part
        return bytes(found)


def _close(pipe: IO[bytes] | None) -> None:
    with suppress(OSError):
        if pipe is not None:
            pipe.close()


processes = BoundedProcesses()
"""Those of this process."""

atexit.register(processes.close)
