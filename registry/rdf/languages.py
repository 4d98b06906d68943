"""Which of several wordings a reader gets (RFC 4647, section 3.4: lookup)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache, partial

from registry.bounded_cache import counted
from registry.rdf.terms import Literal

_RANGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_MOST_RANGES = 20


def wording(texts: Sequence[Literal], languages: Iterable[str] = ()) -> str | None:
    """The text in the first of the languages that has one; else in English, without a language, or in any."""
    found = chosen(texts, (*languages, "en"))
    if found is not None:
        return found.lexical
    plain = next((text for text in texts if not text.language), None) or next(iter(texts), None)
    return None if plain is None else plain.lexical


def chosen(texts: Sequence[Literal], languages: Iterable[str]) -> Literal | None:
    """The text in the first of the languages that one is in; None where there is none in any of them."""
    for wanted in languages:
        found = _looked_up(texts, wanted.lower())
        if found is not None:
            return found
    return None


@partial(counted, "languages asked for")
@lru_cache(maxsize=256)
def accepted(header: str) -> tuple[str, ...]:
    """The languages of an Accept-Language header (RFC 9110, section 12.5.4), the most wanted first.

    What is no language range is passed over, as HTTP asks of what a client prefers.
    """
    weighed: list[tuple[float, str]] = []
    for part in header.split(",")[:_MOST_RANGES]:
        tag, _, parameter = (piece.strip() for piece in part.partition(";"))
        weight = re.fullmatch(r"[qQ]=([01](?:\.[0-9]{0,3})?)", parameter) if parameter else None
        quality = float(weight[1]) if weight else 0.0 if parameter else 1.0
        if _RANGE.fullmatch(tag) and quality > 0:
            weighed.append((-quality, tag))
    return tuple(tag for _, tag in sorted(weighed, key=lambda found: found[0]))


def language_of_locale(locale: str) -> str | None:
    """The language tag of a POSIX locale such as ``de_AT.UTF-8``; None for ``C`` and what names no language."""
    tag = re.split(r"[.@]", locale, maxsplit=1)[0].replace("_", "-")
    return tag if _RANGE.fullmatch(tag) and tag not in ("C", "POSIX") else None


def _looked_up(texts: Sequence[Literal], wanted: str) -> Literal | None:
    """A text in a language, or in one that its range, cut from the end, still names: de-AT, then de."""
    while wanted:
        for text in texts:
            tag = text.language.lower()
            if tag == wanted or tag.startswith(wanted + "-"):
                return text
        wanted = wanted.rpartition("-")[0]
    return None
