"""Whether a resource has some words, as a question about one row: what many resources have is no list to be made first.

Asking the search index about one row makes it read the whole list of a word's rows, and making a set of them costs each
page as much as there are matches. So the row's own text decides, wherever that is exact: a word of ASCII letters and
digits that stands behind a separator is found by the index, and in a text of ASCII alone nothing else is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_TOKEN = re.compile("[a-z0-9]+")
_BEHIND = "*[\x01-/:-`{-\x7f]"
"""GLOB for a separator of ASCII: capitals are among them because texts are compared in small letters."""


def text_test(words: str, text: str, probe: str, value: Callable[[object], str]) -> str | None:
    """SQL that is true where a text has all the words or their beginnings; None where no text can tell.

    ``probe`` is the SQL that asks the index about the row, for the rows that only the index can decide.
    """
    if not words.isascii():
        return None
    cut = [found for word in words.replace("\0", " ").split() if (found := _TOKEN.findall(word.lower()))]
    if not cut:
        return None
    begins = " AND ".join(
        f"' ' || lower({text}) GLOB {value(f'{_BEHIND}{token}*')}" for token in dict.fromkeys(_flat(cut))
    )
    # The words of one part, as in `P-001`, have to follow each other.
    decided = "1" if all(len(tokens) == 1 for tokens in cut) else probe
    is_ascii = f"length({text}) = length(CAST({text} AS BLOB))"
    return f"CASE WHEN {begins} THEN {decided} WHEN {is_ascii} THEN 0 ELSE {probe} END"


def _flat(cut: Sequence[Sequence[str]]) -> Sequence[str]:
    return [token for tokens in cut for token in tokens]
