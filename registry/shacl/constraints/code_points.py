"""Sets of characters as ranges of code points: what a character class of a regular expression stands for."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import TypeAlias

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""Pairs of a first and a last code point, in order, apart from each other."""

LAST = 0x10FFFF
ANY: Ranges = ((0, LAST),)

NAME_START = (
    ":A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
NAME_CHARACTER = NAME_START + "\\-.0-9\xb7\u0300-\u036f\u203f-\u2040"
"""The characters of XML names (XML 1.0, productions 4 and 4a), to stand between brackets: ``\\i`` and ``\\c``."""

_CASED_BELOW = 0x1F000
_SPACE_BELOW = 0x3001
"""No letter beyond has cases, and no white space stands beyond (Unicode 15)."""

_MEMBER = re.compile(r"\\?([^\\])(?:-(.))?", re.DOTALL)
_CATEGORY = re.compile(r"L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|Z[slp]?|S[mcko]?|C[cfon]?")


def of(character: str) -> Ranges:
    """A single character."""
    return ((ord(character), ord(character)),)


def union(several: Iterable[Ranges]) -> Ranges:
    """All characters of several sets."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(pair for ranges in several for pair in ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return tuple(found)


def complement(ranges: Ranges) -> Ranges:
    """All characters that are not in a set."""
    found, start = [], 0
    for first, last in ranges:
        if start < first:
            found.append((start, first - 1))
        start = last + 1
    return (*found, (start, LAST)) if start <= LAST else tuple(found)


def without(ranges: Ranges, others: Ranges) -> Ranges:
    """The characters of one set that are not in another."""
    return complement(union((complement(ranges), others)))


def contains(ranges: Ranges, code: int) -> bool:
    """Whether a character is in a set."""
    at = bisect_right(ranges, (code, LAST + 1)) - 1
    return at >= 0 and code <= ranges[at][1]


def of_escape(sign: str) -> Ranges | None:
    """What ``\\d`` and its like stand for, as Python reads them; a capital is the complement. None for no class."""
    if sign not in "dDsSwWiIcC":
        return None
    return _named(sign) if sign.islower() else complement(_named(sign.lower()))


def of_category(name: str) -> Ranges | None:
    """The characters in a general category of Unicode, such as ``Lu`` or ``L``; None for no category."""
    if _CATEGORY.fullmatch(name) is None:
        return None
    return union(ranges for category, ranges in _categories().items() if category.startswith(name))


def folded(ranges: Ranges) -> Ranges:
    """A set with every other case of its letters."""
    cases = _cases()
    few = sum(last - first + 1 for first, last in ranges) <= len(cases)
    codes: Iterable[int] = (code for first, last in ranges for code in range(first, last + 1))
    found = cases.keys() & codes if few else (code for code in cases if contains(ranges, code))
    others = {other for code in found for other in cases[code]}
    return union((ranges, *(((other, other),) for other in others))) if others else ranges


@cache
def _named(sign: str) -> Ranges:
    match sign:
        case "d":
            return _categories()["Nd"]
        case "w":
            letters = (ranges for category, ranges in _categories().items() if category[0] in "LN")
            return union((*letters, of("_")))
        case "s":
            return union(of(chr(code)) for code in range(_SPACE_BELOW) if chr(code).isspace())
    names = NAME_START if sign == "i" else NAME_CHARACTER
    return union(((ord(first), ord(last or first)),) for first, last in _MEMBER.findall(names))


@cache
def _categories() -> Mapping[str, Ranges]:
    found: dict[str, list[tuple[int, int]]] = {}
    start = 0
    for category, together in groupby(map(unicodedata.category, map(chr, range(LAST + 1)))):
        count = sum(1 for _ in together)
        found.setdefault(category, []).append((start, start + count - 1))
        start += count
    return {category: tuple(ranges) for category, ranges in found.items()}


@cache
def _cases() -> Mapping[int, Sequence[int]]:
    """For each letter that has cases, all of them; those that are several characters, such as SS for ß, are none."""
    groups: dict[str, list[int]] = {}
    for code in range(_CASED_BELOW):
        character = chr(code)
        upper = character.upper()
        lower = (upper if len(upper) == 1 else character).lower()
        groups.setdefault(lower if len(lower) == 1 else character, []).append(code)
    return {code: group for group in groups.values() if len(group) > 1 for code in group}
