"""Typed subscriptions: the members of a class after each change to them, from the same feed as everything else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLArgument, GraphQLField, GraphQLNonNull, GraphQLObjectType

from registry.api.graphql.fixed.changes import Change, change_of
from registry.api.graphql.fixed.context import Context, ResolveInfo
from registry.api.graphql.fixed.resources import Resource
from registry.api.graphql.fixed.subscriptions import Delivery, log_entries
from registry.api.graphql.typed.filters import Given, TypedConditions
from registry.api.graphql.typed.inputs import Inputs
from registry.api.graphql.typed.naming import article
from registry.api.graphql.typed.objects import Objects
from registry.api.graphql.typed.plan import ClassPlan
from registry.api.graphql.typed.reading import of_class
from registry.api.graphql.typed.shared_types import Parts
from registry.domain.change import Entry
from registry.domain.find import AllOf, Among, Condition, Find
from registry.rdf.terms import Iri
from registry.rdf.vocabulary import RDF_TYPE


@dataclass(frozen=True, slots=True)
class TypedChange:
    """A change to a member of a class: what it is after the change, None where that removed it."""

    iri: Iri
    shown: Resource | None
    change: Change


class Watching:
    """Builds the subscription of each class."""

    def __init__(self, parts: Parts, objects: Objects, inputs: Inputs) -> None:
        self._parts = parts
        self._objects = objects
        self._inputs = inputs

    def field(self, plan: ClassPlan) -> GraphQLField:
        """What happens to the members of a class."""
        label = self._parts.plan.release.model.label(plan.iri)
        args = {
            "iri": GraphQLArgument(self._parts.input("Iri"), description="Only this one."),
            "filter": GraphQLArgument(self._inputs.filter(plan), description="Only those for which this holds by now."),
            "after": GraphQLArgument(
                self._parts.input("Position"),
                description="The last position that was seen: all behind it comes, once and in order. Null begins now.",
            ),
            "delivery": GraphQLArgument(
                GraphQLNonNull(self._parts.input("Delivery")), default_value=Delivery.EACH,
                description="What comes where the client reads too slowly.",
            ),
        }  # fmt: skip
        return GraphQLField(
            GraphQLNonNull(self._event(plan, label)), args, subscribe=self._subscribing(plan), resolve=_itself,
            description=f"Each {label} after each change to it, once and in order, until the model itself changes.",
        )  # fmt: skip

    def _event(self, plan: ClassPlan, label: str) -> GraphQLObjectType:
        def fields() -> Mapping[str, GraphQLField]:
            iri, change = GraphQLNonNull(self._parts.input("Iri")), GraphQLNonNull(self._parts.object("Change"))
            return {
                "iri": GraphQLField(iri, description="What changed."),
                plan.one: GraphQLField(
                    self._objects.of_class(plan), resolve=lambda source, info: source.shown,
                    description=f"The {label} right after the change; null where that removed it.",
                ),
                "change": GraphQLField(change, description="The change."),
            }  # fmt: skip

        name = self._parts.plan.naming.derived("", plan.iri, "Change")
        return GraphQLObjectType(name, fields, description=f"A change to {article(label)}.")

    def _subscribing(self, plan: ClassPlan) -> Any:
        def subscribe(
            _: Any, info: ResolveInfo, iri: Iri | None = None, filter: Given | None = None,
            after: int | None = None, delivery: Delivery = Delivery.EACH,
        ) -> AsyncIterator[TypedChange]:  # fmt: skip
            context = info.context
            where = None
            if filter is not None:
                where = TypedConditions(self._parts.plan, self._parts.scalars, self._parts.fixed_filter).of(
                    plan, filter
                )
            return self._changes(context, log_entries(context, after), plan, iri, where, delivery)

        return subscribe

    async def _changes(
        self, context: Context, entries: AsyncIterator[Entry], plan: ClassPlan, iri: Iri | None,
        where: Condition | None, delivery: Delivery,
    ) -> AsyncIterator[TypedChange]:  # fmt: skip
        async for entry in entries:
            context.renew(entry.position)
            meant = [one for one in entry.revisions if iri is None or one == iri]
            touched = await context.watch.touched(entry) if meant else {}
            members = [one for one in meant if self._is_member(plan, context, touched[one], entry, one)]
            if where is not None and members:
                page = await context.catalogue.find(
                    context.principal, Find(AllOf((Among(frozenset(members)), where)), first=len(members))
                )
                holding = {resource.iri for resource in page.resources}
                members = [one for one in members if one in holding]
            for number, one in enumerate(members, 1):
                # A stream that breaks within a change begins that change again.
                context.position = entry.position if number == len(members) else entry.position - 1
                context.latest_of = one if delivery is Delivery.LATEST else None
                shown = of_class(self._parts.plan, context, touched[one], plan.iri)
                yield TypedChange(one, shown, change_of(entry))

    def _is_member(self, plan: ClassPlan, context: Context, now: Any, entry: Entry, iri: Iri) -> bool:
        """Whether a resource was of the class right before or right after a change."""
        if of_class(self._parts.plan, context, now, plan.iri) is not None:
            return True
        below = self._parts.plan.release.model.subclasses(plan.iri)
        return any(s == iri and p == RDF_TYPE and t in below for s, p, t in entry.removed)


def _itself(source: TypedChange, info: ResolveInfo, **arguments: Any) -> TypedChange:
    return source
