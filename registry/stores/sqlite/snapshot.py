"""One committed state that much is read of, for audits."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

from registry.domain.resource import Resource
from registry.rdf.terms import Iri
from registry.stores.sqlite.reading import Reading

MOST_REMEMBERED = 20_000


class SqliteSnapshot(Reading):
    """Reads of a connection that is in a transaction. Up to `MOST_REMEMBERED` resources are decoded once only."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        super().__init__(connection, path)
        self._read: dict[Iri, Resource | None] = {}

    def resources(self, iris: Iterable[Iri]) -> Mapping[Iri, Resource]:
        """The resources that exist, in the order they were asked for."""
        asked = list(dict.fromkeys(iris))
        unknown = [iri for iri in asked if iri not in self._read]
        found = super().resources(unknown) if unknown else {}
        if len(self._read) + len(unknown) <= MOST_REMEMBERED:
            self._read.update((iri, found.get(iri)) for iri in unknown)
        known = {iri: self._read[iri] if iri in self._read else found.get(iri) for iri in asked}
        return {iri: resource for iri, resource in known.items() if resource is not None}
