"""What lists and searches know of a resource besides its statements, the same in every store."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from registry.domain.resource import NOTHING, Resource
from registry.rdf.terms import Iri, Literal, Term
from registry.rdf.vocabulary import LATITUDE, LONGITUDE, RDF_LANG_STRING, XSD_STRING
from registry.shacl.values import value_of
from registry.stores.ordering import SortKey, sort_key, text_key

_TEXTS = (XSD_STRING, RDF_LANG_STRING)


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


def has_texts(resource: Resource | None, predicates: Iterable[Iri]) -> bool:
    """Whether full-text search looks into some of these values."""
    return resource is not None and any(_texts(resource.values(predicate)) for predicate in predicates)


def place_of(resource: Resource | None) -> tuple[float, float] | None:
    """Latitude and longitude, where a resource has both as finite numbers."""
    if resource is None:
        return None
    latitude, longitude = _degrees(resource, LATITUDE), _degrees(resource, LONGITUDE)
    return None if latitude is None or longitude is None else (latitude, longitude)


def literal_keys(values: Sequence[Term]) -> set[SortKey]:
    """The sort keys of the literals among some values."""
    return {sort_key(value) for value in values if isinstance(value, Literal)}


def places_of(keys: set[SortKey], values: Sequence[Term]) -> set[tuple[int, int, int | float | str]]:
    """Where the values of a predicate stand in its order: 1 and the least key, 0 and each further one.

    Of links only the least is in the order, and only where no literal is: literals come first.
    """
    if not values:
        return set()
    standing = keys or {min(sort_key(value) for value in values)}
    first = min(standing)
    return {(int(key == first), *key) for key in standing}


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
