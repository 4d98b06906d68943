"""Regular expressions as SPARQL's REGEX reads them (XPath functions 5.6.1, XSD 1.1 part 2 appendix G), run by Python.

The two flavours share most of their signs but not all meanings, so a pattern is parsed and written anew; what XPath
does not know, such as looking ahead, is refused. ``\\w``, ``\\d`` and ``\\s`` are Python's, as other engines take
their own language's.

Python searches by backtracking. A repeated group that can match the same text in many ways takes exponential time on
a text that fails, so the plain case of it is refused; patterns that take quadratic time remain possible, and
``sh:maxLength`` beside the pattern does not help, since every constraint is checked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NoReturn

NAME_START = (
    ":A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
NAME_CHARACTER = NAME_START + "\\-.0-9\xb7\u0300-\u036f\u203f-\u2040"
"""The characters of XML names (XML 1.0, productions 4 and 4a), to stand between brackets: ``\\i`` and ``\\c``."""

DEEPEST = 50
"""Groups may stand in groups so deep: far more than anyone writes, far less than the parser's stack."""

_FLAGS = "imsxq"
_SPACE = " \t\n\r"
_CLASSES = "dDsSwW"
_CATEGORY = re.compile(r"\{(L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|Z[slp]?|S[mcko]?|C[cfon]?)\}")
_QUANTIFIER = re.compile(r"[?*+]|\{([0-9]+)(,([0-9]*))?\}")


def search(pattern: str, flags: str = "") -> Callable[[str], re.Match[str] | None]:
    """A function that finds the pattern in a text. Raises ValueError for what SPARQL or we do not read."""
    for flag in flags:
        if flag not in _FLAGS:
            raise ValueError(f"there is no regular expression flag {flag!r}")
    written = re.escape(pattern) if "q" in flags else _Reader(pattern, flags).read()
    options = (re.IGNORECASE if "i" in flags else 0) | (re.DOTALL if "s" in flags else 0)
    try:
        return re.compile(written, options).search
    except (re.error, OverflowError) as error:
        raise ValueError(f"the pattern {pattern!r} is no regular expression: {error}") from error


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a pattern in Python's writing, and what decides whether repeating it is safe."""

    written: str
    may_be_empty: bool = False
    repeats: bool = False
    """Whether it is of the form ``x+``, maybe between parts that may be empty: repeated, it is ambiguous."""


class _Reader:
    """Reads one pattern from left to right, one method for each production of the grammar."""

    def __init__(self, pattern: str, flags: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._by_line = "m" in flags
        self._skips_space = "x" in flags
        self._groups = 0
        self._depth = 0

    def read(self) -> str:
        written = self._alternatives().written
        return written if self._at == len(self._pattern) else self._refuse("has a ) without a (")

    def _refuse(self, reason: str) -> NoReturn:
        raise ValueError(f"the pattern {self._pattern!r} {reason} (at {self._at})")

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

    def _alternatives(self) -> _Piece:
        branches = [self._branch()]
        while self._takes("|"):
            branches.append(self._branch())
        return _Piece(
            "|".join(branch.written for branch in branches),
            may_be_empty=any(branch.may_be_empty for branch in branches),
            repeats=any(branch.repeats for branch in branches),
        )

    def _branch(self) -> _Piece:
        pieces: list[_Piece] = []
        while self._peek() not in ("", "|", ")"):
            pieces.append(self._piece())
        needed = [piece for piece in pieces if not piece.may_be_empty]
        deciding = needed or pieces
        return _Piece(
            "".join(piece.written for piece in pieces),
            may_be_empty=not needed,
            repeats=len(needed) < 2 and any(piece.repeats for piece in deciding),
        )

    def _piece(self) -> _Piece:
        atom = self._atom()
        found = _QUANTIFIER.match(self._pattern, self._at) if self._peek() else None
        if found is None:
            return atom
        self._at = found.end()
        unbounded = found[0] in "*+" or found[2] == ","
        if unbounded and atom.repeats:
            self._refuse("repeats what already repeats, which can take for ever: repeat it once")
        once = found[0] == "?" or found[0] in ("{1}", "{0,1}")
        return _Piece(
            atom.written + found[0] + ("?" if self._takes("?") else ""),
            may_be_empty=atom.may_be_empty or found[0] in "?*" or int(found[1] or 1) == 0,
            repeats=unbounded or (once and atom.repeats),
        )

    def _atom(self) -> _Piece:
        sign = self._take()
        match sign:
            case "(":
                return self._group()
            case "[":
                return _Piece(self._brackets())
            case "\\":
                return self._escape()
            case "^":
                return _Piece(r"(?:\A|(?<=\n)(?!\Z))" if self._by_line else r"\A", may_be_empty=True)
            case "$":
                return _Piece(r"(?=\n|\Z)" if self._by_line else r"\Z", may_be_empty=True)
            case ".":
                return _Piece(".")
            case "?" | "*" | "+":
                self._refuse(f"has a {sign} with nothing to repeat before it")
            case "{" | "}" | "]":
                self._refuse(f"has a {sign} that stands alone: write \\{sign}")
        return _Piece(re.escape(sign))

    def _group(self) -> _Piece:
        opening = "("
        if self._takes("?"):
            if not self._takes(":"):
                self._refuse("has a (? that SPARQL does not know: neither looking around nor flags inside")
            opening = "(?:"
        self._descend()
        inner = self._alternatives()
        if not self._takes(")"):
            self._refuse("has a ( without a )")
        self._depth -= 1
        self._groups += opening == "("
        return _Piece(f"{opening}{inner.written})", inner.may_be_empty, inner.repeats)

    def _descend(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            self._refuse(f"has groups or classes within each other, more than {DEEPEST} deep")

    def _escape(self) -> _Piece:
        sign = self._take()
        if sign.isascii() and sign.isdigit() and sign != "0":
            if int(sign) > self._groups:
                self._refuse(f"refers back to a group {sign} that does not stand before it")
            # The brackets keep a digit that follows out of the number.
            return _Piece(f"(?:\\{sign})", may_be_empty=True)
        return _Piece(f"[{self._set(sign)}]")

    def _set(self, sign: str) -> str:
        """What an escape stands for, to stand between brackets."""
        if sign in _CLASSES or sign in "nrt":
            return f"\\{sign}"
        if sign in "pP":
            return _ranges(self._category(), inside=sign == "p")
        if sign in "iIcC":
            names = NAME_START if sign in "iI" else NAME_CHARACTER
            return names if sign in "ic" else _complement(names)
        if sign.isascii() and not sign.isalnum() and sign not in _SPACE:
            return re.escape(sign)
        self._refuse(f"has \\{sign}, which SPARQL does not know")

    def _category(self) -> str:
        found = _CATEGORY.match(self._pattern, self._at)
        if found is None:
            self._refuse("needs a general category of Unicode after \\p, such as \\p{L}; blocks are not known here")
        self._at = found.end()
        return found[1]

    def _brackets(self) -> str:
        """A class in brackets. What is subtracted from it must not lie ahead."""
        # White space means itself in here, whatever the flags (XPath functions 3.1, section 5.6.1.1).
        skips_space, self._skips_space = self._skips_space, False
        self._descend()
        opening = "[^" if self._takes("^") else "["
        written = ""
        without = ""
        while not self._takes("]"):
            if written and self._takes("-["):
                without = f"(?!{self._brackets()})"
                if self._peek() != "]":
                    self._refuse("goes on after what it subtracts from a class")
                continue
            written += self._member()
        self._skips_space = skips_space
        self._depth -= 1
        return f"(?:{without}{opening}{written}])" if written else self._refuse("has an empty class")

    def _member(self) -> str:
        """One character, a range of them or an escape."""
        sign = self._take()
        if sign == "[":
            self._refuse("has a [ in a class: write \\[")
        if sign == "\\":
            sign = self._take()
            if sign in "pPiIcC" or sign in _CLASSES:
                return self._set(sign)
            first = self._set(sign)
        else:
            first = re.escape(sign)
        if self._peek() != "-" or self._peek(2) in ("-]", "-["):
            return first
        self._take()
        sign = self._take()
        if sign == "\\":
            sign = self._take()
            if sign in "pPiIcC" or sign in _CLASSES:
                self._refuse("has a range that ends in a class")
            return f"{first}-{self._set(sign)}"
        return f"{first}-{re.escape(sign)}"


@cache
def _ranges(category: str, inside: bool) -> str:
    """The characters in (or not in) a general category of Unicode, to stand between brackets."""
    return _brackets_of(lambda code: unicodedata.category(chr(code)).startswith(category) is inside)


@cache
def _complement(ranges: str) -> str:
    matches = re.compile(f"[{ranges}]").match
    return _brackets_of(lambda code: matches(chr(code)) is None)


def _brackets_of(belongs: Callable[[int], bool]) -> str:
    found: list[str] = []
    start: int | None = None
    for code in range(0x110001):
        if code < 0x110000 and belongs(code):
            start = code if start is None else start
        elif start is not None:
            found.append(f"\\U{start:08x}-\\U{code - 1:08x}")
            start = None
    return "".join(found)
