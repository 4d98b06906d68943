"""Resources as the schema shows them, kept beside those that the store gives out again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from registry.api.graphql.fixed.lifecycle import State, state_of
from registry.api.graphql.fixed.values import Property, properties_of
from registry.bounded_cache import BoundedCache
from registry.domain import resource as domain
from registry.domain.releases.release import Release
from registry.rdf.terms import Iri, Statement
from registry.rdf.vocabulary import RDF_TYPE

_MOST_ANSWERS = 4
"""So many parts of answers are kept with a resource."""

_MOST_VALUES = 64
"""A resource that says more than this, or a part of an answer that holds more, is not kept: memory stays bounded."""

_MOST_NAMES = 8
"""So many names of one resource in other languages are kept."""

_MOST_SHOWN = 4_096
"""So many resources are kept, in two halves."""


class Told:
    """What was told of a resource, kept with it: parts of answers by the number of their selection, and its links.

    A resource and a release never change, so neither does this.
    """

    __slots__ = ("_called", "_links", "_release", "_source", "answers", "has_languages")

    def __init__(self, release: Release, source: domain.Resource) -> None:
        self.answers: dict[int, dict[str, Any]] = {}
        self._release = release
        self._source = source
        self._links: list[Any] | None = None
        self._called: dict[str, Any] = {}
        self.has_languages = source.has_languages

    def keep(self, number: int, answer: dict[str, Any]) -> None:
        """Keep a part of an answer, which nobody changes any more; one that is large is made anew each time."""
        if not _is_little(answer):
            return
        if len(self.answers) >= _MOST_ANSWERS:
            self.answers.clear()
        self.answers[number] = answer

    def called(self, known: Any, name: str) -> Any:
        """The same resource by another of its names; what is remembered of its answers is its own."""
        if name not in self._called:
            if len(self._called) >= _MOST_NAMES:
                self._called.clear()
            self._called[name] = replace(known, told=Told(self._release, self._source), name=name)
        return self._called[name]

    def properties(self, names: Sequence[str] | None) -> list[Property]:
        """Its literal values, of all properties or of those named."""
        asked: Iterable[str] = self._source.statements
        if names is not None:
            asked = [self._release.names.resolve(name, "names") for name in names]
        return [
            found
            for predicate in asked
            for found in properties_of(self._release, predicate, self._source.values(predicate))
        ]

    def links(self, make: Callable[[Statement], Any]) -> list[Any]:
        """What it states of other resources, in the order in which a store lists what leads to it."""
        if self._links is None:
            pairs = sorted(
                (predicate, target)
                for predicate, targets in self._source.statements.items()
                if predicate != RDF_TYPE
                for target in targets
                if isinstance(target, str)
            )
            self._links = [make((self._source.iri, predicate, target)) for predicate, target in pairs]
        return self._links

    def state(self) -> State | None:
        """Where it stands in its lifecycle."""
        return state_of(self._release, self._source)


class Shown:
    """Resources as the schema shows them, for as long as the store gives out the same ones."""

    def __init__(self, make: Callable[[Release, domain.Resource], Any]) -> None:
        self._make = make
        self._release: Release | None = None
        self._known: BoundedCache[Iri, Any] = BoundedCache("resources shown", _MOST_SHOWN)

    def of(self, release: Release, resource: domain.Resource, languages: tuple[str, ...] = ()) -> Any:
        """A resource as the type of the schema that its classes stand for, called as these languages call it."""
        if release is not self._release:
            self._known.clear()
            self._release = release
        known = self._known.get(resource.iri)
        if known is None or known.source is not resource:
            known = self._make(release, resource)
            if sum(map(len, resource.statements.values())) <= _MOST_VALUES:
                self._known.keep(resource.iri, known)
        if not languages or not known.told.has_languages:
            return known
        label = resource.label(languages)
        name = known.name if label is None else label[1].lexical
        return known if name == known.name else known.told.called(known, name)


def _is_little(answer: dict[str, Any]) -> bool:
    """Whether an answer holds few values, however a client nested and repeated them."""
    waiting: list[Any] = [answer]
    seen = 0
    while waiting and seen <= _MOST_VALUES:
        value = waiting.pop()
        seen += 1
        if type(value) is dict:
            waiting.extend(value.values())
        elif type(value) is list:
            waiting.extend(value)
    return seen <= _MOST_VALUES
