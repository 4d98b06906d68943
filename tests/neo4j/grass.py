"""A style sheet as Neo4j Browser reads it: the last rule that matches wins (neo4j-browser 5.24, `GraphStyleModel`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

Rules = Mapping[str, Mapping[str, str]]


def rules_of(sheet: str) -> Rules:
    """Selector → properties, in the order of the sheet."""
    found: dict[str, dict[str, str]] = {}
    for selector, body in re.findall(r"([^{}]+?)\s*\{\n(.*?)\n\}", sheet.strip(), re.DOTALL):
        assert selector.strip() not in found, f"two rules for {selector}"
        pairs = (line.strip().removesuffix(";").split(": ") for line in body.splitlines())
        found[selector.strip()] = {name: value.strip("'") for name, value in pairs}
    return found


def drawn(rules: Rules, labels: Iterable[str]) -> Mapping[str, str]:
    """The properties that a node with these labels is drawn with."""
    own = set(labels)
    result: dict[str, str] = {}
    for selector, properties in rules.items():
        tag, *classes = selector.split(".")
        if tag == "node" and own.issuperset(classes):
            result |= properties
    return result
