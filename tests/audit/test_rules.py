"""Rules for audits only: queries that look at everything decide no write, and are found by every check of a whole."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from registry.domain.judgement import judge
from registry.domain.overlay import Overlay
from registry.domain.releases.release import Release
from registry.errors import OntologyRejected
from registry.ontology.modules import ModuleKind, module_of
from registry.rdf.terms import Statement
from registry.rdf.vocabulary import RDF_TYPE
from registry.services.transfer.importer import Transfer
from registry.stores.open_mode import Access
from registry.stores.sqlite.record import open_sqlite
from tests.audit.records import audit_of, fill, release_of
from tests.principals import LOCAL
from tests.shacl.whole import PREFIXES, E

CROWD = '''PREFIX core: <https://w3id.org/semantic-twins/core#>
:Few a sh:NodeShape ; sh:targetClass :A ; sh:sparql :few .
:few a sh:SPARQLConstraint ; AUDIT sh:message "There are more than two." ;
    sh:select """SELECT $this { ?x a <http://example.org/A> . ?y a <http://example.org/A> .
        FILTER(?x != $this && ?y != $this && STR(?x) < STR(?y)) }""" .
'''


def crowd(audit: str) -> Release:
    return release_of(module_of("crowd", (PREFIXES + CROWD.replace("AUDIT", audit)).encode(), ModuleKind.SHAPES))


def members(*names: str) -> list[Statement]:
    return [(E + name, RDF_TYPE, E + "A") for name in names]


def test_a_query_about_everything_is_refused_for_writes() -> None:
    with pytest.raises(OntologyRejected, match=r"crowd.ttl:\d+: "):
        crowd("")


def test_it_decides_no_write_and_every_audit_finds_it(tmp_path: Path) -> None:
    release, file = crowd("core:auditOnly true ;"), tmp_path / "registry.db"
    record = open_sqlite(file, Access.WRITE)
    try:
        fill(record, members("a", "b"))
        audit = audit_of(record, file, release)
        assert list(audit.results(LOCAL)) == []
        more = tmp_path / "more.ttl"
        more.write_text(f"<{E}c> a <{E}A> .")
        opener = partial(open_sqlite, file, Access.READ)
        transfer = Transfer(record, None, lambda: release, tmp_path, opener)
        assert {found.focus for found in transfer.check_files(LOCAL, [more]).violations} == {E + "a", E + "b", E + "c"}
        before = Overlay(record.view())
        after = Overlay(before)
        net = after.net((), members("c"))
        after.apply(net, "")
        assert not judge(release, before, after, net).refusals
        fill(record, members("c"))
        assert {found.message for found in audit.results(LOCAL)} == {"There are more than two."}
        assert len(list(audit.results(LOCAL, processes=2))) == 3
    finally:
        record.close()
