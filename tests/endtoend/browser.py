"""A real Chromium without a window, spoken to over its debugging protocol."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
          "--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0",
          "--window-size=1400,1150")  # fmt: skip


class Page:
    """One page. Commands are those of the Chrome DevTools protocol."""

    def __init__(self, connection: ClientConnection, address: str) -> None:
        self._connection = connection
        self._number = 0
        self.requests: list[str] = []
        self.faults: list[str] = []
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.command(f"{domain}.enable")
        self.command("Page.navigate", url=address)

    def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result; what the page does meanwhile is noted."""
        self._number += 1
        self._connection.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._connection.recv(timeout=20))
            self._note(message)
            if message.get("id") == self._number:
                result: dict[str, Any] = message.get("result", {})
                return result

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page."""
        found = self.command("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        return found["result"].get("value")

    def wait_for(self, expression: str, seconds: float = 20) -> Any:
        """The first true value of an expression. Fails with what the page complained of."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = self.evaluate(expression)
            if value:
                return value
            time.sleep(0.2)
        raise AssertionError(f"never true: {expression}; the page says {self.faults}")

    def click(self, element: str) -> None:
        """Press and release the mouse on what an expression finds, once it is there."""
        find = f"const box = ({element})?.getBoundingClientRect()"
        left, top, width, height = self.wait_for(
            f"(() => {{ {find}; return box?.width && [box.x, box.y, box.width, box.height]; }})()"
        )
        place = {"x": left + width / 2, "y": top + height / 2, "button": "left", "clickCount": 1}
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.command("Input.dispatchMouseEvent", type=kind, **place)

    def picture(self, path: Path) -> None:
        """Save what the page shows as a PNG."""
        path.write_bytes(base64.b64decode(self.command("Page.captureScreenshot")["data"]))

    def _note(self, message: dict[str, Any]) -> None:
        parameters = message.get("params", {})
        if message.get("method") == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif message.get("method") == "Network.webSocketCreated":
            self.requests.append(parameters["url"])
        elif message.get("method") == "Runtime.exceptionThrown":
            self.faults.append(str(parameters["exceptionDetails"].get("exception", {}).get("description")))
        elif message.get("method") == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self.faults.append(parameters["entry"]["text"])


@contextmanager
def browser_page(address: str) -> Iterator[Page]:
    """Open a page in Chromium; without one the test is skipped, and fails where ``CI=true``."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        reason = "needs Chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [chromium, *_FLAGS, f"--user-data-dir={profile}", "about:blank"]
        # With a home of its own it leaves nothing behind in the user's.
        environment = {**os.environ, "HOME": profile}
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
        try:
            with connect(_page_address(process), max_size=None) as connection:
                yield Page(connection, address)
        finally:
            process.kill()
            process.communicate()


def _page_address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if "DevTools listening on" in line:
            port = int(line.rpartition(" ")[2].split(":")[2].split("/")[0])
            return _first_page(port)
    raise AssertionError("Chromium did not start")


def _first_page(port: int) -> str:
    import httpx

    for _ in range(50):
        pages = [p for p in httpx.get(f"http://127.0.0.1:{port}/json").json() if p["type"] == "page"]
        if pages:
            return str(pages[0]["webSocketDebuggerUrl"])
        time.sleep(0.1)
    raise AssertionError("Chromium opened no page")
