"""Literals as values: well-formedness, order and language as XSD 1.1 part 2 and SPARQL 1.1 define them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, NamedTuple

from registry.bounded_cache import counted
from registry.rdf.terms import Literal, Term
from registry.rdf.vocabulary import RDF_LANG_STRING, XSD, XSD_STRING
from registry.shacl.constraints.code_points import NAME_CHARACTER, NAME_START

LONGEST = 4_000
"""Longer numbers and times, in characters, are not read: that takes quadratic time, and no measurement needs them."""

_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\Z")
_FLOAT = re.compile(r"([+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN)\Z")
_ZONE = r"(?P<zone>Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
_YEAR = r"(?P<year>-?(?:[1-9][0-9]{4,}|[0-9]{4}))"
_MONTH, _DAY = r"(?P<month>0[1-9]|1[0-2])", r"(?P<day>0[1-9]|[12][0-9]|3[01])"
_CLOCK = (
    r"(?:(?P<hour>[01][0-9]|2[0-3]):(?P<minute>[0-5][0-9]):(?P<second>[0-5][0-9])(?:\.(?P<fraction>[0-9]+))?"
    r"|(?P<midnight>24:00:00(?:\.0+)?))"
)
_MOMENTS = {
    "dateTime": f"{_YEAR}-{_MONTH}-{_DAY}T{_CLOCK}",
    "dateTimeStamp": f"{_YEAR}-{_MONTH}-{_DAY}T{_CLOCK}(?=.)",
    "date": f"{_YEAR}-{_MONTH}-{_DAY}",
    "time": _CLOCK,
    "gYear": _YEAR,
    "gYearMonth": f"{_YEAR}-{_MONTH}",
    "gMonth": f"--{_MONTH}",
    "gMonthDay": f"--{_MONTH}-{_DAY}",
    "gDay": f"---{_DAY}",
}
_DURATION = re.compile(
    r"(?P<sign>-)?P(?=[0-9T])(?:(?P<years>[0-9]+)Y)?(?:(?P<months>[0-9]+)M)?(?:(?P<days>[0-9]+)D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]+)H)?(?:(?P<minutes>[0-9]+)M)?(?:(?P<seconds>[0-9]+(?:\.[0-9]+)?)S)?)?\Z"
)
INTEGER_BOUNDS: dict[str, tuple[int | None, int | None]] = {
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
"""The least and the greatest value of each datatype of whole numbers; None where there is no bound."""
_UNORDERED = {
    "hexBinary": r"([0-9A-Fa-f]{2})*",
    "base64Binary": r"((([A-Za-z0-9+/] ?){4})*(([A-Za-z0-9+/] ?){3}=|([A-Za-z0-9+/] ?){2}= ?=)?)",
    "language": r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*",
    "normalizedString": r"[^\t\n\r]*",
    "token": r"([^\t\n\r ]+( [^\t\n\r ]+)*)?",
    "NMTOKEN": f"[{NAME_CHARACTER}]+",
    "Name": f"[{NAME_START}][{NAME_CHARACTER}]*",
    "NCName": f"(?!.*:)[{NAME_START}][{NAME_CHARACTER}]*",
}


@dataclass(frozen=True, slots=True)
class Value:
    """A literal's value.

    ``kind`` says what it compares with, and begins with ``?`` where nothing does. ``zoned`` says whether a point in
    time has a time zone; its ``content`` is the time since 2000-01-01T00:00:00, in UTC if it has one, and
    ``beyond`` is the part of a microsecond, in seconds, that a timedelta cannot hold.
    """

    kind: str
    content: Any
    zoned: bool = False
    beyond: Decimal = Decimal()


class Duration(NamedTuple):
    """Months and seconds do not convert into each other, so durations have only a partial order."""

    months: int
    seconds: Decimal


def value_of(literal: Literal) -> Value | None:
    """The value of a literal, or None where its lexical form is none of its datatype's."""
    lexical, datatype, _ = literal
    if datatype in _READERS:
        return _read(literal) if len(lexical) <= LONGEST else None
    if datatype == XSD_STRING:
        return Value("string", lexical)
    return Value("text" if datatype == RDF_LANG_STRING else "?" + datatype, lexical)


def is_well_formed(literal: Literal) -> bool:
    """Whether the lexical form is one of the datatype's; datatypes that XSD does not define allow any."""
    return value_of(literal) is not None


def compare(left: Term, right: Term) -> int | None:
    """-1, 0 or 1, or None where there is no order: IRIs, ill-typed, NaN, different kinds, unclear zones or months."""
    if not isinstance(left, Literal) or not isinstance(right, Literal):
        return None
    return order(value_of(left), value_of(right))


def order(a: Value | None, b: Value | None) -> int | None:
    """`compare` of two values, where None is one that a literal failed to have."""
    if a is None or b is None or a.kind != b.kind or a.kind == "text" or a.kind.startswith("?"):
        return None
    if a.kind == "duration":
        return _duration_order(a.content, b.content)
    if a.zoned != b.zoned:
        # Without a zone a point in time may lie up to fourteen hours to either side (XSD 1.1 part 2, D.2.1).
        gap = a.content - b.content
        return None if abs(gap) <= datetime.timedelta(hours=14) else _sign(gap, datetime.timedelta())
    x, y = a.content, b.content
    if isinstance(x, float) != isinstance(y, float):
        x, y = _as_float(x), _as_float(y)
    if x != y:
        return _sign(x, y) if x == x and y == y else None
    return _sign(a.beyond, b.beyond)


def _sign(x: Any, y: Any) -> int:
    return int(x > y) - int(x < y)


def _as_float(number: Any) -> float:
    # A float meets a decimal as a float (SPARQL 1.1, section 17.3, numeric promotion).
    try:
        return float(number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")


def in_language(tag: str, language_range: str) -> bool:
    """Basic filtering of RFC 4647: the range is the tag or the beginning of it; ``*`` is any tag."""
    tag, wanted = tag.lower(), language_range.lower()
    return bool(tag) and (wanted == "*" or tag == wanted or tag.startswith(wanted + "-"))


Reader = Callable[[str], Value | None]


@partial(counted, "values of literals")
@lru_cache(maxsize=65_536)
def _read(literal: Literal) -> Value | None:
    try:
        return _READERS[literal.datatype](literal.lexical)
    except OverflowError:
        return None


def _integer(least: int | None, most: int | None) -> Reader:
    def read(lexical: str) -> Value | None:
        if not _INTEGER.match(lexical):
            return None
        number = int(lexical)
        fits = (least is None or number >= least) and (most is None or number <= most)
        return Value("number", number) if fits else None

    return read


def _decimal(lexical: str) -> Value | None:
    return Value("number", Decimal(lexical)) if _DECIMAL.match(lexical) else None


def _float(lexical: str) -> Value | None:
    return Value("number", float(lexical.replace("INF", "inf"))) if _FLOAT.match(lexical) else None


def _boolean(lexical: str) -> Value | None:
    return Value("boolean", lexical in ("true", "1")) if lexical in ("true", "false", "1", "0") else None


def _text(datatype: str, pattern: str) -> Reader:
    matches = re.compile(f"(?:{pattern})\\Z").match
    return lambda lexical: Value("?" + datatype, lexical) if matches(lexical) else None


def _moment(name: str, pattern: str) -> Reader:
    matches = re.compile(pattern + _ZONE + r"\Z").match
    kind = "dateTime" if name == "dateTimeStamp" else name

    def read(lexical: str) -> Value | None:
        found = matches(lexical)
        if found is None:
            return None
        # What a lexical form does not tell is that of 1 January 2000, which is in a leap year.
        said = {part: text for part, text in found.groupdict().items() if text is not None}
        year, month, day = (int(said.get(part, known)) for part, known in (("year", 2000), ("month", 1), ("day", 1)))
        if day > _day_number(year, month + 1, 1) - _day_number(year, month, 1):
            return None
        days = _day_number(year, month, day) - _day_number(2000, 1, 1)
        if "midnight" in said and kind == "dateTime":
            days += 1
        fraction = said.get("fraction", "")
        since = datetime.timedelta(
            days=days,
            hours=int(said.get("hour", 0)),
            minutes=int(said.get("minute", 0)) - _offset(said.get("zone", "Z")),
            seconds=int(said.get("second", 0)),
            microseconds=int(fraction[:6].ljust(6, "0")),
        )
        return Value(kind, since, "zone" in said, Decimal(f".000000{fraction[6:]}"))

    return read


def _offset(zone: str) -> int:
    """How many minutes a zone is ahead of UTC."""
    if zone == "Z":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[4:6])
    return minutes if zone[0] == "+" else -minutes


def _day_number(year: int, month: int, day: int) -> int:
    """Days since a fixed day, in the Gregorian calendar of all years; ``month`` may lie outside 1 to 12."""
    # Years are counted from March, so that the leap day is the last of its year.
    years, march_based = divmod(year * 12 + month - 3, 12)
    return years * 365 + years // 4 - years // 100 + years // 400 + (march_based * 153 + 2) // 5 + day - 1


def _duration(fields: str) -> Reader:
    def read(lexical: str) -> Value | None:
        found = _DURATION.match(lexical)
        if found is None:
            return None
        said = {part: Decimal(text) for part, text in found.groupdict().items() if text is not None and part != "sign"}
        if not said or any(part not in fields.split() for part in said):
            return None
        sign = -1 if found["sign"] else 1
        months = said.get("years", 0) * 12 + said.get("months", 0)
        hours = said.get("days", 0) * 24 + said.get("hours", 0)
        seconds = (hours * 60 + said.get("minutes", 0)) * 60 + said.get("seconds", Decimal())
        return Value("duration", Duration(sign * int(months), sign * seconds))

    return read


def _duration_order(a: Duration, b: Duration) -> int | None:
    """The order that holds from each of four days when months differ in length (XSD 1.1 part 2, 3.3.6.1)."""
    days = ((1696, 9), (1697, 2), (1903, 3), (1903, 7))
    orders = {_sign(_seconds_from(year, month, a), _seconds_from(year, month, b)) for year, month in days}
    return orders.pop() if len(orders) == 1 else None


def _seconds_from(year: int, month: int, duration: Duration) -> Decimal:
    days = _day_number(year, month + duration.months, 1) - _day_number(year, month, 1)
    return days * 86_400 + duration.seconds


_READERS: dict[str, Reader] = {
    **{XSD + name: _integer(*bounds) for name, bounds in INTEGER_BOUNDS.items()},
    **{XSD + name: _moment(name, pattern) for name, pattern in _MOMENTS.items()},
    **{XSD + name: _text(XSD + name, pattern) for name, pattern in _UNORDERED.items()},
    XSD + "decimal": _decimal,
    XSD + "float": _float,
    XSD + "double": _float,
    XSD + "boolean": _boolean,
    XSD + "duration": _duration("years months days hours minutes seconds"),
    XSD + "dayTimeDuration": _duration("days hours minutes seconds"),
    XSD + "yearMonthDuration": _duration("years months"),
}
