"""Where tests find data that is not ours to ship."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
SHARED_DATA = Path(os.environ.get("REGISTRY_TEST_DATA", CHECKOUT.parent / "shared" / "data"))


def shared(*parts: str) -> Path:
    """A file or folder of the shared data; without it the test is skipped, and fails where ``CI=true``."""
    path = SHARED_DATA.joinpath(*parts)
    if not path.exists():
        reason = f"needs {'/'.join(parts)} of the shared data (REGISTRY_TEST_DATA names its folder)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def shipped(package: str, file: str) -> Path:
    """A data file of an installed package; without it the test is skipped, and fails where ``CI=true``."""
    try:
        path = Path(str(distribution(package).locate_file(file)))
    except PackageNotFoundError:
        path = Path()
    if not path.is_file():
        reason = f"needs the package {package}, for its {file}: pip install -e '.[dev]'"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path
