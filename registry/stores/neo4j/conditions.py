"""Conditions as Cypher on a node: every value is a parameter, every name in the text is fixed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

from registry.domain.find import (
    AllOf,
    Among,
    AnyOf,
    Compare,
    Condition,
    Direction,
    Linked,
    Named,
    Not,
    OfClass,
    Operator,
    Text,
    Within,
)
from registry.errors import BadInput
from registry.rdf.terms import Iri, Literal
from registry.rdf.vocabulary import RDF_TYPE
from registry.stores.neo4j import keys
from registry.stores.neo4j.naming import Name, Names
from registry.stores.neo4j.reading import possible
from registry.stores.ordering import LONGEST_KEY, TEXT, SortKey, sort_key, text_key

NOTHING, ANYTHING = "$nothing", "$anything"
"""Parameters, because the planner folds constants and then finds nothing left for the index it is told to use."""


class Conditions:
    """Puts Cypher together and collects its parameters."""

    def __init__(self, names: Names) -> None:
        self.values: dict[str, Any] = {"nothing": False, "anything": True}
        self.names = names
        self._count = count(1)

    def value(self, value: Any) -> str:
        """A parameter."""
        name = f"v{next(self._count)}"
        self.values[name] = value
        return f"${name}"

    def alias(self) -> str:
        """A variable that no other part of the text uses."""
        return f"a{next(self._count)}"

    def named(self, iris: Iterable[Iri]) -> Sequence[Name]:
        """The names of those IRIs that have one."""
        return [name for iri in sorted(iris) if (name := self.names.get(iri)) is not None]

    def holds(self, where: Condition, node: str) -> str:
        """Cypher that is true where the condition holds for a node."""
        match where:
            case OfClass(classes):
                return self._has_label(node, classes)
            case Among(iris):
                return f"{node}.iri IN {self.value(sorted(possible(iris)))}"
            case Named():
                return self.name_test(where, f"{node}.name")
            case Compare():
                return self._compare(where, node)
            case Linked(predicate, direction, inner):
                return self._linked(predicate, direction, inner, node)
            case Text(words):
                found = self.alias()
                return self._exists(
                    found, "_Words", node, self.word_tests(words, f"coalesce({found}.words, {found}.long)")
                )
            case Within():
                found = self.alias()
                return self._exists(found, "_Place", node, self.box(where, found))
            case AllOf(conditions):
                return joined(" AND ", [self.holds(inner, node) for inner in conditions], ANYTHING)
            case AnyOf(conditions):
                return joined(" OR ", [self.holds(inner, node) for inner in conditions], NOTHING)
            case Not(inner):
                return f"NOT {self.holds(inner, node)}"

    def name_test(self, where: Named, name: str) -> str:
        """Cypher that compares a name."""
        if where.operator is Operator.PREFIX:
            return f"{name} STARTS WITH {self.value(_beginning(where.values[0]))}"
        if where.operator in (Operator.EQUAL, Operator.IN):
            return f"{name} IN {self.value([text_key(wanted) for wanted in where.values])}"
        raise BadInput(f"a name cannot be compared with {where.operator.value}", argument="filter")

    def spans(self, start: str, operator: Operator, literals: Sequence[Literal], key: str) -> list[str]:
        """Tests of a row's key, each of which an index answers; any of them may hold."""
        if operator is Operator.EXISTS:
            return [f"{key} STARTS WITH {self.value(start)}"]
        if operator is Operator.PREFIX:
            return [f"{key} STARTS WITH {self.value(f'{start}{TEXT:d}{_beginning(one.lexical)}')}" for one in literals]
        wanted = list(dict.fromkeys(sort_key(literal) for literal in literals))
        if operator in (Operator.EQUAL, Operator.IN):
            return [f"{key} IN {self.value([start + keys.written(one) for one in wanted])}"] if wanted else []
        return [self._span(start, operator, one, key) for one in wanted]

    def word_tests(self, words: str, where: str) -> str:
        """Cypher that is true where all words, or their beginnings, occur; no words occur nowhere."""
        cut = [found for word in words.replace("\0", " ").split() if (found := keys.tokens(word))]
        return joined(" AND ", [f"{where} CONTAINS {self.value(' ' + ' '.join(found))}" for found in cut], NOTHING)

    def box(self, box: Within, place: str) -> str:
        """Cypher that is true for a place in a box; across the date line it is two boxes."""
        south, north, west, east = map(self.value, (box.south, box.north, box.west, box.east))
        at = f"{place}.longitude"
        across = f"{at} >= {west} AND {at} <= {east}"
        if box.west > box.east:
            across = f"({at} >= {west} AND {at} <= 180.0 OR {at} >= -180.0 AND {at} <= {east})"
        return f"{place}.latitude >= {south} AND {place}.latitude <= {north} AND {across}"

    def _span(self, start: str, operator: Operator, wanted: SortKey, key: str) -> str:
        place = self.value(start + keys.written(wanted))
        match operator:
            case Operator.LESS:
                return f"({key} >= {self.value(f'{start}{wanted.kind:d}')} AND {key} < {place})"
            case Operator.AT_MOST:
                return f"({key} >= {self.value(f'{start}{wanted.kind:d}')} AND {key} <= {place})"
            case Operator.GREATER:
                return f"({key} > {place} AND {key} < {self.value(f'{start}{wanted.kind + 1:d}')})"
        return f"({key} >= {place} AND {key} < {self.value(f'{start}{wanted.kind + 1:d}')})"

    def _compare(self, where: Compare, node: str) -> str:
        if where.operator is Operator.NOT_EQUAL:
            return f"NOT {self._compare(Compare(where.predicate, Operator.EQUAL, where.values), node)}"
        if where.operator is Operator.ABSENT:
            return f"NOT {self._compare(Compare(where.predicate, Operator.EXISTS), node)}"
        name = self.names.get(where.predicate)
        if name is None:
            return NOTHING
        literals = [value for value in where.values if isinstance(value, Literal)]
        targets = frozenset(value for value in where.values if isinstance(value, str))
        row, parts = self.alias(), []
        if literals or where.operator is Operator.EXISTS:
            tests = self.spans(keys.of_property(name.number), where.operator, literals, f"{row}.key")
            parts += [self._exists(row, "_Key", node, test) for test in tests]
        if where.operator is Operator.EXISTS and where.predicate == RDF_TYPE:
            parts.append(f"size(labels({node})) > 1")
        elif targets and where.operator in (Operator.EQUAL, Operator.IN):
            parts.append(self._points_at(node, where.predicate, name, targets))
        return joined(" OR ", parts, NOTHING)

    def _points_at(self, node: str, predicate: Iri, name: Name, targets: frozenset[Iri]) -> str:
        if predicate == RDF_TYPE:
            return self._has_label(node, targets)
        link, other = self.alias(), self.alias()
        return (
            f"EXISTS {{ MATCH ({node})-[{link}]->({other}:_Node) WHERE type({link}) = {self.value(name.type)} "
            f"AND {other}.iri IN {self.value(sorted(possible(targets)))} }}"
        )

    def _has_label(self, node: str, classes: Iterable[Iri]) -> str:
        labels = [name.name for name in self.named(classes)]
        return f"any(label IN labels({node}) WHERE label IN {self.value(labels)})"

    def linked(self, predicate: Iri, direction: Direction, node: str, other: str) -> str | None:
        """Cypher that matches the resources that a link joins to a node; None where nothing can be so linked."""
        name = self.names.get(predicate)
        if name is None:
            return None
        if predicate == RDF_TYPE:
            return f"{self._typed(node, other, direction)} AND {other}._revision IS NOT NULL"
        link = self.alias()
        here, there = ("-", "->") if direction is Direction.OUT else ("<-", "-")
        return (
            f"MATCH ({node}){here}[{link}]{there}({other}:_Node) "
            f"WHERE type({link}) = {self.value(name.type)} AND {other}._revision IS NOT NULL"
        )

    def _linked(self, predicate: Iri, direction: Direction, inner: Condition, node: str) -> str:
        other = self.alias()
        text = self.linked(predicate, direction, node, other)
        return NOTHING if text is None else f"EXISTS {{ {text} AND {self.holds(inner, other)} }}"

    def _typed(self, node: str, other: str, direction: Direction) -> str:
        """Cypher that matches the classes of a node that are resources themselves, or the members of one that is."""
        if direction is Direction.OUT:
            classes = self.value({name.name: iri for iri, name in self.names.items()})
            return f"MATCH ({other}:_Node) WHERE {other}.iri IN [label IN labels({node}) | {classes}[label]]"
        starts, row = self.value({iri: keys.of_class(name.number) for iri, name in self.names.items()}), self.alias()
        return (
            f"MATCH ({row}:_Key), ({other}:_Node) "
            f"WHERE {row}.key STARTS WITH {starts}[{node}.iri] AND {other}.iri = {row}.iri"
        )

    @staticmethod
    def _exists(row: str, label: str, node: str, test: str) -> str:
        return f"EXISTS {{ MATCH ({row}:{label}) WHERE {row}.iri = {node}.iri AND {test} }}"


def joined(word: str, parts: Sequence[str], empty: str) -> str:
    """Parts in brackets, or what none of them mean."""
    return f"({word.join(parts)})" if parts else empty


def _beginning(prefix: str) -> str:
    if len(prefix) > LONGEST_KEY:
        raise BadInput(f"a beginning has at most {LONGEST_KEY:,} characters", argument="filter")
    return prefix
