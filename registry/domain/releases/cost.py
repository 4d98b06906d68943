"""What the shapes of a release cost: those that took longest where many resources were checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from registry.domain.releases.release import Release
from registry.rdf.languages import wording
from registry.rdf.terms import Iri, Literal, local_name
from registry.rdf.vocabulary import RDFS_LABEL, SH
from registry.shacl.times import Times

MOST = 5


@dataclass(frozen=True, slots=True)
class ShapeCost:
    """What the checks of one shape took together, in seconds; ``share`` is their part of the time of all shapes."""

    shape: Iri
    label: str
    seconds: float
    share: float
    checks: int

    def as_json(self) -> dict[str, Any]:
        """The record as JSON values."""
        return {
            "shape": self.shape,
            "label": self.label,
            "seconds": round(self.seconds, 6),
            "share": round(self.share, 4),
            "checks": self.checks,
        }


def slowest(release: Release, times: Times) -> Sequence[ShapeCost]:
    """The few shapes of a release that took longest, the slowest first."""
    spent = times.by_shape()
    whole = sum(seconds for seconds, _ in spent.values()) or 1.0
    found = sorted(spent, key=lambda shape: (-spent[shape].seconds, shape))[:MOST]
    labels = _labels(release, found)
    return [
        ShapeCost(shape, labels[shape], spent[shape].seconds, spent[shape].seconds / whole, spent[shape].checks)
        for shape in found
    ]


def _labels(release: Release, shapes: Sequence[Iri]) -> dict[Iri, str]:
    """What shapes are called: by sh:name or a label where they have one, else by their local name."""
    wordings: dict[Iri, list[Literal]] = {shape: [] for shape in shapes}
    for module in release.modules:
        if module.kind.has_shapes:
            for subject, predicate, value in module.statements:
                if subject in wordings and predicate in (RDFS_LABEL, SH + "name") and isinstance(value, Literal):
                    wordings[subject].append(value)
    return {shape: wording(tuple(found)) or local_name(shape) for shape, found in wordings.items()}
