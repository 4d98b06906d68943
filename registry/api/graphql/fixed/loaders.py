"""Reads of one request, gathered level by level: a page of any size costs one question for each kind of read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Hashable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar

from strawberry.dataloader import DataLoader

from registry.access.principal import Principal
from registry.domain.find import Incoming
from registry.domain.resource import Resource
from registry.rdf.terms import Iri, Statement
from registry.services.catalogue import Catalogue


class Asked(NamedTuple):
    """Which links are asked for: of one predicate or of any for None, behind a pair (predicate, subject)."""

    predicate: Iri | None
    after: tuple[Iri, Iri] | None
    limit: int


class Neighbours(NamedTuple):
    """What a resource is linked to: ``out`` of its own accord, and by those that point at it with ``predicates``.

    In the order of IRIs, behind ``after``, at most ``limit``.
    """

    iri: Iri
    out: tuple[Iri, ...]
    predicates: tuple[Iri, ...]
    after: Iri | None
    limit: int


Neighbour: TypeAlias = tuple[Iri, Resource | None]
"""An IRI that a link leads to, and the resource that the registry holds of it."""


Batch: TypeAlias = Literal["resource", "neighbours", "incoming", "incoming count"]
"""The kinds of reads that are gathered."""


class Loaders:
    """What one request, or one event of a subscription, has read; never kept longer, so that nothing is stale.

    `load` gathers what resolvers ask one by one, `many` answers a whole level that has been gathered already.
    """

    def __init__(self, catalogue: Catalogue, principal: Principal) -> None:
        self._catalogue = catalogue
        self._principal = principal
        self._read: dict[Iri, Resource | None] = {}
        self._gathering: dict[Batch, DataLoader[Any, Any]] = {}

    def load(self, batch: Batch, key: Hashable) -> Awaitable[Any]:
        """The answer to one question, asked together with all others of its kind and level."""
        found = self._gathering.get(batch)
        if found is None:
            found = self._gathering[batch] = DataLoader(partial(self.many, batch))
        return found.load(key)

    async def many(self, batch: Batch, keys: list[Any]) -> Sequence[Any]:
        """The answers to some questions of one kind, in their order."""
        match batch:
            case "resource":
                return await self._resources(keys)
            case "neighbours":
                return await self._neighbours(keys)
            case "incoming":
                return await self._incoming(keys)
            case "incoming count":
                return await self._incoming_counts(keys)

    def resource(self, iri: Iri) -> Awaitable[Resource | None]:
        """A resource; None where there is none."""
        return self.load("resource", iri)

    def neighbours(self, asked: Neighbours) -> Awaitable[Sequence[Neighbour]]:
        """What a resource is linked to."""
        return self.load("neighbours", asked)

    def know(self, resources: Iterable[Resource]) -> None:
        """Remember resources that came with a list, so that nothing asks for them again."""
        self._read.update((resource.iri, resource) for resource in resources)

    async def _resources(self, iris: list[Iri]) -> list[Resource | None]:
        wanted = [iri for iri in iris if iri not in self._read]
        if wanted:
            found = await self._catalogue.resources(self._principal, wanted)
            self._read.update((iri, found.get(iri)) for iri in wanted)
        return [self._read[iri] for iri in iris]

    async def _neighbours(self, keys: list[Neighbours]) -> list[Sequence[Neighbour]]:
        """Two questions at most, however many links of however many resources: who points here, and what they are."""
        groups: dict[tuple[Iri, Iri | None, int], dict[Iri, None]] = defaultdict(dict)
        for key in keys:
            for predicate in key.predicates:
                groups[predicate, key.after, key.limit][key.iri] = None
        asked = [
            Incoming(tuple(targets), predicate, None if after is None else (predicate, after), limit)
            for (predicate, after, limit), targets in groups.items()
        ]
        answers = await self._catalogue.incoming_each(self._principal, asked) if asked else ()
        pointing = dict(zip(groups, answers, strict=True))
        ends = [_ends(key, pointing) for key in keys]
        wanted = list(dict.fromkeys(iri for found in ends for iri in found))
        known = dict(zip(wanted, await self._resources(wanted), strict=True))
        return [[(iri, known[iri]) for iri in found] for found in ends]

    async def _incoming(self, keys: list[tuple[Asked, Iri]]) -> list[Sequence[Statement]]:
        found: dict[Asked, Mapping[Iri, Sequence[Statement]]] = {}
        for asked, targets in _grouped(keys).items():
            found[asked] = await self._catalogue.incoming(
                self._principal, targets, asked.predicate, asked.after, asked.limit
            )
        return [found[asked].get(target, ()) for asked, target in keys]

    async def _incoming_counts(self, keys: list[tuple[Iri | None, Iri]]) -> list[int]:
        found: dict[Iri | None, Mapping[Iri, int]] = {}
        for predicate, targets in _grouped(keys).items():
            found[predicate] = await self._catalogue.incoming_counts(self._principal, targets, predicate)
        return [found[predicate].get(target, 0) for predicate, target in keys]


def _ends(
    key: Neighbours, pointing: Mapping[tuple[Iri, Iri | None, int], Mapping[Iri, Sequence[Statement]]]
) -> Sequence[Iri]:
    found = {iri for iri in key.out if key.after is None or iri > key.after}
    for predicate in key.predicates:
        found.update(triple[0] for triple in pointing[predicate, key.after, key.limit].get(key.iri, ()))
    return sorted(found)[: key.limit]


_Group = TypeVar("_Group", bound=Hashable)


def _grouped(keys: Iterable[tuple[_Group, Iri]]) -> Mapping[_Group, list[Iri]]:
    groups: dict[_Group, list[Iri]] = defaultdict(list)
    for group, iri in keys:
        groups[group].append(iri)
    return groups
