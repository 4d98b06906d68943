"""A screen that nobody sees, with a window manager, a keyboard and a mouse."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

TOOLS = {"Xvfb": "xvfb", "openbox": "openbox", "xdotool": "xdotool", "import": "imagemagick"}


def missing_tools() -> str:
    """The packages that have to be installed first, or nothing."""
    return " ".join(package for tool, package in TOOLS.items() if shutil.which(tool) is None)


class Screen:
    """What a person does at a screen, and what they see. ``environment`` is what a program needs to show up on it."""

    def __init__(self, display: str) -> None:
        self.environment: Mapping[str, str] = {**os.environ, "DISPLAY": display}

    def window(self, title: str, seconds: float = 90) -> str:
        """The window whose title matches, once it is there."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self._xdotool("search", "--name", title).split()
            if found:
                return found[-1]
            time.sleep(0.5)
        raise AssertionError(f"no window {title!r} within {seconds} s")

    def fill(self, window: str) -> None:
        """Give a window the keyboard and the whole screen."""
        self._xdotool("windowactivate", window, "windowsize", window, "1280", "900", "windowmove", window, "0", "0")
        time.sleep(1.5)

    def click(self, x: int, y: int) -> None:
        """Press the mouse somewhere, in pixels from the left and from the top."""
        self._xdotool("mousemove", str(x), str(y), "click", "1")
        time.sleep(1.5)

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self._xdotool("key", key)
            time.sleep(0.03)

    def type(self, text: str) -> None:
        """Type a text."""
        self._xdotool("type", "--delay", "60", text)
        time.sleep(0.5)

    def picture(self, path: Path) -> None:
        """Save what the screen shows as a PNG."""
        size = ["-crop", "1280x880+0+20", "+repage", "-colors", "128"]
        subprocess.run(["import", "-window", "root", *size, str(path)], env=self.environment, check=True, timeout=30)

    def _xdotool(self, *arguments: str) -> str:
        done = subprocess.run(
            ["xdotool", *arguments], env=self.environment, capture_output=True, text=True, timeout=30, check=False
        )
        return done.stdout


@contextlib.contextmanager
def open_screen() -> Iterator[Screen]:
    """A screen of 1280 × 900 pixels, taken down afterwards."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x920x24", "-nolisten", "tcp"],
        pass_fds=[writing], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    with os.fdopen(reading) as number:
        screen = Screen(f":{number.readline().strip()}")
    manager = subprocess.Popen(["openbox"], env=screen.environment, stderr=subprocess.DEVNULL)
    try:
        yield screen
    finally:
        for process in (manager, server):
            process.terminate()
            process.wait(timeout=20)
