"""A headless Chromium, driven through its own debugging protocol (Chrome DevTools Protocol) with nothing in between."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

SECONDS = 60
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
    "--remote-debugging-port=0", "--window-size=1400,900",
)  # fmt: skip


def chromium() -> str:
    """Where Chromium is; without it the test is skipped, and fails where ``CI=true``."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("needs Chromium: apt-get install chromium")
        pytest.skip("needs Chromium: apt-get install chromium")
    return found


class Page:
    """One page: what it asked the network for, what its console said, and what is on it."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.addresses: list[str] = []
        self.complaints: list[str] = []

    async def listen(self) -> None:
        """Take in what the browser says, for as long as the page lives."""
        async for message in self._connection:
            said = json.loads(message)
            if "id" in said:
                self._answers.pop(said["id"]).set_result(said)
            elif said["method"] in ("Network.requestWillBeSent", "Network.webSocketCreated"):
                self.addresses.append(said["params"].get("url") or said["params"]["request"]["url"])
            elif said["method"] == "Log.entryAdded" and said["params"]["entry"]["level"] == "error":
                self.complaints.append(said["params"]["entry"]["text"])
            elif said["method"] == "Runtime.exceptionThrown":
                self.complaints.append(str(said["params"]["exceptionDetails"]))

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Ask the browser for something."""
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        said = await answer
        assert "error" not in said, said
        result: dict[str, Any] = said["result"]
        return result

    async def evaluate(self, script: str) -> Any:
        """The value of a script on the page."""
        result = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    async def until(self, script: str) -> Any:
        """The value of a script once it is true."""
        async with asyncio.timeout(SECONDS):
            while not (value := await self.evaluate(script)):
                await asyncio.sleep(0.1)
        return value

    async def click(self, element: str) -> None:
        """Press and release the mouse on the element that a script finds, once it is there."""
        find = f"const box = ({element})?.getBoundingClientRect()"
        box = f"(() => {{ {find}; return box?.width && [box.x, box.y, box.width, box.height]; }})()"
        left, top, width, height = await self.until(box)
        place = {"x": left + width / 2, "y": top + height / 2, "button": "left", "clickCount": 1}
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            await self.call("Input.dispatchMouseEvent", type=kind, **place)

    async def screenshot(self, path: Path) -> None:
        """A picture of the page."""
        picture = await self.call("Page.captureScreenshot")
        path.write_bytes(base64.b64decode(picture["data"]))


@asynccontextmanager
async def opened(address: str, profile: Path) -> AsyncIterator[Page]:
    """A page at an address, in a browser with a profile of its own."""
    command = [chromium(), *FLAGS, f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        port_file = profile / "DevToolsActivePort"
        async with asyncio.timeout(SECONDS):
            while not (port_file.exists() and port_file.read_text().count("\n")):
                await asyncio.sleep(0.05)
        port = port_file.read_text().split("\n")[0]
        async with httpx.AsyncClient() as http:
            targets = (await http.get(f"http://127.0.0.1:{port}/json")).json()
        target = next(found for found in targets if found["type"] == "page")
        async with connect(target["webSocketDebuggerUrl"], max_size=None) as connection:
            page = Page(connection)
            listening = asyncio.create_task(page.listen())
            for domain in ("Page", "Runtime", "Network", "Log"):
                await page.call(f"{domain}.enable")
            await page.call("Page.navigate", url=address)
            yield page
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
    finally:
        process.terminate()
        process.wait(20)
