"""A smoke run on the newest release of the server, where a Java that is new enough for it is on the machine."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from registry.domain.find import Compare, Find, OfClass, Operator
from registry.errors import ShapesViolated
from registry.rdf.terms import text
from registry.rdf.vocabulary import RDF_TYPE
from registry.stores.neo4j.record import open_neo4j
from registry.stores.open_mode import Access
from registry.stores.submission import Faults
from tests.neo4j.runtime import NEWEST, missing_tools
from tests.neo4j.server import Neo4jServer
from tests.stores.plant import EX, FEEDS, FLOW, NOTE, PUMP, adding, integer, put, whole_log, writing

A, B = EX + "a", EX + "b"


@pytest.mark.skipif(
    bool(missing_tools(NEWEST)),
    reason=f"{missing_tools(NEWEST)} for Neo4j {NEWEST.version}: proven on 5.26, so not a failure where CI=true either",
)
def test_a_record_opens_writes_reads_and_finds_on_the_newest_release(tmp_path: Path) -> None:
    with Neo4jServer(tmp_path, distribution=NEWEST) as server, closing(open_neo4j(server.url, Access.WRITE)) as record:
        put(record, (A, RDF_TYPE, PUMP), (A, FLOW, integer(7)), (B, RDF_TYPE, PUMP), (A, FEEDS, B))
        with writing(record) as writer:
            works = [adding((B, NOTE, text(f"note {n}"))) for n in range(5)]
            assert [f.result().position for f in [writer.submit(work) for work in works]] == [2, 3, 4, 5, 6]
            fault = writer.submit(adding((B, FLOW, integer(101)), faults=Faults.REFUSE)).exception()
        assert isinstance(fault, ShapesViolated)
        found = record.view().resources([A, B])
        assert (found[A].values(FLOW), found[A].values(FEEDS)) == ([integer(7)], [B])
        assert found[B].revision == 6
        assert list(record.view().sources(B, FEEDS, 9)) == [A]
        pumps = OfClass(frozenset({PUMP}))
        first = record.find(Find(pumps, first=1))
        rest = record.find(Find(pumps, first=1, after=first.cursors[-1]))
        flowing = record.find(Find(Compare(FLOW, Operator.AT_LEAST, (integer(5),))))
        assert [page.resources[0].iri for page in (first, rest, flowing)] == [A, B, A]
        assert [entry.position for entry in whole_log(record)] == [1, 2, 3, 4, 5, 6]
        assert not record.verify()
