"""What a release would mean for everything that is stored, worked out while the registry goes on."""

from __future__ import annotations

from collections.abc import Callable

from registry.domain.change import Change
from registry.domain.impact import Impact, orphans
from registry.domain.judgement import owed
from registry.domain.overlay import Overlay
from registry.domain.release import Release
from registry.domain.view import View
from registry.stores.port import Record

PAGE = 400
Progress = Callable[[str, int, int], None]
"""Told the stage, how many resources are done, and of how many."""


class Impacts:
    """Weighs releases against a record."""

    def __init__(self, record: Record) -> None:
        self._record = record

    def of(self, active: Release, release: Release, progress: Progress, migration: Change) -> Impact:
        """What would start to fail under a release after a migration, and what is in a state that it does not have."""
        impact, now = Impact(release.digest), self._record.view()
        migrated: View = now
        if migration.removed or migration.added:
            migrated = overlay = Overlay(now)
            overlay.apply(overlay.net(migration.removed, migration.added), "")
        total, after = self._record.statistics()["resources"], ""
        while iris := self._record.iris(after, PAGE):
            before, page = Overlay(now), Overlay(migrated)
            for state, iri in orphans(release, page.resources(iris)):
                impact.orphaned.setdefault(state, set()).add(iri)
            for iri in iris:
                found = owed(release, page, iri)
                if found:
                    impact.add(iri, found, owed(active, before, iri))
            impact.resources += len(iris)
            after = iris[-1]
            progress("weigh", impact.resources, total)
        return impact
