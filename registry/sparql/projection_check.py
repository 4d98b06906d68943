"""Does the projection show what the record states? For the doctor, who has the time to compare every resource."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

import pyoxigraph as ox

from registry.rdf.terms import Iri
from registry.share import query
from registry.sparql.projection_update import representable
from registry.stores.port import Store

_PAGE = 1_000
_DATA = ox.DefaultGraph()


def differing(engine: ox.Store, store: Store, limit: int) -> list[Iri]:
    """The IRIs of at most ``limit`` resources that two stores tell differently, Oxigraph's spelling apart."""
    return list(islice(chain(_told_otherwise(engine, store), _not_in_record(engine, store)), limit))


def _told_otherwise(engine: ox.Store, store: Store) -> Iterator[Iri]:
    after: Iri = ""
    while iris := store.iris(after, _PAGE):
        resources = store.view().resources(iris)
        respelled = ox.Store()
        respelled.extend(representable(triple for resource in resources.values() for triple in resource.triples()))
        told: dict[Iri, set[ox.Quad]] = {iri: set() for iri in resources}
        for quad in respelled:
            assert isinstance(quad.subject, ox.NamedNode)
            told[quad.subject.value].add(quad)
        for iri, quads in told.items():
            if quads != set(engine.quads_for_pattern(ox.NamedNode(iri), None, None, _DATA)):
                yield iri
        after = iris[-1]


def _not_in_record(engine: ox.Store, store: Store) -> Iterator[Iri]:
    solutions = engine.query(query("sparql", "subjects"))
    assert isinstance(solutions, ox.QuerySolutions)
    subjects = (solution[0].value for solution in solutions if isinstance(solution[0], ox.NamedNode))
    while page := list(islice(subjects, _PAGE)):
        known = store.view().resources(page)
        yield from (iri for iri in page if iri not in known)
