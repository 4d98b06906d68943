"""A consistent picture of the graph that a decision or a check reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from registry.domain.resource import Resource
from registry.rdf.terms import Iri, Term


class View(Protocol):
    """Reads are by IRI, batched, and remembered within one group."""

    def resources(self, iris: Iterable[Iri]) -> Mapping[Iri, Resource]:
        """The resources that exist, with their outgoing statements and revision; absent ones are left out."""

    def sources(self, target: Term, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        """Who points at a term with a predicate, or with any predicate but rdf:type for None; at most ``limit``."""
