"""An audit of a real record finds what a whole check in memory finds, in one process and in several."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from registry.domain.releases.release import Release
from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Iri, Statement
from registry.rdf.vocabulary import INTEGRITY
from registry.services.audit import audit as auditing
from registry.services.audit.audit import Audit, Place
from registry.shacl.reports.graph import Severity, Violation
from registry.shacl.shapes import compile_shapes
from registry.stores.open_mode import Access
from registry.stores.port import Record
from registry.stores.sqlite.record import open_sqlite
from tests.audit.records import audit_of, fill, release_of, shapes_module
from tests.principals import LOCAL
from tests.shacl.cases import HIERARCHY, Case, Scope
from tests.shacl.whole import E, WholeMemoryGraph


def opened(file: Path) -> closing[Record]:
    return closing(open_sqlite(file, Access.WRITE))


def drawn(seed: int, size: int) -> tuple[Case, list[Statement]]:
    case = Case(seed).draw_shapes()
    return case, [case.statement() for _ in range(size)]


def compiled(case: Case) -> Release:
    shapes = compile_shapes(MemoryGraph(case.shapes), extra_targets=case.extra_targets)
    return replace(release_of(), shapes=shapes)


@pytest.mark.parametrize("block", range(4))
@pytest.mark.parametrize("page", [1, 3, 500])
def test_an_audit_is_a_whole_check(block: int, page: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "PAGE", page)
    verdicts: Counter[bool] = Counter()
    for seed in range(block * 25 + page * 1_000, block * 25 + page * 1_000 + 25):
        case, statements = drawn(seed, 12)
        release, file = compiled(case), tmp_path / f"{seed}.db"
        with opened(file) as record:
            fill(record, statements)
            # Integrity stands beside the shapes; the oracle knows shapes only.
            results = audit_of(record, file, release).results(LOCAL)
            found = Counter(each for each in results if not each.component.startswith(INTEGRITY))
        assert found == Counter(release.shapes.validate(WholeMemoryGraph([*HIERARCHY, *statements]))), f"seed {seed}"
        verdicts[bool(found)] += 1
    assert min(verdicts[True], verdicts[False]) > 0, "both verdicts must be met to prove anything"


def test_several_processes_find_the_same_in_the_same_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "PAGE", 7)
    case = Case(4, scope_of_modules()).draw_shapes()
    shapes = shapes_module(case.shapes)
    told: list[tuple[str, int, int]] = []
    with opened(tmp_path / "registry.db") as record:
        fill(record, many(case, 300))
        audit = audit_of(record, tmp_path / "registry.db", release_of(shapes))
        alone = list(audit.results(LOCAL, processes=1))
        together = list(audit.results(LOCAL, processes=2, progress=lambda *done: told.append(done)))
    assert together == alone
    assert alone
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert told[-1] == ("check", 300, 300)


def test_an_audit_that_is_given_up_leaves_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "PAGE", 2)
    case = Case(4, scope_of_modules()).draw_shapes()
    with opened(tmp_path / "registry.db") as record:
        fill(record, many(case, 100))
        results = audit_of(record, tmp_path / "registry.db", release_of(shapes_module(case.shapes))).results(
            LOCAL, processes=2
        )
        assert next(results)
        results.close()  # type: ignore[attr-defined]
    assert not multiprocessing.active_children()


def test_a_listing_gives_every_result_once_whatever_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "PAGE", 5)
    monkeypatch.setattr(auditing, "MOST_LOOKED_AT", 20)
    case = Case(4, scope_of_modules()).draw_shapes()
    with opened(tmp_path / "registry.db") as record:
        fill(record, many(case, 150))
        audit = audit_of(record, tmp_path / "registry.db", release_of(shapes_module(case.shapes)))
        everything = list(audit.results(LOCAL))
        for first in (1, 2, 7, 1_000):
            assert listed(audit, first) == everything
        shape = everything[0].shape
        assert listed(audit, 3, shape=shape) == [found for found in everything if found.shape == shape]
        assert listed(audit, 3, severity=Severity.CUSTOM) == []


def scope_of_modules() -> Scope:
    """Templates are told by a model, which random shapes have not."""
    return Scope(extensions=False)


def many(case: Case, resources: int) -> list[Statement]:
    """So many resources, few of them alike."""
    statements = [case.statement() for _ in range(6 * resources)]
    renamed = [(f"{E}m{number // 6:05}", predicate, target) for number, (_, predicate, target) in enumerate(statements)]
    return renamed


def listed(audit: Audit, first: int, severity: Severity | None = None, shape: Iri | None = None) -> list[Violation]:
    found: list[Violation] = []
    after: Place | None = Place()
    while after is not None:
        page = audit.listed(LOCAL, first, after, severity, shape)
        assert len(page.violations) <= first
        found += [violation for _, violation in page.violations]
        after = page.next
    return found
