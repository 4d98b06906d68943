"""Filters and orders of each class as clients write them, and the conditions that a store understands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from registry.api.graphql.fixed.filters import (
    MOST_CONDITIONS,
    MOST_LEVELS,
    NULLABLE,
    Meant,
    ResourceFilter,
    checked_operands,
    comparisons,
    condition_of,
    some_members,
)
from registry.api.graphql.fixed.values import term_of
from registry.api.graphql.typed.plan import ClassPlan, Plan
from registry.api.graphql.typed.properties import FieldPlan, Kind
from registry.api.graphql.typed.scalars import Scalars
from registry.domain import find as domain
from registry.domain.find import Condition, Direction, Key, Sort
from registry.errors import TooLarge
from registry.rdf.terms import Iri, Term
from registry.rdf.vocabulary import TWIN, TWIN_OF

ORDER_KEYS = {"name": Key.NAME, "createdAt": Key.CREATED, "updatedAt": Key.UPDATED, "iri": Key.IRI}
Given = Mapping[str, Any]
FixedFilter = Callable[[Given], ResourceFilter]
"""Reads a filter of the fixed half."""


def order_of(plan: ClassPlan, given: Given | None) -> domain.Order:
    """The order of a list; by name where nobody says."""
    if not given:
        return domain.Order()
    ((name, direction),) = given.items()
    sort = Sort(getattr(direction, "value", direction))
    return domain.Order(ORDER_KEYS[name] if name in ORDER_KEYS else plan.fields[name].predicate, sort)


@dataclass(slots=True)
class TypedConditions:
    """Turns one filter into conditions, and counts them: a filter is a query, so it has limits."""

    plan: Plan
    scalars: Scalars
    fixed: FixedFilter
    made: int = field(default=0)

    def of(self, of: ClassPlan, where: Given | None) -> Condition:
        """What a filter means. Raises BadInput for a value that cannot be meant, TooLarge for one over a limit."""
        conditions = () if where is None else tuple(self._all(of.iri, where, 1, "filter"))
        return domain.AllOf((domain.OfClass(self.plan.release.model.subclasses(of.iri)), *conditions))

    def _all(self, target: Iri | None, where: Given, level: int, path: str) -> Iterator[Condition]:
        if level > MOST_LEVELS:
            raise TooLarge(f"the filter nests deeper than {MOST_LEVELS} levels", argument="filter", limit=MOST_LEVELS)
        if target is None or target == TWIN:
            yield self._fixed(where, Meant.TWINS if target == TWIN else Meant.ANY, path)
            return
        for condition in self._parts(self.plan.classes[target], where, level, path):
            self.made += 1
            if self.made > MOST_CONDITIONS:
                raise TooLarge(f"the filter has more than {MOST_CONDITIONS} conditions", limit=MOST_CONDITIONS)
            yield condition

    def _parts(self, of: ClassPlan, where: Given, level: int, path: str) -> Iterator[Condition]:
        for name, given in checked_operands(where, path).items():
            at = f"{path}.{name}"
            if name == "resource":
                yield self._fixed(given, Meant.ANY, at)
            elif name == "twin" and of.is_entity:
                yield domain.Linked(TWIN_OF, Direction.IN, self._fixed(given, Meant.TWINS, at))
            elif name == "and":
                yield from (self._joined(of.iri, one, level, at) for one in some_members(given, at))
            elif name == "or":
                yield domain.AnyOf(tuple(self._joined(of.iri, one, level, at) for one in some_members(given, at)))
            elif name == "not":
                yield domain.Not(self._joined(of.iri, given, level, at))
            elif of.fields[name].kind is Kind.LINK:
                yield from self._linked(of.fields[name], given, level, at)
            else:
                compared = checked_operands(given, at, NULLABLE)
                yield from comparisons(of.fields[name].predicate, compared, partial(self._term, of.fields[name]))

    def _joined(self, target: Iri | None, where: Given, level: int, path: str) -> Condition:
        return domain.AllOf(tuple(self._all(target, where, level + 1, path)))

    def _fixed(self, where: Given, meant: Meant, path: str) -> Condition:
        condition = condition_of(self.plan.release, self.fixed(where), meant, domain.AllOf(()), path=path)
        return domain.AllOf((condition,))

    def _linked(self, link: FieldPlan, given: Given, level: int, path: str) -> Iterator[Condition]:
        for name, where in checked_operands(given, path).items():
            if name == "exists" or (name in ("some", "none") and not where):
                # An empty condition asks whether there is a link at all: that is what these two say by themselves.
                there = _some(link, domain.AllOf(()))
                yield there if name == "some" or (name == "exists" and where) else domain.Not(there)
                continue
            inner = self._joined(link.target, where, level, f"{path}.{name}")
            if name == "every":
                yield domain.Not(_some(link, domain.Not(inner)))
            else:
                yield _some(link, inner) if name == "some" else domain.Not(_some(link, inner))

    def _term(self, of: FieldPlan, value: Any) -> Term:
        return given_term(self.plan, self.scalars, of, value, "filter")


def given_term(plan: Plan, scalars: Scalars, of: FieldPlan, value: Any, argument: str) -> Term:
    """A value that a client gives for a field, as it is stored."""
    if of.kind is Kind.ENUM or of.kind is Kind.LINK:
        term: Term = value
        return term
    use = scalars.use(of.datatype)
    return term_of(plan.release, of.predicate, value, argument) if use.datatype is None else use.literal(value)


def _some(link: FieldPlan, inner: Condition) -> Condition:
    """A link leads to something for which a condition holds, whichever end states it."""
    ways = tuple(domain.Linked(predicate, direction, inner) for predicate, direction in link.routes)
    return ways[0] if len(ways) == 1 else domain.AnyOf(ways)
