"""Views for tests of pure decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from registry.domain.resource import Resource
from registry.rdf.terms import Iri, Term


class Nothing:
    """An empty graph."""

    def resources(self, iris: Iterable[Iri]) -> Mapping[Iri, Resource]:
        return {}

    def sources(self, target: Term, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        return []
