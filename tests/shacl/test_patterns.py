"""Regular expressions as SPARQL reads them: against a SPARQL engine, and where Python would read them differently."""

from __future__ import annotations

import re
from random import Random

import pyoxigraph as ox
import pytest

from registry.shacl.constraints.patterns import read

MEANINGS = [
    ("the end is not before a line break", "a$", "", ["a", "ba"], ["a\n", "b"]),
    ("the end of a line, with m", "a$", "m", ["a\nb", "a"], ["ab\n"]),
    ("the beginning of a line, with m", "^b", "m", ["a\nb", "b"], ["ab"]),
    ("no line begins after the last break", "^$", "m", ["", "\n", "a\n\nb"], ["a\n"]),
    ("a point is no line break", "a.b", "", ["a b"], ["a\nb"]),
    ("a point is any character, with s", "a.b", "s", ["a\nb"], []),
    ("white space in a pattern is left out, with x", "a b #c", "x", ["ab#c"], ["a b #c", "ab"]),
    ("but not in brackets", "a[ ]b", "x", ["a b"], ["ab"]),
    ("every sign stands for itself, with q", "a.b*", "q", ["a.b*"], ["axb"]),
    ("case is ignored, with i", "STRASSE", "i", ["Strasse"], ["Straße"]),
    ("a category of Unicode", r"^\p{Lu}\p{L}*$", "", ["Éa", "A"], ["éa", "1"]),
    ("everything but a category", r"^\P{N}$", "", ["a"], ["1", "½"]),
    ("a category in brackets", r"^[\p{Nd}-]+$", "", ["1-2", "٣"], ["a"]),
    ("names of XML", r"^\i\c*$", "", ["a1", "_a", "é-1"], ["1a", "-a"]),
    ("no name of XML", r"^\I\C$", "", ["1 "], ["a1"]),
    ("a class without another", "^[a-z-[aeiou]]+$", "", ["xyz"], ["xay"]),
    ("a class without a class without another", "^[a-z-[a-f-[c]]]$", "", ["c", "z"], ["a"]),
    ("a hyphen at either end of a class", "^[-a][b-]$", "", ["-b", "a-"], ["bb"]),
    ("one more line", "a\\n^", "m", ["a\nb", "a\n\n"], ["a\n"]),
    ("the end of a line that is read on", "a$\\n$", "m", ["a\n", "a\n\nb"], ["a\nb"]),
    ("a line break taken by a class", "^a[^b]$", "m", ["a\n", "ac", "a\n\n"], ["ab"]),
    ("no character at all", "[a-[a]]", "", [], ["", "a"]),
    ("another case of what is taken out of a class", "^[a-z-[AEIOU]]$", "i", ["b", "B"], ["a", "A"]),
    ("another case in what is not in a class", "^[^a]$", "i", ["b"], ["a", "A"]),
    ("more often than RE2 counts", "^a{3,2500}$", "", ["a" * 3, "a" * 2500], ["aa", "a" * 2501]),
    ("counts within counts", "^((ab?){2,60}c){20,30}$", "", ["abac" * 20, "aac" * 30], ["abac" * 19, "aac" * 31]),
    ("at least so often, beyond what RE2 counts", "^(ab){1500,}$", "", ["ab" * 1500, "ab" * 1600], ["ab" * 1499]),
    ("long names of any script", r"^\w{1,255}$", "", ["é" * 255], ["é" * 256]),
    ("as few as possible", "^a+?$", "", ["aaa"], ["b"]),
    ("a number of times", "^a{2,3}$", "", ["aa", "aaa"], ["a", "aaaa"]),
    ("escapes of punctuation", r"^\.\-\/\{\]$", "", [".-/{]"], ["a"]),
    ("beyond the first plane", "^.$", "", ["😀"], ["😀😀"]),
    ("nothing at all", "", "", ["", "a"], []),
]  # fmt: skip


@pytest.mark.parametrize(("what", "pattern", "flags", "matching", "other"), MEANINGS, ids=[row[0] for row in MEANINGS])
def test_meaning(what: str, pattern: str, flags: str, matching: list[str], other: list[str]) -> None:
    found = read(pattern, flags)
    assert [text for text in matching if not found.is_in(text)] == []
    assert [text for text in other if found.is_in(text)] == []


REFUSED = [
    ("(", "without a )"), (")", "without a ("), ("[a", "ends too early"), ("[]", "empty class"), ("a\\", "too early"),
    ("*a", "nothing to repeat"), ("a**", "nothing to repeat"), ("a{", "stands alone"), ("a}", "stands alone"),
    ("(?i)a", "nor flags inside"), ("(?=a)", "looking around"), ("(?<n>a)", "does not know"), ("(?!a)", "around"),
    (r"\b", "does not know"), (r"\x41", "does not know"), (r"\0", "does not know"), (r"\1", "refers back"),
    (r"^(a|b)\1$", "refers back"), (r"^(a+)+\1$", "refers back"),
    (r"\p{IsGreek}", "general category"), (r"\pL", "general category"),
    ("[z-a]", "no regular expression"), ("a{3,2}", "no regular expression"), ("a{99999999999}", "too large"),
    ("[a-z-[x]y]", "goes on"), ("[a[b]]", "has a [ in a class"), (r"[a-\d]", "ends in a class"),
    ("(" * 60 + ")" * 60, "more than 50 deep"), ("[a-" * 60, "more than 50 deep"),
    ("(a{1000}){1000}", "too large"), ("((((a{99}){99}){99}){99}){99}", "too large"), ("(a|b{9}){9999}", "too large"),
    ("a" * 20_001, "more than 20,000"), ("(ab|cd){10000,}", "too large"),
    ("".join(rf"[^\p{{L}}{chr(code)}]" for code in range(0x4E00, 0x5000)), "too large"),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "reason"), REFUSED)
def test_what_sparql_does_not_know_is_refused(pattern: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        read(pattern)


def test_an_unknown_flag_is_refused() -> None:
    with pytest.raises(ValueError, match="no regular expression flag 'g'"):
        read("a", "g")


COSTLY = [
    "^(a|a)*$", "(a+)+$", "^(a*)*b", r"^(\s*\w+\s*)*$", "((a|b+))+$", "^(a?b*){2,}$", "^(a|aa)+$", "^(.*a){12}$",
    "^(((a*)*)*)*$",
    "^(a?){500}a{500}$", "^(a|b|ab)*c$", "^([a-z]+)*$", "^(()|a)*$", "^(a{0}){500}$", "^(|||||)*$",
    "(x+x+)+y", ".*.*.*=.*",
]  # fmt: skip
"""Patterns that hold an engine which goes back, for ever or for very long."""


@pytest.mark.parametrize("pattern", COSTLY)
@pytest.mark.parametrize("flags", ["", "im"])
def test_no_pattern_takes_more_steps_than_it_announces(pattern: str, flags: str) -> None:
    found = read(pattern, flags)
    for text in ("a" * 41 + "\n!", "a" * 5_000 + "!", "ab" * 2_000, "x" * 4_000, ""):
        assert found.cost(text) <= 6_000 * 5_100
        found.is_in(text)


ATOMS = [
    "a", "b", "1", " ", "\n", r"\n", ".", "[ab]", "[^a]", "[a-c]", r"\d", r"\s", r"\.", r"\p{L}", r"\P{L}", r"\p{Lu}",
    r"[\p{Nd}a]", "^", "$", "é", "-", r"\-", r"[a\-c]", "[-a]", "[a-]", "A", r"\\", r"\(", r"[\]]",
]  # fmt: skip
QUANTIFIERS = ["?", "*", "+", "{2}", "{1,2}", "{0,1}", "{2,}", "*?", "+?"]


def drawn(random: Random, depth: int = 0) -> str:
    def piece() -> str:
        if random.random() < 0.2 and depth < 2:
            atom = random.choice(["(", "(?:"]) + drawn(random, depth + 1) + ")"
        else:
            atom = random.choice(ATOMS)
        return atom + (random.choice(QUANTIFIERS) if atom not in "^$" and random.random() < 0.3 else "")

    branches = ("".join(piece() for _ in range(random.choice([1, 2, 3]))) for _ in range(random.choice([1, 1, 2])))
    return "|".join(branches)


def quoted(text: str) -> str:
    return '"' + "".join(f"\\U{ord(character):08X}" for character in text) + '"'


def test_patterns_find_what_a_sparql_engine_finds() -> None:
    random, store, compared = Random(7), ox.Store(), 0
    for _ in range(400):
        pattern, flags = drawn(random), random.choice(["", "", "i", "m", "s", "ms", "q"])
        try:
            found = read(pattern, flags)
        except ValueError:
            # What repeats an anchor is drawn now and then; the count at the end keeps this from hiding more.
            continue
        texts = ["".join(random.choice("abc1 \n.AéB-\\()]x2") for _ in range(random.randrange(6))) for _ in range(10)]
        rows = " ".join(quoted(text) for text in texts)
        regex = f"SELECT ?t WHERE {{ VALUES ?t {{ {rows} }} FILTER REGEX(?t, {quoted(pattern)}, {quoted(flags)}) }}"
        solutions = store.query(regex)
        assert isinstance(solutions, ox.QuerySolutions)
        engine = sorted(str(solution["t"].value) for solution in solutions)
        assert sorted(text for text in texts if found.is_in(text)) == engine, (pattern, flags)
        compared += 1
    assert compared > 300
