"""RDF in and out: imports that are judged as a whole and stored in batches, exports, and checks that store nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from enum import Enum
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO, Any

from registry.access.principal import Principal
from registry.domain.adoption import adopted
from registry.domain.change import Change, Event, Position
from registry.domain.releases.release import Release
from registry.domain.reports.audit import Rules, audited_together
from registry.domain.view import View
from registry.errors import ShapesViolated, StoreUnavailable
from registry.rdf.losses import Loss
from registry.rdf.repair import Repair
from registry.rdf.skolem import skolemise
from registry.rdf.syntax import Leniency, Syntax, parse, syntax_of, write
from registry.rdf.terms import Iri, Statement, is_blank
from registry.services.transfer.files import MOST_REPORTED, Source, TermCheck, digest_of, source_of
from registry.services.transfer.others import Others, Overtaken
from registry.services.transfer.trial import Prospect, prospect
from registry.services.validation_pool import Opener, crew_for, spread
from registry.shacl.reports.graph import Violation
from registry.stores.port import Record
from registry.stores.staging import StagedView, Staging
from registry.stores.writer import Faults, Submission, Writer

IMPORT = "import"
"""What the log names as the cause of a change that an import made."""
IMPORT_JOBS = "import-job"
BATCH = 400
"""How many resources are judged and stored together."""
MOST_JUDGEMENTS = 5
"""How often an import is judged anew where others change what it rests on."""

Progress = Callable[[str, int, int], None]
"""Told the stage, how many resources are done, and of how many (0 while nobody knows)."""


class OnFault(Enum):
    """What happens to a resource that breaks a shape: left out, kept as owed, or the whole import is refused."""

    LEAVE_OUT = "leave-out"
    OWE = "owe"
    REFUSE_ALL = "refuse-all"


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How files are imported. ``adopt`` names classes whose entities get a twin each; ``base`` is that of all files.

    Without a base relative IRIs are refused, or lost and listed where leniency allows it.
    """

    syntax: Syntax | None = None
    adopt: tuple[Iri, ...] = ()
    on_fault: OnFault = OnFault.LEAVE_OUT
    leniency: Leniency = Leniency.STRICT
    dry_run: bool = False
    base: Iri | None = None


@dataclass(slots=True)
class ImportResult:
    """What became of an import. ``violations`` are of what was left out, or is owed; ``losses`` could not be kept."""

    statements: int = 0
    resources: int = 0
    stored: int = 0
    unchanged: int = 0
    adopted: int = 0
    left_out: list[Iri] = field(default_factory=list)
    dangling: list[Iri] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    warnings: int = 0
    repairs: list[Repair] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    resumed_at: int = 0

    def as_json(self, languages: Sequence[str] = ()) -> dict[str, Any]:
        """The result as JSON values, violations in the first of the languages that there are words in."""
        violations = [violation.as_json(languages) for violation in self.violations]
        return {**asdict(replace(self, violations=[])), "violations": violations}


class Transfer:
    """Files to and from the record, in the calling thread; much that is staged is judged by several processes.

    ``writer`` is None where only reading is allowed; ``opener`` opens the record once more, for reading.
    """

    def __init__(
        self,
        record: Record,
        writer: Writer | None,
        release: Callable[[], Release],
        data: Path,
        opener: Opener,
    ) -> None:
        self._record = record
        self._writer = writer
        self._release = release
        self._data = data
        self._opener = opener

    def import_files(
        self,
        principal: Principal,
        files: Sequence[Path | Source],
        options: ImportOptions,
        progress: Progress = lambda stage, done, total: None,
    ) -> ImportResult:
        """Import files as one graph. Nothing is stored where one of them does not parse.

        What is stored is judged against everything the import would leave behind, because files link forwards and in
        circles; batches then only make it durable. Where others change a resource of the import, or one that it links
        to, before a batch is stored, the rest is judged anew. An import that was cut off goes on behind its last batch
        when the same files are imported again, and until then `doctor` tells of it.

        Raises SyntaxFault with file and line, BadInput for a file that is not there, ShapesViolated for REFUSE_ALL.
        """
        sources = [source_of(file, options.base) for file in files]
        result, digest = ImportResult(), digest_of(sources, repr(options))
        with self._staged(sources, options, result, digest, progress) as staging:
            result.resumed_at = 0 if options.dry_run else self._job(digest)[1]
            for _ in range(MOST_JUDGEMENTS):
                judged_at = self._record.head()
                self._judge(staging, options, result, progress)
                if result.violations and options.on_fault is OnFault.REFUSE_ALL:
                    raise ShapesViolated("nothing was imported", result.violations)
                if options.dry_run:
                    return result
                try:
                    self._store(principal, staging, digest, result, progress, judged_at)
                except Overtaken:
                    # Somebody changed what the judgement rests on: what is staged is judged anew, on top of that.
                    if options.on_fault is not OnFault.LEAVE_OUT:
                        result.violations.clear()
                    continue
                return result
        raise StoreUnavailable("others keep changing what the import is about: import again when they rest")

    def check_files(
        self,
        principal: Principal,
        files: Sequence[Path],
        syntax: Syntax | None = None,
        progress: Progress = lambda stage, done, total: None,
        base: Iri | None = None,
    ) -> ImportResult:
        """What importing these files would break; nothing is stored. Raises as `import_files` does."""
        options, result = ImportOptions(syntax, on_fault=OnFault.OWE, dry_run=True, base=base), ImportResult()
        sources = [source_of(file, base) for file in files]
        with self._staged(sources, options, result, digest_of(sources, repr(options)), progress) as staging:
            self._judge(staging, options, result, progress)
            self._audit(principal, staging, result)
        return result

    def export(
        self,
        principal: Principal,
        out: IO[bytes],
        syntax: Syntax,
        class_iri: Iri | None = None,
        progress: Progress = lambda s, d, t: None,
    ) -> int:
        """Write every resource, or those of a class and the classes below it; returns how many statements."""
        written = 0

        def counted() -> Iterator[Statement]:
            nonlocal written
            for statement in self.statements(principal, class_iri, progress):
                written += 1
                yield statement

        write(counted(), syntax, out, self._release().model.prefixes)
        return written

    def statements(
        self, principal: Principal, class_iri: Iri | None, progress: Progress = lambda s, d, t: None
    ) -> Iterator[Statement]:
        """What the record states, by resource in code point order, blank nodes of chosen resources included."""
        wanted = None if class_iri is None else self._release().model.subclasses(class_iri)
        view, total = self._record.view(), self._record.statistics()["resources"]
        after, done = "", 0
        while iris := self._record.iris(after, BATCH):
            for iri, resource in view.resources(iris).items():
                if wanted is None:
                    yield from resource.triples()
                elif not wanted.isdisjoint(resource.classes):
                    yield from _with_blank_nodes(view, iri)
            after, done = iris[-1], done + len(iris)
            progress("export", done, total)

    @contextmanager
    def _staged(
        self, files: Sequence[Source], options: ImportOptions, result: ImportResult, digest: str, progress: Progress
    ) -> Iterator[Staging]:
        self._data.mkdir(parents=True, exist_ok=True)
        staging = Staging.fresh(self._data / f"staging-{digest[:16]}.db")
        ill_formed: dict[Iri, None] = {}
        try:
            for file in files:
                syntax = options.syntax or file.syntax or syntax_of(file.path.name)
                with file.path.open("rb") as source:
                    parsed = parse(source, syntax, file=file.name, base=file.base, leniency=options.leniency)
                    # The content and not the name tells blank nodes apart, so importing it again is the same import.
                    label = "b" + digest_of([file], "")[:16]
                    told = partial(_tell_read, progress, result.statements)
                    terms = TermCheck(Path(file.name).name, skolemise(parsed.statements, label), result.violations)
                    result.statements += staging.add(terms, told)
                    ill_formed.update(terms.subjects)
                result.repairs += parsed.repairs
                result.losses += parsed.losses
            staging.index()
            if ill_formed and options.on_fault is not OnFault.REFUSE_ALL:
                self._leave_out(staging, list(ill_formed), result)
            result.adopted = self._adopt(staging, options.adopt)
            result.resources = staging.count()
            yield staging
        finally:
            staging.close()

    def _adopt(self, staging: Staging, classes: Sequence[Iri]) -> int:
        release, count = self._release(), 0
        view = StagedView(self._record.view(), staging)
        wanted = frozenset(below for class_iri in classes for below in release.model.subclasses(class_iri))
        for iris in _pages(staging) if wanted else ():
            found = [r for r in view.resources(iris).values() if not wanted.isdisjoint(r.classes)]
            news = [statements for entity in found if (statements := adopted(release, view, entity))]
            count += len(news)
            staging.add(statement for statements in news for statement in statements)
        return count

    def _judge(self, staging: Staging, options: ImportOptions, result: ImportResult, progress: Progress) -> None:
        """Judge everything staged; what breaks a shape is left out, and what would dangle then, until nothing does.

        What is no RDF was left out before, whatever is done with faults.
        """
        while refused := self._faults(staging, result, progress):
            if options.on_fault is not OnFault.LEAVE_OUT:
                return
            self._leave_out(staging, refused, result)

    def _faults(self, staging: Staging, result: ImportResult, progress: Progress) -> list[Iri]:
        """The staged resources to blame for what is wrong, with one pass over all of them."""
        refused: dict[Iri, None] = {}
        done, result.warnings = 0, 0
        release, processes = self._release(), crew_for(result.resources)
        here = Prospect(self._record, staging, release)
        there = partial(prospect, self._opener, staging.path, release.modules)
        with closing(spread(Prospect.judged, _pages(staging), here, there, processes)) as pages:
            for judged in pages:
                result.violations += judged.violations[: MOST_REPORTED - len(result.violations)]
                refused.update(dict.fromkeys(judged.to_blame))
                result.warnings += judged.warnings
                done += judged.resources
                progress("check", done, result.resources)
        return list(refused)

    def _audit(self, principal: Principal, staging: Staging, result: ImportResult) -> None:
        """Add what only audits find in the record and all that is staged on top of it."""
        release = self._release()
        staged = (statement for iris in _pages(staging) for statement in staging.statements(iris))
        for violation in audited_together(Rules.of_release(release), chain(self.statements(principal, None), staged)):
            if violation.severity.refuses:
                result.violations.append(violation)
            else:
                result.warnings += 1

    def _leave_out(self, staging: Staging, refused: Sequence[Iri], result: ImportResult) -> None:
        staging.leave_out(refused)
        result.left_out += refused
        self._leave_out_dangling(staging, refused, result)

    def _leave_out_dangling(self, staging: Staging, refused: Sequence[Iri], result: ImportResult) -> None:
        there = self._record.view().resources(refused)
        waiting = [iri for iri in refused if iri not in there]
        while waiting:
            for source in staging.sources(waiting.pop(), None, 1_000_000):
                staging.leave_out([source])
                result.dangling.append(source)
                waiting.append(source)

    def _job(self, digest: str) -> tuple[Iri, int]:
        """The last resource of an import that is stored, and how many are: nothing and none for a new one."""
        job = json.loads(self._record.kept(IMPORT_JOBS).get(digest, "{}"))
        return job.get("after", ""), job.get("done", 0)

    def _store(
        self,
        principal: Principal,
        staging: Staging,
        digest: str,
        result: ImportResult,
        progress: Progress,
        judged_at: Position,
    ) -> None:
        if self._writer is None:
            raise StoreUnavailable("the record is open for reading only")
        total = staging.count()
        after, done = self._job(digest)
        others = Others(self._record, staging, judged_at)
        while iris := staging.subjects(after, BATCH):
            statements = tuple(staging.statements(iris))
            events = (Event("Imported", iris[0], {"resources": str(len(iris))}),)
            submission = Submission(
                others.unmoved(_adding(statements, events)), principal, IMPORT, faults=Faults.JUDGED, reads=tuple(iris)
            )
            receipt = self._writer.submit(submission).result()
            others.expect(receipt.position)
            after, done = iris[-1], done + len(iris)
            result.stored += len(receipt.revisions) if receipt.added else 0
            self._record.keep(IMPORT_JOBS, digest, json.dumps({"after": after, "done": done}))
            progress("store", done, total)
        result.unchanged = total - result.resumed_at - result.stored
        self._record.drop(IMPORT_JOBS, digest)


def _tell_read(progress: Progress, before: int, staged: int) -> None:
    progress("read", before + staged, 0)


def _adding(statements: tuple[Statement, ...], events: tuple[Event, ...]) -> Callable[[View], Change]:
    return lambda view: Change(added=statements, events=events)


def _pages(staging: Staging) -> Iterator[Sequence[Iri]]:
    after = ""
    while iris := staging.subjects(after, BATCH):
        yield iris
        after = iris[-1]


def _with_blank_nodes(view: View, iri: Iri) -> Iterator[Statement]:
    seen, waiting = {iri}, [iri]
    while waiting:
        for resource in view.resources([waiting.pop()]).values():
            for statement in resource.triples():
                yield statement
                target = statement[2]
                if isinstance(target, str) and is_blank(target) and target not in seen:
                    seen.add(target)
                    waiting.append(target)
