"""Automatic persisted queries: a client names a document by its SHA-256 digest once the server knows it.

https://www.apollographql.com/docs/apollo-server/performance/apq: a request without ``query`` is answered
``PersistedQueryNotFound``, the client sends digest and document together, and from then on the digest alone.
"""

from __future__ import annotations

import hashlib

from registry.bounded_cache import BoundedCache
from registry.errors import BadInput, PersistedQueryNotFound, PersistedQueryNotSupported

_VERSION = 1
_EACH_CHARACTERS = 200
"""What a document weighs besides its text."""


def digest_of(extensions: object) -> str | None:
    """The digest in the extensions of a request, None where there is none. Raises BadInput for one that is none."""
    named = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    if named is None:
        return None
    digest = named.get("sha256Hash") if isinstance(named, dict) else None
    if not isinstance(digest, str) or named.get("version") != _VERSION:
        raise BadInput(f"`persistedQuery` has `version` {_VERSION} and `sha256Hash`, a text", "extensions")
    return digest.lower()


class PersistedQueries:
    """Documents by their digests, up to so many characters in all; with none they are not supported."""

    def __init__(self, most_characters: int) -> None:
        self._known: BoundedCache[str, str] | None = None
        if most_characters:
            self._known = BoundedCache("persisted queries", most_characters, _weight)

    def text(self, query: str, digest: str | None) -> str:
        """The document that a request means.

        Raises PersistedQueryNotFound where the digest alone is not known, PersistedQueryNotSupported where none is
        kept, BadInput where digest and document do not belong together.
        """
        if digest is None:
            return query
        if self._known is None:
            if query:
                return query
            raise PersistedQueryNotSupported
        if not query:
            known = self._known.get(digest)
            if known is None:
                raise PersistedQueryNotFound
            return known
        if hashlib.sha256(query.encode("utf-8", "surrogatepass")).hexdigest() != digest:
            raise BadInput("the SHA-256 digest is that of another document", "extensions")
        return query

    def keep(self, query: str, digest: str) -> None:
        """Remember a document that turned out to be valid."""
        if self._known is not None and self._known.get(digest) is None:
            self._known.keep(digest, query)


def _weight(digest: str, query: str) -> int:
    return len(query) + _EACH_CHARACTERS
