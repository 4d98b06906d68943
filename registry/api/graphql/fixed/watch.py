"""Which twins a change is about, worked out once for all who watch."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeAlias

from registry.access.principal import REGISTRY
from registry.domain.change import Entry, Position
from registry.domain.past import as_of
from registry.domain.resource import Resource
from registry.rdf.terms import Iri
from registry.rdf.vocabulary import RDF_TYPE, TWIN, TWIN_OF
from registry.services.catalogue import Catalogue

REMEMBERED = 64
_MOST_TWINS = 10
_HISTORY_PAGE = 50
_Known: TypeAlias = OrderedDict[Position, "asyncio.Task[Mapping[Iri, Resource | None]]"]


class Watch:
    """Reads what a change is about. A hundred subscriptions of one twin read no more than one."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._twins: _Known = OrderedDict()
        self._touched: _Known = OrderedDict()

    async def twins(self, entry: Entry) -> Mapping[Iri, Resource | None]:
        """The twins that a change is about, as they were right after it; None for one that it removed.

        A change is about a twin that it touches, that one of its events is about, or that stands by now for an entity
        which it touches.
        """
        return await _shared(self._twins, entry, self._read_twins)

    async def touched(self, entry: Entry) -> Mapping[Iri, Resource | None]:
        """The resources that a change touched, as they were right after it; None for one that it removed."""
        return await _shared(self._touched, entry, self._read_touched)

    async def _read_touched(self, entry: Entry) -> Mapping[Iri, Resource | None]:
        found = await self._catalogue.resources(REGISTRY, entry.revisions)
        return {iri: await self._after(entry, iri, found.get(iri)) for iri in entry.revisions}

    async def _read_twins(self, entry: Entry) -> Mapping[Iri, Resource | None]:
        touched = list(dict.fromkeys([*entry.revisions, *(event.subject for event in entry.events)]))
        links = await self._catalogue.incoming(REGISTRY, touched, TWIN_OF, None, _MOST_TWINS)
        standing = [link[0] for found in links.values() for link in found]
        candidates = list(dict.fromkeys([*touched, *standing]))
        found = await self._catalogue.resources(REGISTRY, candidates)
        twins: dict[Iri, Resource | None] = {}
        for iri in candidates:
            if self._is_twin(found.get(iri), entry, iri):
                twins[iri] = await self._after(entry, iri, found.get(iri))
        return twins

    def _is_twin(self, now: Resource | None, entry: Entry, iri: Iri) -> bool:
        classes: Sequence[object] = now.classes if now is not None else ()
        said = [t for s, p, t in (*entry.removed, *entry.added) if s == iri and p == RDF_TYPE]
        model = self._catalogue.release.model
        return any(TWIN in model.superclasses(c) for c in (*classes, *said) if isinstance(c, str))

    async def _after(self, entry: Entry, iri: Iri, now: Resource | None) -> Resource | None:
        if now is not None and now.revision == entry.revisions.get(iri):
            return now
        history: list[Entry] = []
        while not history or history[-1].position > entry.position:
            before = history[-1].position if history else None
            page = await self._catalogue.history(REGISTRY, iri, before, _HISTORY_PAGE)
            if not page:
                break
            history += page
        return as_of(entry.position, iri, now, history)


async def _shared(
    known: _Known, entry: Entry, read: Callable[[Entry], Coroutine[Any, Any, Mapping[Iri, Resource | None]]]
) -> Mapping[Iri, Resource | None]:
    """What one reads for all who ask."""
    reading = known.get(entry.position)
    if reading is None:
        reading = known[entry.position] = asyncio.create_task(read(entry))
        if len(known) > REMEMBERED:
            known.popitem(last=False)
    try:
        return await asyncio.shield(reading)
    except Exception:
        known.pop(entry.position, None)
        raise
