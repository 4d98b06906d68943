"""Filters and orders of each class as clients write them, and the conditions that a store understands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.api.graphql.fixed.filters import (
    MOST_CONDITIONS,
    MOST_LEVELS,
    Meant,
    ResourceFilter,
    checked_members,
    condition_of,
)
from registry.api.graphql.fixed.values import term_of
from registry.api.graphql.typed.plan import ClassPlan, Plan
from registry.api.graphql.typed.properties import FieldPlan, Kind
from registry.api.graphql.typed.scalars import Scalars
from registry.domain import find as domain
from registry.domain.find import Condition, Direction, Key, Operator, Sort
from registry.errors import TooLarge
from registry.rdf.terms import Iri, Term
from registry.rdf.vocabulary import TWIN, TWIN_OF

ORDER_KEYS = {"name": Key.NAME, "createdAt": Key.CREATED, "updatedAt": Key.UPDATED, "iri": Key.IRI}
_BY_VALUE = (
    Operator.EQUAL, Operator.NOT_EQUAL, Operator.LESS, Operator.AT_MOST, Operator.GREATER, Operator.AT_LEAST
)  # fmt: skip
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
        conditions = tuple(self._all(of.iri, where or {}, 1))
        return domain.AllOf((domain.OfClass(self.plan.release.model.subclasses(of.iri)), *conditions))

    def _all(self, target: Iri | None, where: Given, level: int) -> Iterator[Condition]:
        if level > MOST_LEVELS:
            raise TooLarge(f"the filter nests deeper than {MOST_LEVELS} levels", argument="filter", limit=MOST_LEVELS)
        if target is None or target == TWIN:
            yield self._fixed(where, Meant.TWINS if target == TWIN else Meant.ANY)
            return
        for condition in self._parts(self.plan.classes[target], where, level):
            self.made += 1
            if self.made > MOST_CONDITIONS:
                raise TooLarge(f"the filter has more than {MOST_CONDITIONS} conditions", limit=MOST_CONDITIONS)
            yield condition

    def _parts(self, of: ClassPlan, where: Given, level: int) -> Iterator[Condition]:
        for name, given in where.items():
            if given is None:
                continue
            if name == "resource":
                yield self._fixed(given, Meant.ANY)
            elif name == "twin" and of.is_entity:
                yield domain.Linked(TWIN_OF, Direction.IN, self._fixed(given, Meant.TWINS))
            elif name == "and":
                yield from (self._joined(of.iri, one, level) for one in checked_members(given))
            elif name == "or":
                yield domain.AnyOf(tuple(self._joined(of.iri, one, level) for one in checked_members(given)))
            elif name == "not":
                yield domain.Not(self._joined(of.iri, given, level))
            elif of.fields[name].kind is Kind.LINK:
                yield from self._linked(of.fields[name], given, level)
            else:
                yield from self._compared(of.fields[name], given)

    def _joined(self, target: Iri | None, where: Given, level: int) -> Condition:
        return domain.AllOf(tuple(self._all(target, where, level + 1)))

    def _fixed(self, where: Given, meant: Meant) -> Condition:
        return domain.AllOf((condition_of(self.plan.release, self.fixed(where), meant, domain.AllOf(())),))

    def _linked(self, link: FieldPlan, given: Given, level: int) -> Iterator[Condition]:
        for name, where in given.items():
            if where is None:
                continue
            if name == "exists":
                there = _some(link, domain.AllOf(()))
                yield there if where else domain.Not(there)
                continue
            inner = self._joined(link.target, where, level)
            if name == "every":
                yield domain.Not(_some(link, domain.Not(inner)))
            else:
                yield _some(link, inner) if name == "some" else domain.Not(_some(link, inner))

    def _compared(self, of: FieldPlan, given: Given) -> Iterator[Condition]:
        for operator in _BY_VALUE:
            if given.get(operator.value) is not None:
                yield domain.Compare(of.predicate, operator, (self._term(of, given[operator.value]),))
        if given.get("in") is not None:
            terms = tuple(self._term(of, value) for value in checked_members(given["in"]))
            yield domain.Compare(of.predicate, Operator.IN, terms)
        if given.get("prefix") is not None:
            yield domain.Compare(of.predicate, Operator.PREFIX, (self._term(of, given["prefix"]),))
        if given.get("exists") is not None:
            yield domain.Compare(of.predicate, Operator.EXISTS if given["exists"] else Operator.ABSENT)

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
