"""Short names for IRIs: a bijection that only grows, so that a name once issued keeps its meaning."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from registry.errors import BadInput
from registry.ontology.model import Model
from registry.rdf.terms import Iri, local_name

_NOT_IN_NAMES = re.compile(r"[^0-9A-Za-z_]+")


class Names:
    """IRI ↔ short name. Names follow from local names; where several would be equal, all of them carry a prefix."""

    def __init__(self, issued: Mapping[Iri, str] | None = None, prefixes: Mapping[str, Iri] | None = None) -> None:
        self._by_iri: Mapping[Iri, str] = MappingProxyType(dict(issued or {}))
        self._by_name = {name: iri for iri, name in self._by_iri.items()}
        self.prefixes: Mapping[str, Iri] = MappingProxyType(dict(prefixes or {}))

    def __len__(self) -> int:
        return len(self._by_iri)

    def name(self, iri: Iri) -> str:
        """The short name, a prefixed name where none was issued, or the IRI itself."""
        return self._by_iri.get(iri) or self.compact(iri)

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
        taken = set(issued.values())
        for iri in terms:
            name = _plain(iri)
            if plain[name] > 1 or name in taken:
                name = f"{_prefix(iri, by_namespace)}_{name}"
            unique, number = name, 2
            while unique in taken:
                unique, number = f"{name}_{number}", number + 1
            issued[iri] = unique
            taken.add(unique)
        return Names(issued, prefixes)

    def as_json(self) -> dict[str, str]:
        """IRI → name, to be kept with the record."""
        return dict(self._by_iri)

    @classmethod
    def from_json(cls, issued: Mapping[str, str]) -> Names:
        """The names that were kept."""
        return cls(issued)


def _plain(iri: Iri) -> str:
    name = _NOT_IN_NAMES.sub("_", local_name(iri)).strip("_") or "term"
    return f"_{name}" if name[0].isdigit() else name


def _prefix(iri: Iri, by_namespace: Mapping[Iri, str]) -> str:
    fitting = [(len(ns), prefix) for ns, prefix in by_namespace.items() if iri.startswith(ns)]
    return _NOT_IN_NAMES.sub("_", max(fitting)[1]) if fitting else "ns"
