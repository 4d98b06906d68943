"""`constraints.txt` pins everything that runs the registry, within the bounds of `pyproject.toml`."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.places import CHECKOUT

FILE = CHECKOUT / "constraints.txt"


def pins() -> dict[str, str]:
    """Each pinned version by the name of its distribution."""
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    found = [re.fullmatch(r"([A-Za-z0-9._-]+)==([^\s;@/]+)", line) for line in lines]
    assert all(found), lines
    return {canonicalize_name(one[1]): one[2] for one in found if one is not None}


def declared() -> list[Requirement]:
    """What `pyproject.toml` says the registry needs."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [Requirement(text) for text in project["dependencies"]]


def test_the_pins_are_within_the_bounds_of_the_project() -> None:
    pinned = pins()
    assert "semantic-twin-registry" not in pinned
    for requirement in declared():
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), requirement


def test_everything_that_runs_the_registry_is_pinned() -> None:
    pinned, seen = pins(), set[tuple[str, frozenset[str]]]()
    waiting = declared()
    while waiting:
        requirement = waiting.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key in seen:
            continue
        seen.add(key)
        assert key[0] in pinned, requirement
        for text in importlib.metadata.requires(key[0]) or ():
            needed = Requirement(text)
            marker = needed.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *key[1])):
                waiting.append(needed)
    assert len(seen) > len(declared())
