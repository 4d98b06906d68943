"""A document's bytes on their way to the parser: no byte order mark, and nothing that would bring the parser down.

The parser walks nested JSON-LD on the machine's stack, so that deep nesting would end the whole process; it expands
XML entities without a limit, needs a time that grows with the square of the depth of XML, and takes an XML document
that stops in the middle for a whole one. All that is refused here, while the bytes pass.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from enum import Enum
from typing import IO
from xml.parsers import expat

from registry.errors import SyntaxFault

DEEPEST = 200
"""How many levels of JSON or XML may be nested."""

_MARK = b"\xef\xbb\xbf"
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_ESCAPE = re.compile(rb"\\.", re.DOTALL)
_NOT_COUNTED = bytes(set(range(256)) - set(b"[]{}\n"))

Watch = Callable[[bytes], None]
"""Is shown each part of a document in order, the last one empty. Raises SyntaxFault."""


class Pace(Enum):
    """How much is handed out at a time: as much as is asked for, or a line, so that the count tells the place."""

    BLOCKS = "blocks"
    LINES = "lines"


class Source:
    """A stream that a parser reads from; one in UTF-16 raises SyntaxFault.

    ``line`` is that of the last byte handed out, from 1; 0 before the first.
    """

    def __init__(self, data: bytes | IO[bytes], watch: Watch | None = None, pace: Pace = Pace.BLOCKS) -> None:
        stream = io.BytesIO(data) if isinstance(data, bytes) else data
        self._read = stream.read if pace is Pace.BLOCKS else stream.readline
        self._watch = watch
        self._start = b""
        while len(self._start) < len(_MARK) and (more := stream.read(len(_MARK) - len(self._start))):
            self._start += more
        if self._start.startswith(_UTF_16_MARKS) or b"\0" in self._start[:2]:
            raise SyntaxFault(
                "this is UTF-16, and RDF is read as UTF-8: save it as UTF-8, such as by "
                "`iconv -f UTF-16 -t UTF-8 FILE`",
                line=1,
            )
        self._start = self._start.removeprefix(_MARK)
        self._line_ends = 0
        self.line = 0

    def read(self, size: int) -> bytes:
        """The next part, of 3 bytes or ``size`` at most; empty at the end. Raises SyntaxFault for what is refused."""
        if self._start:
            part, self._start = self._start, b""
        else:
            part = self._read(size)
        if part:
            self._line_ends += part.count(b"\n")
            self.line = self._line_ends + (not part.endswith(b"\n"))
        if self._watch is not None:
            self._watch(part)
            self._watch = self._watch if part else None
        return part


class JsonWatch:
    """Refuses JSON that is nested too deeply."""

    def __init__(self) -> None:
        self._depth = 0
        self._line = 1
        self._is_text = False
        self._is_escaped = False

    def __call__(self, part: bytes) -> None:
        """Look at the next part."""
        if self._is_escaped:
            part = part[1:]
        part = _ESCAPE.sub(b"", part)
        self._is_escaped = part.endswith(b"\\")
        for index, piece in enumerate(part.split(b'"')):
            self._is_text ^= index > 0
            if self._is_text:
                self._line += piece.count(b"\n")
            else:
                self._count(piece.translate(None, _NOT_COUNTED))

    def _count(self, marks: bytes) -> None:
        for mark in marks:
            if mark in b"\n":
                self._line += 1
            else:
                self._depth += 1 if mark in b"[{" else -1
            if self._depth > DEEPEST:
                raise SyntaxFault(f"more than {DEEPEST} levels are nested", line=self._line)


class XmlWatch:
    """Refuses XML that is not whole, is nested too deeply, or that entities would make grow beyond measure."""

    def __init__(self) -> None:
        self._depth = 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._opened
        self._parser.EndElementHandler = self._closed

    def __call__(self, part: bytes) -> None:
        """Look at the next part."""
        try:
            self._parser.Parse(part, not part)
        except expat.ExpatError as error:
            raise SyntaxFault(f"not well-formed XML: {expat.ErrorString(error.code)}", line=error.lineno) from error

    def _opened(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise SyntaxFault(f"more than {DEEPEST} levels are nested", line=self._parser.CurrentLineNumber)

    def _closed(self, name: str) -> None:
        self._depth -= 1
