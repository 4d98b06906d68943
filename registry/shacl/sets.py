"""The constraints that look at all values of a focus node together, or at a pair of properties."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from registry.rdf.terms import Iri, Literal, Term, is_blank, local_name
from registry.rdf.vocabulary import DASH, RDF_TYPE, SH
from registry.shacl.constraints import Anchor, Constraint, Offence, Read, Test, Way
from registry.shacl.graph import Graph
from registry.shacl.paths import Inverse, Predicate
from registry.shacl.values import compare


def _at_focus(component: str, advice: str, search: object, reads: tuple[Read, ...] = ()) -> Constraint:
    return Constraint(f"{SH}{component}ConstraintComponent", advice, search, Anchor.FOCUS, reads)  # type: ignore[arg-type]


def _several(count: int) -> str:
    return "1 value" if count == 1 else f"{count} values"


def of_min_count(count: int) -> Constraint:
    """sh:minCount (SHACL 4.2.1)."""

    def search(graph: Graph, focus: Term, values: Sequence[Term]) -> Iterable[Offence]:
        return [Offence(None)] if len(values) < count else []

    return _at_focus("MinCount", f"needs at least {_several(count)}", search)


def of_max_count(count: int) -> Constraint:
    """sh:maxCount (SHACL 4.2.2)."""

    def search(graph: Graph, focus: Term, values: Sequence[Term]) -> Iterable[Offence]:
        return [Offence(None)] if len(values) > count else []

    return _at_focus("MaxCount", f"may have at most {_several(count)}", search)


def of_unique_language() -> Constraint:
    """sh:uniqueLang (SHACL 4.4.5)."""

    def search(graph: Graph, focus: Term, values: Sequence[Term]) -> Iterable[Offence]:
        tags = Counter(v.language.lower() for v in values if isinstance(v, Literal) and v.language)
        return [Offence(None) for count in tags.values() if count > 1]

    return _at_focus("UniqueLang", "may have at most 1 value in each language", search)


def _others(graph: Graph, focus: Term, predicate: Iri) -> Sequence[Term]:
    return graph.outgoing(focus).get(predicate, ()) if isinstance(focus, str) else ()


def of_equals(predicate: Iri) -> Constraint:
    """sh:equals (SHACL 4.5.1)."""

    def search(graph: Graph, focus: Term, values: Sequence[Term]) -> Iterable[Offence]:
        others = _others(graph, focus, predicate)
        missing = [Offence(value) for value in values if value not in others]
        return missing + [Offence(other) for other in others if other not in values]

    return _at_focus("Equals", f"must have the same values as {local_name(predicate)}", search, (Read((), predicate),))


def of_disjoint(predicate: Iri) -> Constraint:
    """sh:disjoint (SHACL 4.5.2)."""

    def search(graph: Graph, focus: Term, values: Sequence[Term]) -> Iterable[Offence]:
        others = _others(graph, focus, predicate)
        return [Offence(value) for value in values if value in others]

    return _at_focus("Disjoint", f"may share no value with {local_name(predicate)}", search, (Read((), predicate),))


def of_less_than(name: str, predicate: Iri) -> Constraint:
    """sh:lessThan and sh:lessThanOrEquals (SHACL 4.5.3, 4.5.4); a result for every pair that fails."""
    allowed, words = ((-1,), "less than") if name == "lessThan" else ((-1, 0), "at most")

    def search(graph: Graph, focus: Term, values: Sequence[Term]) -> Iterable[Offence]:
        others = _others(graph, focus, predicate)
        return [Offence(value) for value in values for other in others if compare(value, other) not in allowed]

    component = name[0].upper() + name[1:]
    return _at_focus(
        component, f"must be {words} every value of {local_name(predicate)}", search, (Read((), predicate),)
    )


def of_value(wanted: Term) -> Constraint:
    """sh:hasValue (SHACL 4.8.2)."""
    shown = wanted.lexical if isinstance(wanted, Literal) else local_name(wanted)

    def search(graph: Graph, focus: Term, values: Sequence[Term]) -> Iterable[Offence]:
        return [] if wanted in values else [Offence(None)]

    return _at_focus("HasValue", f"needs the value {shown}", search)


def of_closed(allowed: frozenset[Iri]) -> Constraint:
    """sh:closed (SHACL 4.8.1): at each value node no other property than these."""

    def search(graph: Graph, focus: Term, values: Sequence[Term]) -> Iterable[Offence]:
        return [
            Offence(target, focus=value, path=f"<{predicate}>")
            for value in values
            if isinstance(value, str)
            for predicate, targets in graph.outgoing(value).items()
            if predicate not in allowed
            for target in targets
        ]

    return Constraint(f"{SH}ClosedConstraintComponent", "has no such property", search, Anchor.VALUE, (Read((), None),))


def of_qualified(
    test: Test, siblings: Sequence[Test], least: int, most: int | None, reads: tuple[Read, ...]
) -> Sequence[Constraint]:
    """sh:qualifiedValueShape with its counts (SHACL 4.7.3); one constraint for each bound."""

    def count(graph: Graph, values: Sequence[Term]) -> int:
        return sum(1 for v in values if test(graph, v) and not any(sibling(graph, v) for sibling in siblings))

    def too_few(graph: Graph, focus: Term, values: Sequence[Term]) -> Iterable[Offence]:
        return [Offence(None)] if count(graph, values) < least else []

    def too_many(graph: Graph, focus: Term, values: Sequence[Term]) -> Iterable[Offence]:
        return [Offence(None)] if most is not None and count(graph, values) > most else []

    found = []
    if least > 0:
        name = f"{SH}QualifiedMinCountConstraintComponent"
        found.append(Constraint(name, f"needs at least {least} of the asked kind", too_few, Anchor.VALUE, reads))
    if most is not None:
        name = f"{SH}QualifiedMaxCountConstraintComponent"
        found.append(Constraint(name, f"may have at most {most} of the asked kind", too_many, Anchor.VALUE, reads))
    return found


def of_unique_value(class_iri: Iri, predicate: Iri) -> Constraint:
    """dash:uniqueValueForClass: no other member of the class has the value; a look-up, not a scan."""

    def is_member(graph: Graph, node: Iri) -> bool:
        types: Mapping[Iri, Sequence[Term]] = graph.outgoing(node)
        return any(type(t) is str and class_iri in graph.superclasses(t) for t in types.get(RDF_TYPE, ()))

    def search(graph: Graph, focus: Term, values: Sequence[Term]) -> Iterable[Offence]:
        return [
            Offence(value)
            for value in values
            if not is_blank(value)
            and any(other != focus and is_member(graph, other) for other in graph.sources(value, predicate))
        ]

    reads = (Read((), predicate, Way.IN), Read((Inverse(Predicate(predicate)),), RDF_TYPE))
    return Constraint(
        f"{DASH}UniqueValueForClassConstraintComponent",
        f"must be a value that no other {local_name(class_iri)} has",
        search,
        Anchor.VALUE,
        reads,
    )
