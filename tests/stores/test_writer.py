"""The writer: what it accepts, refuses, repeats and remembers, on every store."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import Any

import pytest

from registry.domain.change import Change, Position
from registry.domain.view import View
from registry.errors import (
    AlreadyExists,
    BadInput,
    NotFound,
    RegistryError,
    RevisionMoved,
    ShapesViolated,
    StoreUnavailable,
)
from registry.rdf.terms import Iri, text
from registry.rdf.vocabulary import LINK_SOURCE, RDF_TYPE, RELATIONSHIP, SKOLEM
from registry.stores.port import Distance, Record
from registry.stores.submission import Faults, Mode, Submission
from registry.stores.writer import Receipt, Writer
from tests.stores.plant import (
    ACTOR,
    EX,
    FEEDS,
    FLOW,
    NOTE,
    PUMP,
    adding,
    everything,
    integer,
    put,
    release,
    removing,
    setting,
    submission,
    together,
    whole_log,
    writing,
)

A, B, C = EX + "a", EX + "b", EX + "c"
Answer = Future[Receipt]


def refusal(future: Answer) -> RegistryError:
    """What a work was refused with."""
    fault = future.exception(10)
    assert isinstance(fault, RegistryError), fault
    return fault


def test_only_the_net_effect_is_logged(record: Record) -> None:
    put(record, (A, FLOW, integer(1)), (A, FLOW, integer(2)))
    change = Change(
        removed=((A, FLOW, integer(1)), (A, FLOW, integer(2)), (A, FLOW, integer(9)), (B, FLOW, integer(1))),
        added=((A, FLOW, integer(2)), (A, FLOW, integer(3)), (A, FLOW, integer(3))),
    )
    with writing(record) as writer:
        receipt = writer.submit(submission(change)).result()
    assert receipt.removed == ((A, FLOW, integer(1)),)
    assert receipt.added == ((A, FLOW, integer(3)),)
    assert receipt.revisions == {A: 2}
    entry = record.entries(1, 9)[0]
    assert (entry.removed, entry.added, entry.revisions) == (receipt.removed, receipt.added, receipt.revisions)
    assert (entry.actor, entry.cause, entry.release) == ("tester", "test", release().digest)


def test_a_change_of_nothing_leaves_no_entry_and_keeps_no_key(record: Record) -> None:
    put(record, (A, FLOW, integer(1)))
    with writing(record) as writer:
        nothing = Change(added=((A, FLOW, integer(1)),), expected={A: 1})
        receipt = writer.submit(submission(nothing, idempotency_key="k", fingerprint="f")).result()
        assert (receipt.position, receipt.revisions, receipt.added) == (1, {A: 1}, ())
        assert record.head() == 1
        assert writer.submit(adding((B, FLOW, integer(1)), idempotency_key="k", fingerprint="g")).result().position == 2


def test_shapes_refuse_or_are_owed_or_were_asked_before(record: Record) -> None:
    too_much = ((A, RDF_TYPE, PUMP), (A, FLOW, integer(101)))
    with writing(record) as writer:
        fault = refusal(writer.submit(adding(*too_much, faults=Faults.REFUSE)))
        assert isinstance(fault, ShapesViolated)
        assert [(v.focus, v.path, v.value) for v in fault.violations] == [(A, f"<{FLOW}>", integer(101))]
        assert "flow is at most 100" in fault.message
        assert record.head() == 0
        owed = writer.submit(adding(*too_much, faults=Faults.OWE)).result()
        assert [violation.focus for violation in owed.warnings] == [A]
        # What stood before does not count against a later change.
        assert writer.submit(adding((A, NOTE, text("x")), faults=Faults.REFUSE)).result().position == 2
        judged = writer.submit(adding((B, RDF_TYPE, PUMP), (B, FLOW, integer(101)), faults=Faults.JUDGED)).result()
        assert (judged.position, judged.warnings) == (3, ())
    assert (writer.counts.accepted, writer.counts.refused) == (3, 1)


def test_a_revision_that_moved_is_refused_and_nothing_of_it_is_stored(record: Record) -> None:
    put(record, (A, FLOW, integer(1)))
    with writing(record) as writer:
        stale = writer.submit(submission(Change(added=((A, FLOW, integer(2)), (B, FLOW, integer(2))), expected={A: 7})))
        fault = refusal(stale)
        assert isinstance(fault, RevisionMoved)
        assert fault.details == {"iri": A, "expected": 7, "actual": 1}
        assert isinstance(refusal(writer.submit(submission(Change(expected={B: 1})))), RevisionMoved)
        assert isinstance(refusal(writer.submit(submission(Change(expected={A: 0})))), AlreadyExists)
        assert writer.submit(submission(Change(added=((A, FLOW, integer(2)),), expected={A: 1, B: 0}))).result()
    assert list(everything(record)) == [A]


def test_a_dry_run_says_everything_and_does_nothing(record: Record) -> None:
    put(record, (A, RDF_TYPE, PUMP))
    with writing(record) as writer:
        receipt = writer.submit(adding((A, FLOW, integer(1)), mode=Mode.DRY_RUN, faults=Faults.REFUSE)).result()
        assert (receipt.position, receipt.revisions, receipt.added) == (1, {A: 2}, ((A, FLOW, integer(1)),))
        assert receipt.resources[A].values(FLOW) == [integer(1)]
        wrong = writer.submit(adding((A, FLOW, integer(101)), mode=Mode.DRY_RUN, faults=Faults.REFUSE))
        assert isinstance(refusal(wrong), ShapesViolated)
        writer.submit(adding((A, FLOW, integer(1)), mode=Mode.DRY_RUN, idempotency_key="k", fingerprint="f")).result()
        assert writer.submit(adding((A, FLOW, integer(3)), idempotency_key="k", fingerprint="f")).result().revisions
    assert (record.head(), everything(record)[A][FLOW]) == (2, [integer(3)])


def is_near(record: Record) -> bool:
    """Whether reads cost so little that works are not rehearsed."""
    transaction = record.begin()
    transaction.rollback()
    return transaction.distance is Distance.NEAR


@pytest.mark.parametrize("is_one_group", [True, False])
def test_a_repeated_request_gets_its_first_answer(record: Record, is_one_group: bool) -> None:
    counted = [0]

    def work(view: View) -> Change:
        counted[0] += 1
        found = view.resources([A]).get(A)
        return Change(added=((A, FLOW, integer(found.revision if found else 0)),))

    same = Submission(work, ACTOR, "test", "key", "print", faults=Faults.JUDGED)
    other = Submission(work, ACTOR, "test", "key", "another", faults=Faults.JUDGED)
    with writing(record) as writer:
        works = [same, adding((A, NOTE, text("between"))), same, other]
        futures = together(writer, works) if is_one_group else [_done(writer, work) for work in works]
        first, between, again, clash = futures
        assert again.result().position == first.result().position == 1
        assert again.result().revisions == first.result().revisions == {A: 1}
        assert again.result().added == first.result().added
        assert again.result().resources[A].revision == between.result().revisions[A] == 2
        assert refusal(clash).details["argument"] == "idempotencyKey"
    if is_near(record):
        assert counted == [1], "what is far away is rehearsed, what is near is decided once"
    with writing(record) as later:
        assert later.submit(same).result().position == 1
    assert record.head() == 2


def _done(writer: Writer, work: Submission) -> Answer:
    future = writer.submit(work)
    future.exception()
    return future


def test_a_group_is_one_commit_and_each_work_sees_those_before_it(record: Record) -> None:
    def follow(iri: Iri, before: Iri) -> Submission:
        def work(view: View) -> Change:
            found = view.resources([before])[before].values(FLOW)
            assert view.sources(found[0], FLOW, 9) == [before]
            return Change(removed=((before, FLOW, found[0]),), added=((iri, FLOW, found[0]), (before, FEEDS, iri)))

        return Submission(work, ACTOR, "test", faults=Faults.JUDGED)

    with writing(record) as writer:
        refused = submission(Change(added=((C, NOTE, text("never")),), expected={A: 5}))
        works = [adding((A, FLOW, integer(1))), follow(B, A), refused, follow(C, B)]
        futures = together(writer, works)
        results = [future.exception() or future.result().position for future in futures]
        assert [r for r in results if isinstance(r, int)] == [1, 2, 3]
        assert isinstance(results[2], RevisionMoved)
        assert writer.counts.groups == 1
    assert everything(record) == {A: {FEEDS: [B]}, B: {FEEDS: [C]}, C: {FLOW: [integer(1)]}}
    assert [entry.position for entry in whole_log(record)] == [1, 2, 3]
    assert not record.verify()


def test_a_work_with_a_bug_fails_alone(record: Record) -> None:
    def wrong(view: View) -> Change:
        raise KeyError("a bug")

    def no_change(view: View) -> Any:
        return None

    works = [
        adding((A, FLOW, integer(1))),
        Submission(wrong, ACTOR, "test"),
        Submission(no_change, ACTOR, "test"),
        adding((A, FLOW, integer(2))),
    ]
    with writing(record) as writer:
        futures = together(writer, works)
        assert isinstance(futures[1].exception(), KeyError)
        assert futures[2].exception() is not None
        assert [futures[0].result().position, futures[3].result().position] == [1, 2]


def test_what_the_store_cannot_encode_fails_alone(record: Record) -> None:
    """The reason of an event is no statement: only the store finds out that it cannot be written down."""
    from registry.domain.change import Event

    poison = submission(Change(added=((B, FLOW, integer(1)),), events=(Event("x", B, {"reason": "\ud800"}),)))
    with writing(record) as writer:
        first, second, third = together(writer, [adding((A, FLOW, integer(1))), poison, adding((C, FLOW, integer(1)))])
        assert isinstance(refusal(second), BadInput)
        assert [first.result().position, third.result().position] == [1, 2]
    assert sorted(everything(record)) == [A, C]


def test_a_deleted_identifier_is_never_used_again(record: Record) -> None:
    put(record, (A, FLOW, integer(1)))
    with writing(record) as writer:
        gone = writer.submit(removing((A, FLOW, integer(1)))).result()
        assert gone.revisions == {A: 0}
        assert not record.view().resources([A])
        for again in (adding((A, FLOW, integer(1))), submission(Change(expected={A: 0}))):
            assert isinstance(refusal(writer.submit(again)), AlreadyExists)
        # Within one group as well.
        works = [adding((B, FLOW, integer(1))), removing((B, FLOW, integer(1))), adding((B, FLOW, integer(2)))]
        assert isinstance(refusal(together(writer, works)[2]), AlreadyExists)
        assert writer.submit(adding((C, FEEDS, A))).result()
    assert [entry.revisions.get(A) for entry in record.history(A, None, 9)] == [0, 1]
    assert not record.verify()


@pytest.mark.parametrize(
    "statements",
    [
        [(SKOLEM + "b1", FLOW, integer(1))],
        [("urn:uuid:r", RDF_TYPE, RELATIONSHIP), ("urn:uuid:r", LINK_SOURCE, A)],
    ],
    ids=["blank node", "relationship"],
)
def test_an_identifier_that_is_derived_may_come_again(record: Record, statements: list[Any]) -> None:
    with writing(record) as writer:
        for _ in range(2):
            assert writer.submit(adding(*statements)).result().revisions == {statements[0][0]: 1}
            writer.submit(removing(*statements)).result()
        works = [adding(*statements), removing(*statements), adding(*statements)]
        assert [future.result().position for future in together(writer, works)] == [5, 6, 7]
    assert not record.verify()


def test_a_full_queue_refuses_for_now(record: Record) -> None:
    go = threading.Event()
    running = threading.Event()

    def hold(view: View) -> Change:
        running.set()
        go.wait()
        return Change()

    with writing(record, queue_length=2) as writer:
        writer.submit(Submission(hold, ACTOR, "hold", faults=Faults.JUDGED))
        running.wait()
        waiting = [writer.submit(adding((A, FLOW, integer(n)))) for n in range(2)]
        assert writer.waiting == 2
        with pytest.raises(StoreUnavailable, match="waiting"):
            writer.submit(adding((A, FLOW, integer(9))))
        go.set()
        assert [future.result().position for future in waiting] == [1, 2]


def test_closing_finishes_what_is_queued_and_takes_no_more(record: Record) -> None:
    with writing(record) as writer:
        futures = together(writer, [adding((A, FLOW, integer(n))) for n in range(700)])
        writer.close()
        assert [future.result(0).position for future in futures] == list(range(1, 701))
        with pytest.raises(StoreUnavailable, match="closing"):
            writer.submit(adding((A, FLOW, integer(1))))
        writer.close()


def test_a_cancelled_work_is_not_run(record: Record) -> None:
    go = threading.Event()

    def held(view: View) -> Change:
        go.wait()
        return Change()

    with writing(record) as writer:
        writer.submit(Submission(held, ACTOR, "hold", faults=Faults.JUDGED))
        cancelled, kept = writer.submit(adding((A, FLOW, integer(1)))), writer.submit(adding((B, FLOW, integer(1))))
        assert cancelled.cancel()
        go.set()
        assert kept.result().position == 1
    assert list(everything(record)) == [B]


def test_followers_are_woken_after_the_commit_and_cannot_stop_it(record: Record) -> None:
    woken: list[tuple[Position, Position]] = []

    def broken(position: Position) -> None:
        raise RuntimeError("a follower with a bug")

    with writing(record) as writer:
        writer.follow(broken)
        writer.follow(lambda position: woken.append((position, record.head())))
        for number in range(3):
            writer.submit(setting(A, FLOW, integer(number))).result()
        writer.submit(setting(A, FLOW, integer(2))).result()
    assert woken == [(1, 1), (2, 2), (3, 3)]


def test_a_reader_that_cannot_begin_answers_everyone(record: Record) -> None:
    held = record.begin()
    with writing(record) as writer:
        futures = together(writer, [adding((A, FLOW, integer(n))) for n in range(3)])
        assert all(isinstance(refusal(future), StoreUnavailable) for future in futures)
        held.rollback()
        assert writer.submit(adding((A, FLOW, integer(1)))).result().position == 1


def test_a_release_that_cannot_be_had_answers_everyone(record: Record) -> None:
    faults = [NotFound("no release yet")]
    compiled = release()

    def current() -> Any:
        if faults:
            raise faults.pop()
        return compiled

    writer = Writer(record, current)
    assert isinstance(refusal(writer.submit(adding((A, FLOW, integer(1))))), NotFound)
    assert writer.submit(adding((A, FLOW, integer(1)))).result().position == 1
    writer.close()


@pytest.mark.parametrize("threads", [1, 16])
def test_no_update_is_lost(record: Record, threads: int) -> None:
    each = 40
    put(record, (A, FLOW, integer(0)))

    def increment(view: View) -> Change:
        was = view.resources([A])[A].values(FLOW)
        return Change(removed=((A, FLOW, was[0]),), added=((A, FLOW, integer(int(was[0][0]) + 1)),))

    work = Submission(increment, ACTOR, "increment", faults=Faults.JUDGED)
    with writing(record) as writer:

        def client() -> None:
            for _ in range(each):
                writer.submit(work).result()

        clients = [threading.Thread(target=client) for _ in range(threads)]
        for one in clients:
            one.start()
        for one in clients:
            one.join()
    assert everything(record)[A][FLOW] == [integer(threads * each)]
    assert [entry.position for entry in whole_log(record)] == list(range(1, threads * each + 2))
    assert record.view().resources([A])[A].revision == threads * each + 1


def test_of_many_who_expect_the_same_revision_one_wins(record: Record) -> None:
    put(record, (A, FLOW, integer(0)))
    with writing(record) as writer:
        works = [submission(Change(added=((A, NOTE, text(str(n))),), expected={A: 1})) for n in range(300)]
        futures = together(writer, works)
        won = [number for number, future in enumerate(futures) if future.exception() is None]
        lost = [future for future in futures if isinstance(future.exception(), RevisionMoved)]
    assert (won, len(lost)) == ([0], 299)


def test_times_never_run_backwards(record: Record) -> None:
    times = iter(["2026-01-01T00:00:05.000000Z", "2026-01-01T00:00:03.000000Z", "2026-01-01T00:00:07.000000Z"])
    with writing(record, clock=lambda: next(times)) as writer:
        for number in range(3):
            writer.submit(adding((A, FLOW, integer(number)))).result()
    assert [entry.time[17:19] for entry in whole_log(record)] == ["05", "05", "07"]
