"""Rows that lists are read from: nodes of their own with one text each, whose order is the order of terms.

A row is ``number.kind value`` for a property and ``number:name`` for a class, where ``number`` is that of the name.
They stand apart from the graph that people look at, and one pair of indexes serves every property and class there
will ever be: nothing has to be created when an ontology grows.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from registry.domain.resource import NAME_PROPERTIES, Resource
from registry.rdf.terms import Iri, Term
from registry.rdf.vocabulary import RDF_TYPE
from registry.stores.index_entries import literal_keys, name_key, places_of, words_of
from registry.stores.neo4j.naming import Names
from registry.stores.ordering import IRI, OTHER, TEXT, SortKey

_BIAS = 2_000
_IN_WORDS = {"Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "Co"}
"""Letters, digits and private characters, as SQLite's search takes them."""

_ASCII_WORDS = re.compile("[a-z0-9]+")
_BITS = 64
_GREATEST = 2**_BITS - 1
_LEAST_INTEGER, _GREATEST_INTEGER = -(2**63), 2**63 - 1


class Row(NamedTuple):
    """``more`` marks the values of a property beyond the least one, by which a list is not ordered."""

    key: str
    more: bool


def of_property(number: int) -> str:
    """What the rows of a property begin with."""
    return f"{number}."


def of_class(number: int) -> str:
    """What the rows of a class begin with; the name of a member follows."""
    return f"{number}:"


def written(key: SortKey) -> str:
    """A sort key as text in the same order."""
    place = key.key if isinstance(key.key, str) else _written_number(key.key)
    return f"{key.kind:d}{place}"


def read(row: str) -> SortKey:
    """The sort key that a text stands for, behind the number of its property."""
    kind = int(row[0])
    return SortKey(kind, row[1:] if kind in (TEXT, OTHER, IRI) else _read_number(row[1:]))


def rows_of(resource: Resource | None, names: Names, among: Collection[Iri] | None = None) -> set[Row]:
    """Every row that a resource is worth, or only those of some predicates."""
    if resource is None:
        return set()
    rows: set[Row] = set()
    for predicate, values in resource.statements.items():
        if among is None or predicate in among:
            rows |= _of_values(of_property(_number(names, predicate)), predicate, values)
    if among is None or RDF_TYPE in among:
        name = name_key(resource)
        rows |= {Row(of_class(_number(names, found)) + name, False) for found in resource.classes}
    return rows


def concerned(changed: Iterable[Iri]) -> set[Iri]:
    """The predicates whose rows a change of some concerns: a new name moves a resource within its classes."""
    found = set(changed)
    if not found.isdisjoint(NAME_PROPERTIES):
        found.add(RDF_TYPE)
    return found


def words(resource: Resource | None) -> str:
    """What a search looks into: the words of the name and the texts, each between blanks."""
    return "" if resource is None else f" {' '.join(tokens(words_of(resource)))} "


def tokens(content: str) -> list[str]:
    """A text as words: runs of letters and digits, without case or accents."""
    if content.isascii():
        return _ASCII_WORDS.findall(content.lower())
    plain = (c for c in unicodedata.normalize("NFD", content.lower()) if not unicodedata.combining(c))
    return "".join(c if unicodedata.category(c) in _IN_WORDS else " " for c in plain).split()


def _of_values(start: str, predicate: str, values: Sequence[Term]) -> set[Row]:
    if predicate == RDF_TYPE:
        values = [value for value in values if not isinstance(value, str)]
    places = places_of(literal_keys(values), values)
    return {Row(start + written(SortKey(kind, key)), not least) for least, kind, key in places}


def _number(names: Names, iri: str) -> int:
    name = names.get(iri)
    assert name is not None, iri
    return name.number


def _written_number(number: int | float) -> str:
    """Sign, exponent and 64 bits of mantissa: exact for every 64-bit integer and every double."""
    if number == 0:
        return "5"
    if isinstance(number, float) and math.isinf(number):
        return "9" if number > 0 else "0"
    size, exponent = _split(abs(number))
    if number > 0:
        return f"6{exponent + _BIAS:04d}{size:016x}"
    return f"4{9_999 - exponent - _BIAS:04d}{_GREATEST - size:016x}"


def _split(number: int | float) -> tuple[int, int]:
    if isinstance(number, int):
        bits = number.bit_length()
        return number << (_BITS - bits), bits
    part, exponent = math.frexp(number)
    return int(part * 2**53) << (_BITS - 53), exponent


def _read_number(text: str) -> int | float:
    if text in "059":
        return {"0": -math.inf, "5": 0, "9": math.inf}[text]
    exponent, size = int(text[1:5]), int(text[5:], 16)
    if text[0] == "6":
        exponent, sign = exponent - _BIAS, 1
    else:
        exponent, size, sign = 9_999 - exponent - _BIAS, _GREATEST - size, -1
    whole, rest = divmod(size << max(exponent, 0), 1 << _BITS) if exponent >= 0 else (0, size)
    if exponent >= 0 and rest == 0 and _LEAST_INTEGER <= sign * whole <= _GREATEST_INTEGER:
        return sign * whole
    return sign * math.ldexp(size >> (_BITS - 53), exponent - 53)
