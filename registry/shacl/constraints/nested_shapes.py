"""The constraints made of other shapes, and the one on what a value node may say at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from registry.rdf.terms import Iri, Term
from registry.shacl.constraints.constraint import Breaks, Constraint, Offence, component_iri, each
from registry.shacl.constraints.sets import several
from registry.shacl.footprints import Read
from registry.shacl.graph import Graph
from registry.shacl.shape import Shape


def of_node(shape: Shape) -> Constraint:
    """sh:node (SHACL 4.7.1)."""
    return each("node", f"must conform to {shape.described}", shape.conforms, shape.reads)


def of_not(shape: Shape) -> Constraint:
    """sh:not (SHACL 4.6.1)."""
    advice = f"must not conform to {shape.described}"
    return each("not", advice, lambda graph, value: not shape.conforms(graph, value), shape.reads)


def of_and(shapes: Sequence[Shape]) -> Constraint:
    """sh:and (SHACL 4.6.2)."""

    def test(graph: Graph, value: Term) -> bool:
        return all(shape.conforms(graph, value) for shape in shapes)

    return each("and", f"must conform to all of: {_described(shapes)}", test, _reads(shapes))


def of_or(shapes: Sequence[Shape]) -> Constraint:
    """sh:or (SHACL 4.6.3)."""

    def test(graph: Graph, value: Term) -> bool:
        return any(shape.conforms(graph, value) for shape in shapes)

    return each("or", f"must conform to at least one of: {_described(shapes)}", test, _reads(shapes))


def of_xone(shapes: Sequence[Shape]) -> Constraint:
    """sh:xone (SHACL 4.6.4)."""

    def test(graph: Graph, value: Term) -> bool:
        return sum(shape.conforms(graph, value) for shape in shapes) == 1

    return each("xone", f"must conform to exactly one of: {_described(shapes)}", test, _reads(shapes))


def of_qualified(shape: Shape, siblings: Sequence[Shape], least: int | None, most: int | None) -> Iterable[Constraint]:
    """sh:qualifiedValueShape with its counts (SHACL 4.7.3); a value that a sibling shape takes does not count."""

    def counts(graph: Graph, value: Term) -> bool:
        return shape.conforms(graph, value) and not any(sibling.conforms(graph, value) for sibling in siblings)

    def count(graph: Graph, values: Sequence[Term]) -> int:
        return sum(counts(graph, value) for value in values)

    def too_few(graph: Graph, focus: Term, values: Sequence[Term]) -> Sequence[Offence]:
        return [Offence()] if least is not None and count(graph, values) < least else []

    def too_many(graph: Graph, focus: Term, values: Sequence[Term]) -> Sequence[Offence]:
        return [Offence()] if most is not None and count(graph, values) > most else []

    reads = _reads([shape, *siblings])
    if least is not None:
        advice = f"needs at least {several(least)} that conform to {shape.described}"
        yield Constraint(component_iri("QualifiedMinCount"), advice, too_few, Breaks.BY_EITHER, reads, holds=counts)
    if most is not None:
        advice = f"may have at most {several(most)} that conform to {shape.described}"
        yield Constraint(component_iri("QualifiedMaxCount"), advice, too_many, Breaks.BY_EITHER, reads, holds=counts)


def of_closed(allowed: frozenset[Iri]) -> Constraint:
    """sh:closed (SHACL 4.8.1): a value node says nothing with other properties than these."""

    def search(graph: Graph, focus: Term, values: Sequence[Term]) -> Sequence[Offence]:
        return [
            Offence(target, path=f"<{predicate}>")
            for value in values
            if isinstance(value, str)
            for predicate, targets in graph.outgoing(value).items()
            if predicate not in allowed
            for target in targets
        ]

    def holds(graph: Graph, value: Term) -> bool:
        return not isinstance(value, str) or graph.outgoing(value).keys() <= allowed

    advice = "may not have this property: the shape is closed"
    reads, given = (Read((), None),), tuple(sorted(allowed))
    return Constraint(component_iri("closed"), advice, search, Breaks.BY_VALUE, reads, holds=holds, given=given)


def _described(shapes: Sequence[Shape]) -> str:
    return ", ".join(shape.described for shape in shapes)


def _reads(shapes: Sequence[Shape]) -> tuple[Read, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(shape.reads for shape in shapes)))
