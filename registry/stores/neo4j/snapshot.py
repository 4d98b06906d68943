"""A page of work on the record: what is read of it is remembered meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from registry.domain.find import Incoming
from registry.rdf.terms import Iri, Statement
from registry.stores.neo4j.incoming import Pointing
from registry.stores.neo4j.naming import Name
from registry.stores.neo4j.read_cache import Memory
from registry.stores.neo4j.reading import Asking, NameSource


class Neo4jSnapshot(Memory):
    """What is committed meanwhile may show, until it is read once: Neo4j has no snapshots."""

    def __init__(self, ask: Asking, names: NameSource) -> None:
        super().__init__(ask, names)
        self._pointing = Pointing(ask, names)
        self._is_renewed = False

    def named(self, iri: Iri) -> Name | None:
        """The name of a term. Whatever is named later was not yet used when this began, so one look is enough."""
        found = self._names.known().get(iri)
        if found is None and not self._is_renewed:
            self._is_renewed = True
            found = self._names.renewed().get(iri)
        return found

    def incoming(
        self, targets: Iterable[Iri], predicate: Iri | None, after: tuple[Iri, Iri] | None, limit: int
    ) -> Mapping[Iri, Sequence[Statement]]:
        """Who points at each of these."""
        return self._pointing.each([Incoming(tuple(targets), predicate, after, limit)])[0]
