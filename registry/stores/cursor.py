"""Opaque cursors: the place of a resource in an order, the same in every store."""

from __future__ import annotations

import base64
import hashlib
import math
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple, overload

import orjson

from registry.domain.find import Find, Key, Order
from registry.errors import BadInput
from registry.rdf.terms import Iri

_INFINITIES = {"INF": math.inf, "-INF": -math.inf}
_GREATEST_INTEGER = 2**63 - 1


class Place(NamedTuple):
    """Where a row of a list stands. ``kind`` and ``key`` are None behind the last resource that has the property."""

    kind: int | None
    key: int | float | str | None
    iri: Iri


class Cursors(Sequence[str]):
    """Cursors of which each starts a page behind a place; each is written when it is asked for, and most never are."""

    def __init__(self, order: Order, places: Iterable[Place]) -> None:
        self._order = order
        self._places = tuple(places)

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return [self._written(place) for place in self._places[index]]
        return self._written(self._places[index])

    def _written(self, place: Place) -> str:
        kind, key, iri = place
        told = orjson.dumps((self._fingerprint, kind, _in_json(key), iri))
        return urlsafe_b64encode(told).rstrip(b"=").decode()

    @cached_property
    def _fingerprint(self) -> str:
        return _fingerprint(self._order)


def _in_json(key: Any) -> Any:
    """A key as JSON, which has no infinity."""
    return {"is": "INF" if key > 0 else "-INF"} if type(key) is float and math.isinf(key) else key


def read_cursor(find: Find) -> Place | None:
    """The place that a page starts behind. Raises BadInput for a cursor of another order, or for none at all."""
    if find.after is None:
        return None
    try:
        padded = find.after + "=" * (-len(find.after) % 4)
        fingerprint, kind, key, iri = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if isinstance(key, dict):
            key = _INFINITIES[key["is"]]
    except (ValueError, TypeError, KeyError) as error:
        raise BadInput("the cursor is none that a page gave", argument="after") from error
    if fingerprint != _fingerprint(find.order):
        raise BadInput("the cursor belongs to a list in another order", argument="after")
    if not _is_place(find.order, kind, key, iri):
        raise BadInput("the cursor is none that a page gave", argument="after")
    return Place(kind, key, iri)


def _is_place(order: Order, kind: Any, key: Any, iri: Any) -> bool:
    if not isinstance(iri, str):
        return False
    if isinstance(order.by, Key):
        return kind == 0 and isinstance(key, str)
    if kind is None or key is None:
        return kind is None and key is None
    fits = type(kind) is int and isinstance(key, str | int | float) and not isinstance(key, bool)
    return fits and all(abs(n) <= _GREATEST_INTEGER for n in (kind, key) if type(n) is int)


def _fingerprint(order: Order) -> str:
    by = order.by.value if isinstance(order.by, Key) else f"<{order.by}>"
    return hashlib.sha256(f"{by} {order.sort.value}".encode()).hexdigest()[:12]
