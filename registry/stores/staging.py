"""Statements of an import before they are judged: in a file of their own, so that memory stays bounded."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import orjson

from registry import share
from registry.domain.resource import NOTHING, Resource
from registry.domain.view import View
from registry.rdf.terms import Iri, Literal, Statement, Term
from registry.rdf.vocabulary import RDF_TYPE
from registry.stores.documents import as_list

_BATCH = 5_000


class Staging:
    """A scratch file beside the record. What is left out stays in the file and is no longer shown."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.unlink(missing_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # What is staged can be read again from its files: nothing here has to survive a crash.
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -65536"):
            self._connection.execute(f"PRAGMA {pragma}")
        for statement in share.query("sql", "staging").split(";"):
            self._connection.execute(statement)

    def add(self, statements: Iterable[Statement]) -> int:
        """Stage statements. Returns how many were new."""
        before = self._connection.total_changes
        self._connection.execute("BEGIN")
        for start in _batches(statements):
            self._connection.executemany("INSERT OR IGNORE INTO staged VALUES (?, ?, ?, ?, ?)", map(_row, start))
        self._connection.execute("COMMIT")
        return self._connection.total_changes - before

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

    def shown(self, subjects: Sequence[Iri]) -> Mapping[Iri, Mapping[Iri, Sequence[Term]]]:
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
        return {target: orjson.loads(pairs) for target, pairs in rows}

    def count(self) -> int:
        """How many subjects are shown."""
        row = self._connection.execute(
            "SELECT count(DISTINCT subject) FROM staged WHERE subject NOT IN (SELECT iri FROM left_out)"
        ).fetchone()
        return int(row[0])

    def close(self) -> None:
        """Remove the file; idempotent."""
        self._connection.close()
        self._path.unlink(missing_ok=True)


class StagedView:
    """The record with everything that is staged on top: what an import would leave behind."""

    def __init__(self, base: View, staging: Staging) -> None:
        self._base = base
        self._staging = staging

    def resources(self, iris: Iterable[Iri]) -> Mapping[Iri, Resource]:
        """The resources that would exist."""
        asked = list(dict.fromkeys(iris))
        there, shown = self._base.resources(asked), self._staging.shown(asked)
        found: dict[Iri, Resource] = {}
        for iri in asked:
            says: dict[Iri, list[Term]] = {}
            if iri in there:
                says = {predicate: list(values) for predicate, values in there[iri].statements.items()}
            for predicate, targets in shown.get(iri, NOTHING).items():
                values = says.setdefault(predicate, [])
                values += [target for target in targets if target not in values]
            if says:
                found[iri] = Resource(iri, says, there[iri].revision if iri in there else 0)
        return found

    def sources(self, target: Term, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        """Who would point at a term."""
        found = dict.fromkeys(self._base.sources(target, predicate, limit))
        found.update(dict.fromkeys(self._staging.sources(target, predicate, limit)))
        return list(found)[:limit]


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
