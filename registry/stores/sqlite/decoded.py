"""Documents that were decoded lately: what is read again and again is decoded once for each change of it."""

from __future__ import annotations

from registry.bounded_cache import BoundedCache
from registry.domain.resource import Resource
from registry.rdf.terms import Iri
from registry.stores.encoding import decode_resource

_MOST_BYTES = 8_000_000
"""Decoded, a document takes about six times its bytes."""

_LONGEST_BYTES = 16_384
"""Longer documents are decoded each time: they would take the place of many."""


class Decoded:
    """Resources by the row that they were decoded from; never stale, because the whole row is compared.

    Any thread may ask: a race costs a decoding, nothing else.
    """

    def __init__(self) -> None:
        self._known: BoundedCache[Iri, tuple[bytes, Resource]] = BoundedCache(
            "decoded resources", _MOST_BYTES, lambda iri, known: len(known[0]), _LONGEST_BYTES
        )

    def resource(self, iri: Iri, document: bytes, revision: int, created_at: str, updated_at: str) -> Resource:
        """The resource of a row."""
        known = self._known.get(iri)
        if known is not None and known[0] == document:
            resource = known[1]
            if resource.revision == revision and resource.updated_at == updated_at:
                return resource
        resource = decode_resource(iri, document, revision, created_at, updated_at)
        self.remember(iri, document, resource)
        return resource

    def remember(self, iri: Iri, document: bytes, resource: Resource) -> None:
        """Keep what a document decodes to, unless it is too long."""
        self._known.keep(iri, (document, resource))

    def __len__(self) -> int:
        return len(self._known)
