"""What a regular expression is once it is read: sets of characters, anchors, and parts after each other or repeated."""

from __future__ import annotations

from dataclasses import dataclass

from registry.shacl.constraints.code_points import Ranges


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a pattern; ``size`` is how many steps it has with its repeats written out."""

    size: int


@dataclass(frozen=True, slots=True)
class Set(Piece):
    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Anchor(Piece):
    sign: str


@dataclass(frozen=True, slots=True)
class Several(Piece):
    """Parts after each other, or one instead of the other."""

    parts: tuple[Piece, ...]
    between: str


@dataclass(frozen=True, slots=True)
class Repeat(Piece):
    part: Piece
    least: int
    most: int | None
    counted: int
    """The product of the counts within each other."""
