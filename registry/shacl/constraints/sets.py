"""The constraints that look at all values of a focus node together, or beside those of another property."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from registry.rdf.terms import Iri, Literal, Term, local_name
from registry.rdf.vocabulary import DASH, RDF_TYPE
from registry.shacl import budget
from registry.shacl.constraints.constraint import (
    Anchor,
    Breaks,
    Constraint,
    Offence,
    Search,
    component_iri,
    counted,
    shown,
)
from registry.shacl.constraints.single_values import is_member
from registry.shacl.footprints import Read, Way
from registry.shacl.graph import Graph
from registry.shacl.paths import Inverse, Predicate
from registry.shacl.values import compare


def several(count: int) -> str:
    """A number of values in words."""
    return "1 value" if count == 1 else f"{count} values"


def of_min_count(count: int) -> Constraint:
    """sh:minCount (SHACL 4.2.1)."""

    def search(graph: Graph, focus: Term, values: Sequence[Term]) -> Sequence[Offence]:
        return [Offence()] if len(values) < count else []

    return Constraint(
        component_iri("minCount"),
        f"needs at least {several(count)}",
        search,
        Breaks.BY_FEWER,
        suffices=lambda some: len(some) >= count,
        enough=count,
        given=(counted(count),),
    )


def of_max_count(count: int) -> Constraint:
    """sh:maxCount (SHACL 4.2.2)."""

    def search(graph: Graph, focus: Term, values: Sequence[Term]) -> Sequence[Offence]:
        return [Offence()] if len(values) > count else []

    advice = f"may have at most {several(count)}"
    given = (counted(count),)
    return Constraint(component_iri("maxCount"), advice, search, Breaks.BY_MORE, enough=count + 1, given=given)


def of_unique_language() -> Constraint:
    """sh:uniqueLang (SHACL 4.4.5)."""

    def search(graph: Graph, focus: Term, values: Sequence[Term]) -> Sequence[Offence]:
        tags = Counter(v.language.lower() for v in values if isinstance(v, Literal) and v.language)
        return [Offence() for count in tags.values() if count > 1]

    return Constraint(component_iri("uniqueLang"), "may have at most 1 value in each language", search, Breaks.BY_MORE)


def of_value(wanted: Term) -> Constraint:
    """sh:hasValue (SHACL 4.8.2)."""

    def search(graph: Graph, focus: Term, values: Sequence[Term]) -> Sequence[Offence]:
        return [] if wanted in values else [Offence()]

    return Constraint(
        component_iri("hasValue"),
        f"needs the value {shown(wanted)}",
        search,
        Breaks.BY_FEWER,
        suffices=lambda some: wanted in some,
        given=(wanted,),
    )


def of_equals(predicate: Iri) -> Constraint:
    """sh:equals (SHACL 4.5.1)."""

    def search(graph: Graph, focus: Term, values: Sequence[Term]) -> Sequence[Offence]:
        others = dict.fromkeys(_beside(graph, focus, predicate))
        own = frozenset(values)
        return [Offence(v) for v in values if v not in others] + [
            Offence(other) for other in others if other not in own
        ]

    return _pair("equals", f"must have the same values as {local_name(predicate)}", predicate, search, Breaks.BY_EITHER)


def of_disjoint(predicate: Iri) -> Constraint:
    """sh:disjoint (SHACL 4.5.2)."""

    def search(graph: Graph, focus: Term, values: Sequence[Term]) -> Sequence[Offence]:
        others = frozenset(_beside(graph, focus, predicate))
        return [Offence(value) for value in values if value in others]

    return _pair("disjoint", f"may share no value with {local_name(predicate)}", predicate, search, Breaks.BY_MORE)


def of_less_than(predicate: Iri) -> Constraint:
    """sh:lessThan (SHACL 4.5.3); a result for every pair that fails or cannot be compared."""
    return _ordered("lessThan", "less than", predicate, (-1,))


def of_less_than_or_equals(predicate: Iri) -> Constraint:
    """sh:lessThanOrEquals (SHACL 4.5.4); a result for every pair that fails or cannot be compared."""
    return _ordered("lessThanOrEquals", "at most", predicate, (-1, 0))


def _ordered(name: str, words: str, predicate: Iri, allowed: tuple[int, ...]) -> Constraint:
    def search(graph: Graph, focus: Term, values: Sequence[Term]) -> Sequence[Offence]:
        others = _beside(graph, focus, predicate)
        found: list[Offence] = []
        for value in values:
            budget.spend(len(others))
            found.extend(Offence(value) for other in others if compare(value, other) not in allowed)
        return found

    return _pair(name, f"must be {words} every value of {local_name(predicate)}", predicate, search, Breaks.BY_MORE)


def _pair(name: str, advice: str, predicate: Iri, search: Search, breaks: Breaks) -> Constraint:
    return Constraint(component_iri(name), advice, search, breaks, (Read((), predicate),), Anchor.FOCUS)


def _beside(graph: Graph, focus: Term, predicate: Iri) -> Sequence[Term]:
    return graph.outgoing(focus).get(predicate, ()) if isinstance(focus, str) else ()


def of_unique_value(class_iri: Iri, predicate: Iri) -> Constraint:
    """dash:uniqueValueForClass: no other member of the class has the value. A look-up, not a scan."""

    def is_taken(graph: Graph, focus: Term, value: Term) -> bool:
        return any(other != focus and is_member(graph, other, class_iri) for other in graph.sources(value, predicate))

    def search(graph: Graph, focus: Term, values: Sequence[Term]) -> Sequence[Offence]:
        return [Offence(value) for value in values if is_taken(graph, focus, value)]

    return Constraint(
        f"{DASH}UniqueValueForClassConstraintComponent",
        f"must have a value that no other {local_name(class_iri)} has",
        search,
        Breaks.BY_MORE,
        (Read((), predicate, Way.IN), Read((Inverse(Predicate(predicate)),), RDF_TYPE)),
    )
