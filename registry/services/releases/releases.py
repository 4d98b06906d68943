"""From model files to the release in force: drafts are published, compared, weighed against the twins, activated."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from xml.sax.saxutils import quoteattr

from registry.access.principal import Principal
from registry.domain.change import Change, Entry, Event, Position
from registry.domain.integrity import malformed
from registry.domain.judgement import judge
from registry.domain.overlay import Net, Overlay
from registry.domain.releases.comparison import Comparison, compare
from registry.domain.releases.cost import ShapeCost
from registry.domain.releases.impact import Impact, Waiver
from registry.domain.releases.release import Release
from registry.domain.view import View
from registry.errors import BadInput, IllFormed, ImpactUnanswered, OntologyRejected, StoreUnavailable
from registry.ontology.lint import lint
from registry.ontology.modules import CATALOGUE, Module, ModuleKind, check_imports
from registry.rdf.terms import Statement
from registry.services.releases.impacts import Impacts, Progress
from registry.services.releases.migration import NO_MIGRATION, Migration, migrate
from registry.services.releases.ontologies import Ontologies, ReleaseNote
from registry.stores.port import Record
from registry.stores.submission import Faults, Receipt, Submission
from registry.stores.writer import Writer

ACTIVATED = "ReleaseActivated"


@dataclass(frozen=True, slots=True)
class Draft:
    """A published release and how it differs from the one that was active, ``before``.

    ``slowest`` are the shapes whose checks took longest on a sample of what is stored.
    """

    before: Release
    release: Release
    note: ReleaseNote
    comparison: Comparison
    slowest: Sequence[ShapeCost] = ()


class Releases:
    """Publishes and activates. It runs in the calling thread; ``writer`` is None where only reading is allowed."""

    def __init__(self, record: Record, ontologies: Ontologies, writer: Writer | None, impacts: Impacts) -> None:
        self._record = record
        self._ontologies = ontologies
        self._writer = writer
        self._impacts = impacts
        self._readying: list[Callable[[Release], object]] = []

    def ready(self, make_ready: Callable[[Release], object]) -> None:
        """Have this called, in a thread of its own, with every release that is about to come into force."""
        self._readying.append(make_ready)

    def publish(
        self, principal: Principal, modules: Sequence[Module], without: Iterable[str] = (), message: str = ""
    ) -> Draft:
        """Keep a draft: the active modules, with these in place of those of the same file and without some.

        Raises OntologyRejected with findings of the form ``file:line: reason`` for whatever the lint or the compiler
        finds and for a version that does not say what changed. The active model once more is no draft and no fault.
        """
        active = self._ontologies.active()
        merged = _merged(active.modules, modules, without)
        check_imports(merged)
        draft = self._ontologies.compiled_draft(merged)
        if draft.digest == active.digest:
            return Draft(active, active, self._ontologies.keep(active), compare(active, active))
        own = [module for module in merged if module.kind is not ModuleKind.FOREIGN]
        findings = [*_news(active.modules, own), *_versions(compare(active, draft), draft)]
        if findings:
            more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
            raise OntologyRejected(f"the draft is not fit to be published: {findings[0]}{more}", findings)
        note, sampled = self._ontologies.keep(draft, message), self._impacts.sampled(draft)
        return Draft(active, draft, note, compare(active, draft), sampled)

    def compare(self, principal: Principal, before: str, after: str) -> tuple[Comparison, Release, Release]:
        """How two kept releases differ, and the two of them."""
        earlier, later = (self._ontologies.compiled(self._ontologies.digest_of(name)) for name in (before, after))
        return compare(earlier, later), earlier, later

    def impact(
        self, principal: Principal, name: str, progress: Progress, migration: Migration = NO_MIGRATION
    ) -> Impact:
        """What putting a release in force, after a migration, would mean for everything that is stored."""
        release = self._release(name)
        return self._impacts.of(self._ontologies.active(), release, progress, self._migrated(release, migration))

    def activate(
        self,
        principal: Principal,
        name: str,
        waivers: Sequence[Waiver] = (),
        migration: Migration = NO_MIGRATION,
        progress: Progress = lambda stage, done, total: None,
    ) -> Receipt:
        """Put a release in force, together with its migration. Every entry from here on is checked under it.

        All that is stored is weighed first, while writing goes on; what was written meanwhile is weighed again in the
        moment of the change. Nobody waits for what depends on the release: that is made ready meanwhile. Raises
        ImpactUnanswered where resources would start to fail a shape that is not waived.
        """
        if self._writer is None:
            raise StoreUnavailable("the record is open for reading only")
        active, release = self._ontologies.active(), self._release(name)
        if release.digest == active.digest:
            raise BadInput(f"the release {release.digest[:12]} is active already", argument="release")
        position = self._record.head()
        with ThreadPoolExecutor(1, "ready") as aside:
            waiting = [aside.submit(make_ready, release) for make_ready in self._readying]
            change = self._migrated(release, migration)
            _answered(self._impacts.of(active, release, progress, change), waivers)
            for made in waiting:
                made.result()
        waived = ", ".join(sorted(waiver.shape for waiver in waivers))
        event = Event(ACTIVATED, f"urn:release:{release.digest}", {"version": release.version, "waived": waived})

        def work(view: View) -> Change:
            if self._ontologies.active().digest != active.digest:
                raise StoreUnavailable("another release came into force meanwhile: weigh this one again")
            latest = change if self._record.head() == position else self._migrated(release, migration)
            self._weigh_again(release, view, position, change, latest, waivers)
            return replace(latest, events=(event,))

        submission = Submission(
            work, principal, f"activate release {release.version}", faults=Faults.JUDGED, activates=release,
            committed=lambda: self._ontologies.take(release),
        )  # fmt: skip
        return self._writer.submit(submission).result()

    def previous(self) -> str:
        """The digest of the release that was active before this one. Raises BadInput where there was none."""
        active = self._ontologies.active().digest
        earlier = [n for n in self._ontologies.notes() if n.activated_at is not None and n.digest != active]
        if not earlier:
            raise BadInput("no other release was ever active here", argument="release")
        return max(earlier, key=lambda note: note.activated_at or "").digest

    def _release(self, name: str) -> Release:
        return self._ontologies.compiled(self._ontologies.digest_of(name))

    def _migrated(self, release: Release, migration: Migration) -> Change:
        known, new = self._ontologies.active().names, release.names
        renames = {
            known.resolve(before, "rename"): new.resolve(after, "rename") for before, after in migration.renames.items()
        }
        change = migrate(self._record, replace(migration, renames=renames), release.model.prefixes)
        if wrong := malformed(change.added):
            raise IllFormed("the migration makes what is no RDF that can be kept", wrong)
        return change

    def _weigh_again(
        self,
        release: Release,
        view: View,
        position: Position,
        weighed: Change,
        latest: Change,
        waivers: Sequence[Waiver],
    ) -> None:
        """Weigh what was written while everything else was weighed: what differs from what that saw, migrated."""
        before, after = Overlay(view), Overlay(view)
        touched: dict[Statement, None] = {}
        for entry in reversed(self._entries_after(position)):
            touched |= dict.fromkeys((*entry.removed, *entry.added))
            before.apply(before.net(entry.added, entry.removed), "")
        if not touched:
            return
        for graph, change in ((before, weighed), (after, latest)):
            touched |= dict.fromkeys((*change.removed, *change.added))
            graph.apply(graph.net(change.removed, change.added), "")
        net = Net(
            tuple(statement for statement in touched if before.states(statement) and not after.states(statement)),
            tuple(statement for statement in touched if after.states(statement) and not before.states(statement)),
        )
        _answered(Impact.from_violations(release.digest, judge(release, before, after, net).refusals), waivers)

    def _entries_after(self, position: Position) -> Sequence[Entry]:
        found: list[Entry] = []
        while batch := self._record.entries(position + len(found), 1_000):
            found += batch
        return found


def _merged(active: Sequence[Module], given: Sequence[Module], without: Iterable[str]) -> tuple[Module, ...]:
    by_file = {module.file: module for module in active}
    for name in without:
        gone = [file for file, module in by_file.items() if module.name == name]
        if not gone:
            raise BadInput(f"the active release has no module {name!r}", argument="without")
        for file in gone:
            del by_file[file]
    by_file.update((module.file, module) for module in given)
    return tuple(by_file.values())


def _unchanged(before: Sequence[Module], after: Sequence[Module]) -> set[str]:
    known = {(module.file, module.digest) for module in before}
    return {module.file for module in after if (module.file, module.digest) in known}


def _news(before: Sequence[Module], after: Sequence[Module]) -> list[str]:
    """What the lint finds in modules that changed, and in the others what it would not have found before."""
    found, unchanged = _linted(after), _unchanged(before, after)
    if any(finding.partition(":")[0] in unchanged for finding in found):
        known = set(_linted([module for module in before if module.kind is not ModuleKind.FOREIGN]))
        found = [finding for finding in found if finding.partition(":")[0] not in unchanged or finding not in known]
    return found


def _linted(modules: Sequence[Module]) -> list[str]:
    """What the lint finds in modules, laid out as a folder with its catalogue."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "shapes").mkdir()
        for module in modules:
            (folder / module.file).write_bytes(module.text)
        (folder / CATALOGUE).write_text(_catalogue(modules), encoding="utf-8")
        findings = lint(folder)
    return [f"{found.where}: {found.message}" for found in findings]


def _catalogue(modules: Sequence[Module]) -> str:
    entries = "".join(
        f"<uri name={quoteattr(module.iri)} uri={quoteattr(module.file)}/>"
        for module in modules
        if module.kind is ModuleKind.ONTOLOGY
    )
    return f'<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog" prefer="public">{entries}</catalog>'


def _versions(comparison: Comparison, draft: Release) -> list[str]:
    """Versions that do not say what happened, each with the place to mend it."""
    files = {module.name: module for module in draft.modules if module.kind is ModuleKind.ONTOLOGY}
    return [
        f"{files[fault.module].place(files[fault.module].iri)}: what changed is {fault.level.name.lower()}, so version "
        f"{fault.before} becomes {fault.needed} or later, not {fault.after or 'none'}"
        for fault in comparison.version_faults
    ]


def _answered(impact: Impact, waivers: Sequence[Waiver]) -> None:
    found = impact.unanswered(waivers)
    if found:
        count = sum(shape.count for shape in found)
        raise ImpactUnanswered(
            f"{count:,} violations would begin, of {len(found)} shapes, first <{found[0].shape}>: mend the resources, "
            "or waive the shape with a reason",
            [shape.as_json() for shape in found],
        )
