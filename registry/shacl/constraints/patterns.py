"""Regular expressions as SPARQL's REGEX reads them (XPath functions 5.6.1, XSD 1.1 part 2 appendix G), run by RE2.

RE2 takes time in proportion to the text, whatever the pattern and the text are, so that no pattern that a user writes
can hold up a write; how much that is at most is known before (`Pattern.cost`). What no engine of this kind can do,
references back to a group, is refused. The flavours of XPath and RE2 share most of their signs but not all meanings,
so a pattern is parsed and written anew; what XPath does not know, such as looking ahead, is refused as well. ``\\w``,
``\\d`` and ``\\s`` are Python's, as other engines take their own language's.

A pattern tells few kinds of characters apart. Each kind becomes one symbol, in the pattern and in the text before it
is searched: thousands of ranges of Unicode are then one comparison, and a repeated ``\\p{L}`` no large program.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NoReturn

import re2

from registry.shacl import budget
from registry.shacl.bounded_process import processes
from registry.shacl.constraints import code_points
from registry.shacl.constraints.code_points import Ranges
from registry.shacl.constraints.pattern_pieces import Anchor, Piece, Repeat, Set, Several
from registry.shacl.constraints.pattern_writing import Writer, counted
from registry.shacl.constraints.symbols import Symbols

DEEPEST = 50
"""Groups may stand in groups so deep: far more than anyone writes, far less than the parser's stack."""

LONGEST = 20_000
"""Signs of a pattern, and steps of its program with its repeats written out: a bound on what searching can take."""

MOST_RANGES = 200_000
"""Ranges of characters that a pattern may name: a bound on what reading it can take."""

UNCOUNTED = 2_000
STEPS_AT_ONCE = 100
MOST_HERE = 5_000_000
"""Costs of a search: so little is not counted, so much is one step of the budget, and more runs elsewhere: 50 ms."""

_FLAGS = "imsxq"
_SPACE = " \t\n\r"
_QUANTIFIER = re.compile(r"[?*+]|\{([0-9]+)(,([0-9]*))?\}")


class Pattern:
    """A pattern that is ready to search texts.

    With the flag ``m``, no line begins after a line break that ends the text. RE2 cannot look ahead for that, so a
    mark follows such a break: whatever takes a break takes the mark with it, and no match may end before the mark.
    """

    __slots__ = ("_by_line", "_find", "_symbols", "_written", "size")

    def __init__(self, written: str, symbols: Symbols, size: int, by_line: bool) -> None:
        """``size`` is about how many steps the program has. Raises ValueError where RE2 refuses it."""
        options = re2.Options()
        options.log_errors = False
        options.never_capture = True
        try:
            compiled = re2.compile(written, options)
        except re2.error as error:
            raise ValueError(f"is too large: {_reason(error)}") from error
        self.size: int = max(size, compiled.programsize)
        self._written = written
        self._find = _finder(compiled)
        self._symbols = symbols
        self._by_line = by_line

    def cost(self, text: str) -> int:
        """The most steps that searching a text can take: some ten nanoseconds each."""
        return self.size * (len(text) + 1)

    def is_in(self, text: str) -> bool:
        """Whether the pattern matches anywhere in a text. Raises ShapesTooCostly where the budget is spent."""
        cost = self.cost(text)
        if cost > UNCOUNTED:
            budget.spend(cost // STEPS_AT_ONCE)
        written = text.translate(self._symbols)
        if self._by_line and text.endswith("\n"):
            written += self._symbols.mark
        if cost > MOST_HERE:
            return bool(processes.run("search", self._written, written.encode()))
        return self._find(written.encode())


def _finder(compiled: Any) -> Callable[[bytes], bool]:
    # What the package offers for searching builds an object for the match, six times as slow as the search.
    match, anchor = compiled._regexp.Match, re2._Anchor.UNANCHORED
    return lambda text: bool(match(anchor, text, 0, len(text))[0][0] >= 0)


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else ""
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)


@lru_cache(maxsize=4_096)
def read(pattern: str, flags: str = "") -> Pattern:
    """The pattern, ready to search. Raises ValueError for what SPARQL or we do not read, and for what is too large."""
    for flag in flags:
        if flag not in _FLAGS:
            raise ValueError(f"there is no regular expression flag {flag!r}")
    if len(pattern) > LONGEST:
        raise ValueError(f"has a pattern of more than {LONGEST:,} characters")
    reader = _Reader(pattern, flags)
    piece = reader.read()
    symbols = Symbols(reader.sets)
    by_line = "m" in flags and "q" not in flags
    write = Writer(symbols, by_line).write
    written = write(piece) if not by_line else f"(?:{write(piece)})(?:[^{symbols.written_mark}]|\\z)"
    try:
        return Pattern(written, symbols, piece.size, by_line)
    except ValueError as error:
        raise ValueError(f"the pattern {_shortened(pattern)} {error}") from None


def _shortened(pattern: str) -> str:
    return repr(pattern if len(pattern) <= 100 else pattern[:100] + "…")


class _Reader:
    """Reads one pattern from left to right, one method for each production of the grammar."""

    def __init__(self, pattern: str, flags: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._flags = frozenset(flags)
        self._skips_space = "x" in flags
        self._depth = 0
        self._ranges = 0
        self.sets: dict[Ranges, None] = {}

    def read(self) -> Piece:
        """The whole pattern."""
        if "q" in self._flags:
            parts = tuple(self._set(code_points.of(sign)) for sign in self._pattern)
            return Several(len(parts), parts, "")
        piece = self._alternatives()
        return piece if self._at == len(self._pattern) else self._refuse("has a ) without a (")

    def _refuse(self, reason: str) -> NoReturn:
        raise ValueError(f"the pattern {_shortened(self._pattern)} {reason} (at {self._at})")

    def _peek(self, length: int = 1) -> str:
        while self._skips_space and self._pattern[self._at : self._at + 1] in tuple(_SPACE):
            self._at += 1
        return self._pattern[self._at : self._at + length]

    def _take(self) -> str:
        found = self._pattern[self._at : self._at + 1] or self._refuse("ends too early")
        self._at += 1
        return found

    def _takes(self, text: str) -> bool:
        found = self._peek(len(text)) == text
        self._at += len(text) if found else 0
        return found

    def _several(self, parts: list[Piece], between: str) -> Piece:
        if len(parts) == 1:
            return parts[0]
        return Several(self._sized(1 + sum(part.size for part in parts)), tuple(parts), between)

    def _sized(self, size: int) -> int:
        if size > LONGEST:
            self._refuse(f"is too large: with its repeats written out it has more than {LONGEST:,} steps")
        return size

    def _alternatives(self) -> Piece:
        branches = [self._branch()]
        while self._takes("|"):
            branches.append(self._branch())
        return self._several(branches, "|")

    def _branch(self) -> Piece:
        pieces: list[Piece] = []
        while self._peek() not in ("", "|", ")"):
            pieces.append(self._piece())
        return self._several(pieces, "")

    def _piece(self) -> Piece:
        atom = self._atom()
        found = _QUANTIFIER.match(self._pattern, self._at) if self._peek() else None
        if found is None:
            return atom
        self._at = found.end()
        self._takes("?")  # As few as possible is as good as any, where only a yes or a no is asked for.
        least, most = self._counts(found)
        times = max(1, least, most or 0) + (most is None)
        product = max(1, least, most or 0) * counted(atom)
        return Repeat(self._sized(1 + atom.size * times), atom, least, most, product)

    def _counts(self, found: re.Match[str]) -> tuple[int, int | None]:
        if found[0] in "?*+":
            return int(found[0] == "+"), 1 if found[0] == "?" else None
        if len(found[1]) > 9 or len(found[3] or "") > 9:
            self._refuse("has a count that is too large")
        least = int(found[1])
        most = least if found[2] is None else int(found[3]) if found[3] else None
        if most is not None and most < least:
            self._refuse(f"is no regular expression: {found[0]} counts backwards")
        return least, most

    def _atom(self) -> Piece:
        sign = self._take()
        match sign:
            case "(":
                return self._group()
            case "[":
                return self._set(self._brackets())
            case "\\":
                return self._set(self._escape())
            case "^" | "$":
                return Anchor(1, sign)
            case ".":
                return self._set(
                    code_points.ANY if "s" in self._flags else code_points.complement(code_points.of("\n"))
                )
            case "?" | "*" | "+":
                self._refuse(f"has a {sign} with nothing to repeat before it")
            case "{" | "}" | "]":
                self._refuse(f"has a {sign} that stands alone: write \\{sign}")
        return self._set(self._cased(code_points.of(sign)))

    def _set(self, ranges: Ranges) -> Piece:
        if ranges not in self.sets:
            self.sets[ranges] = None
            self._named(len(ranges))
        return Set(1, ranges)

    def _named(self, ranges: int) -> None:
        self._ranges += ranges
        if self._ranges > MOST_RANGES:
            self._refuse(f"is too large: it names more than {MOST_RANGES:,} ranges of characters")

    def _cased(self, ranges: Ranges) -> Ranges:
        return code_points.folded(ranges) if "i" in self._flags else ranges

    def _group(self) -> Piece:
        if self._takes("?") and not self._takes(":"):
            self._refuse("has a (? that SPARQL does not know: neither looking around nor flags inside")
        self._descend()
        inner = self._alternatives()
        if not self._takes(")"):
            self._refuse("has a ( without a )")
        self._depth -= 1
        return inner

    def _descend(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            self._refuse(f"has groups or classes within each other, more than {DEEPEST} deep")

    def _escape(self) -> Ranges:
        sign = self._take()
        if sign.isascii() and sign.isdigit() and sign != "0":
            self._refuse(f"refers back to a group by \\{sign}, which cannot be matched in bounded time: write it out")
        return self._cased(self._class(sign) or self._sign(sign))

    def _class(self, sign: str) -> Ranges | None:
        """What an escape of many characters stands for; None for an escape of one."""
        if sign not in "pP":
            return code_points.of_escape(sign)
        closing = self._pattern.find("}", self._at)
        found = code_points.of_category(self._pattern[self._at + 1 : closing])
        if self._pattern[self._at : self._at + 1] != "{" or found is None:
            self._refuse("needs a general category of Unicode after \\p, such as \\p{L}; blocks are not known here")
        self._at = closing + 1
        return found if sign == "p" else code_points.complement(found)

    def _sign(self, sign: str) -> Ranges:
        if sign in "nrt":
            return code_points.of({"n": "\n", "r": "\r", "t": "\t"}[sign])
        if sign.isascii() and not sign.isalnum() and sign not in _SPACE:
            return code_points.of(sign)
        self._refuse(f"has \\{sign}, which SPARQL does not know")

    def _brackets(self) -> Ranges:
        """A class in brackets, with what is subtracted from it."""
        # White space means itself in here, whatever the flags (XPath functions 3.1, section 5.6.1.1).
        skips_space, self._skips_space = self._skips_space, False
        self._descend()
        is_negated = self._takes("^")
        members: list[Ranges] = []
        others: Ranges = ()
        while not self._takes("]"):
            if members and self._takes("-["):
                others = self._brackets()
                if self._peek() != "]":
                    self._refuse("goes on after what it subtracts from a class")
                continue
            members.append(self._member())
            self._named(len(members[-1]))
        self._skips_space = skips_space
        self._depth -= 1
        if not members:
            self._refuse("has an empty class")
        found = self._cased(code_points.union(members))
        return code_points.without(code_points.complement(found) if is_negated else found, others)

    def _member(self) -> Ranges:
        """One character, a range of them or an escape."""
        first = self._end_of_range()
        if len(first) != 1 or first[0][0] != first[0][1] or self._peek() != "-" or self._peek(2) in ("-]", "-["):
            return first
        self._take()
        last = self._end_of_range()
        if len(last) != 1 or last[0][0] != last[0][1]:
            self._refuse("has a range that ends in a class")
        if last[0][0] < first[0][0]:
            self._refuse("is no regular expression: it has a range that ends before it begins")
        return ((first[0][0], last[0][0]),)

    def _end_of_range(self) -> Ranges:
        sign = self._take()
        if sign == "[":
            self._refuse("has a [ in a class: write \\[")
        if sign != "\\":
            return code_points.of(sign)
        sign = self._take()
        return self._class(sign) or self._sign(sign)
