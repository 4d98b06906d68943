"""Whole checks: everything that stands against the record as it is, page by page and in several processes."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TypeVar

from registry.domain.audit import Rules, audited_beside, audited_together
from registry.domain.release import Release, shapes_of
from registry.errors import StoreUnavailable
from registry.ontology.modules import Module
from registry.rdf.terms import Iri, Statement
from registry.services.audit_worker import Opener, Weighed, check, page, prepare, weigh, weighed
from registry.shacl.report import Severity, Violation
from registry.stores.port import Record

PAGE = 500
"""So many resources are checked together, with what they lead to: some megabytes, whatever the size of the record."""
WORTH_A_PROCESS = 10_000
"""Fewer resources than this are checked sooner here than a process starts."""
MOST_LOOKED_AT = 5_000
"""So many resources a page of a listing looks at; then it answers with what it has."""

Progress = Callable[[str, int, int], None]
T = TypeVar("T")


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
        self, shapes: Sequence[Module] = (), progress: Progress = silent, processes: int | None = None
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
        return self._each(partial(page, self._record, rules), check, (modules,), progress, processes)

    def weighed(
        self, new: Release, old: Release, progress: Progress = silent, processes: int | None = None
    ) -> Iterator[Weighed]:
        """Every resource that has a fault under a release, with all that stands against it there and under another."""
        here = partial(weighed, self._record, Rules.of_release(new), Rules.of_release(old))
        return self._each(here, weigh, (new.modules, old.modules), progress, processes)

    def _each(
        self,
        here: Callable[[Sequence[Iri]], Sequence[T]],
        there: Callable[[Sequence[Iri]], Sequence[T]],
        models: Sequence[Sequence[Module]],
        progress: Progress,
        processes: int | None,
    ) -> Iterator[T]:
        """What is found on every page, in order: by this process, or by several that are given the models."""
        total = self._record.statistics()["resources"]
        count = _processes(total) if processes is None else processes
        pages = self._spread(there, models, count) if count > 1 else (here(iris) for iris in self._pages())
        done = 0
        with closing(pages):
            for found in pages:
                yield from found
                done += PAGE
                progress("check", min(done, total), total)

    def listed(self, first: int, after: Place | None, severity: Severity | None, shape: Iri | None) -> Listed:
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
            for iri, violations in page(self._record, rules, iris):
                found += wanted(iri, violations)
            again, behind, looked_at = [], iris[-1], looked_at + len(iris)
        return _cut(found, first, Place(behind, 2**31))

    def _rules(self, shapes: Sequence[Module]) -> Rules:
        release = self._release()
        if not shapes:
            return Rules.of_release(release)
        return Rules(release.model, shapes_of(self.modules(shapes), release.model))

    def _pages(self) -> Iterator[Sequence[Iri]]:
        after = ""
        while iris := self._record.iris(after, PAGE):
            yield iris
            after = iris[-1]

    def _statements(self) -> Iterator[Statement]:
        for iris in self._pages():
            for resource in self._record.view().resources(iris).values():
                yield from resource.triples()

    def _spread(
        self, work: Callable[[Sequence[Iri]], Sequence[T]], models: Sequence[Sequence[Module]], processes: int
    ) -> Generator[Sequence[T], None, None]:
        """The pages in their order, each checked by one of several processes."""
        # A fresh interpreter, because a fork of a process with threads and open databases is not safe.
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(processes, context, prepare, (self._opener, [tuple(modules) for modules in models]))
        try:
            waiting: deque[Future[Sequence[T]]] = deque()
            pages = self._pages()
            waiting.extend(pool.submit(work, iris) for iris in islice(pages, 2 * processes))
            while waiting:
                yield waiting.popleft().result()
                waiting.extend(pool.submit(work, iris) for iris in islice(pages, 1))
        except BrokenProcessPool as error:
            raise StoreUnavailable("a process of the audit was ended from outside: run it again") from error
        finally:
            pool.shutdown(cancel_futures=True)


def _processes(resources: int) -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, resources // WORTH_A_PROCESS)


def _cut(found: Sequence[tuple[Place, Violation]], first: int, rest: Place | None) -> Listed:
    if len(found) <= first:
        return Listed(found, rest)
    shown = found[:first]
    return Listed(shown, shown[-1][0] if shown else Place())
