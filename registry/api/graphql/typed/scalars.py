"""Literals of each datatype as values of the schema: the scalar, how one is read, how a given one is stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLFloat,
    GraphQLInt,
    GraphQLNamedType,
    GraphQLScalarType,
    GraphQLString,
)

from registry.api.graphql.fixed.scalars import LARGEST_EXACT
from registry.api.graphql.fixed.values import MOST_DIGITS, is_exact_number, literal_of, plain
from registry.errors import BadInput
from registry.rdf.terms import Iri, Literal
from registry.rdf.vocabulary import RDF_LANG_STRING, XSD, XSD_BOOLEAN, XSD_DATE_TIME, XSD_DECIMAL, XSD_STRING
from registry.shacl.values import value_of

_LEAST_INT, _GREATEST_INT = -(2**31), 2**31 - 1
_SHORT = ("int", "short", "byte", "unsignedShort", "unsignedByte")
_WHOLE = (
    "integer", "long", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger",
    "unsignedLong", "unsignedInt",
)  # fmt: skip
_WHOLE_DATATYPES = frozenset(XSD + name for name in (*_SHORT, *_WHOLE))
_TEXTS = frozenset({XSD_STRING, RDF_LANG_STRING})
_DECIMAL = re.compile(r"[+-]?([0-9]{1,400}(\.[0-9]{0,400})?|\.[0-9]{1,400})")
_SCIENTIFIC = re.compile(r"[+-]?([0-9]{1,400}(\.[0-9]{0,400})?|\.[0-9]{1,400})[eE][+-]?[0-9]{1,3}")
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,400}")


@dataclass(frozen=True, slots=True)
class ScalarUse:
    """How one datatype is shown. ``read`` raises ValueError, saying why, for a literal that has no such value.

    ``comparable`` says that values have an order, ``text`` that they are texts which may have languages.
    """

    scalar: GraphQLScalarType
    read: Callable[[Literal], Any]
    datatype: Iri | None
    comparable: bool = False
    text: bool = False

    def literal(self, value: Any) -> Literal:
        """A given value as it is stored, where the datatype is known."""
        assert self.datatype is not None
        return literal_of(value, XSD_STRING if self.datatype == RDF_LANG_STRING else self.datatype)


class Scalars:
    """The scalars of the typed half, those of the fixed half among them."""

    def __init__(self, fixed: Mapping[str, GraphQLNamedType]) -> None:
        moment, value = fixed["DateTime"], fixed["Value"]
        assert isinstance(moment, GraphQLScalarType)
        assert isinstance(value, GraphQLScalarType)
        self.any = ScalarUse(value, plain, None, comparable=True, text=True)
        whole = _scalar("Integer", _whole, "A whole number of any size; beyond 2^53 it is given as a text.")
        self._of: dict[Iri, ScalarUse] = {
            XSD_STRING: ScalarUse(GraphQLString, _text, XSD_STRING, text=True),
            RDF_LANG_STRING: ScalarUse(GraphQLString, _text, RDF_LANG_STRING, text=True),
            XSD_BOOLEAN: ScalarUse(GraphQLBoolean, _truth, XSD_BOOLEAN),
            XSD_DATE_TIME: ScalarUse(moment, _as_is(XSD_DATE_TIME), XSD_DATE_TIME, comparable=True),
            **{XSD + n: ScalarUse(GraphQLInt, _int, XSD + n, comparable=True) for n in _SHORT},
            **{XSD + n: ScalarUse(whole, _integer, XSD + n, comparable=True) for n in _WHOLE},
            XSD_DECIMAL: ScalarUse(_decimal_scalar(), _decimal, XSD_DECIMAL, comparable=True),
            **{XSD + n: ScalarUse(GraphQLFloat, _float, XSD + n, comparable=True) for n in ("double", "float")},
            XSD + "date": _own("Date", XSD + "date", "A day as xsd:date, such as `2026-01-31`."),
            XSD + "time": _own("Time", XSD + "time", "A time of day as xsd:time, such as `12:00:00Z`."),
            XSD + "duration": _own("Duration", XSD + "duration", "A length of time as xsd:duration, such as `PT8H`."),
        }

    def use(self, datatype: Iri | None) -> ScalarUse:
        """How a datatype is shown; one that nobody declared as any value, one without a scalar as its text."""
        if datatype is None:
            return self.any
        if datatype not in self._of:
            self._of[datatype] = ScalarUse(GraphQLString, _as_is(datatype), datatype)
        return self._of[datatype]


def _decimal_scalar() -> GraphQLScalarType:
    text = (
        f"A decimal number: a number of up to {MOST_DIGITS} significant digits, or the same as a text, of any length."
    )
    return _scalar("Decimal", _read_decimal, text)


def _own(name: str, datatype: Iri, description: str) -> ScalarUse:
    return ScalarUse(_scalar(name, _given_text, description), _as_is(datatype), datatype, comparable=True)


def _scalar(name: str, read: Callable[[Any], Any], description: str) -> GraphQLScalarType:
    return GraphQLScalarType(name, serialize=lambda value: value, parse_value=read, description=description)


def _given_text(value: Any) -> str:
    if not isinstance(value, str):
        raise BadInput(f"{str(value)[:80]!r} is not a text")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value):
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadInput(f"{str(value)[:80]!r} is not a whole number")
    return value


def _read_decimal(value: Any) -> str:
    """A given number as xsd:decimal spells it. A text keeps its digits, those behind the point included."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return value
    if isinstance(value, str) and _SCIENTIFIC.fullmatch(value) and abs(int(value.lower().partition("e")[2])) < 400:
        return f"{Decimal(value):f}"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**400:
        return str(value)
    if isinstance(value, float) and isfinite(value):
        return f"{Decimal(repr(value)):f}"
    raise BadInput(f"{str(value)[:80]!r} is not a decimal number")


def _decimal(literal: Literal) -> float | int | str:
    if literal.datatype == XSD_DECIMAL and _DECIMAL.fullmatch(literal.lexical) and not is_exact_number(literal.lexical):
        return literal.lexical
    return _float(literal)


def _text(literal: Literal) -> str:
    if literal.datatype not in _TEXTS:
        raise ValueError("is no text")
    return literal.lexical


def _truth(literal: Literal) -> bool:
    if literal.datatype != XSD_BOOLEAN or literal.lexical not in ("true", "false", "1", "0"):
        raise ValueError("is neither true nor false")
    return literal.lexical in ("true", "1")


def _int(literal: Literal) -> int:
    number = _integer(literal)
    if not isinstance(number, int) or not _LEAST_INT <= number <= _GREATEST_INT:
        raise ValueError("is no whole number of 32 bits")
    return number


def _integer(literal: Literal) -> int | str:
    if literal.datatype not in _WHOLE_DATATYPES or not _WHOLE_NUMBER.fullmatch(literal.lexical):
        raise ValueError("is no whole number")
    number = int(literal.lexical)
    return number if abs(number) <= LARGEST_EXACT else str(number)


def _float(literal: Literal) -> float:
    value = value_of(literal)
    if value is None or value.kind != "number":
        raise ValueError("is no number")
    if not isfinite(number := float(value.content)):
        raise ValueError("is no number that JSON has")
    return number


def _as_is(datatype: Iri) -> Callable[[Literal], str]:
    def read(literal: Literal) -> str:
        if literal.datatype != datatype or (value_of(literal) is None and datatype.startswith(XSD)):
            raise ValueError(f"is no {datatype.rpartition('#')[2]}")
        return literal.lexical

    return read
