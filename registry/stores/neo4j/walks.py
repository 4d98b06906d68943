"""Lists that are too long to be sorted: walked in the order of an index, from where the last page ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry.domain.find import AllOf, Condition, Find, Key, OfClass, Sort
from registry.rdf.terms import Iri
from registry.stores.cursor import Place
from registry.stores.neo4j import keys
from registry.stores.neo4j.conditions import Conditions
from registry.stores.neo4j.naming import Names
from registry.stores.ordering import SortKey

_NODE = "[labels(n), properties(n), [(n)-[l]->(m:_Node) | [type(l), m.iri, coalesce(l._order, 0)]]]"
_COLUMNS = {Key.NAME: "name", Key.CREATED: "_created", Key.UPDATED: "_updated"}


@dataclass(frozen=True, slots=True)
class Walk:
    """A part of a list that one index has in order. ``narrowing`` is what may make candidates few."""

    where: Condition
    narrowing: Condition
    after: Place | None
    is_downwards: bool

    def text(self, cypher: Conditions) -> str:
        """Cypher that collects ``[key, labels, properties, links]`` in order as ``walked``."""
        raise NotImplementedError

    def following(self) -> Walk | None:
        """The part of the list that comes behind this one; None at its end."""
        return None

    @property
    def way(self) -> str:
        """The direction, as Cypher says it."""
        return "DESC" if self.is_downwards else "ASC"

    @property
    def sign(self) -> str:
        """The comparison with what stands before."""
        return "<" if self.is_downwards else ">"

    def parts(self, cypher: Conditions, first: str, second: str, least: str, most: str) -> Sequence[str]:
        """What holds behind the cursor, in parts that are each one range of an index: the same key, then others."""
        if self.after is None:
            return [f"{first} >= {least} AND {first} < {most} AND {second} IS NOT NULL"]
        key, iri = self.behind(cypher), cypher.value(self.after.iri)
        end = f"{first} >= {least}" if self.is_downwards else f"{first} < {most}"
        return [
            f"{first} = {key} AND {second} {self.sign} {iri}",
            f"{first} {self.sign} {key} AND {end} AND {second} IS NOT NULL",
        ]

    def behind(self, cypher: Conditions) -> str:
        """The key of the cursor."""
        assert self.after is not None
        return cypher.value(self.after.key)


@dataclass(frozen=True, slots=True)
class ByColumn(Walk):
    """All resources by a property that every one has."""

    column: str

    def text(self, cypher: Conditions) -> str:
        """The nodes in the order of the index on the column and the IRI."""
        holds = cypher.holds(self.where, "n")
        order = f"ORDER BY n.{self.column} {self.way}, n.iri {self.way} LIMIT $limit"
        greatest = cypher.value("\U0010ffff" * 4)
        parts = self.parts(cypher, f"n.{self.column}", "n.iri", "''", greatest)
        union = " UNION ALL ".join(
            f"MATCH (n:_Node) USING INDEX n:_Node({self.column}, iri) WHERE {part} AND n._revision IS NOT NULL "
            f"AND {holds} RETURN n {order}"
            for part in parts
        )
        return f"CALL () {{ {union} }} WITH n {order} RETURN collect([n.{self.column}] + {_NODE}) AS walked"


@dataclass(frozen=True, slots=True)
class ByIri(Walk):
    """Resources by IRI; with ``lacking``, those that have no row that begins so."""

    lacking: str | None = None

    def text(self, cypher: Conditions) -> str:
        """The nodes in the order of their IRIs."""
        start = "n.iri >= ''" if self.after is None else f"n.iri {self.sign} {cypher.value(self.after.iri)}"
        without = ""
        if self.lacking is not None:
            without = (
                f"AND NOT EXISTS {{ MATCH (o:_Key) WHERE o.iri = n.iri "
                f"AND o.key STARTS WITH {cypher.value(self.lacking)} }} "
            )
        key = "null" if self.lacking is not None else "n.iri"
        return (
            f"MATCH (n:_Node) WHERE {start} AND n._revision IS NOT NULL {without}AND {cypher.holds(self.where, 'n')} "
            f"WITH n ORDER BY n.iri {self.way} LIMIT $limit RETURN collect([{key}] + {_NODE}) AS walked"
        )


@dataclass(frozen=True, slots=True)
class ByProperty(Walk):
    """Resources that have a property, by the least of its values."""

    start: str

    def text(self, cypher: Conditions) -> str:
        """The nodes in the order of the property's rows."""
        holds = cypher.holds(self.where, "n")
        order = f"ORDER BY k.key {self.way}, k.iri {self.way} LIMIT $limit"
        # No key is longer than its beginning and goes on with a slash, which follows the full stop.
        parts = self.parts(cypher, "k.key", "k.iri", cypher.value(self.start), cypher.value(self.start[:-1] + "/"))
        union = " UNION ALL ".join(
            f"MATCH (k:_Key) USING INDEX k:_Key(key, iri) WHERE {part} AND k.more IS NULL "
            f"MATCH (n:_Node {{iri: k.iri}}) WHERE n._revision IS NOT NULL AND {holds} RETURN k, n {order}"
            for part in parts
        )
        return f"CALL () {{ {union} }} WITH k, n {order} RETURN collect([k.key] + {_NODE}) AS walked"

    def behind(self, cypher: Conditions) -> str:
        """The row of the cursor."""
        assert self.after is not None
        assert self.after.kind is not None
        assert self.after.key is not None
        return cypher.value(self.start + keys.written(SortKey(self.after.kind, self.after.key)))

    def following(self) -> Walk | None:
        """Those without the property, by IRI."""
        return ByIri(self.where, self.narrowing, None, False, self.start)


@dataclass(frozen=True, slots=True)
class ByClass(Walk):
    """Members of some classes by name: one ordered walk for each class, merged, so that depth costs nothing."""

    starts: tuple[str, ...]

    def text(self, cypher: Conditions) -> str:
        """The nodes in the order of the classes' rows."""
        holds = cypher.holds(self.where, "n")
        order = f"ORDER BY k.key {self.way}, k.iri {self.way} LIMIT $limit"
        parts = self.parts(cypher, "k.key", "k.iri", "row.start", "row.end")
        union = " UNION ALL ".join(
            f"WITH row MATCH (k:_Key) USING INDEX k:_Key(key, iri) WHERE {part} "
            f"MATCH (n:_Node {{iri: k.iri}}) WHERE {holds} RETURN n {order}"
            for part in parts
        )
        rows = cypher.value([{"start": start, "end": f"{start[:-1]};"} for start in self.starts])
        return (
            f"UNWIND {rows} AS row CALL (row) {{ {union} }} WITH DISTINCT n "
            f"ORDER BY n.name {self.way}, n.iri {self.way} LIMIT $limit RETURN collect([n.name] + {_NODE}) AS walked"
        )

    def behind(self, cypher: Conditions) -> str:
        """The row of the cursor, in whichever class."""
        assert self.after is not None
        return f"row.start + {cypher.value(self.after.key)}"


def walk_of(find: Find, after: Place | None, names: Names) -> Walk:
    """How a list is walked if it has to be."""
    by, where, downwards = find.order.by, find.where, find.order.sort is Sort.DESCENDING
    if by is Key.IRI:
        return ByIri(where, where, after, downwards)
    if by is Key.NAME:
        classes, rest = of_classes(where)
        if classes:
            starts = [keys.of_class(name.number) for iri in sorted(classes) if (name := names.get(iri)) is not None]
            return ByClass(rest, rest, after, downwards, tuple(starts))
    if isinstance(by, Key):
        return ByColumn(where, where, after, downwards, _COLUMNS[by])
    name = names.get(by)
    if name is None or (after is not None and after.kind is None):
        lacking = keys.of_property(name.number) if name is not None else ""
        return ByIri(where, where, after, False, lacking or "\uffff")
    return ByProperty(where, where, after, downwards, keys.of_property(name.number))


def passed(cypher: Conditions, where: Condition) -> tuple[str, Condition]:
    """Cypher that passes the members of some classes or all resources, each once as ``n``, and what remains to hold."""
    classes, rest = of_classes(where)
    source = "MATCH (n:_Node)"
    if classes:
        starts = cypher.value([keys.of_class(name.number) for name in cypher.named(classes)])
        source = (
            f"UNWIND {starts} AS start MATCH (k:_Key) WHERE k.key STARTS WITH start AND k.iri IS NOT NULL "
            "WITH DISTINCT k.iri AS iri MATCH (n:_Node {iri: iri})"
        )
    return f"{source} WHERE n._created >= '' AND n.iri IS NOT NULL", rest


def of_classes(where: Condition) -> tuple[frozenset[Iri], Condition]:
    """The classes one of which every match has, and what else must hold; no classes where nothing says so."""
    match where:
        case OfClass(classes):
            return classes, AllOf(())
        case AllOf(conditions):
            for index, inner in enumerate(conditions):
                classes, rest = of_classes(inner)
                if classes:
                    return classes, AllOf((*conditions[:index], rest, *conditions[index + 1 :]))
    return frozenset(), where
