"""What Protégé itself makes of the ontologies: the OWL API build inside it, its reasoner, and the real window."""

from __future__ import annotations

import os

import pytest

from registry.ontology.reasoner import missing_tools


def need_java() -> None:
    """Skip where Java or Maven are missing, and fail there with ``CI=true``."""
    missing = missing_tools()
    if missing and os.environ.get("CI") == "true":
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
