"""From a `Tally` to counts by value: those that match, what they have, how many have it."""

from __future__ import annotations

from collections.abc import Sequence

from registry.domain.find import Group, Tally
from registry.rdf.terms import Iri
from registry.rdf.vocabulary import RDF_TYPE
from registry.stores.neo4j import keys
from registry.stores.neo4j.candidates import Candidates, tried
from registry.stores.neo4j.conditions import Conditions
from registry.stores.neo4j.connection import Connection
from registry.stores.neo4j.naming import Names
from registry.stores.neo4j.reading import NameSource, settled
from registry.stores.neo4j.walks import passed
from registry.stores.ordering import IRI, term_at

FEW = 20_000
"""So many candidates are looked at one by one; for more, walking every member or resource takes no longer."""

_NOTHING = "UNWIND [] AS place RETURN 0 AS part, place"


class Counts:
    """Answers one question, all of it on the server: what comes back are the groups that are shown.

    Values stand in two parts: literals by their rows, whose texts have the order of terms, and behind them links by
    the IRIs they lead to. Both are compared as they are stored, which Neo4j does by code point.
    """

    def __init__(self, connection: Connection, names: NameSource, tally: Tally) -> None:
        self._connection = connection
        self._source = names
        self._tally = tally

    def groups(self) -> Sequence[Group]:
        """The groups, the most frequent first."""
        return settled(self._source, self._groups)

    def _groups(self, names: Names) -> Sequence[Group] | None:
        cypher, where = Conditions(names), self._tally.where
        # Labels are no values in the graph: they stand by their classes' places in code point order.
        classes = sorted(iri for iri, _ in names.items()) if self._tally.by == RDF_TYPE else []
        tries, few = tried(Candidates(cypher).of(where))
        source, _ = passed(cypher, where)
        text = (
            f"MATCH (c:_Counter {{id: 'log'}})\n{tries}WITH c, {few} AS few\n"
            f"CALL (few) {{ CALL (few) {{ UNWIND few AS iri MATCH (n:_Node {{iri: iri}}) RETURN n "
            f"UNION ALL WITH few WHERE few IS NULL {source} RETURN n }}\n"
            f"WITH n WHERE n._revision IS NOT NULL AND {cypher.holds(where, 'n')}\n"
            f"OPTIONAL CALL (n) {{ {self._values(cypher, classes)} }}\n"
            "WITH part, place, count(*) AS times ORDER BY times DESC, part, place LIMIT $limit "
            "RETURN collect([part, place, times]) AS groups }\n"
            "RETURN c.names, groups"
        )
        values = {**cypher.values, "most": FEW + 1, "limit": self._tally.most}
        version, groups = self._connection.ask_text(text, values, seconds=self._tally.seconds)[0]
        if version != names.version:
            return None
        return [_group(part, place, times, classes) for part, place, times in groups]

    def _values(self, cypher: Conditions, classes: Sequence[Iri]) -> str:
        """Cypher for the values of one match, each once, as ``part`` and ``place``."""
        name, through = cypher.names.get(self._tally.by), self._tally.through
        reach: str | None = ""
        end = "n"
        if through is not None:
            end = cypher.alias()
            reach = cypher.linked(through.predicate, through.direction, "n", end)
        if name is None or reach is None:
            return _NOTHING
        least, beyond = (cypher.value(keys.of_property(name.number) + kind) for kind in ("", f"{IRI:d}"))
        literals = (
            f"{reach} MATCH (k:_Key) USING INDEX k:_Key(iri, key) "
            f"WHERE k.iri = {end}.iri AND k.key >= {least} AND k.key < {beyond} RETURN 0 AS part, k.key AS place"
        )
        if self._tally.by == RDF_TYPE:
            places = {known.name: at for at, iri in enumerate(classes) if (known := cypher.names.get(iri)) is not None}
            links = (
                f"UNWIND [label IN labels({end}) | {cypher.value(places)}[label]] AS place "
                f"WITH place WHERE place IS NOT NULL RETURN 1 AS part, place"
            )
        else:
            kind = cypher.value(name.type)
            links = f"MATCH ({end})-[v]->(o:_Node) WHERE type(v) = {kind} RETURN 1 AS part, o.iri AS place"
        return f"{literals} UNION {reach} {links}"


def _group(part: int | None, place: str | int | None, times: int, classes: Sequence[Iri]) -> Group:
    if part is None or place is None:
        return Group(None, times)
    if isinstance(place, int):
        return Group(classes[place], times)
    return Group(place if part else term_at(keys.read(place.partition(".")[2])), times)
