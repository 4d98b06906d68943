"""Documents that were decoded lately: what is read again and again is decoded once for each change of it."""

from __future__ import annotations

from registry.domain.resource import Resource
from registry.rdf.terms import Iri
from registry.stores.encoding import decode_resource

_HALF_BYTES = 4_000_000
"""Decoded, a document takes about six times its bytes; two halves are kept."""

_LONGEST_BYTES = 16_384
"""Longer documents are decoded each time: they would take the place of many."""


class Decoded:
    """Resources by the row that they were decoded from; never stale, because the whole row is compared.

    What is used moves to the younger half, and the older one is forgotten when that is full. Any thread may ask: a race
    costs a decoding, nothing else.
    """

    def __init__(self) -> None:
        self._young: dict[Iri, tuple[bytes, Resource]] = {}
        self._old: dict[Iri, tuple[bytes, Resource]] = {}
        self._young_bytes = 0

    def resource(self, iri: Iri, document: bytes, revision: int, created_at: str, updated_at: str) -> Resource:
        """The resource of a row."""
        known = self._young.get(iri)
        if known is None and (known := self._old.get(iri)) is not None:
            self.remember(iri, *known)
        if known is not None and known[0] == document:
            resource = known[1]
            if resource.revision == revision and resource.updated_at == updated_at:
                return resource
        resource = decode_resource(iri, document, revision, created_at, updated_at)
        self.remember(iri, document, resource)
        return resource

    def remember(self, iri: Iri, document: bytes, resource: Resource) -> None:
        """Keep what a document decodes to, unless it is too long."""
        if len(document) > _LONGEST_BYTES:
            return
        if self._young_bytes >= _HALF_BYTES:
            self._old, self._young, self._young_bytes = self._young, {}, 0
        replaced = self._young.get(iri)
        self._young[iri] = document, resource
        self._young_bytes += len(document) - (0 if replaced is None else len(replaced[0]))

    def __len__(self) -> int:
        return len(self._young) + len(self._old)
