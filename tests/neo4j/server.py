"""A Neo4j server on free loopback ports, which ends with the process that started it, whatever ends that."""

from __future__ import annotations

import ctypes
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from tests.neo4j.runtime import LONG_TERM, Compilation, Distribution, command

_READY_SECONDS = 120
_ATTEMPTS = 3
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG


class Neo4jServer:
    """One server on a home folder of its own; it can be killed and started again on the same data and ports."""

    def __init__(
        self,
        home: Path,
        browser: Mapping[str, str] | None = None,
        distribution: Distribution = LONG_TERM,
        compilation: Compilation = Compilation.SOON,
    ) -> None:
        """``browser`` are the settings of Neo4j Browser, which a server with them also serves."""
        self._home = home
        self._distribution = distribution
        self._compilation = compilation
        self._browser = browser
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self._http_port = 0

    @property
    def http(self) -> str:
        """Where Browser is."""
        return f"http://127.0.0.1:{self._http_port}"

    @property
    def url(self) -> str:
        """Where drivers connect."""
        return f"bolt://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers a query; a port that was taken meanwhile is exchanged for another."""
        for attempt in range(_ATTEMPTS):
            if not self.port or attempt:
                self.port, self._http_port = free_port(), free_port()
            try:
                self._start()
            except _PortTaken:
                continue
            return
        raise RuntimeError("no port stayed free long enough to start Neo4j on it")

    def kill(self) -> None:
        """End it as a power cut would: kill -9."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """End it politely; idempotent."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(40)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Neo4jServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self) -> None:
        for folder in ("conf", "data", "logs", "plugins", "import", "run"):
            (self._home / folder).mkdir(parents=True, exist_ok=True)
        told = configuration(self.port, None if self._browser is None else self._with_browser(self._browser))
        (self._home / "conf" / "neo4j.conf").write_text(told)
        log = self._home / "logs" / "console.log"
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                command(self._home, self._distribution, self._compilation), cwd=self._home, preexec_fn=_die_with_parent,
                stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        end = time.monotonic() + _READY_SECONDS
        while not _answers(self.url):
            if self._process.poll() is not None or time.monotonic() > end:
                told = log.read_text(errors="replace")[-3000:]
                self.stop()
                if "already in use" in told:
                    raise _PortTaken
                raise RuntimeError(f"Neo4j did not start: {told}")
            time.sleep(0.1)

    def _with_browser(self, settings: Mapping[str, str]) -> Mapping[str, str]:
        address = f"127.0.0.1:{self._http_port}"
        return {
            "server.http.enabled": "true",
            "server.http.listen_address": address,
            "server.http.advertised_address": address,
            **settings,
        }


class _PortTaken(Exception):
    """Somebody else got the port between finding it free and listening on it."""


def configuration(port: int, more: Mapping[str, str] | None = None) -> str:
    """The settings of a server that listens on a port, one a line; ``more`` are added or take the place of some."""
    settings = {
        "server.default_listen_address": "127.0.0.1",
        "server.bolt.listen_address": f"127.0.0.1:{port}",
        "server.bolt.advertised_address": f"127.0.0.1:{port}",
        "server.http.enabled": "false",
        "server.https.enabled": "false",
        "server.memory.pagecache.size": "128m",
        "dbms.security.auth_enabled": "false",
        "dbms.usage_report.enabled": "false",
        "client.allow_telemetry": "false",
        # Half a gigabyte less on disk, and a stop in two seconds instead of twelve.
        "db.tx_log.preallocate": "false",
        "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",
        **(more or {}),
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _answers(url: str) -> bool:
    from neo4j import GraphDatabase
    from neo4j.exceptions import DriverError, Neo4jError

    # Bolt listens before the database is up, so only an answered query tells that a server is ready.
    try:
        with GraphDatabase.driver(url, connection_timeout=2) as driver, driver.session(database="neo4j") as session:
            session.run("RETURN 1").consume()
        return True
    except (DriverError, Neo4jError, OSError):
        return False


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGKILL)
