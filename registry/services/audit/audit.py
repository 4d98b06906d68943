"""Whole checks: everything that stands against the record as it is, page by page and in several processes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, TypeAlias, TypeVar

from registry.access.principal import Principal
from registry.domain.releases.release import Release, shapes_of
from registry.domain.reports.audit import Rules, audited, audited_beside, audited_together
from registry.errors import ShapesTooCostly
from registry.ontology.modules import Module
from registry.rdf.terms import Iri, Statement
from registry.services.validation_pool import Opener, crew_for, spread
from registry.shacl.budget import limited
from registry.shacl.reports.graph import Severity, Violation
from registry.shacl.times import Spent, Times
from registry.stores.port import Record

PAGE = 500
"""So many resources are checked together, with what they lead to: some megabytes, whatever the size of the record."""
SAMPLED_TOGETHER = 50
"""The clock of a sample is looked at after so many resources."""
MOST_LOOKED_AT = 5_000
"""So many resources a page of a listing looks at; then it answers with what it has."""

Progress = Callable[[str, int, int], None]
Bench: TypeAlias = tuple[Record, Sequence[Rules]]
"""What pages are looked at with: the record, and what they are held to."""
T = TypeVar("T")


class Weighed(NamedTuple):
    """A resource that has a fault under one release, with all that stands against it under that and another one."""

    iri: Iri
    under_new: list[Violation]
    under_old: list[Violation]


def silent(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a listing goes on: behind so many violations of a resource; ``iri`` is empty for what is no resource."""

    iri: Iri = ""
    told: int = 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a listing. ``next`` is where to go on, None at the end; there may be more behind an empty page."""

    violations: Sequence[tuple[Place, Violation]]
    next: Place | None


class Audit:
    """Checks the whole record against the active release, or against what is to replace its shapes. It only reads.

    A page is seen in one committed state. While others write, pages may show different states, so that each result
    was true when it was found. In memory are a page or, with several processes, two pages for each, and no more; shapes
    that only audits check see all of the record at once, and hold it in memory.
    """

    def __init__(self, record: Record, release: Callable[[], Release], opener: Opener) -> None:
        self._record = record
        self._release = release
        self._opener = opener

    def modules(self, shapes: Sequence[Module] = ()) -> Sequence[Module]:
        """What an audit goes by: the active model with these shapes; one named like an active module replaces it."""
        replaced = {(module.kind, module.name) for module in shapes}
        return [*(module for module in self._release().modules if (module.kind, module.name) not in replaced), *shapes]

    def results(
        self,
        principal: Principal,
        shapes: Sequence[Module] = (),
        progress: Progress = silent,
        processes: int | None = None,
    ) -> Iterator[Violation]:
        """Everything that stands against the record, resource by resource in code point order.

        ``processes`` of None takes as many as the machine has cores, and none but this one where there is too little
        to do. Raises OntologyRejected for shapes that are not understood, StoreUnavailable where a process is lost.
        """
        rules = self._rules(shapes)
        # What is said of no single resource comes first.
        with self._record.snapshot() as snapshot:
            yield from audited_beside(rules, snapshot)
        yield from audited_together(rules, self._statements())
        for _, violations in self.by_resource(rules, self.modules(shapes), progress, processes):
            yield from violations

    def by_resource(
        self, rules: Rules, modules: Sequence[Module], progress: Progress = silent, processes: int | None = None
    ) -> Iterator[tuple[Iri, list[Violation]]]:
        """Every resource that has a fault, with all that stands against it; ``rules`` are those of the modules."""
        return self._each(check, (rules,), (modules,), progress, processes)

    def weighed(
        self, new: Release, old: Release, times: Times, progress: Progress = silent, processes: int | None = None
    ) -> Iterator[Weighed]:
        """Every resource that has a fault under a release, with all that stands against it there and under another.

        ``times`` notes how long the checks of each shape of the first take, summed over all processes.
        """
        rules = Rules.of_release(new), Rules.of_release(old)
        for found, spent in self._each(weigh, rules, (new.modules, old.modules), progress, processes):
            times.add(spent)
            yield from found

    def sampled(self, release: Release, times: Times, seconds: float) -> None:
        """Check the first pages of the record under a release for so long, to see what its shapes cost.

        A check that takes longer than what is left is ended, and is noted with that.
        """
        rules = Rules.of_release(release)
        with limited(seconds) as budget, suppress(ShapesTooCostly), self._record.snapshot() as snapshot:
            for iris in self._pages(SAMPLED_TOGETHER):
                deque(audited(rules, snapshot, iris, times), maxlen=0)
                if budget.left_seconds < 0:
                    return

    def _each(
        self,
        work: Callable[[Bench, Sequence[Iri]], Sequence[T]],
        rules: Sequence[Rules],
        models: Sequence[Sequence[Module]],
        progress: Progress,
        processes: int | None,
    ) -> Iterator[T]:
        """What is found on every page, in order: by this process, or by several that compile the models anew."""
        total = self._record.statistics()["resources"]
        count = crew_for(total) if processes is None else processes
        there = partial(_bench, self._opener, [tuple(modules) for modules in models])
        pages = spread(work, self._pages(PAGE), (self._record, rules), there, count)
        done = 0
        with closing(pages):
            for found in pages:
                yield from found
                done += PAGE
                progress("check", min(done, total), total)

    def listed(
        self, principal: Principal, first: int, after: Place | None, severity: Severity | None, shape: Iri | None
    ) -> Listed:
        """A page of all that is owed, of a severity or a shape where one is named.

        Looks at no more than `MOST_LOOKED_AT` resources, so it may hold less than asked for, or nothing.
        """
        rules, found = self._rules(()), list[tuple[Place, Violation]]()
        place, looked_at = after or Place(), 0

        def wanted(iri: Iri, violations: Iterable[Violation]) -> Iterator[tuple[Place, Violation]]:
            for told, violation in enumerate(violations, start=1):
                is_wanted = severity in (None, violation.severity) and shape in (None, violation.shape)
                if is_wanted and (iri, told) > (place.iri, place.told):
                    yield Place(iri, told), violation

        if not place.iri:
            with self._record.snapshot() as snapshot:
                found += wanted("", audited_beside(rules, snapshot))
        # The resource that the last page ended in is looked at again: some of what stands against it may be left.
        again = [place.iri] if place.iri else []
        behind = place.iri
        while len(found) <= first and looked_at < MOST_LOOKED_AT:
            iris = [*again, *self._record.iris(behind, PAGE)]
            if not iris:
                return _cut(found, first, None)
            for iri, violations in check((self._record, (rules,)), iris):
                found += wanted(iri, violations)
            again, behind, looked_at = [], iris[-1], looked_at + len(iris)
        return _cut(found, first, Place(behind, 2**31))

    def _rules(self, shapes: Sequence[Module]) -> Rules:
        release = self._release()
        if not shapes:
            return Rules.of_release(release)
        return Rules(release.model, shapes_of(self.modules(shapes), release.model, accepted=release.modules))

    def _pages(self, size: int) -> Iterator[Sequence[Iri]]:
        after = ""
        while iris := self._record.iris(after, size):
            yield iris
            after = iris[-1]

    def _statements(self) -> Iterator[Statement]:
        for iris in self._pages(PAGE):
            for resource in self._record.view().resources(iris).values():
                yield from resource.triples()


def check(bench: Bench, iris: Sequence[Iri]) -> list[tuple[Iri, list[Violation]]]:
    """What stands against a page of resources, all of it seen in one committed state."""
    record, (rules,) = bench
    with record.snapshot() as snapshot:
        return list(audited(rules, snapshot, iris))


def weigh(bench: Bench, iris: Sequence[Iri]) -> list[tuple[list[Weighed], Mapping[Iri, Spent]]]:
    """The resources of a page that have a fault under the first release, with what they have under the second.

    With them comes what the checks of each shape of the first release took.
    """
    record, (new, old) = bench
    times = Times()
    with record.snapshot() as snapshot:
        found = list(audited(new, snapshot, iris, times))
        earlier = dict(audited(old, snapshot, [iri for iri, _ in found])) if found else {}
    return [([Weighed(iri, violations, earlier.get(iri, [])) for iri, violations in found], times.by_shape())]


def _bench(opener: Opener, models: Sequence[Sequence[Module]]) -> Bench:
    return opener(), [Rules.of(modules) for modules in models]


def _cut(found: Sequence[tuple[Place, Violation]], first: int, rest: Place | None) -> Listed:
    if len(found) <= first:
        return Listed(found, rest)
    shown = found[:first]
    return Listed(shown, shown[-1][0] if shown else Place())
