"""A resource as it was: undoing the log gives what replaying it gives."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain.change import Entry
from registry.domain.overlay import Net, Overlay
from registry.domain.past import as_of
from registry.domain.resource import Resource
from registry.rdf.terms import Statement, text
from tests.domain.views import Nothing

IRI = "urn:x:it"
OTHER = "urn:x:other"
VALUES = [(IRI, predicate, text(value)) for predicate in ("urn:p", "urn:q") for value in "abc"]
STATEMENTS: list[Statement] = [*VALUES, (OTHER, "urn:p", IRI), (OTHER, "urn:q", text("z"))]

writes = st.lists(
    st.tuples(st.lists(st.sampled_from(STATEMENTS), unique=True), st.lists(st.sampled_from(STATEMENTS), unique=True)),
    max_size=25,
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(writes)
def test_undoing_gives_what_replaying_gave(asked: list[tuple[list[Statement], list[Statement]]]) -> None:
    world = Overlay(Nothing())
    log: list[Entry] = []
    snapshots: list[Resource | None] = []
    for removed, added in asked:
        net: Net = world.net(removed, added)
        if not net:
            continue
        time = f"2026-01-01T00:00:{len(log):02}Z"
        revisions = world.apply(net, time)
        log.append(Entry(len(log) + 1, time, "", "", "", net.removed, net.added, revisions))
        snapshots.append(world.resources([IRI]).get(IRI))
    now = world.resources([IRI]).get(IRI)
    history = [entry for entry in reversed(log) if IRI in entry.revisions]
    for position, snapshot in enumerate(snapshots, 1):
        found = as_of(position, IRI, now, history)
        if snapshot is None:
            assert found is None
        else:
            assert found is not None
            assert (found.revision, found.updated_at) == (snapshot.revision, snapshot.updated_at)
            assert set(found.triples()) == set(snapshot.triples())
