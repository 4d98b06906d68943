"""What every store answers: resources, links, the log, and the archive."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.domain.change import Entry, Event
from registry.domain.find import AllOf, Among, AnyOf, Direction, Group, Incoming, OfClass, Tally, Through
from registry.domain.resource import Resource
from registry.errors import BadInput, StoreUnavailable
from registry.rdf.terms import Iri, Literal, Statement, Term, text
from registry.rdf.vocabulary import RDF_TYPE, RDFS_LABEL, XSD_DECIMAL, XSD_DOUBLE, XSD_INTEGER
from registry.stores.port import Record
from tests.stores.conftest import Opener
from tests.stores.plant import (
    EX,
    FEEDS,
    FLOW,
    NOTE,
    PUMP,
    TANK,
    adding,
    everything,
    integer,
    put,
    removing,
    whole_log,
    writing,
)

A, B, C = EX + "a", EX + "b", EX + "c"


def test_a_new_record_is_empty(record: Record) -> None:
    assert record.head() == 0
    assert not record.entries(0, 10)
    assert not record.iris("", 10)
    assert not record.view().resources([A])
    assert set(record.statistics().values()) == {0}
    assert not record.verify()


def test_resources_come_in_the_order_asked_for_and_absent_ones_are_left_out(record: Record) -> None:
    put(record, *((iri, FLOW, integer(1)) for iri in (A, B, C)))
    assert list(record.view().resources([C, EX + "no", A, C])) == [C, A]
    assert list(record.view().resources([EX + str(n) for n in range(50)] + [B])) == [B]


def test_values_keep_their_exact_spelling_and_order(record: Record) -> None:
    values: list[Term] = [
        Literal("01", XSD_INTEGER),
        Literal("1.50", XSD_DECIMAL),
        text("é\n\\"),
        text("Pumpe", "de"),
        B,
    ]
    put(record, *((A, NOTE, value) for value in values))
    assert record.view().resources([A])[A].values(NOTE) == values


def test_a_resource_knows_its_revision_and_when_it_was_written(record: Record) -> None:
    times = iter(f"2026-01-01T00:00:0{n}.000000Z" for n in range(9))
    with writing(record, clock=lambda: next(times)) as writer:
        writer.submit(adding((A, FLOW, integer(1)))).result()
        writer.submit(adding((A, FLOW, integer(2)), (B, FLOW, integer(2)))).result()
    found = record.view().resources([A, B])
    assert found[A] == Resource(A, found[A].statements, 2, "2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:01.000000Z")
    assert (found[B].revision, found[B].created_at) == (1, "2026-01-01T00:00:01.000000Z")


def test_sources_of_a_node(record: Record) -> None:
    put(record, (A, FEEDS, C), (B, FEEDS, C), (B, EX + "near", C), (A, RDF_TYPE, C))
    view = record.view()
    assert set(view.sources(C, FEEDS, 9)) == {A, B}
    assert view.sources(C, EX + "near", 9) == [B]
    assert view.sources(C, RDF_TYPE, 9) == [A]
    assert len(view.sources(C, FEEDS, 1)) == 1
    assert sorted(view.sources(C, None, 9)) == [A, B]
    assert not view.sources(A, None, 9)
    assert not view.sources(EX + "no", FEEDS, 9)
    assert not view.sources(C, EX + "no", 9)


def test_sources_of_a_literal_tell_spellings_types_and_languages_apart(record: Record) -> None:
    one, spelt, typed = Literal("1", XSD_INTEGER), Literal("01", XSD_INTEGER), Literal("1.0", XSD_DECIMAL)
    put(record, (A, FLOW, one), (B, FLOW, spelt), (C, FLOW, typed), (A, NOTE, text("x")), (B, NOTE, text("x", "en")))
    view = record.view()
    assert view.sources(one, FLOW, 9) == [A]
    assert view.sources(spelt, FLOW, 9) == [B]
    assert view.sources(typed, FLOW, 9) == [C]
    assert view.sources(text("x", "en"), NOTE, 9) == [B]
    assert view.sources(text("x"), None, 9) == [A]
    assert not view.sources(one, NOTE, 9)
    assert not view.sources(text("y"), None, 9)


def test_sources_of_a_common_literal_stop_at_the_limit(record: Record) -> None:
    put(record, *((f"{EX}{n}", NOTE, text("on")) for n in range(700)))
    assert len(record.view().sources(text("on"), NOTE, 650)) == 650
    assert len(record.view().sources(text("on"), None, 3)) == 3


def test_holders_of_many_literals_are_those_found_one_by_one(record: Record) -> None:
    asked = [
        Literal("1", XSD_INTEGER), Literal("01", XSD_INTEGER), Literal("1.0", XSD_DECIMAL), Literal("0.1", XSD_DOUBLE),
        Literal("INF", XSD_DOUBLE), Literal("NaN", XSD_DOUBLE), text("x"), text("x", "en"), text("1"), text("nobody's"),
    ]  # fmt: skip
    put(record, *((f"{EX}{n}", NOTE, value) for n in range(3) for value in asked[n:-1]), (A, FLOW, asked[0]))
    with record.snapshot() as snapshot:
        found = snapshot.holders(asked, NOTE, 99)
        assert found is not None
        for value in asked:
            # What is not told is left to be asked for by itself.
            assert sorted(found.get(value, snapshot.sources(value, NOTE, 99))) == sorted(
                snapshot.sources(value, NOTE, 99)
            )
        assert len(found) >= len(asked) - 1
        assert snapshot.holders([text("x")], NOTE, 1) is None
        assert snapshot.holders([], NOTE, 99) == {}


def test_incoming_links_of_many_targets_in_pages(record: Record) -> None:
    put(record, (A, FEEDS, C), (B, FEEDS, C), (B, EX + "above", C), (A, FEEDS, B), (A, RDF_TYPE, C))
    assert record.incoming([C, B, A], None, None, 9) == {
        C: [(B, EX + "above", C), (A, FEEDS, C), (B, FEEDS, C)],
        B: [(A, FEEDS, B)],
    }
    assert record.incoming([C], FEEDS, None, 1) == {C: [(A, FEEDS, C)]}
    assert record.incoming([C], FEEDS, (FEEDS, A), 9) == {C: [(B, FEEDS, C)]}
    assert record.incoming([C], None, (EX + "above", B), 1) == {C: [(A, FEEDS, C)]}
    assert record.incoming_counts([A, B, C], None) == {C: 3, B: 1}
    assert record.incoming_counts([C], FEEDS) == {C: 2}


def test_an_entry_comes_back_as_it_was_written(record: Record) -> None:
    entry = Entry(
        1, "2026-01-01T00:00:00.000000Z", "someone", "a reason", "digest", (),
        ((A, NOTE, text("x", "en")), (A, FEEDS, B)), {A: 1}, (Event("Linked", A, {"object": B}),), "key", "print",
    )  # fmt: skip
    transaction = record.begin()
    transaction.apply([entry])
    transaction.commit()
    assert record.entries(0, 10) == [entry]
    again = record.begin()
    assert again.entry_by_key("key") == entry
    assert again.entry_by_key("other") is None
    assert again.head() == 1
    again.rollback()


def test_what_is_rolled_back_never_was(record: Record) -> None:
    transaction = record.begin()
    transaction.apply([Entry(1, "t", "a", "c", "r", (), ((A, FLOW, integer(1)),), {A: 1})])
    transaction.rollback()
    transaction.rollback()
    assert (record.head(), everything(record), record.verify()) == (0, {}, [])
    assert put(record, (A, FLOW, integer(2))) == 1


def test_many_questions_for_incoming_links_are_one(record: Record) -> None:
    put(record, (A, FEEDS, C), (B, FEEDS, C), (B, EX + "near", C), (A, FEEDS, B), (A, RDF_TYPE, C))
    asked = [
        Incoming((C, B, C), FEEDS, None, 9),
        Incoming((C,), FEEDS, (FEEDS, A), 9),
        Incoming((C, B), None, None, 1),
        Incoming((C,), EX + "no", None, 9),
        Incoming((), FEEDS, None, 9),
        Incoming((A, EX + "no"), None, None, 9),
        Incoming((C,), None, None, 0),
    ]
    assert record.incoming_each(asked) == [
        {C: [(A, FEEDS, C), (B, FEEDS, C)], B: [(A, FEEDS, B)]},
        {C: [(B, FEEDS, C)]},
        {C: [(A, FEEDS, C)], B: [(A, FEEDS, B)]},
        {}, {}, {}, {},
    ]  # fmt: skip
    assert record.incoming_each([]) == []


def test_incoming_links_are_in_the_order_of_code_points(record: Record) -> None:
    ends = ("Z", "a", "é", "\uffee", "\U0001f4a7")
    every = [(EX + subject, f"{EX}model#{by}", C) for by in ends for subject in ends]
    put(record, *reversed(every))
    assert record.incoming([C], None, None, 99) == {C: every}
    for place, (subject, by, _) in enumerate(every):
        assert record.incoming([C], None, (by, subject), 3).get(C, []) == every[place + 1 : place + 4]
    between = (f"{EX}model#\uffed", EX + "Z")
    assert record.incoming([C], None, between, 1) == {C: [every[15]]}


def test_counts_by_value_put_the_frequent_first_and_those_without_behind_their_equals(record: Record) -> None:
    put(
        record, *((f"{EX}p{n}", RDF_TYPE, PUMP) for n in range(8)), (EX + "t", RDF_TYPE, TANK),
        (EX + "p0", NOTE, text("on")), (EX + "p1", NOTE, text("on")), (EX + "p2", NOTE, text("on", "en")),
        (EX + "p3", NOTE, text("off")), (EX + "p3", NOTE, text("on")), (EX + "p4", NOTE, Literal("2.0", XSD_DECIMAL)),
        (EX + "p4", NOTE, integer(2)), (EX + "p5", NOTE, EX + "t"), (EX + "t", NOTE, text("on")),
    )  # fmt: skip
    pumps = OfClass(frozenset({PUMP}))
    groups = [
        Group(text("on"), 4), Group(None, 2), Group(integer(2), 1), Group(text("off"), 1), Group(EX + "t", 1)
    ]  # fmt: skip
    assert record.tally(Tally(pumps, NOTE)) == groups
    assert record.tally(Tally(pumps, NOTE, most=3)) == groups[:3]
    assert record.tally(Tally(Among(frozenset({EX + "p3", EX + "p6"})), NOTE)) == [
        Group(text("off"), 1), Group(text("on"), 1), Group(None, 1)
    ]  # fmt: skip
    assert record.tally(Tally(pumps, EX + "unknown")) == [Group(None, 8)]
    assert record.tally(Tally(AllOf(()), RDF_TYPE)) == [Group(PUMP, 8), Group(TANK, 1)]
    assert record.tally(Tally(AnyOf(()), NOTE)) == []


def test_counts_by_what_a_link_leads_to(record: Record) -> None:
    put(
        record, (A, FEEDS, C), (B, FEEDS, C), (B, FEEDS, A), (B, FEEDS, EX + "nowhere"), (A, NOTE, text("a")),
        (C, NOTE, text("c")), (C, FLOW, integer(1)), (A, RDF_TYPE, PUMP), (PUMP, NOTE, text("class")),
    )  # fmt: skip
    every = AllOf(())
    out, back = Through(FEEDS, Direction.OUT), Through(FEEDS, Direction.IN)
    assert record.tally(Tally(every, NOTE, out)) == [Group(text("c"), 2), Group(None, 2), Group(text("a"), 1)]
    assert record.tally(Tally(every, NOTE, back)) == [Group(None, 3), Group(text("a"), 1)]
    assert record.tally(Tally(every, RDF_TYPE, out)) == [Group(None, 3), Group(PUMP, 1)]
    assert record.tally(Tally(every, NOTE, Through(EX + "unknown", Direction.OUT))) == [Group(None, 4)]
    typed = Through(RDF_TYPE, Direction.OUT)
    assert record.tally(Tally(every, NOTE, typed)) == [Group(None, 3), Group(text("class"), 1)]
    typed = Through(RDF_TYPE, Direction.IN)
    assert record.tally(Tally(every, NOTE, typed)) == [Group(None, 3), Group(text("a"), 1)]


def test_values_as_frequent_as_each_other_are_in_the_order_of_code_points(record: Record) -> None:
    ends = ("Z", "a", "é", "\uffee", "\U0001f4a7")
    notes: list[Term] = [text(end) for end in ends]
    iris: list[Term] = [EX + end for end in ends]
    for predicate, values in ((NOTE, notes), (FEEDS, iris), (RDF_TYPE, iris)):
        put(record, *((f"{EX}{n}", predicate, value) for n, value in enumerate(reversed(values))))
        asked = Tally(Among(frozenset(f"{EX}{n}" for n in range(len(values)))), predicate)
        assert record.tally(asked) == [Group(value, 1) for value in values]
        assert record.tally(replace(asked, most=4)) == [Group(value, 1) for value in values[:4]]


def test_one_group_at_a_time(record: Record) -> None:
    first = record.begin()
    with pytest.raises(StoreUnavailable, match="open already"):
        record.begin()
    first.rollback()
    record.begin().rollback()


def test_the_log_is_read_in_pages_and_by_resource(record: Record) -> None:
    with writing(record) as writer:
        for number in range(30):
            writer.submit(adding(((A, B, C)[number % 3], FLOW, integer(number)))).result()
    assert [entry.position for entry in whole_log(record)] == list(range(1, 31))
    assert [entry.position for entry in record.entries(28, 10)] == [29, 30]
    assert not record.entries(30, 10)
    assert [entry.position for entry in record.history(B, None, 3)] == [29, 26, 23]
    assert [entry.position for entry in record.history(B, 23, 99)] == [20, 17, 14, 11, 8, 5, 2]
    assert not record.history(EX + "no", None, 9)


def test_iris_are_paged_in_code_point_order(record: Record) -> None:
    iris = sorted(EX + end for end in ("a", "Z", "é", "\U0001f4a7", "\uffe5", "a/b"))
    put(record, *((iri, FEEDS, EX + "only-a-target") for iri in iris))
    assert record.iris("", 100) == iris
    assert record.iris(iris[2], 2) == iris[3:5]


def test_counts_follow_what_is_there(record: Record) -> None:
    put(record, (A, FEEDS, B), (A, FLOW, integer(1)), (B, RDF_TYPE, PUMP))
    assert counted(record) == {"resources": 2, "links": 2, "statements": 3, "entries": 1}
    with writing(record) as writer:
        writer.submit(removing((A, FEEDS, B), (A, FLOW, integer(1)))).result()
    assert counted(record) == {"resources": 1, "links": 1, "statements": 1, "entries": 2}


def test_the_archive_keeps_texts_by_kind_in_order(record: Record, opener: Opener) -> None:
    record.keep("release", "b", "1")
    record.keep("release", "a", "2")
    record.keep("job", "a", "3")
    record.keep("release", "b", "4")
    record.drop("job", "a")
    assert list(record.kept("release").items()) == [("b", "4"), ("a", "2")]
    assert not record.kept("job")
    record.close()
    with closing(opener()) as again:
        assert list(again.kept("release")) == ["b", "a"]


def test_everything_is_there_after_opening_again(record: Record, opener: Opener) -> None:
    put(record, (A, RDFS_LABEL, text("Pump")), (A, FEEDS, B))
    before, log = everything(record), whole_log(record)
    record.close()
    record.close()
    with closing(opener()) as again:
        assert (everything(again), whole_log(again)) == (before, log)
    with pytest.raises(StoreUnavailable):
        record.head()


def counted(record: Record) -> dict[str, int]:
    """The counts that every store has; a store may tell more of itself."""
    found = record.statistics()
    return {name: found[name] for name in ("resources", "links", "statements", "entries")}


_TEXTS = st.text(max_size=12) | st.sampled_from(
    ["\0", "a\0b", "\ud800", "'\"; DROP TABLE node", "\U0010ffff", "x" * 3_000]
)
_LITERALS = st.builds(Literal, _TEXTS, st.sampled_from([XSD_INTEGER, XSD_DOUBLE, EX + "own"]) | _TEXTS) | _TEXTS.map(
    text
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_TEXTS, _TEXTS, _TEXTS | _LITERALS), min_size=1, max_size=4))
def test_hostile_terms_are_stored_exactly_or_refused_whole(record: Record, statements: list[Statement]) -> None:
    before = record.head()
    iri = f"{EX}{before}"
    with writing(record) as writer:
        try:
            receipt = writer.submit(adding((iri, FLOW, integer(1)), *statements)).result()
        except BadInput:
            assert not record.view().resources([iri])
            assert record.head() == before
            return
    stored = record.view().resources({subject for subject, _, _ in statements})
    for subject, predicate, target in statements:
        assert target in stored[subject].values(predicate)
        assert subject in record.view().sources(target, predicate, 10_000)
    assert record.entries(before, 9)[0].added == receipt.added


@pytest.mark.parametrize("iri", ["a\0b", "\ud800", "'", '"', "%00", "", "x" * 100_000])
def test_hostile_iris_are_only_looked_up(record: Record, iri: Iri) -> None:
    put(record, (EX + "a", FEEDS, EX + "b"))
    asks: list[Callable[[], object]] = [
        lambda: record.view().resources([iri]),
        lambda: record.view().resources([iri] * 3 + [f"{iri}{n}" for n in range(20)]),
        lambda: record.view().sources(iri, iri, 9),
        lambda: record.view().sources(iri, None, 9),
        lambda: record.incoming([iri], iri, (iri, iri), 9),
        lambda: any(record.incoming_each([Incoming((iri,), None, (iri, iri), 9), Incoming((iri,), iri, None, 9)])),
        lambda: record.tally(Tally(Among(frozenset({iri})), iri, Through(iri, Direction.IN))),
        lambda: record.history(iri, None, 9),
        lambda: record.view().sources(Literal(iri, iri, iri), iri, 9),
    ]
    for ask in asks:
        try:
            assert not ask()
        except BadInput:
            assert iri == "\ud800"


def test_numbers_over_every_size_are_refused_as_input(record: Record) -> None:
    asks: list[Callable[[], object]] = [
        lambda: record.entries(2**70, 1),
        lambda: record.entries(0, 2**70),
        lambda: record.history(A, 2**70, 1),
    ]
    for ask in asks:
        with pytest.raises(BadInput):
            ask()
