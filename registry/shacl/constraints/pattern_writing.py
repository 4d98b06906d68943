"""A regular expression written for RE2, over symbols in place of characters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from registry.shacl.constraints import code_points
from registry.shacl.constraints.pattern_pieces import Anchor, Piece, Repeat, Set, Several
from registry.shacl.constraints.symbols import Symbols

_MOST_COUNTED = 1_000
"""RE2 counts no further, neither once nor by counts within each other; more is written one after the other."""

_NEW_LINE = ord("\n")


def counted(piece: Piece) -> int:
    """The largest product of counts within each other that RE2 will find in a part."""
    match piece:
        case Several():
            return max(map(counted, piece.parts), default=1)
        case Repeat():
            return piece.counted
    return 1


class Writer:
    """Writes a pattern for RE2, over symbols in place of characters."""

    def __init__(self, symbols: Symbols, by_line: bool) -> None:
        self._symbols = symbols
        self._by_line = by_line
        self._anchors: Mapping[str, str] = (
            {"^": "(?m:^)", "$": "(?m:$)"} if by_line else {"^": r"\A", "$": r"\z"}
        )  # fmt: skip

    def write(self, piece: Piece) -> str:
        """The part in RE2's writing, so that it can be repeated."""
        match piece:
            case Set():
                found = self._symbols.written(piece.ranges)
                takes_break = self._by_line and code_points.contains(piece.ranges, _NEW_LINE)
                return f"(?:{found}|\\n{self._symbols.written_mark})" if takes_break else found
            case Anchor():
                return f"(?:{self._anchors[piece.sign]})"
            case Several():
                return f"(?:{piece.between.join(map(self.write, piece.parts))})"
            case Repeat():
                return self._repeated(self.write(piece.part), piece)
        raise AssertionError(piece)

    def _repeated(self, part: str, piece: Repeat) -> str:
        at_once = max(1, _MOST_COUNTED // counted(piece.part))
        needed = "".join(f"{part}{{{count}}}" for count in _portions(piece.least, at_once))
        if piece.most is None:
            return f"(?:{needed}{part}*)"
        more = "".join(f"{part}{{0,{count}}}" for count in _portions(piece.most - piece.least, at_once))
        return f"(?:{needed}{more})"


def _portions(count: int, at_once: int) -> Iterable[int]:
    while count > 0:
        yield min(count, at_once)
        count -= at_once
