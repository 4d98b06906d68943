"""All of this runs on Java."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.places import CHECKOUT
from tests.protege import need_java


@pytest.fixture(autouse=True)
def _with_java() -> None:
    need_java()


@pytest.fixture
def ontologies(tmp_path: Path) -> Path:
    """A copy of our ontologies that a test may edit."""
    return Path(shutil.copytree(CHECKOUT / "ontologies", tmp_path / "ontologies"))
