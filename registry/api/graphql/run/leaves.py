"""Scalars and enums in answers: what needs no more than a look at its type, and what the type itself has to convert."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any, TypeAlias

from graphql import GraphQLBoolean, GraphQLEnumType, GraphQLFloat, GraphQLInt, GraphQLScalarType, GraphQLString

from registry.api.graphql.run.deviation import Deviation

Leaf: TypeAlias = Callable[[Any], Any]

_AS_IT_IS = frozenset({
    "Iri", "Name", "DateTime", "Position", "Revision", "Value", "Integer", "Decimal", "Date", "Time", "Duration",
})  # fmt: skip
"""Scalars of ours that show a value as it is stored."""

_JSON = frozenset({str, int, float, bool})
_LEAST_INT, _GREATEST_INT = -(2**31), 2**31 - 1


def types_of(kind: GraphQLScalarType | GraphQLEnumType) -> frozenset[type]:
    """The Python types whose every value is an answer as it is; none where the value itself decides."""
    if kind is GraphQLString:
        return frozenset({str})
    if kind is GraphQLBoolean:
        return frozenset({bool})
    return _JSON if kind.name in _AS_IT_IS else frozenset()


def leaf_of(kind: GraphQLScalarType | GraphQLEnumType) -> Leaf:
    """How a value is shown that is not None. The function raises for one that does not fit."""
    as_it_is = types_of(kind)
    if as_it_is:
        convert = kind.coerce_output_value

        def shown(value: Any) -> Any:
            if type(value) in as_it_is:
                return value
            return _converted(convert, value)

        return shown
    if kind is GraphQLInt:
        return _int
    if kind is GraphQLFloat:
        return _float
    return (
        _remembered(kind)
        if isinstance(kind, GraphQLEnumType)
        else lambda value: _converted(kind.coerce_output_value, value)
    )


def _int(value: Any) -> Any:
    if type(value) is int and _LEAST_INT <= value <= _GREATEST_INT:
        return value
    return _converted(GraphQLInt.coerce_output_value, value)


def _float(value: Any) -> Any:
    if type(value) is float and isfinite(value):
        return value
    return _converted(GraphQLFloat.coerce_output_value, value)


def _remembered(kind: GraphQLEnumType) -> Leaf:
    """The name of a member, remembered: there are few."""
    names: dict[Any, Any] = {}

    def shown(value: Any) -> Any:
        found = names.get(value)
        if found is None:
            found = names[value] = _converted(kind.coerce_output_value, value)
        return found

    return shown


def _converted(convert: Leaf, value: Any) -> Any:
    if isinstance(value, Exception):
        raise Deviation
    found = convert(value)
    if found is None:
        raise Deviation
    return found
