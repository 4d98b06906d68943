"""Short names for IRIs: a bijection that only grows, so that a name once issued keeps its meaning."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from types import MappingProxyType

from registry.errors import BadInput
from registry.ontology.model import Model, PropertyKind
from registry.rdf.terms import Iri, local_name

_NOT_IN_NAMES = re.compile(r"[^0-9A-Za-z_]+")
_CAPITALS = re.compile(r"[A-Z]+(?![a-z0-9])|[A-Z]")
_HISSES = ("s", "x", "z", "ch", "sh")


class Aspect(Enum):
    """What else of a term has a name of its own: an object property followed backwards, one of a class, all of it.

    The value marks the entry in the kept names; no IRI begins so.
    """

    INVERSE = "^"
    ONE = "1"
    ALL = "*"


_MARKS = frozenset(aspect.value for aspect in Aspect)


class Names:
    """IRI ↔ short name. Names follow from local names; where several would be equal, all of them carry a prefix.

    What an aspect of a term is called is issued and kept likewise, but is no name of a term.
    """

    def __init__(self, issued: Mapping[Iri, str] | None = None, prefixes: Mapping[str, Iri] | None = None) -> None:
        given = dict(issued or {})
        self._by_iri: Mapping[Iri, str] = MappingProxyType({i: n for i, n in given.items() if i[:1] not in _MARKS})
        self._aspects: Mapping[str, str] = MappingProxyType({i: n for i, n in given.items() if i[:1] in _MARKS})
        self._by_name = {name: iri for iri, name in self._by_iri.items()}
        self.prefixes: Mapping[str, Iri] = MappingProxyType(dict(prefixes or {}))

    def __len__(self) -> int:
        return len(self._by_iri)

    def name(self, iri: Iri) -> str:
        """The short name, a prefixed name where none was issued, or the IRI itself."""
        return self._by_iri.get(iri) or self.compact(iri)

    def aspect(self, aspect: Aspect, iri: Iri) -> str | None:
        """What an aspect of a term is called; None where none was issued."""
        return self._aspects.get(aspect.value + iri)

    def compact(self, iri: Iri) -> str:
        """The IRI with a known prefix, the longest that fits, or the IRI itself."""
        fitting = [(len(ns), prefix) for prefix, ns in self.prefixes.items() if iri.startswith(ns) and iri != ns]
        if not fitting:
            return iri
        length, prefix = max(fitting)
        return f"{prefix}:{iri[length:]}"

    def resolve(self, text: str, argument: str = "", known: Iterable[Iri] = ()) -> Iri:
        """The IRI for a short name, a prefixed name or an IRI. Raises BadInput naming the closest known name."""
        if text in self._by_name:
            return self._by_name[text]
        prefix, colon, rest = text.partition(":")
        if colon and prefix in self.prefixes:
            return self.prefixes[prefix] + rest
        if colon and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+", text):
            return text
        candidates = {self.name(iri) for iri in known} or set(self._by_name)
        closest = difflib.get_close_matches(text, candidates, n=1)
        hint = f"; did you mean {closest[0]!r}?" if closest else ""
        raise BadInput(f"the model has no name {text!r}{hint}", argument=argument)

    def extended(self, model: Model) -> Names:
        """These names and one for every further term of a model; what was issued stays."""
        issued = dict(self._by_iri)
        terms = sorted({*model.classes, *model.properties, *model.individuals} - issued.keys())
        prefixes = {**model.prefixes}
        by_namespace = {ns: prefix for prefix, ns in sorted(prefixes.items(), reverse=True)}
        plain = Counter(_plain(iri) for iri in terms)
        taken = {*issued.values(), *(name for key, name in self._aspects.items() if key[0] == Aspect.INVERSE.value)}
        for iri in terms:
            name = _plain(iri)
            if plain[name] > 1 or name in taken:
                name = f"{_prefix(iri, by_namespace)}_{name}"
            issued[iri] = _free(name, taken)
            taken.add(issued[iri])
        aspects = dict(self._aspects)
        for iri, name in _inverses(model, issued):
            if Aspect.INVERSE.value + iri not in aspects:
                aspects[Aspect.INVERSE.value + iri] = _free(name, taken)
        roots = {name for key, name in aspects.items() if key[0] != Aspect.INVERSE.value}
        for aspect, iri, name in _roots(model, issued):
            if aspect.value + iri not in aspects:
                aspects[aspect.value + iri] = _free(name, roots)
                roots.add(aspects[aspect.value + iri])
        return Names({**issued, **aspects}, prefixes)

    @property
    def of_terms(self) -> Mapping[Iri, str]:
        """The short name of every term, without those of its aspects."""
        return self._by_iri

    def as_json(self) -> dict[str, str]:
        """IRI → name, to be kept with the record; with the names of aspects, which are marked."""
        return {**self._by_iri, **self._aspects}

    @classmethod
    def from_json(cls, issued: Mapping[str, str]) -> Names:
        """The names that were kept."""
        return cls(issued)


def _inverses(model: Model, issued: Mapping[Iri, str]) -> Iterator[tuple[Iri, str]]:
    """Object properties whose inverse has no IRI of its own, with what it would be called."""
    for iri, declared in sorted(model.properties.items()):
        if declared.kind is PropertyKind.OBJECT and declared.inverse is None:
            yield iri, f"{issued[iri]}Inverse"


def _roots(model: Model, issued: Mapping[Iri, str]) -> Iterator[tuple[Aspect, Iri, str]]:
    """What one and all of each class would be called."""
    for iri in sorted(model.classes):
        one = _CAPITALS.sub(lambda found: found[0].lower(), issued[iri], count=1)
        yield Aspect.ONE, iri, one
        yield Aspect.ALL, iri, plural(one)


def plural(word: str) -> str:
    """Several of it, by a rule that is always the same: exceptions would be names that change."""
    if word.endswith("y") and word[-2:-1].lower() not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.lower().endswith(_HISSES) else "s")


def _free(name: str, taken: set[str]) -> str:
    unique, number = name, 2
    while unique in taken:
        unique, number = f"{name}_{number}", number + 1
    return unique


def _plain(iri: Iri) -> str:
    name = _NOT_IN_NAMES.sub("_", local_name(iri)).strip("_") or "term"
    return f"_{name}" if name[0].isdigit() else name


def _prefix(iri: Iri, by_namespace: Mapping[Iri, str]) -> str:
    fitting = [(len(ns), prefix) for ns, prefix in by_namespace.items() if iri.startswith(ns)]
    return _NOT_IN_NAMES.sub("_", max(fitting)[1]) if fitting else "ns"
