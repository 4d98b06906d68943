"""The scalars of the schema: how a JSON value of each is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, NewType

import strawberry
from pyoxigraph import NamedNode
from strawberry.types.scalar import ScalarDefinition

from registry.errors import BadInput

Iri = NewType("Iri", str)
Name = NewType("Name", str)
DateTime = NewType("DateTime", str)
Position = NewType("Position", int)
Revision = NewType("Revision", int)
Value = NewType("Value", object)

LARGEST_EXACT = 2**53 - 1
"""The largest integer that every JSON reader holds exactly (RFC 8259, section 6)."""


def _iri(value: Any) -> str:
    if isinstance(value, str) and value.startswith("<") and value.endswith(">"):
        value = value[1:-1]
    try:
        return NamedNode(value).value
    except (TypeError, ValueError) as error:
        raise BadInput(f"{_shown(value)} is not an absolute IRI such as urn:example:pump-1: {error}") from error


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise BadInput(f"{_shown(value)} is not a text")
    return value


def _counted(value: Any) -> int:
    if isinstance(value, str) and value.isdecimal() and len(value) < 17:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST_EXACT:
        raise BadInput(f"{_shown(value)} is not a whole number from 0 to 2^53 - 1")
    return value


def _value(value: Any) -> object:
    if isinstance(value, bool | int | str) or (isinstance(value, float) and isfinite(value)):
        return value
    raise BadInput(f"{_shown(value)} is not a text, a number, true or false")


def _shown(value: Any) -> str:
    return repr(value)[:80]


def _scalar(name: str, read: Callable[[Any], Any], description: str) -> ScalarDefinition:
    return strawberry.scalar(name=name, parse_value=read, serialize=lambda value: value, description=description)


SCALARS: Mapping[object, ScalarDefinition] = {
    Iri: _scalar("Iri", _iri, "An absolute IRI (RFC 3987), such as `urn:example:pump-1`."),
    Name: _scalar(
        "Name", _text, "A term of the model: its short name (`partOf`), prefixed name (`core:partOf`) or absolute IRI."
    ),
    DateTime: _scalar("DateTime", _text, "A moment as xsd:dateTime in UTC, such as `2026-01-31T12:00:00.000000Z`."),
    Position: _scalar(
        "Position", _counted, "A place in the change log: gapless, from 1; 0 is before everything. Up to 2^53 - 1."
    ),
    Revision: _scalar("Revision", _counted, "How many writes have touched a resource, from 1; 0 says that it is gone."),
    Value: _scalar("Value", _value, "A text, a number, true or false."),
}
