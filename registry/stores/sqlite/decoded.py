"""Documents that were decoded lately: what is read again and again is decoded once for each change of it."""

from __future__ import annotations

from registry.domain.resource import Resource
from registry.rdf.terms import Iri
from registry.stores.documents import decode_resource

_HALF = 4_096
_LONGEST = 16_384
"""Longer documents, in bytes, are decoded each time, so that a few of them cannot fill the memory."""


class Decoded:
    """Resources by the row that they were decoded from; never stale, because the whole row is compared.

    At most 8,192, in two halves: what is used moves to the younger one, and the older one is forgotten when that is
    full. Any thread may ask: a race costs a decoding, nothing else.
    """

    def __init__(self) -> None:
        self._young: dict[Iri, tuple[bytes, Resource]] = {}
        self._old: dict[Iri, tuple[bytes, Resource]] = {}

    def resource(self, iri: Iri, document: bytes, revision: int, created_at: str, updated_at: str) -> Resource:
        """The resource of a row."""
        young = self._young
        known = young.get(iri)
        if known is None and (known := self._old.get(iri)) is not None:
            young[iri] = known
        if known is not None and known[0] == document:
            resource = known[1]
            if resource.revision == revision and resource.updated_at == updated_at:
                return resource
        resource = decode_resource(iri, document, revision, created_at, updated_at)
        if len(document) <= _LONGEST:
            if len(young) >= _HALF:
                self._old, self._young = young, {}
            self._young[iri] = document, resource
        return resource
