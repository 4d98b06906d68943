"""Resources and entries as bytes, and lists as parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import orjson

from registry.domain.change import Entry, Event
from registry.domain.resource import Resource
from registry.errors import BadInput
from registry.rdf.terms import Iri, Literal, Statement, Term

_literal: Callable[[Sequence[str]], Literal] = partial(tuple.__new__, Literal)


def encode_statements(statements: Mapping[Iri, Sequence[Term]]) -> bytes:
    """The outgoing statements of a resource: predicate → values, a literal as [lexical, datatype, language]."""
    return orjson.dumps(statements if type(statements) is dict else dict(statements), default=list)


def decode_resource(iri: Iri, document: bytes, revision: int, created_at: str, updated_at: str) -> Resource:
    """A resource from its row."""
    says = orjson.loads(document)
    # In place: this is where a read of the record spends its time. A list becomes a literal without being unpacked.
    for values in says.values():
        for index, value in enumerate(values):
            if type(value) is not str:
                values[index] = _literal(value)
    return Resource(iri, says, revision, created_at, updated_at)


def encode_entry(entry: Entry) -> bytes:
    """What an entry holds besides its columns."""
    return orjson.dumps(
        {
            "removed": entry.removed,
            "added": entry.added,
            "revisions": dict(entry.revisions),
            "events": [[event.kind, event.subject, dict(event.data)] for event in entry.events],
        },
        default=list,
    )


def decode_entry(row: Sequence[Any]) -> Entry:
    """An entry from its row: position, time, actor, cause, release, body, key, fingerprint."""
    position, time, actor, cause, release, body, key, fingerprint = row
    decoded = orjson.loads(body)
    return Entry(
        position, time, actor, cause, release,
        tuple(_statement(found) for found in decoded["removed"]),
        tuple(_statement(found) for found in decoded["added"]),
        decoded["revisions"],
        tuple(Event(kind, subject, data) for kind, subject, data in decoded["events"]),
        key, fingerprint,
    )  # fmt: skip


def _term(value: Any) -> Term:
    return value if type(value) is str else _literal(value)


def _statement(found: Sequence[Any]) -> Statement:
    return found[0], found[1], _term(found[2])


def as_list(iris: Sequence[Iri]) -> str:
    """IRIs as the one parameter of ``json_each``, however many there are.

    SQLite ends a JSON string at a NUL and would take it for another; no IRI has one, so such a text is left out.
    Raises BadInput for half of a surrogate pair.
    """
    try:
        return orjson.dumps([iri for iri in iris if "\0" not in iri]).decode()
    except orjson.JSONEncodeError as error:
        raise BadInput("an IRI has characters that are none: half of a surrogate pair") from error
