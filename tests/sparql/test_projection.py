"""The projection shows what the record states, at a known position, whatever happened to its folder."""

from __future__ import annotations

import contextlib
import logging
import random
import shutil
import time
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.domain.change import Entry, Position
from registry.domain.releases.release import Release
from registry.errors import StoreUnavailable
from registry.ontology.modules import ModuleKind, module_of
from registry.rdf.canonical import canonical_hash
from registry.rdf.oxigraph import from_oxigraph, quad
from registry.rdf.terms import Literal, Statement, text
from registry.rdf.vocabulary import RDF_LANG_STRING, SKOLEM, XSD_INTEGER
from registry.sparql.projection import Projection
from registry.sparql.projection_update import MODEL_GRAPH, STATE_GRAPH
from registry.stores.port import Record, Store
from tests.sparql.plant import EX, ONTOLOGY, commit, everything, opened, pump, release, work_once


class Opening(Protocol):
    """Opens the projection of a record, of the test's own by default."""

    def __call__(self, store: Store = ..., active: Callable[[], Release] = ...) -> Projection: ...


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    record = opened(tmp_path)
    yield record
    record.close()


@pytest.fixture
def open_projection(tmp_path: Path, record: Record) -> Iterator[Opening]:
    """Opens projections in one folder; those that a test leaves open are closed before the record is."""
    with contextlib.ExitStack() as opened:

        def opening(store: Store = record, active: Callable[[], Release] = release) -> Projection:
            return opened.enter_context(contextlib.closing(Projection(tmp_path / "projection", store, active)))

        yield opening


@pytest.fixture
def projection(open_projection: Opening) -> Projection:
    return open_projection()


def respelled(statements: Iterable[Statement]) -> str:
    """The canonical hash of statements in Oxigraph's spelling: what a faithful projection hashes to."""
    store = ox.Store()
    store.extend(quad(statement) for statement in statements)
    return hash_of(store, ox.DefaultGraph())


def hash_of(store: ox.Store, graph: ox.NamedNode | ox.DefaultGraph, leave_out: Container[str] = frozenset()) -> str:
    found: list[Statement] = []
    for q in store.quads_for_pattern(None, None, None, graph):
        assert not isinstance(q.subject, ox.Triple)
        assert not isinstance(q.object, ox.Triple)
        subject = from_oxigraph(q.subject)
        assert isinstance(subject, str)
        found.append((subject, q.predicate.value, from_oxigraph(q.object)))
    return canonical_hash(statement for statement in found if statement[1] not in leave_out)


def shown(projection: Projection, folder: Path) -> ox.Store:
    """What a reader sees: a checkpoint, opened as workers open it."""
    shutil.rmtree(folder, ignore_errors=True)
    projection.checkpoint(folder)
    return ox.Store.read_only(str(folder))


def data_of(projection: Projection, folder: Path, leave_out: Container[str] = frozenset()) -> str:
    return hash_of(shown(projection, folder), ox.DefaultGraph(), leave_out)


def test_it_shows_what_the_record_states(tmp_path: Path, record: Record, projection: Projection) -> None:
    commit(record, pump(1) + pump(2))
    commit(record, [(EX + "pump/1", EX + "model#flow", Literal("3"))], [pump(1)[3]])
    assert projection.catch_up() == projection.position == 2
    assert data_of(projection, tmp_path / "seen") == respelled(everything(record))
    commit(record, removed=pump(2))
    assert projection.catch_up() == 3
    assert data_of(projection, tmp_path / "seen") == respelled(everything(record))


def test_it_follows_whatever_is_done_and_a_rebuild_shows_the_same(
    tmp_path: Path, record: Record, projection: Projection
) -> None:
    chance = random.Random(7)
    for step in range(300):
        work_once(record, chance)
        if step % 25 == 0:
            projection.catch_up()
            assert data_of(projection, tmp_path / "seen") == respelled(everything(record))
    projection.catch_up()
    followed = data_of(projection, tmp_path / "seen")
    told: list[tuple[int, int]] = []
    projection.rebuild(lambda done, total: told.append((done, total)))
    assert followed == data_of(projection, tmp_path / "seen") == respelled(everything(record))
    assert told[-1][0] == told[-1][1] == record.statistics()["resources"]


def test_a_value_stays_while_the_resource_states_it_in_another_spelling(
    tmp_path: Path, record: Record, projection: Projection
) -> None:
    one, other = ((EX + "x", EX + "p", Literal(spelling, XSD_INTEGER)) for spelling in ("1", "01"))
    commit(record, [one, other])
    projection.catch_up()
    commit(record, removed=[other])
    projection.catch_up()
    assert data_of(projection, tmp_path / "seen") == respelled([one])
    commit(record, removed=[one])
    projection.catch_up()
    assert data_of(projection, tmp_path / "seen") == respelled([])


TYPED = st.sampled_from([(XSD_INTEGER, ""), (EX + "type", ""), (RDF_LANG_STRING, "en"), (RDF_LANG_STRING, "de-at")])
VALUES = st.one_of(
    st.text().map(text),
    st.tuples(st.text(), TYPED).map(lambda drawn: Literal(drawn[0], *drawn[1])),
    st.text("0123456789.-+", min_size=1).map(lambda lexical: Literal(lexical, XSD_INTEGER)),
    st.sampled_from([text('" } ; DROP ALL ; INSERT DATA { <a:a> <a:b> "'), text("\\"), text("'''\"\"\"\\u0022")]),
    st.text("abcé0/?=&'();", min_size=1).map(lambda path: EX + path),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(VALUES, min_size=1, max_size=5))
def test_values_stay_values(record: Record, projection: Projection, values: Sequence[str | Literal]) -> None:
    iri = f"{EX}value/{record.head() + 1}"
    statements = [(iri, EX + "says", value) for value in dict.fromkeys(values)]
    for added, removed in ((statements, []), ([], statements[:-1]), ([], statements[-1:])):
        if added or removed:
            commit(record, added, removed)
        projection.catch_up()
        assert projection.differing() == []


def test_blank_nodes_of_the_record_stay_iris(tmp_path: Path, record: Record, projection: Projection) -> None:
    commit(record, [(SKOLEM + "a-1", EX + "p", SKOLEM + "a-2")])
    projection.catch_up()
    (found,) = shown(projection, tmp_path / "seen").quads_for_pattern(None, None, None, ox.DefaultGraph())
    assert (found.subject, found.object) == (ox.NamedNode(SKOLEM + "a-1"), ox.NamedNode(SKOLEM + "a-2"))


def test_what_oxigraph_has_no_form_for_is_logged_and_holds_nothing_up(
    tmp_path: Path, record: Record, projection: Projection, caplog: pytest.LogCaptureFixture
) -> None:
    commit(record, [(EX + "x", EX + "p", Literal("a", RDF_LANG_STRING, "no tag")), (EX + "x", EX + "p", Literal("b"))])
    with caplog.at_level(logging.WARNING):
        assert projection.catch_up() == 1
    assert "left out" in caplog.text
    assert data_of(projection, tmp_path / "seen") == respelled([(EX + "x", EX + "p", Literal("b"))])


def test_modules_are_named_graphs_and_a_new_release_replaces_them(
    tmp_path: Path, record: Record, open_projection: Opening
) -> None:
    second = module_of("other", ONTOLOGY.replace("model>", "other>").encode(), ModuleKind.ONTOLOGY)
    releases = [release(), release(second), release()]
    active = releases[0]
    projection = open_projection(active=lambda: active)
    commit(record, pump(1))
    for active in releases:
        projection.catch_up()
        store = shown(projection, tmp_path / "seen")
        graphs = {graph.value for graph in store.named_graphs()}
        assert graphs == {module.iri for module in active.modules} | {STATE_GRAPH.value, MODEL_GRAPH.value}
        terms = {statement for module in active.modules for statement in module.statements}
        assert hash_of(store, MODEL_GRAPH) == canonical_hash(sorted(terms, key=str))
        for module in active.modules:
            assert hash_of(store, ox.NamedNode(module.iri)) == canonical_hash(module.statements)
        assert hash_of(store, ox.DefaultGraph()) == respelled(pump(1))
        assert projection.state.release == active.digest


def test_it_goes_on_where_it_stopped(tmp_path: Path, record: Record, open_projection: Opening) -> None:
    first = open_projection()
    commit(record, pump(1))
    first.catch_up()
    first.close()
    built = (tmp_path / "projection" / "store").stat().st_ino
    commit(record, pump(2))
    second = open_projection()
    assert second.position == 1
    assert second.catch_up() == 2
    assert data_of(second, tmp_path / "seen") == respelled(everything(record))
    assert (tmp_path / "projection" / "store").stat().st_ino == built, "it was built anew"


def without_folder(folder: Path) -> None:
    shutil.rmtree(folder)


def without_manifest(folder: Path) -> None:
    (folder / "store" / "CURRENT").write_text("MANIFEST-999999\n")


def without_files(folder: Path) -> None:
    for file in (folder / "store").iterdir():
        file.write_bytes(b"")


def without_state(folder: Path) -> None:
    ox.Store(folder / "store").clear_graph(STATE_GRAPH)


def of_another_format(folder: Path) -> None:
    ox.Store(folder / "store").update(
        f"DELETE WHERE {{ GRAPH {STATE_GRAPH} {{ ?s <{STATE_GRAPH.value}#position> ?o }} }} ;"
        f"INSERT DATA {{ GRAPH {STATE_GRAPH} {{ {STATE_GRAPH} <{STATE_GRAPH.value}#position> 'x' }} }}"
    )


@pytest.mark.parametrize("harm", [without_folder, without_manifest, without_files, without_state, of_another_format])
def test_a_damaged_folder_is_built_anew(
    tmp_path: Path, record: Record, open_projection: Opening, harm: Callable[[Path], None]
) -> None:
    first = open_projection()
    commit(record, pump(1))
    commit(record, pump(2))
    first.catch_up()
    first.close()
    harm(tmp_path / "projection")
    second = open_projection()
    assert not second.is_open
    with pytest.raises(StoreUnavailable):
        second.checkpoint(tmp_path / "none")
    assert second.catch_up() == 2
    assert data_of(second, tmp_path / "seen") == respelled(everything(record))


@pytest.mark.parametrize("entries", [1, 2, 3])
def test_the_projection_of_another_record_is_built_anew(
    tmp_path: Path, record: Record, open_projection: Opening, entries: int
) -> None:
    """Behind, at and ahead of what was projected: a restored record shares the beginning of its log at most."""
    first = open_projection()
    commit(record, pump(1))
    commit(record, pump(2))
    first.catch_up()
    first.close()
    with contextlib.closing(opened(tmp_path / "other")) as other:
        for number in range(entries):
            commit(other, pump(number + 1) if number == 0 else pump(number + 10))
        second = open_projection(other)
        assert second.catch_up() == entries
        assert data_of(second, tmp_path / "seen") == respelled(everything(other))
        second.close()


def test_a_folder_has_one_owner(projection: Projection, open_projection: Opening) -> None:
    with pytest.raises(StoreUnavailable, match="another process"):
        open_projection()
    projection.close()
    open_projection()


def test_a_comparison_names_what_differs(tmp_path: Path, record: Record, open_projection: Opening) -> None:
    projection = open_projection()
    for number in range(3):
        commit(record, pump(number))
    projection.catch_up()
    assert projection.differing() == []
    projection.close()
    engine = ox.Store(tmp_path / "projection" / "store")
    engine.remove(quad(pump(1)[0]))
    engine.add(quad((EX + "stray", EX + "p", text("x"))))
    del engine
    projection = open_projection()
    assert projection.catch_up() == 3
    assert projection.differing() == [EX + "pump/1", EX + "stray"]
    assert projection.differing(limit=1) == [EX + "pump/1"]
    projection.rebuild()
    assert projection.differing() == []


def test_a_checkpoint_stays_as_it_was(tmp_path: Path, record: Record, projection: Projection) -> None:
    commit(record, pump(1))
    projection.catch_up()
    state = projection.checkpoint(tmp_path / "then")
    commit(record, pump(2))
    projection.catch_up()
    projection.rebuild()
    assert state.position == 1
    assert hash_of(ox.Store.read_only(str(tmp_path / "then")), ox.DefaultGraph()) == respelled(pump(1))


class Unreliable:
    """A record whose log cannot be read for a while."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self.fails = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._record, name)

    def entries(self, after: Position, limit: int) -> Sequence[Entry]:
        if self.fails:
            raise StoreUnavailable("the record is away")
        return self._record.entries(after, limit)


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def test_a_thread_follows_and_survives_a_record_that_is_away(
    tmp_path: Path, record: Record, open_projection: Opening
) -> None:
    store = Unreliable(record)
    projection = open_projection(store)  # type: ignore[arg-type]
    projection.start()
    projection.wake(commit(record, pump(1)))
    eventually(lambda: projection.position == 1)
    store.fails = True
    projection.wake(commit(record, pump(2)))
    eventually(lambda: "away" in projection.fault)
    store.fails = False
    eventually(lambda: projection.position == 2 and not projection.fault)
    assert data_of(projection, tmp_path / "seen") == respelled(everything(record))


class Endless(Unreliable):
    """A record that is never read to its end."""

    reads = 0

    def iris(self, after: str, limit: int) -> Sequence[str]:
        self.reads += 1
        return self._record.iris("", limit)


def test_closing_ends_a_rebuild(tmp_path: Path, record: Record, open_projection: Opening) -> None:
    commit(record, pump(1))
    store = Endless(record)
    projection = open_projection(store)  # type: ignore[arg-type]
    projection.start()
    eventually(lambda: store.reads > 2)
    projection.close()
    assert not (tmp_path / "projection" / "store").exists()
