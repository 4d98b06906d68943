"""One resource with the blank nodes that only make sense beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry.access.principal import Principal
from registry.domain.resource import Resource
from registry.domain.view import View
from registry.errors import NotFound, TooLarge
from registry.rdf.terms import Iri, Statement, is_blank

_MOST_BLANK_NODES = 1_000


@dataclass(frozen=True, slots=True)
class Description:
    """A resource and its statements, those of the blank nodes below it included, each blank node a skolem IRI."""

    resource: Resource
    statements: Sequence[Statement]


def describe(principal: Principal, view: View, iri: Iri) -> Description:
    """A concise bounded description (W3C Member Submission CBD, 2005), without reifications.

    Raises NotFound for an IRI that says nothing here and TooLarge for one with over 1,000 blank nodes.
    """
    found = view.resources([iri])
    if iri not in found:
        raise NotFound(f"there is no resource {iri}", iri=iri)
    statements = list(found[iri].triples())
    seen: set[Iri] = {iri}
    level = _blank_values(statements, seen)
    while level:
        seen |= level
        if len(seen) > _MOST_BLANK_NODES:
            raise TooLarge(
                f"{iri} has more than {_MOST_BLANK_NODES:,} blank nodes below it: ask SPARQL for a part of it",
                limit="blank_nodes", nodes=_MOST_BLANK_NODES,
            )  # fmt: skip
        below = [triple for resource in view.resources(sorted(level)).values() for triple in resource.triples()]
        statements += below
        level = _blank_values(below, seen)
    return Description(found[iri], statements)


def _blank_values(statements: Sequence[Statement], seen: set[Iri]) -> set[Iri]:
    return {target for _, _, target in statements if isinstance(target, str) and is_blank(target)} - seen
