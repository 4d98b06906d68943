"""What the tables beside ``node`` hold of a resource, so that a change is the difference of two sets of rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.domain.resource import NOTHING, Resource
from registry.rdf.terms import Iri, Literal, Term
from registry.rdf.vocabulary import LATITUDE, LONGITUDE, RDF_LANG_STRING, RDF_TYPE, XSD_STRING
from registry.shacl.values import value_of
from registry.stores.ordering import SortKey, sort_key, text_key

Row = tuple[Any, ...]

COLUMNS = {
    "link": ("object", "predicate", "subject"),
    "value": ("id", "predicate", "kind", "key"),
    "rank": ("predicate", "least", "kind", "key", "iri", "id"),
    "member": ("class", "name", "iri", "id"),
}
_TEXTS = (XSD_STRING, RDF_LANG_STRING)


@dataclass(slots=True)
class Difference:
    """Rows by table that a change takes away and puts in; their columns are `COLUMNS`."""

    gone: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in COLUMNS})
    new: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in COLUMNS})

    def note(self, table: str, was: set[Row], says: set[Row]) -> None:
        """Add what is only in one of two sets of rows."""
        self.gone[table].extend(was - says)
        self.new[table].extend(says - was)

    def compare(self, iri: Iri, before: Resource | None, after: Resource | None, ids: Callable[[Iri], int]) -> None:
        """Add the difference between two states of a resource."""
        was = before.statements if before else NOTHING
        says = after.statements if after else NOTHING
        for predicate in changed_predicates(before, after):
            old, new = was.get(predicate, ()), says.get(predicate, ())
            links, linked = _links(old), _links(new)
            ends = ids(predicate), ids(iri)
            self.gone["link"].extend((ids(target), *ends) for target in links - linked)
            self.new["link"].extend((ids(target), *ends) for target in linked - links)
            if predicate != RDF_TYPE:
                self._compare_values(iri, ids(iri), ids(predicate), old, new)
        self.note("member", _members(before, ids), _members(after, ids))

    def _compare_values(self, iri: Iri, number: int, predicate: int, was: Sequence[Term], says: Sequence[Term]) -> None:
        old, new = _keys(was), _keys(says)
        self.note("value", {(number, predicate, *key) for key in old}, {(number, predicate, *key) for key in new})
        self.note(
            "rank",
            {(predicate, *place, iri, number) for place in _places(old, was)},
            {(predicate, *place, iri, number) for place in _places(new, says)},
        )


def changed_predicates(before: Resource | None, after: Resource | None) -> Sequence[Iri]:
    """The predicates whose values are not the same in two states of a resource."""
    was = before.statements if before else NOTHING
    says = after.statements if after else NOTHING
    return [predicate for predicate in {**was, **says} if was.get(predicate, ()) != says.get(predicate, ())]


def name_key(resource: Resource) -> str:
    """What a resource is listed by."""
    return text_key(resource.name)


def words_of(resource: Resource | None) -> str:
    """What full-text search finds a resource by: its name and its texts."""
    if resource is None:
        return ""
    texts = [text for values in resource.statements.values() for text in _texts(values)]
    return "\n".join(dict.fromkeys([resource.name, *texts]))


def has_texts(resource: Resource | None, predicates: Sequence[Iri]) -> bool:
    """Whether full-text search looks into some of these values."""
    return resource is not None and any(_texts(resource.values(predicate)) for predicate in predicates)


def place_of(resource: Resource | None) -> tuple[float, float] | None:
    """Latitude and longitude, where a resource has both as finite numbers."""
    if resource is None:
        return None
    latitude, longitude = _degrees(resource, LATITUDE), _degrees(resource, LONGITUDE)
    return None if latitude is None or longitude is None else (latitude, longitude)


def _links(values: Sequence[Term]) -> set[Iri]:
    return {value for value in values if isinstance(value, str)}


def _keys(values: Sequence[Term]) -> set[SortKey]:
    return {sort_key(value) for value in values if isinstance(value, Literal)}


def _places(keys: set[SortKey], values: Sequence[Term]) -> set[Row]:
    """Where the values of a predicate stand in its order: 1 and the least key, 0 and each further one.

    Of links only the least is in the order, and only where no literal is: literals come first.
    """
    if not values:
        return set()
    standing = keys or {min(sort_key(value) for value in values)}
    first = min(standing)
    return {(int(key == first), *key) for key in standing}


def _members(resource: Resource | None, ids: Callable[[Iri], int]) -> set[Row]:
    if resource is None:
        return set()
    name = name_key(resource)
    return {(ids(class_iri), name, resource.iri, ids(resource.iri)) for class_iri in resource.classes}


def _texts(values: Sequence[Term]) -> Sequence[str]:
    return [value.lexical for value in values if isinstance(value, Literal) and value.datatype in _TEXTS]


def _degrees(resource: Resource, predicate: Iri) -> float | None:
    term = resource.value(predicate)
    value = value_of(term) if isinstance(term, Literal) else None
    if value is None or value.kind != "number":
        return None
    try:
        degrees = float(value.content)
    except OverflowError:
        return None
    return degrees if math.isfinite(degrees) else None
