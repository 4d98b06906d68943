"""The record as an RDF store that answers SPARQL: Oxigraph in a folder, following the log.

The default graph holds the data: what the record states, skolem IRIs as IRIs. Each module of the release is a named
graph under its own IRI, the graph ``model`` holds the terms of all of them for queries that read data and model as one,
and the graph ``projection`` says which position all this is at. Oxigraph keeps numbers and
times as values, so literals come back in its spelling; the exact form is the record's to tell.
"""

from __future__ import annotations

import fcntl
import logging
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

import pyoxigraph as ox

from registry.domain.change import Position
from registry.domain.releases.release import Release
from registry.errors import RegistryError, StoreUnavailable
from registry.ontology.modules import Module
from registry.private import make_folder
from registry.rdf.oxigraph import to_oxigraph
from registry.rdf.terms import Iri
from registry.sparql.literal_spelling import Spelling
from registry.sparql.projection_check import differing
from registry.sparql.projection_update import MODEL_GRAPH, STATE_GRAPH, State, digest, representable, update_text
from registry.stores.port import Store

Progress = Callable[[int, int], None]
"""Told how many resources are done, and of how many."""

_ENTRIES = 500
_STATEMENTS = 50_000
_PAGE = 1_000
_POLL_SECONDS = 1.0
_REST_SECONDS = 0.02
_SPACE_SECONDS = 2.0
"""So long after a full disk the engine is opened again."""

_NO_SPACE = ("No space left", "disk is full", "File too large", "Disk quota exceeded")

_log = logging.getLogger(__name__)


class _Closing(Exception):
    """A rebuild is given up because the projection closes: a server that stops does not finish it first."""


class Projection:
    """One process at a time has a projection open; it alone writes to it, from one thread at a time.

    Opening never fails for what is in the folder: what is missing, damaged, of another record or ahead of this one is
    built anew by the next `catch_up`. Raises StoreUnavailable where another process has the folder open.
    """

    def __init__(
        self,
        path: Path,
        store: Store,
        release: Callable[[], Release],
        follow_release: Callable[[str], None] = lambda digest: None,
    ) -> None:
        self._path = path
        self._store = store
        self._release = release
        self._follow_release = follow_release
        self._met: Position = 0
        self._lock = _locked(path)
        self._spelling = Spelling()
        self._state = State()
        self._reach = 16
        # Whoever follows or rebuilds holds the first; the second guards the engine itself, one batch at a time.
        self._following = threading.RLock()
        self._writing = threading.Lock()
        self._woken = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._lacked_space = False
        self.fault = ""
        self.built = (0, 0)
        """How many resources a build that goes on has read, and of how many; both are 0 where it has just begun."""
        self._engine = self._opened()

    @property
    def state(self) -> State:
        """What the projection shows now."""
        return self._state

    @property
    def position(self) -> Position:
        """The last entry that the projection shows."""
        return self._state.position

    def head(self) -> Position:
        """The last entry of the log, which the projection may not show yet."""
        return self._store.head()

    @property
    def is_open(self) -> bool:
        """Whether there is anything to ask: not before the first build, nor after `close`."""
        return self._engine is not None

    def start(self) -> None:
        """Follow the log in a thread of its own until `close`."""
        self._thread = threading.Thread(target=self._follow, name="projection", daemon=True)
        self._thread.start()

    def wake(self, position: Position = 0) -> None:
        """The log may have grown to ``position``. Only a hint: it is looked at every second anyway. Any thread."""
        self._woken.set()

    def catch_up(self) -> Position:
        """Apply what the log has, building anew first where that is needed."""
        with self._following:
            if self._engine is None and self._lacked_space:
                self._reopen()
            if self._engine is None:
                self.rebuild()
            self._meet_release()
            self._exchange_modules()
            for text, state in self._updates(self._state):
                self._write(state, text)
            return self._state.position

    def rebuild(self, progress: Progress = lambda done, total: None) -> None:
        """Read the whole record into a fresh store and put it in the place of the old one, which answers meanwhile.

        The record may change while it is read. What was read late repeats what the log tells from ``start`` on, and
        entries repeat without harm: at the end of the log the store is exact, and only then it is put in place.
        """
        with self._following:
            self.built = (0, 0)
            building = self._path / "rebuilding"
            shutil.rmtree(building, ignore_errors=True)
            start = self._store.head()
            entries = self._store.entries(start - 1, 1) if start else ()
            fresh = ox.Store(building)
            for quads in self._pages(progress):
                fresh.extend(quads)
            release = self._release()
            fresh.extend(_of_modules(release, fresh))
            state = State(start, digest(entries[0]) if entries else "", release.digest)
            fresh.extend(state.quads())
            for text, _ in self._updates(state):
                fresh.update(text)
            if self._closed.is_set():
                raise _Closing
            # Renaming needs a closed store, and pyoxigraph closes when the last reference goes.
            del fresh
            with self._writing:
                self._engine = None
                shutil.rmtree(self._path / "store", ignore_errors=True)
                building.rename(self._path / "store")
                self._engine = self._opened()
            if self._engine is None:
                raise StoreUnavailable(f"the projection in {self._path} was built and cannot be opened")
            self.catch_up()

    def checkpoint(self, folder: Path) -> State:
        """A copy for readers in a new folder on the same file system (hard links), and what it shows.

        Raises StoreUnavailable before the first build.
        """
        with self._writing:
            if self._engine is None:
                raise StoreUnavailable("the projection is being built: try again later")
            try:
                self._engine.backup(folder)
            except (OSError, RuntimeError) as error:
                shutil.rmtree(folder, ignore_errors=True)
                if not _is_for_space(error):
                    raise
                raise StoreUnavailable(
                    "the disk is full: SPARQL finds no room to read in; make space, and ask again",
                    reason="the disk is full", retryable=True,
                ) from error  # fmt: skip
            return self._state

    def differing(self, limit: int = 10) -> list[Iri]:
        """Resources that the projection shows otherwise than the record, at most so many; none is as it should be.

        To be asked where nobody writes: what the projection has not caught up with differs as well.
        """
        with self._writing:
            return differing(self._engine, self._store, limit) if self._engine is not None else []

    def close(self) -> None:
        """Stop following and release the folder; idempotent."""
        self._closed.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join()
        with self._following, self._writing:
            self._engine = None
            self._lock.close()

    def _opened(self) -> ox.Store | None:
        folder = self._path / "store"
        if not folder.is_dir():
            return None
        try:
            engine = ox.Store(folder)
        except (OSError, RuntimeError) as error:
            if self._lacked_space and _is_for_space(error):
                raise StoreUnavailable(f"the disk is full: the projection in {self._path} cannot be opened") from error
            _log.warning("the projection is damaged and will be built anew: %s", error)
            return None
        state = State.read(engine)
        if state is None or not self._is_ours(state):
            _log.warning("the projection is not of this record and will be built anew")
            return None
        # A projection of an earlier version has no graph of the model: then the modules are written anew.
        has_model = any(True for _ in engine.quads_for_pattern(None, None, None, MODEL_GRAPH))
        self._state = state if has_model else replace(state, release="")
        return engine

    def _is_ours(self, state: State) -> bool:
        if state.position == 0:
            return True
        entries = self._store.entries(state.position - 1, 1)
        return bool(entries) and digest(entries[0]) == state.entry

    def _updates(self, state: State) -> Iterator[tuple[str, State]]:
        """What leads from a state to the end of the log, in batches that grow while their entries are small."""
        while not self._closed.is_set() and (entries := self._store.entries(state.position, self._reach)):
            text, state = update_text(
                entries, state.release, self._store.view(), self._spelling, self._release().model.graph
            )
            yield text, state
            statements = sum(len(entry.removed) + len(entry.added) for entry in entries)
            self._reach = max(1, self._reach // 2) if statements > _STATEMENTS else min(_ENTRIES, self._reach * 2)

    def _write(self, state: State, *steps: str | Sequence[ox.Quad]) -> None:
        with self._writing:
            assert self._engine is not None
            for step in steps:
                if isinstance(step, str):
                    self._engine.update(step)
                else:
                    self._engine.extend(step)
            self._state = state

    def _meet_release(self) -> None:
        """Tell which release the log ends with: another process may have put it in force."""
        head = self._store.head()
        if head and head != self._met:
            for entry in self._store.entries(head - 1, 1):
                self._follow_release(entry.release)
            self._met = head

    def _exchange_modules(self) -> None:
        """Put the release's modules in place of others. Until that is done the state names no release."""
        release = self._release()
        if self._engine is None or self._state.release == release.digest:
            return
        during = replace(self._state, release="")
        others = [f"DROP SILENT GRAPH {graph}" for graph in self._engine.named_graphs() if graph != STATE_GRAPH]
        after = replace(self._state, release=release.digest)
        quads = _of_modules(release, self._engine)
        self._write(after, " ;\n".join([*others, during.update()]), quads, after.update())

    def _pages(self, progress: Progress) -> Iterator[list[ox.Quad]]:
        total, done, after = self._store.statistics().get("resources", 0), 0, ""
        while not self._closed.is_set() and (iris := self._store.iris(after, _PAGE)):
            resources = self._store.view().resources(iris)
            yield representable(statement for resource in resources.values() for statement in resource.triples())
            done, after = done + len(iris), iris[-1]
            self.built = done, max(done, total)
            progress(*self.built)

    def _follow(self) -> None:
        failures = 0
        while not self._closed.is_set():
            self._woken.clear()
            try:
                if self._lacked_space:
                    self._let_go()
                self.catch_up()
                self.fault, failures = "", 0
            except _Closing:
                return
            except BaseException as error:
                # Whatever it is, a panic of the engine included, the record is not hurt: readiness shows the fault
                # and the log is tried again.
                self.fault, failures = str(error) or type(error).__name__, failures + 1
                self._lacked_space = _is_for_space(error)
                # Of what the operator must mend the line says everything; of a bug the trace does.
                is_known = self._lacked_space or isinstance(error, RegistryError)
                _log.error("the projection cannot follow the log: %s", error, exc_info=None if is_known else error)
                self._give_up_if_damaged(error)
                self._closed.wait(_SPACE_SECONDS if self._lacked_space else min(60.0, 2.0**failures))
                continue
            # Under load a short rest makes one update of many entries, which costs each of them a third.
            self._closed.wait(_REST_SECONDS)
            self._woken.wait(_POLL_SECONDS)

    def _give_up_if_damaged(self, error: BaseException) -> None:
        if "Corruption" in str(error):
            self._let_go()

    def _let_go(self) -> None:
        with self._writing:
            self._engine = None

    def _reopen(self) -> None:
        """Go on with what there is once space is back: the engine refuses every write after one that found none.

        Raises StoreUnavailable while there is no space to open it in: nothing is built anew for that.
        """
        with self._writing:
            try:
                self._engine = self._opened()
            except StoreUnavailable:
                shutil.rmtree(self._path / "rebuilding", ignore_errors=True)
                raise
            self._lacked_space = False


def _is_for_space(error: BaseException) -> bool:
    return any(words in str(error) for words in _NO_SPACE)


def _locked(path: Path) -> IO[bytes]:
    try:
        make_folder(path)
        lock = (path / "lock").open("ab")
    except OSError as error:
        raise StoreUnavailable(f"nothing can be written in {path}: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise StoreUnavailable(f"another process has the projection in {path} open") from None
    return lock


def _of_modules(release: Release, engine: ox.Store) -> list[ox.Quad]:
    """Each module in its own graph, and its terms in the model's as far as the engine's data does not state them."""
    found: list[ox.Quad] = []
    for module in release.modules:
        own = list(_in_own_graph(module))
        found += own
        if module.kind.has_terms:
            triples = (ox.Quad(q.subject, q.predicate, q.object) for q in own)
            found += (ox.Quad(t.subject, t.predicate, t.object, MODEL_GRAPH) for t in triples if t not in engine)
    return found


def _in_own_graph(module: Module) -> Iterator[ox.Quad]:
    graph = ox.NamedNode(module.iri)
    blanks: dict[str, ox.BlankNode] = {}
    for subject, predicate, target in module.statements:
        # Two modules may use the same label for different blank nodes.
        ends = [
            blanks.setdefault(term, ox.BlankNode()) if isinstance(term, str) and term.startswith("_:")
            else to_oxigraph(term)
            for term in (subject, target)
        ]  # fmt: skip
        yield ox.Quad(ends[0], ox.NamedNode(predicate), ends[1], graph)  # type: ignore[arg-type]
