"""Resources as the schema shows them, kept beside those that the store gives out again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import Any

from registry.api.graphql.lifecycle import State, state_of
from registry.api.graphql.values import Property, properties_of
from registry.domain import resource as domain
from registry.domain.release import Release
from registry.rdf.terms import Statement
from registry.rdf.vocabulary import RDF_TYPE


class Unknown(Enum):
    """What stands where nothing has been worked out."""

    YET = "yet"


_YET = Unknown.YET

_MOST_ANSWERS = 6
"""So many parts of answers are kept with a resource."""

_MOST_LINKS = 64
"""So many links are kept with a resource."""


class Told:
    """What a resource says, as the schema shows it: worked out when it is first asked for, and kept with it.

    A resource and a release never change, so neither does this. ``answers`` are whole parts of answers, by the number
    of the selection.
    """

    __slots__ = ("_links", "_properties", "_release", "_source", "_state", "answers")

    def __init__(self, release: Release, source: domain.Resource) -> None:
        self.answers: dict[int, dict[str, Any]] = {}
        self._release = release
        self._source = source
        self._properties: dict[str, list[Property]] = {}
        self._links: list[Any] | None = None
        self._state: State | Unknown | None = Unknown.YET

    def keep(self, number: int, answer: dict[str, Any]) -> None:
        """Keep a part of an answer, which nobody changes any more."""
        if len(self.answers) >= _MOST_ANSWERS:
            self.answers.clear()
        self.answers[number] = answer

    def properties(self, names: Sequence[str] | None) -> list[Property]:
        """Its literal values, of all properties or of those named."""
        asked: Iterable[str] = self._source.statements
        if names is not None:
            asked = [self._release.names.resolve(name, "names") for name in names]
        return [one for predicate in asked for one in self._of(predicate)]

    def links(self, make: Callable[[Statement], Any]) -> list[Any]:
        """What it states of other resources, in the order in which a store lists what leads to it."""
        if self._links is not None:
            return self._links
        pairs = sorted(
            (predicate, target)
            for predicate, targets in self._source.statements.items()
            if predicate != RDF_TYPE
            for target in targets
            if isinstance(target, str)
        )
        links = [make((self._source.iri, predicate, target)) for predicate, target in pairs]
        if len(links) <= _MOST_LINKS:
            self._links = links
        return links

    def state(self) -> State | None:
        """Where it stands in its lifecycle."""
        if isinstance(self._state, Unknown):
            self._state = state_of(self._release, self._source)
        return self._state

    def _of(self, predicate: str) -> list[Property]:
        found = self._properties.get(predicate)
        if found is None:
            found = list(properties_of(self._release, predicate, self._source.values(predicate)))
            if predicate in self._source.statements:
                self._properties[predicate] = found
        return found


SHOWN = 4_096
"""So many resources are kept as they are shown, in two halves."""


class Shown:
    """Resources as the schema shows them, for as long as the store gives out the same ones."""

    def __init__(self, make: Callable[[Release, domain.Resource], Any]) -> None:
        self._make = make
        self._release = ""
        self._young: dict[str, Any] = {}
        self._old: dict[str, Any] = {}

    def of(self, release: Release, resource: domain.Resource) -> Any:
        """A resource as the type of the schema that its classes stand for."""
        if release.digest != self._release:
            self._release, self._young, self._old = release.digest, {}, {}
        known = self._young.get(resource.iri) or self._old.get(resource.iri)
        if known is None or known.source is not resource:
            known = self._make(release, resource)
        if len(self._young) >= SHOWN // 2:
            self._old, self._young = self._young, {}
        self._young[resource.iri] = known
        return known
