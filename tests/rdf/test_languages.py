"""Which wording a reader gets, and what Accept-Language and locales ask for."""

from __future__ import annotations

import pytest

from registry.rdf.languages import accepted, language_of_locale, wording
from registry.rdf.terms import text

TEXTS = [text("hallo", "de"), text("servus", "de-AT"), text("plain"), text("hello", "en"), text("salut", "fr-CA")]


@pytest.mark.parametrize(
    ("languages", "said"),
    [
        ([], "hello"), (["de"], "hallo"), (["de-AT"], "servus"), (["de-CH"], "hallo"), (["DE-at-x"], "servus"),
        (["fr"], "salut"), (["it", "fr"], "salut"), (["it"], "hello"), (["d"], "hello"),
    ],
)  # fmt: skip
def test_the_first_language_that_has_a_wording_is_spoken(languages: list[str], said: str) -> None:
    assert wording(TEXTS, languages) == said


def test_without_english_a_text_of_no_language_is_spoken_or_any() -> None:
    assert wording(TEXTS[:3]) == "plain"
    assert wording(TEXTS[:2]) == "hallo"
    assert wording([]) is None


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("", ()), ("de", ("de",)), ("de-AT, en;q=0.5, fr;q=0.9", ("de-AT", "fr", "en")), ("*", ()),
        ("de;q=0, en", ("en",)), ("de;q=2,en; q=0.3", ("en",)), ("<script>, de", ("de",)), ("," * 5000 + "de", ()),
        ("a;b;c, de;Q=1.000", ("de",)),
    ],
)  # fmt: skip
def test_a_header_is_read_as_far_as_it_makes_sense(header: str, tags: tuple[str, ...]) -> None:
    assert accepted(header) == tags


@pytest.mark.parametrize(
    ("locale", "tag"),
    [("de_AT.UTF-8", "de-AT"), ("de@euro", "de"), ("C", None), ("C.UTF-8", None), ("POSIX", None), ("", None)],
)
def test_a_locale_names_a_language(locale: str, tag: str | None) -> None:
    assert language_of_locale(locale) == tag
