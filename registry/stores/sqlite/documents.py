"""Resources and entries as bytes, and values as sort keys."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from registry.domain.change import Entry, Event
from registry.domain.resource import Resource
from registry.rdf.terms import Iri, Literal, Statement, Term
from registry.shacl.values import value_of

KEY_LENGTH = 256
"""Longer texts are ordered by their beginning; what is compared is looked up in the document as well."""

TEXT_KIND = 3


class SortKey(NamedTuple):
    """Where a value stands in an order over all literals: first its kind, then the value within it."""

    kind: int
    key: float | str


def sort_key(literal: Literal) -> SortKey:
    """The place of a literal in the order that lists follow; the nearest float stands for a number."""
    value = value_of(literal)
    if value is None:
        return SortKey(4, literal.lexical[:KEY_LENGTH])
    match value.kind:
        case "boolean":
            return SortKey(0, float(value.content))
        case "number":
            try:
                number = float(value.content)
            except OverflowError:
                number = float("inf") if value.content > 0 else float("-inf")
            # SQLite stores NaN as NULL, and a key must be something.
            return SortKey(4, "NaN") if number != number else SortKey(1, number)
        case "string" | "text":
            return SortKey(TEXT_KIND, literal.lexical[:KEY_LENGTH])
    if isinstance(value.content, datetime.timedelta):
        return SortKey(2, value.content.total_seconds())
    return SortKey(4, literal.lexical[:KEY_LENGTH])


def encode_statements(statements: Mapping[Iri, Sequence[Term]]) -> bytes:
    """The outgoing statements of a resource: predicate → values, a literal as [lexical, datatype, language]."""
    return orjson.dumps({predicate: list(values) for predicate, values in statements.items()}, default=list)


def decode_resource(iri: Iri, document: bytes, revision: int, created_at: str, updated_at: str) -> Resource:
    """A resource from its row."""
    says = {predicate: [_term(value) for value in values] for predicate, values in orjson.loads(document).items()}
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
    return value if type(value) is str else Literal(*value)


def _statement(found: Sequence[Any]) -> Statement:
    return found[0], found[1], _term(found[2])
