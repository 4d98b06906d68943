"""What all typed parts of one schema are built from: its plan, the fixed half, and types that several parts share."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, TypeVar

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLString,
)
from strawberry import Schema
from strawberry.types.arguments import convert_argument

from registry.api.graphql.fixed.filters import ResourceFilter
from registry.api.graphql.fixed.pages import PAGE_SIZE
from registry.api.graphql.typed.plan import Plan
from registry.api.graphql.typed.properties import EnumPlan, FieldPlan, Kind
from registry.api.graphql.typed.scalars import Scalars, ScalarUse

Input = TypeVar("Input")
_ANY_SCALARS = (
    "String",
    "Boolean",
    "Int",
    "Integer",
    "Decimal",
    "Float",
    "DateTime",
    "Date",
    "Time",
    "Duration",
    "Value",
)
SHARED_TYPES = frozenset({
    *(f"{name}Filter" for name in _ANY_SCALARS),
    *(f"Linked{name}{kind}" for name in ("Resource", "Twin") for kind in ("Connection", "Edge")),
    "Integer", "Decimal", "Date", "Time", "Duration", "Group", "TextInput", "NewTwinInput",
    "ResourceLinkFilter", "TwinLinkFilter",
})  # fmt: skip
"""Names of types that the typed half has whatever the ontology says; no class can have them."""


class Parts:
    """The fixed half's types by name, the plan, and the enums and filters of values, each made once."""

    def __init__(self, plan: Plan, fixed: Schema) -> None:
        self.plan = plan
        self._strawberry = fixed
        self.fixed: Mapping[str, GraphQLNamedType] = fixed._schema.type_map
        self.scalars = Scalars(self.fixed)
        self._enums: dict[str, GraphQLEnumType] = {}
        self._filters: dict[str, GraphQLInputObjectType] = {}

    def object(self, name: str) -> GraphQLObjectType:
        """An object type of the fixed half."""
        found = self.fixed[name]
        assert isinstance(found, GraphQLObjectType)
        return found

    def interface(self, name: str) -> GraphQLInterfaceType:
        """An interface of the fixed half."""
        found = self.fixed[name]
        assert isinstance(found, GraphQLInterfaceType)
        return found

    def input(self, name: str) -> Any:
        """A scalar, an enum or an input type of the fixed half."""
        return self.fixed[name]

    def given(self, kind: type[Input], value: Any) -> Input:
        """A value of an input type of the fixed half as its resolvers get it."""
        registry = self._strawberry.schema_converter.scalar_registry
        converted = convert_argument(value, kind, registry, self._strawberry.config)
        assert isinstance(converted, kind)
        return converted

    def fixed_filter(self, value: Mapping[str, Any]) -> ResourceFilter:
        """A filter of the fixed half."""
        return self.given(ResourceFilter, value)

    def enum(self, plan: EnumPlan) -> GraphQLEnumType:
        """The enum of a closed list of terms."""
        if plan.name not in self._enums:
            values = {
                name: GraphQLEnumValue(term, plan.meanings.get(name) or None, plan.deprecated.get(name))
                for name, term in plan.members
            }
            self._enums[plan.name] = GraphQLEnumType(plan.name, values, description=plan.definition or None)
        return self._enums[plan.name]

    def use(self, field: FieldPlan) -> ScalarUse:
        """The scalar of a field of values."""
        return self.scalars.use(field.datatype)

    def value_type(self, field: FieldPlan) -> Any:
        """The type of one value of a field that is no link."""
        if field.kind is Kind.ENUM:
            assert field.enum is not None
            return self.enum(field.enum)
        return self.use(field).scalar

    def value_filter(self, field: FieldPlan) -> GraphQLInputObjectType:
        """How the values of a field compare."""
        of = self.value_type(field)
        name = f"{of.name}Filter"
        if name not in self._filters:
            use = None if field.kind is Kind.ENUM else self.use(field)
            words = {"eq": "Some value is this one.", "ne": "No value is this one."}
            if use is not None and use.comparable:
                words |= {"lt": "Some value is less.", "lte": "Some value is at most this.",
                          "gt": "Some value is greater.", "gte": "Some value is at least this."}  # fmt: skip
            fields = {word: GraphQLInputField(of, description=text) for word, text in words.items()}
            fields["in"] = GraphQLInputField(some(of), description="Some value is one of these.")
            if use is not None and use.text:
                fields["prefix"] = GraphQLInputField(GraphQLString, description="Some text begins so.")
            fields["exists"] = GraphQLInputField(GraphQLBoolean, description="Whether there is any value.")
            description = f"How values of the type {of.name} compare. Everything that is given must hold."
            self._filters[name] = GraphQLInputObjectType(name, fields, description=description)
        return self._filters[name]

    @cached_property
    def group(self) -> GraphQLObjectType:
        """A value and how many have it."""
        fields = {
            "value": GraphQLField(self.input("Value"), description="The value, or the IRI; null where there is none."),
            "name": GraphQLField(GraphQLString, description="The short name of an IRI of the model."),
            "count": GraphQLField(GraphQLNonNull(GraphQLInt), description="How many have it."),
        }
        return GraphQLObjectType("Group", fields, description="A value and how many resources have it.")

    @cached_property
    def text_input(self) -> GraphQLInputObjectType:
        """A text with its language."""
        fields = {
            "value": GraphQLInputField(GraphQLNonNull(GraphQLString), description="The text."),
            "language": GraphQLInputField(GraphQLString, description="Its language tag (BCP 47), such as `en`."),
        }
        return GraphQLInputObjectType("TextInput", fields, description="A text in a language.")


def paged(described: bool = True) -> dict[str, GraphQLArgument]:
    """The arguments of a page. Links are many and their pages all alike: there the words would be half the schema."""
    first, after = ("At most so many.", "Begin behind this cursor.") if described else (None, None)
    return {
        "first": GraphQLArgument(GraphQLNonNull(GraphQLInt), PAGE_SIZE, description=first),
        "after": GraphQLArgument(GraphQLString, description=after),
    }


def some(of: GraphQLInputType | Any) -> Any:
    """A list without gaps."""
    return GraphQLList(GraphQLNonNull(of))
