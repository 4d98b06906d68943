"""The input types of each class: filter, order, what a new one says, what changes of one, its links."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graphql import GraphQLBoolean, GraphQLInputField, GraphQLInputObjectType, GraphQLNonNull, GraphQLString

from registry.api.graphql.typed.filters import ORDER_KEYS
from registry.api.graphql.typed.plan import ClassPlan
from registry.api.graphql.typed.properties import FieldPlan, Kind
from registry.api.graphql.typed.shared_types import Parts, some
from registry.domain.registration import governing
from registry.rdf.terms import Iri
from registry.rdf.vocabulary import GOVERNED_BY, IN_STATE, RDF_LANG_STRING, TWIN

Fields = Callable[[], Mapping[str, GraphQLInputField]]


class Inputs:
    """Builds each type once, with its fields when they are asked for."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._made: dict[str, GraphQLInputObjectType] = {}

    def filter(self, plan: ClassPlan) -> GraphQLInputObjectType:
        """Which members of a class are meant."""

        def fields() -> Mapping[str, GraphQLInputField]:
            of = self.filter(plan)
            fixed = self._parts.input("ResourceFilter")
            found = {name: self._filtered(field) for name, field in plan.fields.items()}
            found["resource"] = GraphQLInputField(fixed, description="What holds for any resource.")
            if plan.is_entity:
                found["twin"] = GraphQLInputField(fixed, description="What holds for the twin that stands for it.")
            found["and"] = GraphQLInputField(some(of), description="All of these hold.")
            found["or"] = GraphQLInputField(some(of), description="One of these holds.")
            found["not"] = GraphQLInputField(of, description="This does not hold.")
            return found

        return self._named(plan, "Filter", fields, "Which are meant. Everything that is given must hold.")

    def order(self, plan: ClassPlan) -> GraphQLInputObjectType:
        """What a list of a class is ordered by."""

        def fields() -> Mapping[str, GraphQLInputField]:
            way = self._parts.input("SortDirection")
            names = [*ORDER_KEYS, *(name for name, field in plan.fields.items() if field.stated)]
            return {name: GraphQLInputField(way) for name in names}

        text = "The order: by exactly one of these. Those that have none come last."
        return self._named(plan, "Order", fields, text, is_one_of=True)

    def new(self, plan: ClassPlan) -> GraphQLInputObjectType:
        """What a new member of a class says."""

        def fields() -> Mapping[str, GraphQLInputField]:
            iri = self._parts.input("Iri")
            found = {
                "iri": GraphQLInputField(iri, description="Its IRI; it gets one where none is given."),
                "name": GraphQLInputField(GraphQLString, description="Its label."),
            }
            if plan.is_entity:
                text = "The twin that will stand for it."
                found["twin"] = GraphQLInputField(self.new_twin(), description=text)
            for field in self.creatable(plan):
                of = self._settable_type(field)
                required = field.name in plan.required
                found[field.name] = _input(GraphQLNonNull(of) if required else of, field)
            return found

        return self._named(plan, "Input", fields, "What a new one says.")

    def patch(self, plan: ClassPlan) -> GraphQLInputObjectType:
        """New values for some fields of a member of a class."""

        def fields() -> Mapping[str, GraphQLInputField]:
            text = "In place of the label that `name` shows; those in other languages stay."
            found = {"name": GraphQLInputField(GraphQLString, description=text)}
            found |= {field.name: GraphQLInputField(self._settable_type(field)) for field in self.settable(plan)}
            return found

        text = (
            "New values. What is not given stays; null takes all values away. Texts that all have a language replace "
            "those of their languages only."
        )
        return self._named(plan, "Patch", fields, text)

    def link(self, plan: ClassPlan) -> GraphQLInputObjectType | None:
        """One link of a member of a class; None for a class without links."""
        links = list(plan.links())

        def fields() -> Mapping[str, GraphQLInputField]:
            return {field.name: GraphQLInputField(self._parts.input("Iri")) for field in links}

        text = "One link, and what it leads to: exactly one field is given."
        return self._named(plan, "Link", fields, text, is_one_of=True) if links else None

    def new_twin(self) -> GraphQLInputObjectType:
        """The twin of a new entity: what `RegisterTwinInput` says, without the entity."""
        if "NewTwinInput" not in self._made:
            fixed: GraphQLInputObjectType = self._parts.input("RegisterTwinInput")
            fields = {name: field for name, field in fixed.fields.items() if name != "entity"}
            self._made["NewTwinInput"] = GraphQLInputObjectType(
                "NewTwinInput", fields, description="The twin of something new."
            )
        return self._made["NewTwinInput"]

    def settable(self, plan: ClassPlan) -> Iterator[FieldPlan]:
        """The fields that a resource itself states."""
        return (field for field in plan.fields.values() if field.stated)

    def creatable(self, plan: ClassPlan) -> Iterator[FieldPlan]:
        """The fields that a new one can state: where a lifecycle governs it, that decides where it begins."""
        governed = governing(self._parts.plan.release, [plan.iri]) is not None
        return (found for found in self.settable(plan) if not (governed and found.predicate in (GOVERNED_BY, IN_STATE)))

    def _named(
        self, plan: ClassPlan, suffix: str, fields: Fields, text: str, is_one_of: bool = False
    ) -> GraphQLInputObjectType:
        name = self._parts.plan.naming.derived("", plan.iri, suffix)
        if name not in self._made:
            self._made[name] = GraphQLInputObjectType(name, fields, description=text, is_one_of=is_one_of)
        return self._made[name]

    def _filtered(self, field: FieldPlan) -> GraphQLInputField:
        if field.kind is Kind.LINK:
            return GraphQLInputField(self._link_filter(field.target))
        return GraphQLInputField(self._parts.value_filter(field))

    def _link_filter(self, target: Iri | None) -> GraphQLInputObjectType:
        plan = None if target is None else self._parts.plan.classes.get(target)

        def fields() -> Mapping[str, GraphQLInputField]:
            of = self._parts.input("ResourceFilter") if plan is None else self.filter(plan)
            return {
                "some": GraphQLInputField(of, description="This holds for at least one at the other end."),
                "none": GraphQLInputField(of, description="This holds for none of them."),
                "every": GraphQLInputField(of, description="This holds for all of them, also where there are none."),
                "exists": GraphQLInputField(GraphQLBoolean, description="Whether there is any."),
            }

        text = "What is linked. Everything that is given must hold."
        if plan is not None:
            return self._named(plan, "LinkFilter", fields, text)
        name = "TwinLinkFilter" if target == TWIN else "ResourceLinkFilter"
        if name not in self._made:
            self._made[name] = GraphQLInputObjectType(name, fields, description=text)
        return self._made[name]

    def _settable_type(self, field: FieldPlan) -> Any:
        if field.kind is Kind.LINK:
            of = self._parts.input("Iri")
        elif field.kind is Kind.VALUE and field.datatype == RDF_LANG_STRING:
            return some(self._parts.text_input)
        else:
            of = self._parts.value_type(field)
        return of if field.single else some(of)


def _input(of: Any, field: FieldPlan) -> GraphQLInputField:
    return GraphQLInputField(of, description=field.definition or None)
