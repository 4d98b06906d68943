"""The schema of a release: the fixed half as it is, and what the ontology adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    DirectiveLocation,
    GraphQLArgument,
    GraphQLDirective,
    GraphQLField,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
)
from strawberry import Schema

from registry.api.graphql.fixed.context import Context, ResolveInfo
from registry.api.graphql.fixed.reads import Read, field_of
from registry.api.graphql.fixed.resources import Resource
from registry.api.graphql.typed.filters import Given, TypedConditions, order_of
from registry.api.graphql.typed.inputs import Inputs
from registry.api.graphql.typed.mutations import Writing
from registry.api.graphql.typed.naming import article
from registry.api.graphql.typed.objects import Objects
from registry.api.graphql.typed.plan import ClassPlan, plan_of
from registry.api.graphql.typed.queries import Listed, listed
from registry.api.graphql.typed.reading import of_class
from registry.api.graphql.typed.resolve_type import PLAN
from registry.api.graphql.typed.shared_types import SHARED_TYPES, Parts, paged
from registry.api.graphql.typed.subscriptions import Watching
from registry.domain import resource as domain
from registry.domain.releases.release import Release
from registry.rdf.terms import Iri

SEMANTIC_NON_NULL = GraphQLDirective(
    "semanticNonNull",
    [DirectiveLocation.FIELD_DEFINITION],
    {"levels": GraphQLArgument(GraphQLList(GraphQLInt), [0], description="The levels of lists that it is said of.")},
    description="The model demands a value. The field is null only beside an error of its own: what is stored may be "
    "older than the model, and one faulty value must not take its resource out of the answer.",
)


def combined(fixed: Schema, release: Release) -> GraphQLSchema:
    """The schema of a release. The fixed half's types are shared by all releases and never changed."""
    core = fixed._schema
    roots = [core.query_type, core.mutation_type, core.subscription_type]
    taken = {name for root in roots if root is not None for name in root.fields}
    plan = plan_of(release, {*core.type_map, *SHARED_TYPES}, taken)
    parts = Parts(plan, fixed)
    objects, inputs = Objects(parts), Inputs(parts)
    reading = _Reading(parts, objects, inputs)
    writing, watching = Writing(parts, objects, inputs), Watching(parts, objects, inputs)
    queries: dict[str, GraphQLField] = {}
    mutations: dict[str, GraphQLField] = {}
    subscriptions: dict[str, GraphQLField] = {}
    for of in plan.classes.values():
        queries |= reading.fields(of)
        mutations |= {_free(name, taken): field for name, field in writing.fields(of).items()}
        subscriptions[_free(f"{of.one}Changed", taken)] = watching.field(of)
    return GraphQLSchema(
        query=_root(core.query_type, queries),
        mutation=_root(core.mutation_type, mutations),
        subscription=_root(core.subscription_type, subscriptions),
        types=[*_kept(core), *objects.all],
        directives=[*core.directives, SEMANTIC_NON_NULL],
        description=core.description,
        extensions={**core.extensions, PLAN: plan},
    )


def _kept(core: GraphQLSchema) -> list[Any]:
    """The types of the fixed half to which only an interface leads."""
    roots = {core.query_type, core.mutation_type, core.subscription_type}
    return [kind for name, kind in core.type_map.items() if not name.startswith("__") and kind not in roots]


def _root(fixed: GraphQLObjectType | None, more: Mapping[str, GraphQLField]) -> GraphQLObjectType:
    assert fixed is not None
    fields = {**fixed.fields, **dict(sorted(more.items()))}
    return GraphQLObjectType(fixed.name, fields, description=fixed.description, extensions=fixed.extensions)


def _free(name: str, taken: set[str]) -> str:
    return f"{name}_" if name in taken else name


class _Reading:
    """Builds the fields for one and for all of each class."""

    def __init__(self, parts: Parts, objects: Objects, inputs: Inputs) -> None:
        self._parts = parts
        self._objects = objects
        self._inputs = inputs

    def fields(self, plan: ClassPlan) -> Mapping[str, GraphQLField]:
        iri = GraphQLArgument(GraphQLNonNull(self._parts.input("Iri")), description="The IRI.")
        one = article(self._parts.plan.release.model.label(plan.iri))
        where = GraphQLArgument(self._inputs.filter(plan), description="Which are meant; null means all.")
        order = GraphQLArgument(self._inputs.order(plan), description="The order; by name where nobody says.")
        return {
            plan.one: field_of(
                self._objects.of_class(plan), self._one(plan), args={"iri": iri},
                description=f"{one[0].upper()}{one[1:]} by its IRI; null where there is none.",
                deprecation_reason=plan.deprecated,
            ),
            plan.all: GraphQLField(
                GraphQLNonNull(self._objects.connection(plan.iri)), {"filter": where, "orderBy": order, **paged()},
                resolve=self._all(plan), deprecation_reason=plan.deprecated,
                description=f"All of the class {plan.name} and those below it, filtered, ordered, page by page.",
            ),
        }  # fmt: skip

    def _one(self, plan: ClassPlan) -> Read:
        def shown(found: domain.Resource | None, _: Any, context: Context, iri: Iri) -> Resource | None:
            return of_class(self._parts.plan, context, found, plan.iri)

        return Read("resource", lambda _, context, iri: iri, shown)

    def _all(self, plan: ClassPlan) -> Any:
        async def every(
            _: Any, info: ResolveInfo, first: int, filter: Given | None = None, orderBy: Given | None = None,
            after: str | None = None,
        ) -> Listed:  # fmt: skip
            where = TypedConditions(self._parts.plan, self._parts.scalars, self._parts.fixed_filter).of(plan, filter)
            return await listed(info.context, where, order_of(plan, orderBy), first, after)

        return every
