"""How long the checks of each shape take, where somebody wants to know: a sum of seconds and a number of checks."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import NamedTuple

from registry.rdf.terms import Iri


class Spent(NamedTuple):
    """What the checks of a shape took together, in seconds, and how many they were."""

    seconds: float = 0.0
    checks: int = 0


class Times:
    """Sums up by shape, for one thread; what other processes found is added as a mapping, which can be pickled."""

    def __init__(self) -> None:
        self._spent: dict[Iri, list[float]] = {}

    def note(self, shape: Iri, since: float) -> float:
        """Add a check that began at ``since`` and ends now; returns the present reading of the same clock."""
        now = perf_counter()
        spent = self._spent.get(shape)
        if spent is None:
            spent = self._spent[shape] = [0.0, 0]
        spent[0] += now - since
        spent[1] += 1
        return now

    def add(self, found: Mapping[Iri, Spent]) -> None:
        """Add what was measured elsewhere."""
        for shape, (seconds, checks) in found.items():
            spent = self._spent.setdefault(shape, [0.0, 0])
            spent[0] += seconds
            spent[1] += checks

    def by_shape(self) -> dict[Iri, Spent]:
        """The sums."""
        return {shape: Spent(seconds, int(checks)) for shape, (seconds, checks) in self._spent.items()}
