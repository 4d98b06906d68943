"""Packages of npm that judge us: fetched once into the cache of the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.places import CHECKOUT


def installed(name: str, *packages: str) -> Path:
    """The folder with these packages, which scripts run in. Without npm the test is skipped, or fails under CI."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        reason = f"needs npm, for {' and '.join(packages)}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    folder = CHECKOUT / "target" / name
    if not all((folder / "node_modules" / package.rpartition("@")[0]).exists() for package in packages):
        folder.mkdir(parents=True, exist_ok=True)
        installing = [npm, "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(folder), *packages]
        done = subprocess.run(installing, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == 0, done.stderr
    return folder
