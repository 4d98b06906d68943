"""Literals as values: well-formedness, order and equality as XSD 1.1 part 2 and SPARQL 1.1 define them."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from registry.rdf.terms import Literal, Term
from registry.rdf.vocabulary import RDF_LANG_STRING, XSD, XSD_STRING

_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\Z")
_FLOAT = re.compile(r"([+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN)\Z")
_ZONE = r"(?P<zone>Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
_DATE = re.compile(r"(?P<year>-?(?:[1-9][0-9]{4,}|[0-9]{4}))-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})" + _ZONE + r"\Z")
_TIME_PART = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})(?P<fraction>\.[0-9]+)?"
_TIME = re.compile(_TIME_PART + _ZONE + r"\Z")
_DATE_TIME = re.compile(_DATE.pattern.removesuffix(_ZONE + r"\Z") + "T" + _TIME_PART + _ZONE + r"\Z")
_DURATION = re.compile(
    r"-?P(?=[0-9T])([0-9]+Y)?([0-9]+M)?([0-9]+D)?(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?\Z"
)

_RANGES: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-128, 127),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 255),
}
_LEXICAL = {
    "gYear": r"-?([1-9][0-9]{4,}|[0-9]{4})",
    "gYearMonth": r"-?([1-9][0-9]{4,}|[0-9]{4})-(0[1-9]|1[0-2])",
    "gMonth": r"--(0[1-9]|1[0-2])",
    "gMonthDay": r"--(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
    "gDay": r"---(0[1-9]|[12][0-9]|3[01])",
    "hexBinary": r"([0-9A-Fa-f]{2})*",
    "base64Binary": r"\s*(([A-Za-z0-9+/]\s*){4})*(([A-Za-z0-9+/]\s*){2}=\s*=\s*|([A-Za-z0-9+/]\s*){3}=\s*)?",
    "language": r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*",
}
_ZONED = {"gYear", "gYearMonth", "gMonth", "gMonthDay", "gDay"}
_PATTERNS = {
    XSD + name: re.compile(pattern + (r"(Z|[+-][0-9]{2}:[0-9]{2})?" if name in _ZONED else "") + r"\Z")
    for name, pattern in _LEXICAL.items()
}
_HALF_A_DAY_AND_TWO = datetime.timedelta(hours=14)
_FAR = 400
"""Years are shifted by this cycle of the calendar until Python's datetime can hold them."""


@dataclass(frozen=True, slots=True)
class Value:
    """A literal's value: ``kind`` says what it compares with, ``zoned`` whether a point in time has a time zone."""

    kind: str
    content: Any
    zoned: bool = False


@lru_cache(maxsize=65_536)
def value_of(literal: Literal) -> Value | None:
    """The value of a literal, or None where its lexical form is none of its datatype's."""
    datatype = literal.datatype
    if datatype in (XSD_STRING, RDF_LANG_STRING):
        return Value("string" if datatype == XSD_STRING else "text", literal.lexical)
    reader = _READERS.get(datatype)
    if reader is not None:
        try:
            return reader(literal.lexical)
        except (ValueError, OverflowError):
            return None
    pattern = _PATTERNS.get(datatype)
    if pattern is not None and not pattern.match(literal.lexical):
        return None
    return Value("?" + datatype, literal.lexical)


def is_well_formed(literal: Literal) -> bool:
    """Whether the lexical form is one of the datatype's; datatypes that XSD does not define allow any."""
    return value_of(literal) is not None


def compare(left: Term, right: Term) -> int | None:
    """-1, 0 or 1, or None where SPARQL's ``<`` has no answer: IRIs, ill-typed, NaN, different kinds, unclear zones."""
    if not isinstance(left, Literal) or not isinstance(right, Literal):
        return None
    a, b = value_of(left), value_of(right)
    if a is None or b is None or a.kind != b.kind or a.kind == "text" or a.kind.startswith("?"):
        return None
    if a.zoned != b.zoned:
        # Without a zone a point in time may lie up to fourteen hours to either side (XSD 1.1 part 2, 3.3.7.4).
        gap = a.content - b.content
        return None if abs(gap) <= _HALF_A_DAY_AND_TWO else (1 if gap > datetime.timedelta() else -1)
    x, y = _aligned(a.content, b.content)
    return None if x != x or y != y else (x > y) - (x < y)


def _aligned(x: Any, y: Any) -> tuple[Any, Any]:
    # A float meets a decimal as a float, as SPARQL's numeric promotion says.
    if isinstance(x, float) != isinstance(y, float):
        return float(x), float(y)
    return x, y


def in_language(tag: str, language_range: str) -> bool:
    """Basic filtering of RFC 4647: the range is the tag or the beginning of it; ``*`` is any tag."""
    tag, wanted = tag.lower(), language_range.lower()
    return bool(tag) and (wanted == "*" or tag == wanted or tag.startswith(wanted + "-"))


def _integer(low: int | None, high: int | None) -> Callable[[str], Value | None]:
    def read(lexical: str) -> Value | None:
        if not _INTEGER.match(lexical) or len(lexical) > 4_000:
            return None
        number = int(lexical)
        fits = (low is None or number >= low) and (high is None or number <= high)
        return Value("number", number) if fits else None

    return read


def _decimal(lexical: str) -> Value | None:
    return Value("number", Decimal(lexical)) if _DECIMAL.match(lexical) else None


def _float(lexical: str) -> Value | None:
    return Value("number", float(lexical.replace("INF", "inf"))) if _FLOAT.match(lexical) else None


def _boolean(lexical: str) -> Value | None:
    return Value("boolean", lexical in ("true", "1")) if lexical in ("true", "false", "1", "0") else None


def _date_time(lexical: str) -> Value | None:
    found = _DATE_TIME.match(lexical)
    return None if found is None else _moment("dateTime", found, int(found["year"]), found["month"], found["day"])


def _date(lexical: str) -> Value | None:
    found = _DATE.match(lexical)
    return None if found is None else _moment("date", found, int(found["year"]), found["month"], found["day"])


def _time(lexical: str) -> Value | None:
    found = _TIME.match(lexical)
    return None if found is None else _moment("time", found, 2000, "01", "01")


def _moment(kind: str, found: re.Match[str], year: int, month: str, day: str) -> Value:
    parts = found.groupdict()
    hour, minute, second = (int(parts.get(part) or 0) for part in ("hour", "minute", "second"))
    fraction = Decimal(parts.get("fraction") or 0)
    next_day = hour == 24
    if next_day and (minute or second or fraction):
        raise ValueError("24 is the end of the day")
    cycles = 0 if 1 <= year <= 9998 else (year - 2000) // _FAR
    moment = datetime.datetime(year - cycles * _FAR, int(month), int(day), 0 if next_day else hour, minute, second)
    zone = parts.get("zone")
    days = cycles * 146_097 + (1 if next_day and kind != "time" else 0)
    since = moment - datetime.datetime(2000, 1, 1) + datetime.timedelta(days=days)
    since += datetime.timedelta(microseconds=math.floor(fraction * 1_000_000)) - _offset(zone)
    return Value(kind, since, zone is not None)


def _offset(zone: str | None) -> datetime.timedelta:
    if zone in (None, "Z"):
        return datetime.timedelta()
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    return datetime.timedelta(minutes=minutes if zone[0] == "+" else -minutes)


def _duration(lexical: str) -> Value | None:
    return Value("?duration", lexical) if _DURATION.match(lexical) else None


_READERS: dict[str, Callable[[str], Value | None]] = {
    **{XSD + name: _integer(*bounds) for name, bounds in _RANGES.items()},
    XSD + "decimal": _decimal,
    XSD + "float": _float,
    XSD + "double": _float,
    XSD + "boolean": _boolean,
    XSD + "dateTime": _date_time,
    XSD + "dateTimeStamp": lambda lexical: _zoned_only(_date_time(lexical)),
    XSD + "date": _date,
    XSD + "time": _time,
    XSD + "duration": _duration,
    XSD + "dayTimeDuration": _duration,
    XSD + "yearMonthDuration": _duration,
}


def _zoned_only(value: Value | None) -> Value | None:
    return value if value is not None and value.zoned else None
