"""What a release would mean for everything that is stored, worked out while the registry goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from registry.domain.change import Change
from registry.domain.judgement import owed
from registry.domain.overlay import Overlay
from registry.domain.releases.cost import ShapeCost, slowest
from registry.domain.releases.impact import Impact, states_gone
from registry.domain.releases.release import Release
from registry.domain.reports.audit import ALL
from registry.domain.view import View
from registry.rdf.terms import Iri
from registry.rdf.vocabulary import IN_STATE
from registry.services.audit.audit import Audit
from registry.shacl.reports.graph import Violation
from registry.shacl.times import Times
from registry.stores.port import Record

PAGE = 400
SAMPLE_SECONDS = 1.0
"""So long a draft is tried on what is stored, while somebody waits for it to be published."""
Progress = Callable[[str, int, int], None]
"""Told the stage, how many resources are done, and of how many."""


class Impacts:
    """Weighs releases against a record."""

    def __init__(self, record: Record, audit: Audit) -> None:
        self._record = record
        self._audit = audit

    def of(self, active: Release, release: Release, progress: Progress, migration: Change) -> Impact:
        """What would start to fail under a release after a migration, and what is in a state that it does not have."""
        impact, now, times = Impact(release.digest), self._record.view(), Times()
        impact.resources = self._record.statistics()["resources"]
        after: View = now
        if migration.removed or migration.added:
            after = migrated = Overlay(now)
            migrated.apply(migrated.net(migration.removed, migration.added), "")
            news = _new_subjects(now, migration)
            for iri, found in self._in_order(release, migrated, news, times, progress):
                impact.add(iri, found, owed(active, Overlay(now), iri))
        else:
            for weighed in self._audit.weighed(release, active, times, progress):
                impact.add(*weighed)
        for state in states_gone(active, release):
            if in_it := after.sources(state, IN_STATE, ALL):
                impact.orphaned[state] = set(in_it)
        impact.slowest = slowest(release, times)
        return impact

    def sampled(self, release: Release) -> Sequence[ShapeCost]:
        """The shapes of a release that take longest on the first pages of what is stored, as far as a second goes."""
        times = Times()
        self._audit.sampled(release, times, SAMPLE_SECONDS)
        return slowest(release, times)

    def _in_order(
        self, release: Release, view: View, news: Sequence[Iri], times: Times, progress: Progress
    ) -> Iterator[tuple[Iri, Sequence[Violation]]]:
        """The same as an audit, of a state that is not stored; ``news`` are resources that only this state has."""
        total, done = self._record.statistics()["resources"] + len(news), 0
        for iris in chain(self._pages(), _paged(news)):
            page = Overlay(view)
            page.resources(iris)
            yield from ((iri, found) for iri in iris if (found := owed(release, page, iri, times)))
            done += len(iris)
            progress("weigh", done, total)

    def _pages(self) -> Iterator[Sequence[Iri]]:
        after = ""
        while iris := self._record.iris(after, PAGE):
            yield iris
            after = iris[-1]


def _paged(iris: Sequence[Iri]) -> Iterator[Sequence[Iri]]:
    return (iris[start : start + PAGE] for start in range(0, len(iris), PAGE))


def _new_subjects(now: View, migration: Change) -> Sequence[Iri]:
    """The resources that a migration makes."""
    subjects = list(dict.fromkeys(subject for subject, _, _ in migration.added))
    there = {iri for page in _paged(subjects) for iri in now.resources(page)}
    return [iri for iri in subjects if iri not in there]
