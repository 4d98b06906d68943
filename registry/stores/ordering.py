"""The order over all terms that lists follow, the same in every store."""

from __future__ import annotations

import datetime
import hashlib
import math
from decimal import Decimal
from typing import NamedTuple

from registry.rdf.terms import Literal, Term
from registry.rdf.vocabulary import XSD, XSD_BOOLEAN, XSD_DATE_TIME, XSD_DOUBLE, XSD_INTEGER, XSD_STRING
from registry.shacl.values import value_of

LONGEST_KEY = 1_000
"""Texts of more characters are ordered by their beginning and then by a hash, so that equality stays exact."""

_LEAST_INTEGER, _GREATEST_INTEGER = -(2**63), 2**63 - 1
_EPOCH = datetime.datetime(2000, 1, 1)
_MICROSECOND = datetime.timedelta(microseconds=1)


TRUTH, NUMBER, MOMENT, TEXT, TIME_OF_DAY, OTHER, IRI = range(7)
"""What compares with what. Values of different kinds are ordered by kind and are never equal."""


class SortKey(NamedTuple):
    """Where a term stands: its kind, then its place within it."""

    kind: int
    key: int | float | str


def sort_key(term: Term) -> SortKey:
    """The place of a term.

    Numbers are 64-bit integers where they are whole and fit, and the nearest double otherwise. Dates are the instant
    they begin; without a time zone UTC is meant. Texts compare by code point whatever their language. What has no
    value, or one that XSD does not order, stands by its lexical form.
    """
    if isinstance(term, str):
        return SortKey(IRI, term)
    if term.datatype == XSD_STRING:
        return SortKey(TEXT, text_key(term.lexical))
    value = value_of(term)
    if value is None:
        return _other(term)
    match value.kind:
        case "boolean":
            return SortKey(TRUTH, int(value.content))
        case "number":
            is_a_number = value.content == value.content
            return SortKey(NUMBER, _number(value.content)) if is_a_number else _other(term)
        case "string" | "text":
            return SortKey(TEXT, text_key(term.lexical))
        case "date" | "dateTime":
            return SortKey(MOMENT, _number(value.content // _MICROSECOND))
        case "time":
            return SortKey(TIME_OF_DAY, _number(value.content // _MICROSECOND))
    return _other(term)


def term_at(key: SortKey) -> Term:
    """A term that stands at a place, the same for all that do: what a count by value shows."""
    if key.kind == IRI:
        return str(key.key)
    if key.kind == TRUTH:
        return Literal("true" if key.key else "false", XSD_BOOLEAN)
    if key.kind == NUMBER:
        return _number_at(key.key)
    if key.kind == MOMENT:
        return Literal(_moment_at(key.key), XSD_DATE_TIME)
    if key.kind == TIME_OF_DAY:
        return Literal(_moment_at(key.key).partition("T")[2], XSD + "time")
    return Literal(str(key.key), XSD_STRING)


def _number_at(number: int | float | str) -> Literal:
    if isinstance(number, int):
        return Literal(str(number), XSD_INTEGER)
    if isinstance(number, float) and math.isinf(number):
        return Literal("INF" if number > 0 else "-INF", XSD_DOUBLE)
    return Literal(repr(number), XSD_DOUBLE)


def _moment_at(microseconds: int | float | str) -> str:
    """A moment as xsd:dateTime in UTC; beyond the years that Python knows, its seconds since the year 2000."""
    try:
        return (_EPOCH + datetime.timedelta(microseconds=float(microseconds))).isoformat() + "Z"
    except OverflowError:
        return str(float(microseconds) / 1_000_000)


def text_key(content: str) -> str:
    """A text as a key of bounded length."""
    if len(content) <= LONGEST_KEY:
        return content
    digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
    return content[:LONGEST_KEY] + digest


def beyond(prefix: str) -> str | None:
    """The least text that is greater than every text with this prefix; None where there is none."""
    for end in range(len(prefix), 0, -1):
        point = ord(prefix[end - 1]) + 1
        if point <= 0x10FFFF:
            # Surrogates are no characters, and UTF-8 has no bytes for them.
            return prefix[: end - 1] + chr(0xE000 if 0xD800 <= point <= 0xDFFF else point)
    return None


def _other(literal: Literal) -> SortKey:
    return SortKey(OTHER, text_key(literal.lexical))


def _number(number: int | float | Decimal) -> int | float:
    """A whole number that fits 64 bits as such, anything else as the nearest double."""
    try:
        whole = int(number)
        if whole == number and _LEAST_INTEGER <= whole <= _GREATEST_INTEGER:
            return whole
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf
