"""Entries of the log as one SPARQL update: what they come to, and the position they lead to.

A batch is one `update` string because that is the only thing pyoxigraph makes atomic that both removes and adds.
DELETE DATA and INSERT DATA repeat without harm, so a batch that was applied and forgotten is simply applied again.
Values enter the text only as terms that pyoxigraph itself has checked and written (``str(quad)``, N-Triples escapes).
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from registry.domain.change import Entry, Position
from registry.domain.view import View
from registry.rdf.graph import MemoryGraph
from registry.rdf.oxigraph import quad
from registry.rdf.terms import Iri, Literal, Statement
from registry.rdf.vocabulary import BASE, XSD_STRING
from registry.sparql.literal_spelling import Spelling

STATE_GRAPH = ox.NamedNode(BASE + "projection")
MODEL_GRAPH = ox.NamedNode(BASE + "model")
"""The terms of all modules together, without what the record states too: beside the data nothing stands twice."""
DATA_GRAPH = BASE + "data"
"""What requests call the record alone, which the store has as its default graph."""
_POSITION = ox.NamedNode(BASE + "projection#position")
_ENTRY = ox.NamedNode(BASE + "projection#entry")
_RELEASE = ox.NamedNode(BASE + "projection#release")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class State:
    """What a projection shows: the log up to ``position``, and the modules of a release.

    ``entry`` is the digest of the entry at the position: it tells this record from another, or from a restored one
    that has gone its own way. ``release`` is empty while the modules are being exchanged.
    """

    position: Position = 0
    entry: str = ""
    release: str = ""

    @classmethod
    def read(cls, engine: ox.Store) -> State | None:
        """The state that a store says it has, or None where it says nothing that makes sense."""
        found = {q.predicate: q.object for q in engine.quads_for_pattern(STATE_GRAPH, None, None, STATE_GRAPH)}
        texts = [term.value for key in (_POSITION, _ENTRY, _RELEASE) if isinstance(term := found.get(key), ox.Literal)]
        if len(texts) != 3 or not texts[0].isdecimal():
            return None
        return cls(int(texts[0]), texts[1], texts[2])

    def quads(self) -> list[ox.Quad]:
        """The state as statements of its own graph."""
        return [
            ox.Quad(STATE_GRAPH, _POSITION, ox.Literal(self.position), STATE_GRAPH),
            ox.Quad(STATE_GRAPH, _ENTRY, ox.Literal(self.entry), STATE_GRAPH),
            ox.Quad(STATE_GRAPH, _RELEASE, ox.Literal(self.release), STATE_GRAPH),
        ]

    def update(self) -> str:
        """SPARQL that replaces whatever state a store had."""
        statements = " .\n".join(f"{q.subject} {q.predicate} {q.object}" for q in self.quads())
        return f"DROP SILENT GRAPH {STATE_GRAPH} ;\nINSERT DATA {{ GRAPH {STATE_GRAPH} {{\n{statements}\n}} }}"


def digest(entry: Entry) -> str:
    """A fingerprint of an entry that no other entry of any record shares."""
    told = [entry.position, entry.time, entry.actor, entry.cause, entry.release, sorted(entry.revisions.items())]
    statements = [sorted(map(repr, entry.removed)), sorted(map(repr, entry.added))]
    return hashlib.sha256(json.dumps([*told, *statements]).encode()).hexdigest()


def update_text(
    entries: Sequence[Entry],
    release: str,
    view: View,
    spelling: Spelling,
    model: Container[Statement] | MemoryGraph = (),
) -> tuple[str, State]:
    """The update for consecutive entries and the state it leads to. The last word on a statement counts.

    A statement of ``model`` that the record states as well leaves the model's graph, and comes back with its removal.
    """
    last_word: dict[Statement, bool] = {}
    for entry in entries:
        last_word |= dict.fromkeys(entry.removed, False)
        last_word |= dict.fromkeys(entry.added, True)
    removed = [statement for statement, stays in last_word.items() if not stays]
    added = [statement for statement, stays in last_word.items() if stays]
    state = State(entries[-1].position, digest(entries[-1]), release)
    parts = [
        _data("DELETE", representable(_without_respelled(removed, view, spelling))),
        _data("INSERT", representable(added)),
        _data("DELETE", representable(found for found in added if found in model), MODEL_GRAPH),
        _data("INSERT", representable(found for found in removed if found in model), MODEL_GRAPH),
        state.update(),
    ]
    return " ;\n".join(part for part in parts if part), state


def representable(statements: Iterable[Statement]) -> list[ox.Quad]:
    """Statements as quads of the default graph, without those that Oxigraph has no form for, which are logged."""
    quads = []
    for statement in statements:
        try:
            quads.append(quad(statement))
        except ValueError as error:
            _log.warning("left out of the projection: %s: %s", statement, error)
    return quads


def _data(operation: str, quads: Sequence[ox.Quad], graph: ox.NamedNode | None = None) -> str:
    statements = " .\n".join(map(str, quads))
    if graph is not None:
        statements = f"GRAPH {graph} {{\n{statements}\n}}"
    return f"{operation} DATA {{\n{statements}\n}}" if quads else ""


def _without_respelled(removed: list[Statement], view: View, spelling: Spelling) -> list[Statement]:
    """Removals, without those whose value the resource still states in another spelling.

    The record tells ``1`` from ``01`` and Oxigraph does not: removing one of the two must leave the other. The view
    shows the end of the log, so while a projection is behind, such a value may appear or go some entries too early.
    """
    values = [statement for statement in removed if _may_be_respelled(statement)]
    if not values:
        return removed
    resources = view.resources({subject for subject, _, _ in values})

    def stays(subject: Iri, predicate: Iri, value: Literal) -> bool:
        others = resources[subject].values(predicate) if subject in resources else ()
        return any(isinstance(other, Literal) and other != value and spelling.same(value, other) for other in others)

    kept = {(s, p, o) for s, p, o in values if isinstance(o, Literal) and stays(s, p, o)}
    return [statement for statement in removed if statement not in kept]


def _may_be_respelled(statement: Statement) -> bool:
    target = statement[2]
    return isinstance(target, Literal) and target.datatype != XSD_STRING
