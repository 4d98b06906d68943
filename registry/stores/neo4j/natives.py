"""Literals as values that Neo4j knows: what a person sees, filters by and plots.

Every native kind has a letter. `native` gives the nearest value, `literal` what it reads as; where that is not the
literal it came from, the node needs a shadow (`registry.stores.neo4j.nodes`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, timedelta, timezone
from decimal import Decimal
from typing import Any

from neo4j import time as neo4j_time

from registry.rdf.terms import Literal
from registry.rdf.vocabulary import XSD, XSD_BOOLEAN, XSD_DATE_TIME, XSD_DECIMAL, XSD_DOUBLE
from registry.shacl.values import value_of
from registry.stores.neo4j.naming import Reading

BOOLEAN, INTEGER, FLOAT, TEXT, DATE, INSTANT, WALL_CLOCK, CLOCK, DURATION = "bifsdzltp"

_GREATEST_INTEGER = 2**63 - 1
_WHOLE = re.compile(r"[+-]?[0-9]+")
_CALENDAR = re.compile(
    r"(?:(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2}))?T?"
    r"(?:(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?)?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?"
)
_PLAIN, _CANONICAL, _PRINTED = "", "E", "e"
"""How a double is spelt: as Python does it, as XSD's canonical form does (1.0E0), or as C's printf does (1e+00)."""


def native(literal: Literal) -> tuple[str, Any]:
    """The kind and the nearest native value of a literal: a text where there is no nearer one."""
    value = value_of(literal)
    if value is not None:
        match value.kind:
            case "boolean":
                return BOOLEAN, bool(value.content)
            case "number":
                return _number(literal, value.content)
            case "date" | "dateTime" | "time" | "duration":
                found = _temporal(value.kind, literal.lexical)
                if found is not None:
                    return found
    return TEXT, literal.lexical


def kind_of(value: Any) -> str | None:
    """The kind of a value that the database gave; None for one that the registry never writes."""
    if isinstance(value, neo4j_time.DateTime):
        return WALL_CLOCK if value.tzinfo is None else INSTANT
    return _KINDS.get(type(value))


def reading_of(literal: Literal, kind: str, value: Any) -> Reading:
    """The reading that gives this literal back, or comes as near as any."""
    styles = [_PLAIN, _CANONICAL, _PRINTED] if kind == FLOAT else [_PLAIN]
    if kind in (INSTANT, WALL_CLOCK, CLOCK):
        styles = [str(len(literal.lexical.partition(".")[2].rstrip("Z").partition("+")[0].partition("-")[0]))]
    for style in styles:
        reading = Reading(literal.datatype, literal.language, style)
        if as_literal(kind, value, reading) == literal:
            return reading
    return Reading(literal.datatype, literal.language, styles[0])


def as_literal(kind: str, value: Any, reading: Reading) -> Literal:
    """What a native value reads as."""
    return Literal(_SPELT[kind](value, reading), reading.datatype, reading.language)


def _number(literal: Literal, content: Any) -> tuple[str, Any]:
    may_be_whole = literal.datatype not in (XSD_DOUBLE, XSD + "float")
    if may_be_whole and _WHOLE.fullmatch(literal.lexical):
        whole = int(literal.lexical)
        if -_GREATEST_INTEGER - 1 <= whole <= _GREATEST_INTEGER:
            return INTEGER, whole
    try:
        return FLOAT, float(content)
    except OverflowError:
        return TEXT, literal.lexical


def _temporal(kind: str, lexical: str) -> tuple[str, Any] | None:
    if kind == "duration":
        return _duration(lexical)
    found = _CALENDAR.fullmatch(lexical)
    if found is None or found["hour"] == "24" or found["year"] == "0000":
        return None
    year, month, day, hour, minute, second = (
        int(found[part] or 0) for part in ("year", "month", "day", "hour", "minute", "second")
    )
    nanosecond, zone = int((found["fraction"] or "").ljust(9, "0")), found["zone"]
    match kind, zone:
        case "date", None:
            return DATE, neo4j_time.Date(year, month, day)
        case "time", None:
            return CLOCK, neo4j_time.Time(hour, minute, second, nanosecond)
        case "dateTime", None:
            return WALL_CLOCK, neo4j_time.DateTime(year, month, day, hour, minute, second, nanosecond)
        case "dateTime", _:
            return INSTANT, neo4j_time.DateTime(year, month, day, hour, minute, second, nanosecond, tzinfo=_zone(zone))
    return None


def _zone(zone: str) -> timezone:
    if zone == "Z":
        return UTC
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    return timezone(timedelta(minutes=minutes if zone[0] == "+" else -minutes))


def _duration(lexical: str) -> tuple[str, Any] | None:
    try:
        return DURATION, neo4j_time.Duration.from_iso_format(lexical)
    except (ValueError, OverflowError):
        return None


def _spelt_float(value: float, reading: Reading) -> str:
    if not math.isfinite(value):
        return "NaN" if value != value else "INF" if value > 0 else "-INF"
    if reading.datatype == XSD_DECIMAL:
        return format(Decimal(repr(value)), "f")
    if reading.style == _PLAIN:
        return repr(value)
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    assert isinstance(exponent, int)
    shown = "".join(map(str, digits)).rstrip("0") or "0"
    power = exponent + len(digits) - 1 if any(digits) else 0
    minus = "-" if sign else ""
    if reading.style == _PRINTED:
        return f"{minus}{shown[0]}{'.' if shown[1:] else ''}{shown[1:]}e{power:+03d}"
    return f"{minus}{shown[0]}.{shown[1:] or '0'}E{power}"


def _spelt_date(value: Any, reading: Reading) -> str:
    return f"{value.year:04}-{value.month:02}-{value.day:02}"


def _spelt_clock(value: Any, reading: Reading) -> str:
    shown = f"{value.nanosecond:09}".rstrip("0")
    digits = max(len(shown), int(reading.style or "0"))
    fraction = f".{shown.ljust(digits, '0')}" if digits else ""
    return f"{value.hour:02}:{value.minute:02}:{value.second:02}{fraction}"


def _spelt_instant(value: Any, reading: Reading) -> str:
    offset = value.utcoffset()
    minutes = 0 if offset is None else round(offset.total_seconds() / 60)
    zone = f"{'+' if minutes > 0 else '-'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}" if minutes else "Z"
    return f"{_spelt_date(value, reading)}T{_spelt_clock(value, reading)}{zone}"


_KINDS = {
    bool: BOOLEAN, int: INTEGER, float: FLOAT, str: TEXT, neo4j_time.Date: DATE, neo4j_time.Time: CLOCK,
    neo4j_time.Duration: DURATION,
}  # fmt: skip
_SPELT: dict[str, Callable[[Any, Reading], str]] = {
    BOOLEAN: lambda value, reading: "true" if value else "false",
    INTEGER: lambda value, reading: str(value),
    FLOAT: _spelt_float,
    TEXT: lambda value, reading: str(value),
    DATE: _spelt_date,
    CLOCK: _spelt_clock,
    WALL_CLOCK: lambda value, reading: f"{_spelt_date(value, reading)}T{_spelt_clock(value, reading)}",
    INSTANT: _spelt_instant,
    DURATION: lambda value, reading: str(value.iso_format()),
}
_DEFAULTS = {
    BOOLEAN: XSD_BOOLEAN, INTEGER: XSD + "integer", FLOAT: XSD_DOUBLE, TEXT: XSD + "string", DATE: XSD + "date",
    CLOCK: XSD + "time", WALL_CLOCK: XSD_DATE_TIME, INSTANT: XSD_DATE_TIME, DURATION: XSD + "duration",
}  # fmt: skip


def usual(kind: str) -> Reading:
    """How a kind of value reads that the registry has not written for a property: somebody else has put it there."""
    return Reading(_DEFAULTS[kind])
