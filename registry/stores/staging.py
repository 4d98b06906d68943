"""Statements of an import before they are judged: in a file of their own, so that memory stays bounded."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Self, TypeAlias

import orjson

from registry import share
from registry.domain.resource import Resource
from registry.domain.view import View
from registry.rdf.terms import Iri, Literal, Statement, Term
from registry.rdf.vocabulary import RDF_TYPE
from registry.stores.encoding import as_list

_BATCH = 5_000

Said: TypeAlias = Mapping[Iri, Mapping[Iri, Sequence[Term]]]
"""What is staged, by subject and predicate."""
NOTHING_SAID: Said = MappingProxyType({})


class Staging:
    """A scratch file beside the record. What is left out stays in the file and is no longer shown."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.path = path
        self._connection = connection
        # What is staged can be read again from its files: nothing here has to survive a crash.
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -65536"):
            connection.execute(f"PRAGMA {pragma}")

    @classmethod
    def fresh(cls, path: Path) -> Self:
        """An empty file, in place of what may be left of an import that was cut off."""
        path.unlink(missing_ok=True)
        staging = cls(sqlite3.connect(path, isolation_level=None, check_same_thread=False), path)
        for statement in share.query("sql", "staging").split(";"):
            staging._connection.execute(statement)
        return staging

    @classmethod
    def beside(cls, path: Path) -> Self:
        """The same file for a process that only reads, beside the one that staged it."""
        return cls(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", isolation_level=None, uri=True), path)

    def add(self, statements: Iterable[Statement], told: Callable[[int], None] = lambda staged: None) -> int:
        """Stage statements. Returns how many were new; ``told`` learns every few thousand how many are by then."""
        before = self._connection.total_changes
        self._connection.execute("BEGIN")
        for start in _batches(statements):
            self._connection.executemany("INSERT OR IGNORE INTO staged VALUES (?, ?, ?, ?, ?)", map(_row, start))
            told(self._connection.total_changes - before)
        self._connection.execute("COMMIT")
        return self._connection.total_changes - before

    def index(self) -> None:
        """Prepare for being asked who points at what, once most is staged: one sort costs less than many insertions."""
        self._connection.execute("CREATE INDEX IF NOT EXISTS staged_object ON staged (object, predicate, subject)")

    def leave_out(self, iris: Iterable[Iri]) -> None:
        """Show these resources no longer."""
        self._connection.executemany("INSERT OR IGNORE INTO left_out VALUES (?)", [(iri,) for iri in iris])

    def subjects(self, after: Iri, limit: int) -> Sequence[Iri]:
        """The next subjects that are shown, in code point order."""
        rows = self._connection.execute(share.query("sql", "staged-subjects"), {"after": after, "limit": limit})
        return [row[0] for row in rows]

    def statements(self, subjects: Sequence[Iri]) -> Iterator[Statement]:
        """What is staged of some subjects, in their order."""
        rows = self._connection.execute(share.query("sql", "staged-statements"), {"subjects": as_list(subjects)})
        for subject, predicate, target, datatype, language in rows:
            yield subject, predicate, _term(target, datatype, language)

    def shown(self, subjects: Sequence[Iri]) -> Said:
        """The same by subject and predicate, of those that are not left out."""
        rows = self._connection.execute(share.query("sql", "staged-shown"), {"subjects": as_list(subjects)})
        found: dict[Iri, dict[Iri, list[Term]]] = {}
        for subject, predicate, target, datatype, language in rows:
            found.setdefault(subject, {}).setdefault(predicate, []).append(_term(target, datatype, language))
        return found

    def sources(self, target: Term, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        """Which shown subjects point at a term; any predicate but rdf:type for None."""
        kind = target.datatype if isinstance(target, Literal) else ""
        values = {
            "object": target.lexical if isinstance(target, Literal) else target, "datatype": kind,
            "language": target.language if isinstance(target, Literal) else "", "predicate": predicate,
            "but": RDF_TYPE, "limit": limit,
        }  # fmt: skip
        return [row[0] for row in self._connection.execute(share.query("sql", "staged-sources"), values)]

    def incoming(self, targets: Iterable[Iri], most: int) -> Mapping[Iri, Sequence[tuple[Iri, Iri]]]:
        """Who points at each of some resources, with which predicate but rdf:type; at most so many for each."""
        values = {"objects": as_list(list(targets)), "but": RDF_TYPE, "most": most}
        rows = self._connection.execute(share.query("sql", "staged-incoming"), values)
        return {target: [(subject, predicate) for subject, predicate in orjson.loads(pairs)] for target, pairs in rows}

    def count(self) -> int:
        """How many subjects are shown."""
        row = self._connection.execute(
            "SELECT count(DISTINCT subject) FROM staged WHERE subject NOT IN (SELECT iri FROM left_out)"
        ).fetchone()
        return int(row[0])

    def close(self) -> None:
        """Remove the file; idempotent."""
        self._connection.close()
        self.path.unlink(missing_ok=True)


class StagedView:
    """The record with everything that is staged on top: what an import would leave behind.

    ``said`` are subjects of which everything shown has been read already.
    """

    def __init__(self, base: View, staging: Staging, said: Said = NOTHING_SAID) -> None:
        self._base = base
        self._staging = staging
        self._said = said

    def resources(self, iris: Iterable[Iri]) -> Mapping[Iri, Resource]:
        """The resources that would exist."""
        asked = list(dict.fromkeys(iris))
        there, said = self._base.resources(asked), self._said
        unread = [iri for iri in asked if iri not in said]
        shown = self._staging.shown(unread) if unread else NOTHING_SAID
        found: dict[Iri, Resource] = {}
        for iri in asked:
            stated = there.get(iri)
            added = said.get(iri) or shown.get(iri)
            if stated is None:
                if added:
                    found[iri] = Resource(iri, added)
            elif added:
                found[iri] = Resource(iri, _together(stated.statements, added), stated.revision)
            else:
                found[iri] = stated
        return found

    def sources(self, target: Term, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        """Who would point at a term."""
        found = dict.fromkeys(self._base.sources(target, predicate, limit))
        found.update(dict.fromkeys(self._staging.sources(target, predicate, limit)))
        return list(found)[:limit]


def _together(stated: Mapping[Iri, Sequence[Term]], added: Mapping[Iri, Sequence[Term]]) -> dict[Iri, list[Term]]:
    says = {predicate: list(values) for predicate, values in stated.items()}
    for predicate, targets in added.items():
        values = says.setdefault(predicate, [])
        values += [target for target in targets if target not in values]
    return says


def _row(statement: Statement) -> tuple[str, str, str, str, str]:
    subject, predicate, target = statement
    if isinstance(target, Literal):
        return subject, predicate, target.lexical, target.datatype, target.language
    return subject, predicate, target, "", ""


def _term(target: str, datatype: str, language: str) -> Term:
    return Literal(target, datatype, language) if datatype else target


def _batches(statements: Iterable[Statement]) -> Iterator[list[Statement]]:
    rest = iter(statements)
    while batch := list(islice(rest, _BATCH)):
        yield batch
