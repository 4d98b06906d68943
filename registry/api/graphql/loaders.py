"""Reads of one request, gathered level by level: a page of any size costs one question for each kind of read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from strawberry.dataloader import DataLoader

from registry.domain.resource import Resource
from registry.rdf.terms import Iri, Statement
from registry.services.catalogue import Catalogue


class Asked(NamedTuple):
    """Which links are asked for: of one predicate or of any for None, behind a pair (predicate, subject)."""

    predicate: Iri | None
    after: tuple[Iri, Iri] | None
    limit: int


class Loaders:
    """What one request, or one event of a subscription, has read; never kept longer, so that nothing is stale."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self.resource: DataLoader[Iri, Resource | None] = DataLoader(self._resources)
        self.incoming: DataLoader[tuple[Asked, Iri], Sequence[Statement]] = DataLoader(self._incoming)
        self.incoming_count: DataLoader[tuple[Iri | None, Iri], int] = DataLoader(self._incoming_counts)

    def know(self, resources: Iterable[Resource]) -> None:
        """Remember resources that came with a list, so that nothing asks for them again."""
        self.resource.prime_many({resource.iri: resource for resource in resources})

    async def _resources(self, iris: list[Iri]) -> list[Resource | None]:
        found = await self._catalogue.resources(iris)
        return [found.get(iri) for iri in iris]

    async def _incoming(self, keys: list[tuple[Asked, Iri]]) -> list[Sequence[Statement]]:
        found: dict[Asked, Mapping[Iri, Sequence[Statement]]] = {}
        for asked, targets in _grouped(keys).items():
            found[asked] = await self._catalogue.incoming(targets, asked.predicate, asked.after, asked.limit)
        return [found[asked].get(target, ()) for asked, target in keys]

    async def _incoming_counts(self, keys: list[tuple[Iri | None, Iri]]) -> list[int]:
        found: dict[Iri | None, Mapping[Iri, int]] = {}
        for predicate, targets in _grouped(keys).items():
            found[predicate] = await self._catalogue.incoming_counts(targets, predicate)
        return [found[predicate].get(target, 0) for predicate, target in keys]


_Group = TypeVar("_Group", bound=Hashable)


def _grouped(keys: Iterable[tuple[_Group, Iri]]) -> Mapping[_Group, list[Iri]]:
    groups: dict[_Group, list[Iri]] = defaultdict(list)
    for group, iri in keys:
        groups[group].append(iri)
    return groups
