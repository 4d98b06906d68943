"""The words of the schema: all come from the append-only names, none is the name of anything else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from registry.domain.releases.release import Release
from registry.ontology.names import Aspect
from registry.rdf.terms import Iri

_NO_NAME = re.compile(r"[^0-9A-Za-z_]+")
_AS_CONSONANT = re.compile(r"(uni(?!n|m)|us[aeu]|ut[ei]|eu|one\b|once\b)", re.IGNORECASE)
_SILENT = re.compile(r"(hour|honest|honou?r|heir)", re.IGNORECASE)
_NO_MEMBERS = frozenset({"true", "false", "null"})
FIELDS_OF_ALL = frozenset({
    "iri", "name", "classes", "revision", "createdAt", "updatedAt", "properties", "links", "linksCount", "turtle",
    "history", "twin", "resource", "and", "or", "not", "state", "class",
})  # fmt: skip
"""What every typed object and filter has; a property of that name is called by its prefixed name."""


class Naming:
    """Names of types and fields. ``taken`` are those of the fixed half, which no ontology can take away."""

    def __init__(
        self, release: Release, classes: Sequence[Iri], taken_types: Iterable[str], taken_roots: Iterable[str]
    ) -> None:
        self._release = release
        self._taken_types = frozenset(taken_types)
        self._taken_roots = frozenset(taken_roots)
        self._of_classes = frozenset(self.type(iri) for iri in classes)

    def type(self, iri: Iri) -> str:
        """The name of a class's type."""
        name = self._release.names.name(iri)
        return self._prefixed(iri) if name in self._taken_types else _legal(name)

    def derived(self, before: str, iri: Iri, after: str) -> str:
        """The name of a type that goes with a class's, such as its filter."""
        name = f"{before}{self.type(iri)}{after}"
        while name in self._of_classes or name in self._taken_types:
            name += "_"
        return name

    def one(self, iri: Iri) -> str:
        """What the field for one of a class is called."""
        return self._root(Aspect.ONE, iri)

    def all(self, iri: Iri) -> str:
        """What the field for all of a class is called."""
        return self._root(Aspect.ALL, iri)

    def field(self, iri: Iri) -> str:
        """What the field of a property is called."""
        name = self._release.names.name(iri)
        return self._prefixed(iri) if name in FIELDS_OF_ALL else _legal(name)

    def inverse(self, iri: Iri) -> str | None:
        """What the field of a property followed backwards is called, where its inverse is no property itself."""
        return self._release.names.aspect(Aspect.INVERSE, iri)

    def deprecation(self, iri: Iri) -> str | None:
        """Why a term should no longer be used, and what instead; None for one that may be."""
        instead = self._release.model.deprecated.get(iri)
        if instead is None:
            return None
        names = " or ".join(self._release.names.name(term) for term in instead)
        return f"Use {names} instead." if names else "No longer used."

    def _root(self, aspect: Aspect, iri: Iri) -> str:
        name = self._release.names.aspect(aspect, iri) or self._prefixed(iri)
        prefix = self._prefixed(iri).partition("_")[0]
        return f"{prefix}_{name}" if name in self._taken_roots else _legal(name)

    def _prefixed(self, iri: Iri) -> str:
        return _legal(self._release.names.compact(iri))


def member_names(members: Sequence[str]) -> Sequence[str]:
    """Names for the members of an enum, in their order; equal ones get a number."""
    found: list[str] = []
    for member in members:
        name = _legal(member)
        name = f"_{name}" if name in _NO_MEMBERS else name
        number, unique = 2, name
        while unique in found:
            number, unique = number + 1, f"{name}_{number}"
        found.append(unique)
    return found


def article(label: str) -> str:
    """A label with its indefinite article, by how it is spoken: `a pump`, `an asset`, `a unit`, `an HVAC zone`."""
    word = label.partition(" ")[0]
    if len(word) > 1 and word.isupper() and word.isalpha():
        vowel = word[0] in "AEFHILMNORSX"
    else:
        vowel = (word[:1].lower() in tuple("aeiou") and not _AS_CONSONANT.match(word)) or bool(_SILENT.match(word))
    return f"{'an' if vowel else 'a'} {label}"


def _legal(name: str) -> str:
    """A name as GraphQL allows it (specification, section 2.1.9); two underscores at the start are GraphQL's own."""
    legal = _NO_NAME.sub("_", name).lstrip("_") or "_"
    return f"_{legal}" if legal[0].isdigit() else legal
