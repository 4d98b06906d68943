"""The kinds of characters that a regular expression tells apart, each with one symbol in its place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping

from registry.shacl.constraints.code_points import LAST, Ranges

_NEW_LINE = ord("\n")
_SURROGATES = range(0xD800, 0xE000)


class Symbols(dict[int, str]):
    """A table for `str.translate`, filled as characters come: whatever is in the same sets has the same symbol.

    The line break keeps its own. ``mark`` is a symbol that stands for no character.
    """

    def __init__(self, sets: Iterable[Ranges]) -> None:
        super().__init__()
        changes: dict[int, int] = {0: 0, _NEW_LINE: 1, _NEW_LINE + 1: 1}
        named = list(sets)
        for number, ranges in enumerate(named, start=1):
            for first, last in ranges:
                changes[first] = changes.get(first, 0) ^ 1 << number
                changes[last + 1] = changes.get(last + 1, 0) ^ 1 << number
        changes.pop(LAST + 1, None)
        self._starts = sorted(changes)
        self._symbols: list[int] = []
        by_membership: dict[int, int] = {1: _NEW_LINE}
        membership = 0
        for start in self._starts:
            membership ^= changes[start]
            if start == _NEW_LINE:
                by_membership[membership] = _NEW_LINE
            self._symbols.append(by_membership.setdefault(membership, _symbol(len(by_membership))))
        self.mark = chr(_symbol(len(by_membership)))
        self.written_mark = _written(ord(self.mark))
        self._written = {ranges: self._class(number, by_membership) for number, ranges in enumerate(named, start=1)}

    def __missing__(self, code: int) -> str:
        symbol = chr(self._symbols[bisect_right(self._starts, code) - 1])
        if len(self) < 10_000:
            self[code] = symbol
        return symbol

    def written(self, ranges: Ranges) -> str:
        """A class of the symbols of one of the sets."""
        return self._written[ranges]

    def _class(self, number: int, by_membership: Mapping[int, int]) -> str:
        inside = sorted(symbol for membership, symbol in by_membership.items() if membership >> number & 1)
        runs: list[list[int]] = []
        for symbol in inside:
            if runs and symbol == runs[-1][1] + 1:
                runs[-1][1] = symbol
            else:
                runs.append([symbol, symbol])
        return (
            f"[{''.join(f'{_written(first)}-{_written(last)}' for first, last in runs)}]"
            if runs
            else r"[^\x00-\x{10ffff}]"
        )


def _symbol(count: int) -> int:
    """The symbol with a number from 1: printable ASCII first, no line break, no surrogate."""
    code = count + 0x1F
    return code if code < _SURROGATES.start else code + len(_SURROGATES)


def _written(symbol: int) -> str:
    return f"\\x{{{symbol:x}}}"
