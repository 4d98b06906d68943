"""Which of the media types on offer a client would rather have (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from starlette.exceptions import HTTPException
from starlette.requests import Request

from registry.rdf.syntax import Syntax

RDF_TYPES: Mapping[str, Syntax] = {
    "text/turtle": Syntax.TURTLE,
    "application/n-triples": Syntax.N_TRIPLES,
    "application/ld+json": Syntax.JSON_LD,
    "application/rdf+xml": Syntax.RDF_XML,
    "application/trig": Syntax.TRIG,
    "application/n-quads": Syntax.N_QUADS,
}


def negotiated(request: Request, offers: Sequence[str], elsewhere: str = "") -> str:
    """The offer that the request's Accept header likes best; the first offer where it likes several the same.

    Raises HTTPException 406 naming the offers where it likes none, and how to get others ``elsewhere``.
    """
    accept = b",".join([value for name, value in request.scope["headers"] if name == b"accept"])
    liked = _liked(accept.decode("latin-1"), tuple(offers))
    if liked is None:
        on_offer = f"none of the accepted types is on offer: {', '.join(offers)}{elsewhere}"
        raise HTTPException(406, on_offer, {"vary": "Accept"})
    return liked


@lru_cache(maxsize=256)
def _liked(accept: str, offers: tuple[str, ...]) -> str | None:
    """The best of some offers by an Accept header; None where it likes none. Clients send the same one every time."""
    ranges = [_range(part) for part in accept.split(",") if part.strip()]
    if not ranges:
        return offers[0]
    liked = max(offers, key=lambda offer: _quality(offer, ranges))
    return liked if _quality(liked, ranges) > 0 else None


def _range(part: str) -> tuple[str, float]:
    media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "q":
            try:
                quality = float(value)
            except ValueError:
                quality = 0.0
    return media_range, quality


def _quality(offer: str, ranges: Sequence[tuple[str, float]]) -> float:
    """The quality of the most specific range that covers an offer."""
    wanted = dict(reversed(ranges))
    for media_range in (offer, offer.partition("/")[0] + "/*", "*/*"):
        if media_range in wanted:
            return wanted[media_range]
    return 0.0
