"""The licences of everything that runs in the product, from the metadata of what is installed, and which are permitted.

Expressions follow SPDX 3.0, annex B; metadata that says it otherwise is read as one name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from registry.errors import NotFound

PRODUCT = "semantic-twin-registry"
_DEVELOPMENT = "dev"
_PERMITTED = re.compile(
    r"(apache|isc|psf|python|epl|eclipse public|mpl|mozilla public)\b|mit( licen[cs]e)?$|mit-0$|expat"
    r"|0bsd|(new |modified |simplified )?bsd(-[0-9]-clause|\b(?!-))|w3c\b|unlicense|cc0|zlib$|blueoak|bsl-1|boost",
    re.IGNORECASE,
)
_ONLY_IN_EXTRAS = re.compile(r"lgpl|gnu lesser|gnu library", re.IGNORECASE)
_TOKEN = re.compile(r"\(|\)|[^\s()]+")


class Verdict(Enum):
    """Whether a licence may be in the product."""

    PERMITTED = "permitted"
    ONLY_IN_EXTRAS = "permitted in extras only"
    NOT_PERMITTED = "not permitted"


@dataclass(frozen=True, slots=True)
class Licence:
    """A distribution, what its metadata says of its licence, and what that means where it is needed."""

    name: str
    version: str
    licence: str
    needed_by: str
    verdict: Verdict

    def row(self) -> tuple[str, ...]:
        """The cells of a table."""
        return (self.name, self.version, self.licence, self.needed_by, self.verdict.value)

    def as_json(self) -> dict[str, object]:
        """The same for machines."""
        keys = ("name", "version", "licence", "neededBy", "verdict")
        return {**dict(zip(keys, self.row(), strict=True)), "permitted": self.verdict is Verdict.PERMITTED}


def licences(product: str = PRODUCT) -> list[Licence]:
    """What the product needs and what is installed of it, by name; what only develops it is left out.

    Raises NotFound where the product itself is not installed, so that nothing says what it needs.
    """
    root = _installed(product)
    if root is None:
        raise NotFound(f"{product} is not installed here: pip install {product}")
    core = _reached(root, "")
    found = {name: (one, "core") for name, one in core.items()}
    for extra in root.metadata.get_all("Provides-Extra") or ():
        if extra != _DEVELOPMENT:
            for name, one in _reached(root, extra).items():
                found.setdefault(name, (one, f"extra {extra}"))
    return [_licence_of(*found[name]) for name in sorted(found)]


def _reached(root: Distribution, extra: str) -> dict[str, Distribution]:
    """What is installed of all that a distribution needs, itself left out, by name."""
    waiting, seen = list(_needed(root, extra)), set[tuple[str, str]]()
    found: dict[str, Distribution] = {}
    while waiting:
        name, of_extra = waiting.pop()
        if (name, of_extra) in seen:
            continue
        seen.add((name, of_extra))
        one = _installed(name)
        # What is not installed does not run: a marker of another system, or an extra that nobody wanted.
        if one is not None:
            found[name] = one
            waiting.extend(_needed(one, of_extra))
    return found


def _needed(one: Distribution, extra: str) -> Iterator[tuple[str, str]]:
    for said in one.requires or ():
        requirement = Requirement(said)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            for wanted in ("", *requirement.extras):
                yield canonicalize_name(requirement.name), wanted


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _licence_of(one: Distribution, needed_by: str) -> Licence:
    licence, verdict = _stated(one)
    if verdict is Verdict.ONLY_IN_EXTRAS:
        verdict = Verdict.NOT_PERMITTED if needed_by == "core" else Verdict.PERMITTED
    return Licence(canonicalize_name(one.metadata["Name"]), one.version, licence, needed_by, verdict)


def _stated(one: Distribution) -> tuple[str, Verdict]:
    """What the metadata says, the most exact first, and what that means.

    Classifiers do not say whether they are a choice, so all of them have to be permitted.
    """
    metadata = one.metadata
    keys = ("License-Expression", "License")
    text = next((text for key in keys for text in metadata.get_all(key) or () if text), "")
    if 0 < len(text) <= 100 and "\n" not in text and text.upper() != "UNKNOWN":
        return text, verdict_of(text)
    said = [c.split(" :: ") for c in metadata.get_all("Classifier") or () if c.startswith("License :: ")]
    names = [parts[-1] for parts in said if parts[-1] != "OSI Approved"]
    if not names:
        return "none stated", Verdict.NOT_PERMITTED
    return ", ".join(names), max((_of_name(name) for name in names), key=list(Verdict).index)


def verdict_of(text: str) -> Verdict:
    """What an expression means: of a choice the best part counts, of parts that all apply the worst."""
    if not re.search(r"\s(AND|OR|WITH)\s", text):
        return _of_name(text)
    tokens = _TOKEN.findall(text)
    verdict = _either(tokens)
    return Verdict.NOT_PERMITTED if tokens else verdict


def _either(tokens: list[str]) -> Verdict:
    parts = [_both(tokens)]
    while tokens and tokens[0] == "OR":
        tokens.pop(0)
        parts.append(_both(tokens))
    return min(parts, key=list(Verdict).index)


def _both(tokens: list[str]) -> Verdict:
    parts = [_single(tokens)]
    while tokens and tokens[0] == "AND":
        tokens.pop(0)
        parts.append(_single(tokens))
    return max(parts, key=list(Verdict).index)


def _single(tokens: list[str]) -> Verdict:
    if not tokens:
        return Verdict.NOT_PERMITTED
    token = tokens.pop(0)
    if token == "(":
        verdict = _either(tokens)
        closed = bool(tokens) and tokens.pop(0) == ")"
        return verdict if closed else Verdict.NOT_PERMITTED
    words = [token]
    while tokens and tokens[0] not in ("AND", "OR", "WITH", "(", ")"):
        words.append(tokens.pop(0))
    if tokens and tokens[0] == "WITH":
        # An exception of SPDX permits more than the licence it goes with, never less.
        del tokens[:2]
    return _of_name(" ".join(words))


def _of_name(name: str) -> Verdict:
    if _ONLY_IN_EXTRAS.match(name.strip()):
        return Verdict.ONLY_IN_EXTRAS
    return Verdict.PERMITTED if _PERMITTED.match(name.strip()) else Verdict.NOT_PERMITTED
