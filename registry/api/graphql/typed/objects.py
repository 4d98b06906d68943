"""The output types: an object or an interface for each class, its connection, what it is counted by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLString,
)

from registry.api.graphql.fixed.context import ResolveInfo
from registry.api.graphql.fixed.pages import TOTAL, TOTAL_IS_EXACT
from registry.api.graphql.fixed.reads import SETTLED, field_of
from registry.api.graphql.fixed.resources import TWIN_OF_ENTITY, Resource
from registry.api.graphql.serve.limits import FLAT, WEIGHT
from registry.api.graphql.typed.naming import article
from registry.api.graphql.typed.plan import ClassPlan
from registry.api.graphql.typed.properties import FieldPlan, Kind
from registry.api.graphql.typed.queries import MOST_GROUPS, GroupBy, groups_of, is_exact_total, links_of, total_of
from registry.api.graphql.typed.reading import one_link, reader_of, values_of
from registry.api.graphql.typed.shared_types import Parts, paged, some
from registry.domain.find import Direction, Through
from registry.rdf.terms import Iri
from registry.rdf.vocabulary import IN_STATE, MANAGED_RESOURCE, RDF_LANG_STRING, RDF_TYPE, TWIN, TWIN_OF

REQUIRED = "required"
"""Extension of a field that the shapes demand: it is null only beside an error."""


class Objects:
    """Builds each type once, with its fields when they are asked for: classes lead to each other in circles."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._objects: dict[str, GraphQLObjectType] = {}
        self._interfaces: dict[str, GraphQLInterfaceType] = {}
        self._connections: dict[str, GraphQLObjectType] = {}
        for plan in parts.plan.classes.values():
            if plan.has_below:
                self._interfaces[plan.name] = self._interface(plan)
        for plan in parts.plan.classes.values():
            self._objects[plan.object_name] = self._object(plan)

    @property
    def all(self) -> list[Any]:
        """Every type, those included to which nothing but an interface leads."""
        return [*self._interfaces.values(), *self._objects.values()]

    def of_class(self, plan: ClassPlan) -> GraphQLObjectType | GraphQLInterfaceType:
        """The type of all members of a class."""
        return self._interfaces[plan.name] if plan.has_below else self._objects[plan.name]

    def target(self, iri: Iri | None) -> Any:
        """The type that a link leads to."""
        if iri is None:
            return self._parts.interface("Resource")
        return self._parts.object("Twin") if iri == TWIN else self.of_class(self._parts.plan.classes[iri])

    def connection(self, iri: Iri | None) -> GraphQLObjectType:
        """The type of a page of a class, of any resources for None, or of twins."""
        of_class = None if iri is None else self._parts.plan.classes.get(iri)
        if of_class is not None:
            naming = self._parts.plan.naming
            name, edge = (naming.derived("", of_class.iri, suffix) for suffix in ("Connection", "Edge"))
        else:
            name, edge = (f"Linked{'Twin' if iri else 'Resource'}{kind}" for kind in ("Connection", "Edge"))
        if name not in self._connections:
            self._connections[name] = self._page(name, edge, self.target(iri), of_class)
        return self._connections[name]

    def _interface(self, plan: ClassPlan) -> GraphQLInterfaceType:
        def kind(value: Resource, info: ResolveInfo, abstract: Any) -> str | None:
            return self._parts.plan.object_name(value.source.classes, plan.iri)

        return GraphQLInterfaceType(
            plan.name, lambda: self._fields(plan), interfaces=lambda: self._above(plan.above), resolve_type=kind,
            description=_described(plan),
        )  # fmt: skip

    def _object(self, plan: ClassPlan) -> GraphQLObjectType:
        own = (plan.name,) if plan.has_below else ()
        label = self._parts.plan.release.model.label(plan.iri)
        text = f"A{article(label)[1:]} of no more special kind." if plan.has_below else _described(plan)
        return GraphQLObjectType(
            plan.object_name, lambda: self._fields(plan), interfaces=lambda: self._above((*own, *plan.above)),
            description=text,
        )  # fmt: skip

    def _above(self, names: tuple[str, ...]) -> list[GraphQLInterfaceType]:
        return [*(self._interfaces[name] for name in names), self._parts.interface("Resource")]

    def _fields(self, plan: ClassPlan) -> Mapping[str, GraphQLField]:
        fields = undescribed(self._parts.object("Thing"))
        if plan.is_entity:
            twin = self._parts.object("Twin")
            fields["twin"] = field_of(twin, TWIN_OF_ENTITY, description="The twin that stands for it.")
        for name, field in plan.fields.items():
            fields[name] = self._field(field, name in plan.required)
        return fields

    def _field(self, field: FieldPlan, required: bool) -> GraphQLField:
        text = field.definition or None
        if required:
            text = f"{field.definition} Null only beside an error.".lstrip()
        told: dict[str, Any] = {"description": text, "deprecation_reason": field.deprecated}
        if field.kind is Kind.LINK:
            if field.single:
                one = one_link(self._parts.plan, field, required)
                return field_of(self.target(field.target), one, extensions=_marks(required), **told)
            of = GraphQLNonNull(self.connection(field.target))
            return field_of(of, links_of(self._parts.plan, field), args=paged(described=False), **told)
        of_value = self._parts.value_type(field)
        use = self._parts.use(field)
        texts = field.kind is Kind.VALUE and use.text
        resolve = values_of(field, required, reader_of(field, use), texts)
        args = _languages() if texts and field.datatype in (None, RDF_LANG_STRING) else {}
        if field.single:
            marks = {**_marks(required), SETTLED: True}
            return GraphQLField(of_value, args, resolve=resolve, extensions=marks, **told)
        values = GraphQLNonNull(GraphQLList(of_value))
        return GraphQLField(values, args, resolve=resolve, extensions={SETTLED: True}, **told)

    def _page(self, name: str, edge_name: str, of: Any, of_class: ClassPlan | None) -> GraphQLObjectType:
        iri = GraphQLNonNull(self._parts.input("Iri"))
        edge = GraphQLObjectType(
            edge_name,
            lambda: {
                "cursor": GraphQLField(GraphQLNonNull(GraphQLString), description="`after` for the page behind it."),
                "iri": GraphQLField(iri, description="The IRI that stands here."),
                "node": GraphQLField(of, description="The resource; null where the registry has none of this IRI."),
            },
            description="One item of a page.",
        )

        def fields() -> Mapping[str, GraphQLField]:
            info = GraphQLNonNull(self._parts.object("PageInfo"))
            found = {
                "edges": GraphQLField(GraphQLNonNull(some(edge)), description="The items, in order."),
                "nodes": GraphQLField(
                    GraphQLNonNull(GraphQLList(of)), resolve=_nodes, description="The resources alone, in order."
                ),
                "pageInfo": GraphQLField(info, resolve=_info, description="Where the page ends, whether more follow."),
                "totalCount": GraphQLField(
                    GraphQLNonNull(GraphQLInt), resolve=total_of, extensions={WEIGHT: 10},
                    description=TOTAL,
                ),
                "totalCountIsExact": GraphQLField(
                    GraphQLNonNull(GraphQLBoolean), resolve=is_exact_total, extensions={WEIGHT: 10},
                    description=TOTAL_IS_EXACT,
                ),
            }  # fmt: skip
            if of_class is not None:
                found["groups"] = self._groups(of_class)
            return found

        return GraphQLObjectType(name, fields, description="One page of a list.")

    def _groups(self, plan: ClassPlan) -> GraphQLField:
        by = {
            name: GraphQLEnumValue(GroupBy(field.predicate), deprecation_reason=field.deprecated)
            for name, field in plan.fields.items()
            if field.stated
        }
        by["class"] = GraphQLEnumValue(GroupBy(RDF_TYPE), description="The asserted classes.")
        if plan.is_entity:
            through = Through(TWIN_OF, Direction.IN)
            by["state"] = GraphQLEnumValue(GroupBy(IN_STATE, through), description="The lifecycle state of the twin.")
        elif MANAGED_RESOURCE in self._parts.plan.release.model.superclasses(plan.iri):
            by["state"] = GraphQLEnumValue(GroupBy(IN_STATE), description="The lifecycle state.")
        name = self._parts.plan.naming.derived("", plan.iri, "Group")
        label = self._parts.plan.release.model.label(plan.iri)
        of = GraphQLEnumType(name, dict(sorted(by.items())), description=f"What resources are counted by: {label}.")
        args = {
            "by": GraphQLArgument(GraphQLNonNull(of), description="What to count by."),
            "first": GraphQLArgument(GraphQLNonNull(GraphQLInt), MOST_GROUPS, description="At most so many groups."),
        }
        return GraphQLField(
            GraphQLNonNull(some(self._parts.group)), args, resolve=groups_of, extensions={WEIGHT: 100, FLAT: True},
            description="How many of all pages have each value, the most frequent first.",
        )  # fmt: skip


def _nodes(source: Any, info: ResolveInfo) -> list[Any]:
    return [edge.node for edge in source.edges]


def _info(source: Any, info: ResolveInfo) -> Any:
    return source.info


def _marks(required: bool) -> dict[str, Any]:
    return {REQUIRED: True} if required else {}


def _described(plan: ClassPlan) -> str | None:
    return (
        " ".join(part for part in (plan.definition, plan.deprecated and f"Deprecated: {plan.deprecated}") if part)
        or None
    )


def _languages() -> dict[str, GraphQLArgument]:
    text = "The languages to choose from, the preferred one first; otherwise texts without one, or any."
    return {"language": GraphQLArgument(some(GraphQLString), description=text)}


def undescribed(kind: GraphQLObjectType) -> dict[str, GraphQLField]:
    """The fields of a fixed type without what its interface says of them already: that would be most of the schema."""
    return {name: _bare(field) for name, field in kind.fields.items()}


def _bare(field: GraphQLField) -> GraphQLField:
    args = {
        name: GraphQLArgument(argument.type, argument.default_value, out_name=argument.out_name)
        for name, argument in field.args.items()
    }
    return GraphQLField(field.type, args, resolve=field.resolve, extensions=field.extensions)
