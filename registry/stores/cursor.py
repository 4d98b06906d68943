"""Opaque cursors: the place of a resource in an order, the same in every store."""

from __future__ import annotations

import base64
import hashlib
import math
from functools import lru_cache
from typing import Any, NamedTuple

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


def write_cursor(order: Order, place: Place) -> str:
    """A cursor that starts a page behind this place."""
    key: Any = place.key
    if isinstance(key, float) and math.isinf(key):
        # JSON has no infinity.
        key = {"is": "INF" if key > 0 else "-INF"}
    return (
        base64.urlsafe_b64encode(orjson.dumps([_fingerprint(order), place.kind, key, place.iri])).decode().rstrip("=")
    )


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


@lru_cache(maxsize=256)
def _fingerprint(order: Order) -> str:
    by = order.by.value if isinstance(order.by, Key) else f"<{order.by}>"
    return hashlib.sha256(f"{by} {order.sort.value}".encode()).hexdigest()[:12]
