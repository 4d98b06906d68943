"""From a `Find` to a page: a few candidates are sorted here, many resources are walked in the order of an index.

One query tries the candidates and walks only where they are many, so the common list is one round trip. Texts are
compared where Neo4j does it by code point, in indexes and between stored values, and never as a test of a parameter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from registry.domain.find import COUNTED_UP_TO, Counting, Find, Key, Page, Sort, is_counted_exactly
from registry.domain.resource import Resource
from registry.errors import TooLarge
from registry.rdf.terms import Iri
from registry.stores.cursor import Cursors, Place, read_cursor
from registry.stores.neo4j import keys
from registry.stores.neo4j.candidates import Candidates, tried
from registry.stores.neo4j.conditions import Conditions
from registry.stores.neo4j.connection import Connection
from registry.stores.neo4j.naming import Names
from registry.stores.neo4j.reading import NameSource, Reading, settled
from registry.stores.neo4j.walks import Walk, passed, walk_of

FEW = 2_000
"""So many candidates are sorted for each page; for more, walking an index finds a page sooner."""

COUNT_SECONDS = 1.0
"""Counting ends after so long with the number that is sure by then, here none."""

_COLUMNS = {Key.NAME: "n.name", Key.CREATED: "n._created", Key.UPDATED: "n._updated", Key.IRI: "n.iri"}


class Finding:
    """Answers one question."""

    def __init__(self, connection: Connection, reading: Reading, names: NameSource, find: Find) -> None:
        self._connection = connection
        self._reading = reading
        self._source = names
        self._find = find
        self._after = read_cursor(find)

    def page(self) -> Page:
        """The page, asked for again where another process has named something that the question may be about."""
        return settled(self._source, self._page)

    def _page(self, names: Names) -> Page | None:
        walk = walk_of(self._find, self._after, names)
        version, is_few, matched, walked = self._asked(names, walk)
        if version != names.version:
            return None
        if is_few:
            places = self._sorted(matched)[: self._find.first + 1]
            there = self._reading.resources(place.iri for place in places)
            rows = [(place, there[place.iri]) for place in places if place.iri in there]
        else:
            rows = self._walked(walked)
            rest = walk.following()
            if rest is not None and len(rows) <= self._find.first:
                rows += self._walked(self._asked(names, rest, is_last=True)[3])
        shown = rows[: self._find.first]
        cursors = Cursors(self._find.order, (place for place, _ in shown))
        total, is_exact = self._total(names, len(self._all) if is_few else None)
        return Page([resource for _, resource in shown], cursors, len(rows) > self._find.first, total, is_exact)

    def _asked(self, names: Names, walk: Walk, is_last: bool = False) -> Sequence[Any]:
        """The version of the names, whether candidates were few, their places, and otherwise the rows of the walk."""
        cypher = Conditions(names)
        candidates = [] if is_last else Candidates(cypher).of(walk.narrowing)
        tries, few = tried(candidates)
        text = (
            f"MATCH (c:_Counter {{id: 'log'}})\n{tries}"
            f"WITH c, {few} AS few\n"
            f"CALL (few) {{ UNWIND few AS iri MATCH (n:_Node {{iri: iri}}) "
            f"WHERE n._revision IS NOT NULL AND {cypher.holds(self._find.where, 'n')} "
            f"RETURN collect([n.iri, {self._key(cypher)}]) AS matched }}\n"
            f"CALL (few) {{ WITH few WHERE few IS NULL {walk.text(cypher)} }}\n"
            "RETURN c.names, few IS NOT NULL, matched, walked"
        )
        values = {**cypher.values, "most": FEW + 1, "limit": self._find.first + 1}
        return self._connection.ask_text(text, values, seconds=self._find.seconds)[0]

    def _key(self, cypher: Conditions) -> str:
        """Cypher for the place of a node in the order; null for one that lacks the property."""
        by = self._find.order.by
        if isinstance(by, Key):
            return _COLUMNS[by]
        name = cypher.names.get(by)
        if name is None:
            return "null"
        start = cypher.value(keys.of_property(name.number))
        return (
            f"COLLECT {{ MATCH (o:_Key) WHERE o.iri = n.iri AND o.key STARTS WITH {start} AND o.more IS NULL "
            f"RETURN o.key }}[0]"
        )

    def _sorted(self, matched: Sequence[Sequence[Any]]) -> list[Place]:
        """Where the few stand, in order, behind the cursor."""
        by, downwards = self._find.order.by, self._find.order.sort is Sort.DESCENDING
        self._all = [self._place(key, iri) for iri, key in matched]
        if isinstance(by, Key):
            ordered = sorted(self._all, key=lambda place: (place.key, place.iri), reverse=downwards)
        else:
            having = [place for place in self._all if place.kind is not None]
            lacking = [place for place in self._all if place.kind is None]
            ordered = sorted(having, key=lambda place: (place.kind, place.key, place.iri), reverse=downwards)
            ordered += sorted(lacking, key=lambda place: place.iri)
        after = self._after
        return ordered if after is None else [place for place in ordered if self._is_behind(place, after)]

    def _is_behind(self, place: Place, after: Place) -> bool:
        if after.kind is None or place.kind is None:
            return place.kind is None and (after.kind is not None or place.iri > after.iri)
        here, there = (place.kind, place.key, place.iri), (after.kind, after.key, after.iri)
        return here > there if self._find.order.sort is Sort.ASCENDING else here < there

    def _walked(self, rows: Sequence[Sequence[Any]]) -> list[tuple[Place, Resource]]:
        there = self._reading.decoded(row[1:] for row in rows)
        found = []
        for key, _, properties, _ in rows:
            iri = properties["iri"]
            if iri in there:
                found.append((self._place(key, iri), there[iri]))
        return found

    def _place(self, key: str | None, iri: Iri) -> Place:
        if isinstance(self._find.order.by, Key):
            return Place(0, key, iri)
        if key is None:
            return Place(None, None, iri)
        return Place(*keys.read(key.partition(".")[2]), iri)

    def _total(self, names: Names, few: int | None) -> tuple[int | None, bool]:
        """How many match in all, where that was asked for, and whether that is all or a least number."""
        if self._find.counting is Counting.NONE:
            return None, True
        if few is not None:
            return few, True
        cypher = Conditions(names)
        source, rest = passed(cypher, self._find.where)
        bound = None if is_counted_exactly(self._find.where) else COUNTED_UP_TO
        stop = "" if bound is None else f"WITH n LIMIT {cypher.value(bound + 1)} "
        text = f"{source} AND {cypher.holds(rest, 'n')} {stop}RETURN count(n)"
        try:
            found = int(self._connection.ask_text(text, cypher.values, seconds=COUNT_SECONDS)[0][0])
        except TooLarge:
            return 0, False
        return (found, True) if bound is None or found <= bound else (bound, False)
