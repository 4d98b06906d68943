"""A record opens whatever its release holds: what this version no longer reads is left out, named and can be mended."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from registry.app.core import Registry, open_registry
from registry.errors import OntologyRejected, ShapesViolated
from registry.ontology.modules import Module
from registry.rdf.terms import Statement, text
from registry.services import validation_pool
from registry.services.transfer.importer import ImportOptions
from registry.settings import Settings
from registry.shacl.constraints import patterns
from registry.stores.open_mode import Access
from tests.principals import LOCAL
from tests.releases.models import NS, SHAPES, class_, model, opened, press, property_, put, shape, shapes, silent, store

TERMS = (class_("Press"), property_("force"), property_("note"), property_("code"))
FORCE = shape("Press", "force", "sh:maxCount 1")
TWICE = shape("Press", "code", r'sh:minLength 2 ; sh:pattern "^(a|b)\\1$"')
INSIDE = shape("Press", "note", r'sh:not [ sh:pattern "^(a|b)\\1$" ]')
OLD = [model("1.0.0", *TERMS), shapes(FORCE, TWICE, INSIDE)]


def coded(number: int, code: str) -> Statement:
    return f"{NS}press{number}", NS + "code", text(code)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A record whose release was published when patterns were Python's."""
    with monkeypatch.context() as older:
        older.setattr(
            patterns, "read", lambda pattern, flags="": SimpleNamespace(is_in=re.compile(pattern).search, size=1)
        )
        with opened(tmp_path) as registry:
            put(registry, OLD)
            store(registry, *press(1, 1), coded(1, "aa"))
            with pytest.raises(ShapesViolated):
                store(registry, *press(2, 1), coded(2, "ab"))
    return tmp_path


@pytest.fixture
def registry(folder: Path) -> Iterator[Registry]:
    with opened(folder) as found:
        yield found


def test_the_rest_is_enforced_and_what_is_left_out_is_named(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), opened(folder) as registry:
        assert registry.ontologies.active().digest == registry.record.entries(registry.record.head() - 1, 1)[0].release
        store(registry, *press(2, 1), coded(2, "ab"), (f"{NS}press2", NS + "note", text("aa")))
        for more in ([coded(2, "x")], press(2, 5)):
            with pytest.raises(ShapesViolated):
                store(registry, *more)
        gone = registry.ontologies.active().shapes.no_longer_read
        found = [finding for finding in registry.health.examined() if finding.part == "shapes"]
        assert list(registry.audit.results(LOCAL)) == []
    assert any(f"<{SHAPES}Press-code> the pattern" in line and "refers back" in line for line in gone), gone
    assert any(f"<{SHAPES}Press-note>" in line and "sh:not" in line for line in gone), gone
    assert all(finding.is_fault for finding in found)
    assert [finding.found.partition(": ")[2] for finding in found] == list(gone)
    for line in gone:
        assert line in caplog.text


def test_it_can_be_read_by_those_who_may_not_write(folder: Path) -> None:
    registry = open_registry(Settings(data=folder), Access.READ)
    try:
        assert registry.ontologies.active().shapes.no_longer_read
    finally:
        registry.close()


def mended(code: str) -> list[Module]:
    return [model("2.0.0", *TERMS), shapes(FORCE, shape("Press", "code", code))]


def test_it_is_mended_by_publishing_and_never_published_again(registry: Registry) -> None:
    with pytest.raises(OntologyRejected, match="refers back"):
        registry.releases.publish(LOCAL, [model("2.0.0", *TERMS)])
    put(registry, mended('sh:minLength 2 ; sh:pattern "^(aa|bb)$"'))
    assert registry.ontologies.active().shapes.no_longer_read == ()
    with pytest.raises(ShapesViolated):
        store(registry, *press(3, 1), coded(3, "ab"))
    # The release of before is there to go back to, as far as it is read.
    registry.releases.activate(LOCAL, registry.releases.previous())
    assert registry.ontologies.active().shapes.no_longer_read


def test_processes_beside_this_one_read_as_much(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = registry.releases.publish(LOCAL, mended("sh:minLength 1")).note.digest
    monkeypatch.setattr(validation_pool, "WORTH_A_PROCESS", 1)
    assert registry.releases.impact(LOCAL, digest, silent).starting == set()
    assert list(registry.audit.results(LOCAL, processes=2)) == []
    more = tmp_path / "more.ttl"
    more.write_text(f'<{NS}press9> a <{NS}Press> ; <http://www.w3.org/2000/01/rdf-schema#label> "press 9" .')
    assert registry.transfer.import_files(LOCAL, [more], ImportOptions()).left_out == []
