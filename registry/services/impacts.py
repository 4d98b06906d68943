"""What a release would mean for everything that is stored, worked out while the registry goes on."""

from __future__ import annotations

from collections.abc import Callable

from registry.domain.impact import Impact, orphans
from registry.domain.judgement import owed
from registry.domain.overlay import Overlay
from registry.domain.release import Release
from registry.stores.port import Record

PAGE = 400
Progress = Callable[[str, int, int], None]
"""Told the stage, how many resources are done, and of how many."""


class Impacts:
    """Weighs releases against a record."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def of(self, active: Release, release: Release, progress: Progress) -> Impact:
        """What would start to fail under a release, and what is in a state that it does not have."""
        impact, view = Impact(release.digest), self._record.view()
        total, after = self._record.statistics()["resources"], ""
        while iris := self._record.iris(after, PAGE):
            page = Overlay(view)
            for state, iri in orphans(release, page.resources(iris)):
                impact.orphaned.setdefault(state, set()).add(iri)
            for iri in iris:
                found = owed(release, page, iri)
                if found:
                    impact.add(iri, found, owed(active, page, iri))
            impact.resources += len(iris)
            after = iris[-1]
            progress("weigh", impact.resources, total)
        return impact
