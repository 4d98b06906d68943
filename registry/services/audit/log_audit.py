"""What shapes say of the record, computed a second way and compared. A difference is a bug or a hand's work.

The log is replayed into a graph in memory, and what follows is compared with what the record itself says and with what
every write was told. It needs about 1 kB for a statement, and twice that where something is owed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from registry.access.principal import REGISTRY
from registry.domain.change import Entry
from registry.domain.overlay import Net
from registry.domain.releases.release import Release
from registry.domain.reports.audit import WholeRecord
from registry.rdf.terms import Iri, Term
from registry.rdf.vocabulary import INTEGRITY
from registry.services.audit.audit import Audit, Progress, silent
from registry.services.health import Finding, Verdict
from registry.services.transfer.importer import IMPORT
from registry.shacl.reports.graph import Key, Violation
from registry.stores.port import Record

_ENTRIES = 200
_RESOURCES = 500
_SHOWN = 3
_FAULTY_COPY = "take the last good copy of the record, and tell who maintains the registry"


class LogGraph(WholeRecord):
    """What the entries of a log lead to."""

    def take(self, entry: Entry) -> None:
        """Make the change of the next entry."""
        for statement in entry.removed:
            self.remove(statement)
        for statement in entry.added:
            self.add(statement)


class Recount:
    """Compares three things.

    The record with the log: every resource says what the entries add up to. The results of the audit, read page by
    page from the documents and the link index, with those of a whole check of the replayed graph, shape by shape. And
    what is owed with the log: a check of each change in its turn must have met every violation that stands, and it may
    only have come with an import, which may owe, or under an earlier release, which had other shapes.
    """

    def __init__(self, record: Record, release: Release, audit: Audit) -> None:
        self._record = record
        self._release = release
        self._audit = audit

    def findings(self, progress: Progress = silent) -> list[Finding]:
        """What was compared and what was found. While others write, differences tell nothing, and this says so."""
        head = self._record.head()
        graph = LogGraph((), self._release.model)
        for entry in self._entries(head, progress):
            graph.take(entry)
        held = Counter(self._release.shapes.held_results(graph))
        whole = held + Counter(self._release.shapes.audit(graph))
        compared = [self._of_record(graph, progress), self._of_results(whole, progress)]
        if any(finding.is_fault for finding in compared) and self._record.head() != head:
            found = "the record was written to meanwhile, so nothing could be compared"
            return [Finding("shapes", Verdict.NOTE, found, "run it again while nobody writes")]
        del graph
        return [*compared, self._of_owed([found for found in held if found.severity.refuses], head, progress)]

    def _entries(self, head: int, progress: Progress) -> Iterator[Entry]:
        position = 0
        while position < head:
            for entry in self._record.entries(position, min(_ENTRIES, head - position)):
                yield entry
                position = entry.position
            progress("replay", position, head)

    def _of_record(self, graph: LogGraph, progress: Progress) -> Finding:
        """Whether each resource says what the log says."""
        view, total = self._record.view(), self._record.statistics()["resources"]
        differing, seen, after = list[Iri](), 0, ""
        while iris := self._record.iris(after, _RESOURCES):
            for iri, resource in view.resources(iris).items():
                if set(resource.triples()) != {(iri, p, v) for p, v in _said(graph, iri)}:
                    differing.append(iri)
            after, seen = iris[-1], seen + len(iris)
            progress("compare", seen, total)
        stored = sum(1 for _ in graph.subjects())
        if differing or stored != seen:
            which = f": {', '.join(differing[:_SHOWN])}" if differing else ""
            found = f"of {seen:,} resources {len(differing):,} say other than the log, which has {stored:,}{which}"
            return Finding("replay", Verdict.FAULT, found, _FAULTY_COPY)
        return Finding("replay", Verdict.GOOD, f"each of {seen:,} resources says what the log says")

    def _of_results(self, whole: Counter[Violation], progress: Progress) -> Finding:
        """Whether both ways find the same."""
        audited = self._audit.results(REGISTRY, progress=progress)
        # Rules of the registry are no shapes; the whole check knows nothing of them.
        own = Counter(found for found in audited if not found.component.startswith(INTEGRITY))
        differing = list(((own - whole) + (whole - own)).elements())
        if differing:
            found = f"{len(differing):,} results are found one way only, such as {_told(differing[0])}"
            return Finding("shapes", Verdict.FAULT, found, _FAULTY_COPY)
        return Finding("shapes", Verdict.GOOD, f"{own.total():,} results, the same both ways")

    def _of_owed(self, owed: Sequence[Violation], head: int, progress: Progress) -> Finding:
        """Whether each violation that stands came in a way that is open to it."""
        if not owed:
            return Finding("owed", Verdict.GOOD, "nothing is owed")
        brought = self._brought(head, progress)
        for violation in owed:
            if violation.key() not in brought:
                found = f"no change brought this, so a check has missed it: {_told(violation)}"
                return Finding("owed", Verdict.FAULT, found, _FAULTY_COPY)
            entry = brought[violation.key()]
            if entry is not None and entry.cause != IMPORT and entry.release == self._release.digest:
                found = f"entry {entry.position:,} ({entry.cause}) was to be refused: {_told(violation)}"
                return Finding("owed", Verdict.FAULT, found, _FAULTY_COPY)
        found = f"{len(owed):,} violations, all from imports or under earlier releases"
        return Finding("owed", Verdict.NOTE, found, "registry audit lists them")

    def _brought(self, head: int, progress: Progress) -> Mapping[Key, Entry | None]:
        """The last entry that brought each result, None for what stood before the first one."""
        shapes, model = self._release.shapes, self._release.model
        before, after = LogGraph((), model), LogGraph((), model)
        brought: dict[Key, Entry | None] = dict.fromkeys(found.key() for found in shapes.held_results(before))
        for entry in self._entries(head, progress):
            after.take(entry)
            for found in shapes.new_results(before, after, Net(entry.removed, entry.added)):
                brought[found.key()] = entry
            before.take(entry)
        return brought


def _said(graph: LogGraph, iri: Iri) -> Iterator[tuple[Iri, Term]]:
    return ((predicate, value) for predicate, values in graph.outgoing(iri).items() for value in values)


def _told(violation: Violation) -> str:
    told = violation.as_json()
    return f"{told['focus']}{' at ' + violation.path if violation.path else ''}: {violation.message}"
