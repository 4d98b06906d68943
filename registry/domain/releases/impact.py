"""What a release would mean for what is stored: who would start to fail, and what would lose its meaning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.domain.releases.cost import ShapeCost
from registry.domain.releases.release import Release
from registry.rdf.terms import Iri, local_name
from registry.shacl.reports.graph import Severity, Violation

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Waiver:
    """Somebody's word that a shape, named by its IRI or local name, may be broken by what is stored: that is owed."""

    shape: Iri
    reason: str


@dataclass(slots=True)
class ShapeImpact:
    """What would start to break one shape: how often, how many resources, and some of them."""

    shape: Iri
    severity: Severity
    message: str
    count: int = 0
    resources: set[Iri] = field(default_factory=set)

    def as_json(self) -> dict[str, Any]:
        """The record as JSON values."""
        return {
            "shape": self.shape,
            "severity": self.severity.value,
            "message": self.message,
            "violations": self.count,
            "resources": len(self.resources),
            "examples": sorted(self.resources)[:EXAMPLES],
        }


@dataclass(slots=True)
class Impact:
    """The whole of it. ``failing`` are all resources that the release refuses, ``starting`` those it newly refuses.

    ``orphaned`` maps a state that falls away to the resources that are in it. ``slowest`` are the shapes of the release
    whose checks took longest, over all that is stored.
    """

    release: str
    resources: int = 0
    failing: set[Iri] = field(default_factory=set)
    starting: set[Iri] = field(default_factory=set)
    orphaned: dict[Iri, set[Iri]] = field(default_factory=dict)
    slowest: Sequence[ShapeCost] = ()
    _shapes: dict[tuple[Iri, Severity], ShapeImpact] = field(default_factory=dict)

    @classmethod
    def from_violations(cls, release: str, violations: Iterable[Violation]) -> Impact:
        """The impact that consists of these."""
        impact = cls(release)
        for violation in violations:
            impact.add(str(violation.focus), [violation], [])
        return impact

    def add(self, iri: Iri, under_new: Sequence[Violation], under_old: Sequence[Violation]) -> None:
        """Add what stands against a resource under the release and under the one before it."""
        known = {violation.key() for violation in under_old}
        refusing = [violation for violation in under_new if violation.severity.refuses]
        if refusing:
            self.failing.add(iri)
        for violation in under_new:
            if violation.key() not in known:
                self._note(iri, violation)

    def _note(self, iri: Iri, violation: Violation) -> None:
        if violation.severity.refuses:
            self.starting.add(iri)
        shape = self._shapes.setdefault(
            (violation.shape, violation.severity), ShapeImpact(violation.shape, violation.severity, violation.message)
        )
        shape.count += 1
        shape.resources.add(iri)

    @property
    def shapes(self) -> Sequence[ShapeImpact]:
        """Every shape that something would start to break, those that refuse and concern most first."""
        return sorted(self._shapes.values(), key=lambda found: (not found.severity.refuses, -found.count, found.shape))

    def unanswered(self, waivers: Iterable[Waiver]) -> Sequence[ShapeImpact]:
        """The shapes that refuse and are not waived."""
        waived = {waiver.shape for waiver in waivers}
        return [
            found
            for found in self.shapes
            if found.severity.refuses and waived.isdisjoint({found.shape, local_name(found.shape)})
        ]

    def as_json(self) -> dict[str, Any]:
        """The report as JSON values."""
        return {
            "release": self.release,
            "resources": self.resources,
            "failing": len(self.failing),
            "starting": len(self.starting),
            "shapes": [found.as_json() for found in self.shapes],
            "orphaned": {
                state: {"resources": len(iris), "examples": sorted(iris)[:EXAMPLES]}
                for state, iris in sorted(self.orphaned.items())
            },
            "slowest": [cost.as_json() for cost in self.slowest],
        }


def states_gone(before: Release, after: Release) -> frozenset[Iri]:
    """The states of all lifecycles of a release that no lifecycle of another has."""
    had, has = (
        frozenset(state for machine in release.machines.values() for state in machine.states)
        for release in (before, after)
    )
    return had - has
