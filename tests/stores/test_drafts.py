"""Large works are decided beside the writer, and come to what deciding them in their turn would have come to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain.change import Change
from registry.domain.view import View
from registry.errors import BadInput, RevisionMoved, ShapesViolated
from registry.rdf.terms import Iri, Literal, Statement
from registry.stores.open_mode import Access
from registry.stores.port import Past, Record
from registry.stores.sqlite.record import open_sqlite
from registry.stores.submission import Faults, Receipt, Submission
from registry.stores.works import LARGE_COMMANDS
from registry.stores.writer import Writer
from tests.stores.plant import (
    ACTOR,
    EX,
    FEEDS,
    FLOW,
    NOTE,
    PUMP,
    adding,
    integer,
    put,
    release,
    removing,
    whole_log,
    writing,
)

A, B, C = (EX + name for name in "abc")
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
WAIT_SECONDS = 20


class Unusable(AbstractContextManager[Past]):
    """A state that a store fails to show."""

    def __enter__(self) -> Past:
        raise OSError("no such state")

    def __exit__(self, *failure: object) -> None:
        pass


class Held:
    """A large work that is being decided until it is let go."""

    def __init__(self, writer: Writer, work: Callable[[View], Change], **more: object) -> None:
        self._has_begun, self._may_end = threading.Event(), threading.Event()
        options: dict[str, object] = {"faults": Faults.JUDGED, "commands": LARGE_COMMANDS + 1, **more}

        def held(view: View) -> Change:
            change = work(view)
            self._has_begun.set()
            self._may_end.wait(WAIT_SECONDS)
            return change

        self._future = writer.submit(Submission(held, ACTOR, "large", **options))  # type: ignore[arg-type]
        assert self._has_begun.wait(WAIT_SECONDS)

    def let_go(self) -> Receipt:
        """Its answer."""
        self._may_end.set()
        return self._future.result(WAIT_SECONDS)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Record]:
    with closing(open_sqlite(tmp_path / "registry.db", Access.WRITE)) as record:
        yield record


@contextmanager
def fresh() -> Iterator[Record]:
    with TemporaryDirectory() as folder, closing(open_sqlite(Path(folder) / "registry.db", Access.WRITE)) as record:
        yield record


def counted(view: View, *iris: Iri) -> Change:
    """Each of these counts one more."""
    removed: list[Statement] = []
    added: list[Statement] = []
    for iri in iris:
        found = view.resources([iri]).get(iri)
        was = 0
        if found is not None and isinstance(value := found.value(FLOW), Literal):
            was = int(value.lexical)
            removed.append((iri, FLOW, value))
        added.append((iri, FLOW, integer(was + 1)))
    return Change(tuple(removed), tuple(added))


def counting(*iris: Iri) -> Submission:
    return Submission(lambda view: counted(view, *iris), ACTOR, "small", faults=Faults.JUDGED)


def values(record: Record, *iris: Iri) -> dict[Iri, str]:
    found = record.view().resources(iris)
    return {iri: value.lexical for iri, one in found.items() if isinstance(value := one.value(FLOW), Literal)}


IRIS = st.lists(st.sampled_from([A, B, C]), min_size=1, max_size=2, unique=True)


@settings(max_examples=25, deadline=None)
@given(large=st.lists(IRIS, min_size=1, max_size=2), small=st.lists(IRIS, max_size=4))
def test_no_count_is_lost(large: list[list[Iri]], small: list[list[Iri]]) -> None:
    with fresh() as record, writing(record) as writer:
        for iris in large:
            before = writer.counts.overtaken
            held = Held(writer, lambda view, iris=iris: counted(view, *iris))  # type: ignore[misc]
            for others in small:
                writer.submit(counting(*others)).result(WAIT_SECONDS)
            receipt = held.let_go()
            is_overtaken = any(set(others) & set(iris) for others in small)
            assert writer.counts.overtaken - before == is_overtaken
            assert dict(receipt.resources) == dict(record.view().resources(iris)), "what the answer shows is stored"
        every = [iri for iris in [*large, *small * len(large)] for iri in iris]
        log = whole_log(record)
        assert values(record, A, B, C) == {iri: str(every.count(iri)) for iri in sorted(set(every))}
        assert [entry.position for entry in log] == list(range(1, len(log) + 1))
        assert [entry.time for entry in log] == sorted(entry.time for entry in log)
        assert all(entry.time for entry in log)
        assert not record.verify()


def test_a_new_link_to_what_was_looked_at_is_seen(file: Record) -> None:
    def once(view: View) -> Change:
        return Change() if view.sources(C, FEEDS, 1) else Change(added=((A, FEEDS, C),))

    with writing(file) as writer:
        held = Held(writer, once)
        writer.submit(adding((B, FEEDS, C))).result(WAIT_SECONDS)
        assert held.let_go().added == ()
        assert writer.counts.overtaken == 1


def test_the_same_request_is_done_once(file: Record) -> None:
    with writing(file) as writer:
        key = {"idempotency_key": "k", "fingerprint": "f"}
        held = Held(writer, lambda view: counted(view, A), **key)
        first = writer.submit(replace(counting(A), **key)).result(WAIT_SECONDS)  # type: ignore[arg-type]
        assert held.let_go().position == first.position
        other = replace(counting(A), idempotency_key="k", fingerprint="another", commands=LARGE_COMMANDS + 1)
        with pytest.raises(BadInput):
            writer.submit(other).result(WAIT_SECONDS)
    assert values(file, A) == {A: "1"}


def test_what_is_gone_meanwhile_is_not_taken_for_there(file: Record) -> None:
    put(file, (A, FLOW, integer(1)))
    with writing(file) as writer:
        held = Held(writer, lambda view: Change(added=((A, NOTE, integer(2)),), expected={A: 1}))
        writer.submit(removing((A, FLOW, integer(1)))).result(WAIT_SECONDS)
        with pytest.raises(RevisionMoved):
            held.let_go()


def test_what_shapes_refuse_is_refused_and_others_go_on(file: Record) -> None:
    with writing(file) as writer:
        wrong = Change(added=((A, RDF_TYPE, PUMP), (A, FLOW, integer(101))))
        held = Held(writer, lambda view: wrong, faults=Faults.REFUSE)
        writer.submit(counting(B)).result(WAIT_SECONDS)
        with pytest.raises(ShapesViolated):
            held.let_go()
        assert writer.submit(counting(B)).result(WAIT_SECONDS).position == 2
    assert values(file, A, B) == {B: "2"}


def test_another_release_decides_anew(file: Record) -> None:
    current = release()
    writer = Writer(file, lambda: current)
    try:
        held = Held(writer, lambda view: counted(view, A))
        current = release()
        held.let_go()
        assert (writer.counts.adopted, writer.counts.overtaken) == (0, 1)
    finally:
        writer.close()


def test_closing_answers_what_is_being_decided(file: Record) -> None:
    compiled = release()
    writer = Writer(file, lambda: compiled)
    held = Held(writer, lambda view: counted(view, A))
    waiting = writer.submit(replace(counting(B), commands=LARGE_COMMANDS + 1))
    closing_thread = threading.Thread(target=writer.close)
    closing_thread.start()
    assert held.let_go().position == 1
    assert waiting.result(WAIT_SECONDS).position == 2
    closing_thread.join(WAIT_SECONDS)
    assert not closing_thread.is_alive()


def test_where_no_state_can_be_shown_it_is_decided_in_its_turn(
    file: Record, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> AbstractContextManager[Past]:
        return Unusable()

    monkeypatch.setattr(file, "draft", broken)
    with writing(file) as writer:
        receipt = writer.submit(replace(counting(A), commands=LARGE_COMMANDS + 1)).result(WAIT_SECONDS)
    assert receipt.position == 1
    assert "in its turn" in caplog.text
