"""What the tables beside ``node`` hold of a resource, so that a change is the difference of two sets of rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from registry.domain.resource import NAME_PROPERTIES, NOTHING, Resource
from registry.rdf.terms import Iri, Term
from registry.rdf.vocabulary import RDF_TYPE
from registry.stores.index_entries import literal_keys, name_key, places_of
from registry.stores.ordering import sort_key
from registry.stores.sqlite.batches import Row

NAMING = frozenset({RDF_TYPE, *NAME_PROPERTIES})
"""What decides by which name, and among whom, a resource is listed."""

COLUMNS = {
    "link": ("object", "predicate", "subject"),
    "value": ("id", "predicate", "kind", "key"),
    "rank": ("predicate", "least", "kind", "key", "iri", "id"),
    "member": ("class", "name", "iri", "id"),
}


@dataclass(slots=True)
class Difference:
    """Rows by table that a change takes away and puts in; their columns are `COLUMNS`."""

    gone: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in COLUMNS})
    new: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in COLUMNS})

    def note(self, table: str, was: set[Row], says: set[Row]) -> None:
        """Add what is only in one of two sets of rows."""
        self.gone[table].extend(was - says)
        self.new[table].extend(says - was)

    def compare(
        self,
        iri: Iri,
        before: Resource | None,
        after: Resource | None,
        changed: Collection[Iri],
        ids: Callable[[Iri], int],
    ) -> None:
        """Add the difference between two states of a resource, which have the same values of what is not changed."""
        if before is None:
            self._bring(iri, after, ids)
            return
        was = before.statements
        says = after.statements if after else NOTHING
        for predicate in changed:
            old, new = was.get(predicate, ()), says.get(predicate, ())
            links, linked = _links(old), _links(new)
            ends = ids(predicate), ids(iri)
            self.gone["link"].extend((ids(target), *ends) for target in links - linked)
            self.new["link"].extend((ids(target), *ends) for target in linked - links)
            if predicate != RDF_TYPE:
                self._compare_values(iri, ids(iri), ids(predicate), old, new)
        if not NAMING.isdisjoint(changed):
            self.note("member", _members(before, ids), _members(after, ids))

    def _bring(self, iri: Iri, after: Resource | None, ids: Callable[[Iri], int]) -> None:
        """The same for what was not there, where nothing has to be compared: all of an import comes this way."""
        if after is None or not after.statements:
            return
        number, link, value, rank = ids(iri), self.new["link"], self.new["value"], self.new["rank"]
        for said, values in after.statements.items():
            predicate, is_type = ids(said), said == RDF_TYPE
            if len(values) == 1:
                # So are most, and a single value needs no set to stand first in.
                key, target = sort_key(values[0]), values[0]
                if type(target) is str:
                    link.append((ids(target), predicate, number))
                elif not is_type:
                    value.append((number, predicate, *key))
                if not is_type:
                    rank.append((predicate, 1, *key, iri, number))
                continue
            link += [(ids(target), predicate, number) for target in values if type(target) is str]
            if not is_type:
                keys = literal_keys(values)
                value += [(number, predicate, *key) for key in keys]
                rank += [(predicate, *place, iri, number) for place in places_of(keys, values)]
        self.new["member"] += _members(after, ids)

    def _compare_values(self, iri: Iri, number: int, predicate: int, was: Sequence[Term], says: Sequence[Term]) -> None:
        old, new = literal_keys(was), literal_keys(says)
        self.note("value", {(number, predicate, *key) for key in old}, {(number, predicate, *key) for key in new})
        self.note(
            "rank",
            {(predicate, *place, iri, number) for place in places_of(old, was)},
            {(predicate, *place, iri, number) for place in places_of(new, says)},
        )


def _links(values: Sequence[Term]) -> set[Iri]:
    return {value for value in values if isinstance(value, str)}


def _members(resource: Resource | None, ids: Callable[[Iri], int]) -> set[Row]:
    if resource is None:
        return set()
    name, iri, number = name_key(resource), resource.iri, ids(resource.iri)
    return {(ids(class_iri), name, iri, number) for class_iri in resource.classes}
