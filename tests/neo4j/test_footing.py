"""A process that believes to be alone on a database decides nothing on what is no longer so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from unittest.mock import patch

import pytest
from neo4j import Session
from neo4j.exceptions import ServiceUnavailable

from registry.domain.change import Change
from registry.domain.view import View
from registry.errors import BadInput, RegistryError
from registry.rdf.terms import text
from registry.rdf.vocabulary import RDF_TYPE
from registry.stores.neo4j.group_lock import Believed
from registry.stores.neo4j.record import ENOUGH, Neo4jRecord, open_neo4j
from registry.stores.open_mode import Access
from registry.stores.port import GroupLost
from registry.stores.submission import Faults, Mode, Submission
from registry.stores.writer import Writer
from tests.neo4j.session import emptied, server_url
from tests.stores.plant import ACTOR, EX, FEEDS, FLOW, NOTE, PUMP, adding, integer, put, whole_log, writing

A, B, C = EX + "a", EX + "b", EX + "c"


class Commits:
    """What became of commits that were made in the belief to be alone."""

    def __init__(self) -> None:
        self.held = 0
        self.lost = 0


@pytest.fixture
def commits() -> Iterator[Commits]:
    counted, commit = Commits(), Believed.commit

    def count(self: Believed) -> None:
        try:
            commit(self)
        except GroupLost:
            counted.lost += 1
            raise
        counted.held += 1

    with patch.object(Believed, "commit", count):
        yield counted


@pytest.fixture
def here() -> Iterator[Neo4jRecord]:
    with closing(open_neo4j(emptied(), Access.WRITE)) as opened:
        put(opened, (A, RDF_TYPE, PUMP), (B, RDF_TYPE, PUMP))
        yield opened


@pytest.fixture
def writer(here: Neo4jRecord, commits: Commits) -> Iterator[Writer]:
    """A writer that believes to be alone, and remembers A and B."""
    with writing(here) as believing:
        for number in range(ENOUGH + 2):
            believing.submit(adding((A, NOTE, text(f"a {number}")), (B, NOTE, text(f"b {number}")))).result()
        assert commits.held, "nobody else writes, and it does not believe so"
        yield believing


@pytest.fixture
def there(here: Neo4jRecord) -> Iterator[Neo4jRecord]:
    with closing(open_neo4j(server_url(), Access.WRITE)) as opened:
        yield opened


def expecting(revision: int, mode: Mode = Mode.COMMIT) -> Submission:
    change = Change(added=((A, FLOW, integer(revision)),), expected={A: revision})
    return Submission(lambda view: change, ACTOR, "test", faults=Faults.JUDGED, mode=mode, reads=(A,))


@pytest.mark.parametrize("mode", Mode)
def test_a_write_sees_what_another_process_wrote(
    here: Neo4jRecord, there: Neo4jRecord, writer: Writer, commits: Commits, mode: Mode
) -> None:
    head = here.head()
    put(there, (A, NOTE, text("from elsewhere")))
    revision = here.resources([A])[A].revision
    receipt = writer.submit(expecting(revision, mode)).result()
    assert commits.lost == 1
    assert receipt.resources[A].values(FLOW) == [integer(revision)]
    assert text("from elsewhere") in receipt.resources[A].values(NOTE)
    assert (receipt.position, here.head()) == ((head + 2,) * 2 if mode is Mode.COMMIT else (head + 1,) * 2)
    assert not here.verify()


def test_a_refusal_rests_on_what_is_so_as_well(there: Neo4jRecord, writer: Writer, commits: Commits) -> None:
    class Lonely(RegistryError):
        """Refused because nobody points there."""

    def work(view: View) -> Change:
        if not view.sources(B, FEEDS, 1):
            raise Lonely("nobody feeds it")
        return Change(added=((B, NOTE, text("fed")),))

    asked = Submission(work, ACTOR, "test", faults=Faults.JUDGED, reads=(B,))
    assert isinstance(writer.submit(asked).exception(), Lonely)
    put(there, (A, FEEDS, B))
    assert writer.submit(asked).result().added == ((B, NOTE, text("fed")),)
    assert commits.lost == 1


def test_a_key_that_another_process_has_used_is_found(there: Neo4jRecord, writer: Writer) -> None:
    def keyed(print_: str) -> Submission:
        return adding((C, NOTE, text(print_)), idempotency_key="key", fingerprint=print_)

    assert writer.submit(keyed("x")).result().added
    with writing(there) as other:
        assert other.submit(keyed("x")).result().added == ((C, NOTE, text("x")),)
        assert isinstance(other.submit(keyed("y")).exception(), BadInput)
        assert len(whole_log(there)) == there.head()


def lose_the_answer(moment: str) -> Callable[..., object]:
    """What the driver does when the connection breaks before or after the server has committed."""
    run, is_lost = Session.run, [False]

    def broken(self: Session, query: str, *given: object) -> object:
        if "UNWIND $entries" not in query or is_lost[0]:
            return run(self, query, *given)  # type: ignore[arg-type]
        is_lost[0] = True
        if moment == "after":
            run(self, query, *given).consume()  # type: ignore[arg-type]
        raise ServiceUnavailable("the connection broke")

    return broken


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_commit_whose_answer_is_lost_is_looked_up(here: Neo4jRecord, writer: Writer, moment: str) -> None:
    head = here.head()
    with patch.object(Session, "run", lose_the_answer(moment)):
        assert writer.submit(adding((C, NOTE, text("once")))).result().position == head + 1
    assert writer.submit(adding((C, NOTE, text("twice")))).result().position == head + 2
    assert here.head() == head + 2
    assert not here.verify()


def test_what_is_remembered_is_what_is_there(here: Neo4jRecord, writer: Writer) -> None:
    writer.submit(adding((C, RDF_TYPE, PUMP), (C, FEEDS, A), (C, FEEDS, B), (C, NOTE, text("é", "fr")))).result()
    removing = Change(removed=((C, FEEDS, A), (B, RDF_TYPE, PUMP)), added=((C, FEEDS, EX + "z"), (C, FLOW, integer(2))))

    def work(view: View) -> Change:
        for target, predicate in ((A, FEEDS), (B, FEEDS), (EX + "z", FEEDS), (PUMP, RDF_TYPE), (text("a 0"), NOTE)):
            view.sources(target, predicate, 9)
        return removing

    writer.submit(Submission(work, ACTOR, "test", faults=Faults.JUDGED)).result()
    remembered = {iri: found for iri, found in here._recollection.read.items() if found is not None}
    assert remembered.keys() >= {A, B, C}
    assert remembered == here.resources(remembered)
    assert (B, FEEDS) in here._recollection.sources
    for (target, predicate), (limit, found) in here._recollection.sources.items():
        assert set(found) == set(here.sources(target, predicate, limit))
    assert not here.verify()
