"""What an import would leave behind, page by page: each judged on top of the record, with everything staged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from registry.domain.judgement import Verdict, judge
from registry.domain.overlay import Net, Overlay
from registry.domain.releases.release import Release, compile_release
from registry.domain.reports.audit import REFERRERS
from registry.domain.reports.explanation import explain
from registry.domain.view import View
from registry.ontology.modules import Module
from registry.rdf.terms import Iri, Statement
from registry.rdf.vocabulary import RDF_TYPE
from registry.services.validation_pool import Opener
from registry.shacl.reports.graph import Violation
from registry.stores.port import Distance, Record, Wanted
from registry.stores.prefetch import foreseen
from registry.stores.staging import Said, StagedView, Staging


class Judged(NamedTuple):
    """What a page of staged resources would bring. ``to_blame`` are those that the violations are laid to."""

    resources: int
    violations: Sequence[Violation]
    to_blame: Sequence[Iri]
    warnings: int


@dataclass(frozen=True, slots=True)
class Prospect:
    """A record, what is staged beside it, and the release that all of it is held to."""

    record: Record
    staging: Staging
    release: Release

    def judged(self, iris: Sequence[Iri]) -> Judged:
        """Judge a page, in one committed state of the record."""
        said = self.staging.shown(iris)
        near = dict.fromkeys(iris)
        near.update(dict.fromkeys(_ends(said)))
        with self.record.snapshot() as snapshot:
            verdict = foreseen(snapshot, Wanted(near), partial(self._verdict, said, near, snapshot.distance))
        blamed = dict.fromkeys(iri for violation in verdict.refusals for iri in self._to_blame(violation, iris))
        return Judged(len(iris), verdict.refusals, list(blamed), len(verdict.warnings))

    def _verdict(self, said: Said, near: Iterable[Iri], distance: Distance, before: View) -> Verdict:
        base = Overlay(before)
        after = Overlay(StagedView(base, self.staging, said))
        # They are looked at one by one from here on, so they are read together now.
        after.resources(near)
        if distance is Distance.NEAR:
            self._remember(near, base, after)
        verdict = judge(self.release, base, after, Net(added=_missing(base, said)))
        return Verdict(explain(self.release, after, verdict.refusals, base), verdict.warnings)

    def _remember(self, near: Iterable[Iri], base: Overlay, after: Overlay) -> None:
        """Read together who points at what is near, where that is little and the record has nobody who does."""
        pointed_at = self.record.incoming_counts(near, None)
        for target, pointing in self.staging.incoming(near, REFERRERS + 1).items():
            if target not in pointed_at:
                base.remember(target, ())
                if len(pointing) <= REFERRERS:
                    after.remember(target, pointing)

    def _to_blame(self, violation: Violation, page: Sequence[Iri]) -> Sequence[Iri]:
        """Which staged resources a violation is laid to: its focus, or those of the page that reach it."""
        focus = violation.focus
        if isinstance(focus, str) and any(True for _ in self.staging.statements([focus])):
            return [focus]
        pointing = set(self.staging.sources(focus, None, 100_000)) & set(page)
        if not pointing and violation.value is not None:
            pointing = {iri for iri in page if iri == violation.value} or set(
                self.staging.sources(violation.value, None, 100_000)
            ) & set(page)
        return sorted(pointing) or list(page)


def prospect(opener: Opener, staged: Path, modules: Sequence[Module]) -> Prospect:
    """The same in a process beside the one that staged it."""
    return Prospect(opener(), Staging.beside(staged), compile_release(modules, accepted=modules))


def _ends(said: Said) -> Iterable[Iri]:
    for statements in said.values():
        for predicate, targets in statements.items():
            if predicate != RDF_TYPE:
                for target in targets:
                    if type(target) is str:
                        yield target


def _missing(view: View, said: Said) -> tuple[Statement, ...]:
    there = view.resources(said)
    return tuple(
        (subject, predicate, target)
        for subject, statements in said.items()
        for predicate, targets in statements.items()
        for target in targets
        if subject not in there or target not in there[subject].values(predicate)
    )
