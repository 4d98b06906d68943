"""Where a condition can hold at all, told by an index: Cypher that yields IRIs, at most so many."""

from __future__ import annotations

from collections.abc import Sequence

from registry.domain.find import (
    AllOf,
    Among,
    AnyOf,
    Compare,
    Condition,
    Direction,
    Linked,
    Named,
    OfClass,
    Operator,
    Text,
    Within,
)
from registry.rdf.terms import Iri, Literal
from registry.rdf.vocabulary import RDF_TYPE
from registry.stores.neo4j import keys
from registry.stores.neo4j.conditions import NOTHING, Conditions
from registry.stores.neo4j.reading import possible

_NEGATIVE = (Operator.NOT_EQUAL, Operator.ABSENT)
_NONE = "UNWIND [] AS iri RETURN iri"


class Candidates:
    """Each text is a subquery on its own; any of those that `of` gives includes every match."""

    def __init__(self, cypher: Conditions) -> None:
        self._cypher = cypher

    def of(self, where: Condition) -> Sequence[str]:
        """Subqueries that yield a superset of the matches; none where no index tells."""
        match where:
            case AllOf(conditions):
                return [found for inner in conditions for found in self.of(inner)]
            case AnyOf(conditions):
                parts = [self.of(inner)[:1] for inner in conditions]
                if not all(parts):
                    return []
                return [" UNION ".join(part[0] for part in parts) if parts else _NONE]
            case Linked(predicate, direction, inner):
                near = self.of(inner)
                return [self._across(predicate, direction, near[0])] if near and predicate != RDF_TYPE else []
            case Among(iris):
                return [f"UNWIND {self._cypher.value(sorted(possible(iris)))} AS iri RETURN iri"]
            case OfClass(classes):
                return [self._members(classes)]
            case Compare():
                return self._compared(where)
            case Named():
                test = self._cypher.name_test(where, "n.name")
                return [f"MATCH (n:_Node) WHERE {test} AND n.iri IS NOT NULL RETURN n.iri AS iri"]
            case Text(words):
                return [self._found(words)]
            case Within():
                return [f"MATCH (p:_Place) WHERE {self._cypher.box(where, 'p')} RETURN p.iri AS iri"]
        return []

    def _members(self, classes: frozenset[Iri]) -> str:
        starts = self._cypher.value([keys.of_class(name.number) for name in self._cypher.named(classes)])
        rows = "MATCH (k:_Key) WHERE k.key STARTS WITH start AND k.iri IS NOT NULL"
        return f"UNWIND {starts} AS start {rows} RETURN k.iri AS iri"

    def _compared(self, where: Compare) -> Sequence[str]:
        name = self._cypher.names.get(where.predicate)
        if where.operator in _NEGATIVE:
            return []
        if name is None:
            return [_NONE]
        parts = []
        literals = [value for value in where.values if isinstance(value, Literal)]
        targets = frozenset(value for value in where.values if isinstance(value, str))
        if literals or where.operator is Operator.EXISTS:
            if where.predicate == RDF_TYPE and where.operator is Operator.EXISTS:
                return []
            spans = self._cypher.spans(keys.of_property(name.number), where.operator, literals, "k.key")
            parts += [f"MATCH (k:_Key) WHERE {span} AND k.iri IS NOT NULL RETURN k.iri AS iri" for span in spans]
        if targets and where.operator in (Operator.EQUAL, Operator.IN):
            if where.predicate == RDF_TYPE:
                parts.append(self._members(targets))
            else:
                ends = self._cypher.value(sorted(possible(targets)))
                parts.append(
                    f"UNWIND {ends} AS target MATCH (:_Node {{iri: target}})<-[r]-(n:_Node) "
                    f"WHERE type(r) = {self._cypher.value(name.type)} RETURN n.iri AS iri"
                )
        return [" UNION ".join(parts) if parts else _NONE]

    def _found(self, words: str) -> str:
        short = self._cypher.word_tests(words, "w.words")
        long = self._cypher.word_tests(words, "w.long")
        return (
            f"MATCH (w:_Words) WHERE {short} RETURN w.iri AS iri "
            f"UNION MATCH (w:_Words) WHERE w.is_long = true AND {long} RETURN w.iri AS iri"
            if short != NOTHING
            else _NONE
        )

    def _across(self, predicate: Iri, direction: Direction, near: str) -> str:
        """Those that a link joins to few others; where these are not few, rows enough to say so."""
        name = self._cypher.names.get(predicate)
        if name is None:
            return _NONE
        kind, ends = self._cypher.value(name.type), self._cypher.alias()
        arrow = "<-[r]-" if direction is Direction.OUT else "-[r]->"
        return (
            f"CALL () {{ CALL () {{ {near} }} WITH DISTINCT iri LIMIT $most RETURN collect(iri) AS {ends} }} "
            f"CALL ({ends}) {{ WITH {ends} WHERE size({ends}) < $most UNWIND {ends} AS near "
            f"MATCH (:_Node {{iri: near}}){arrow}(n:_Node) WHERE type(r) = {kind} RETURN n.iri AS iri "
            f"UNION WITH {ends} WHERE size({ends}) >= $most UNWIND range(1, $most) AS row "
            f"RETURN toString(row) AS iri }} RETURN iri"
        )


def tried(candidates: Sequence[str]) -> tuple[str, str]:
    """Cypher that collects at most ``$most`` of each of these, and the first that are fewer; null where none are."""
    tries = "".join(
        f"CALL () {{ CALL () {{ {text} }} WITH DISTINCT iri LIMIT $most RETURN collect(iri) AS few{n} }}\n"
        for n, text in enumerate(candidates)
    )
    few = " ".join(f"WHEN size(few{n}) < $most THEN few{n}" for n in range(len(candidates)))
    return tries, f"CASE {few} END" if few else "null"
