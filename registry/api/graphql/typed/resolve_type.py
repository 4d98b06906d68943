"""Where the halves meet: a resource of the fixed half is shown as its class's type where a document asks for that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLSchema,
    InlineFragmentNode,
    Node,
)
from strawberry import Schema

from registry.api.graphql.fixed.context import ResolveInfo
from registry.api.graphql.fixed.resources import Resource
from registry.api.graphql.typed.plan import Plan
from registry.rdf.terms import Iri

PLAN = "plan"
"""Extension of a schema: what its typed half was built from."""


def meet(fixed: Schema) -> None:
    """Let the interface `Resource` lead into both halves.

    A field of the fixed half answers with Twin, Entity or Thing, as ever. Where a document asks it for the fields of a
    class's type, by a fragment, a resource of that class is shown as its own type.
    """
    interface = fixed._schema.type_map["Resource"]
    assert isinstance(interface, GraphQLInterfaceType)
    as_ever = interface.resolve_type
    assert as_ever is not None

    def kind(value: Resource, info: ResolveInfo, abstract: Any) -> Any:
        plan: Plan | None = info.schema.extensions.get(PLAN)
        if plan is not None and asks_for_typed(info, plan):
            found = plan.object_name(value.source.classes)
            if found is not None:
                return found
        return as_ever(value, info, abstract)

    interface.resolve_type = kind


class Asking:
    """What one field asks of resources: fixed for a document, so that the type of each resource is looked up once.

    It stands for graphql-core's ``info`` where types are resolved.
    """

    def __init__(
        self, schema: GraphQLSchema, nodes: Sequence[FieldNode], fragments: Mapping[str, FragmentDefinitionNode]
    ) -> None:
        self.schema = schema
        self.field_nodes = nodes
        self.field_name = nodes[0].name.value
        self.fragments = fragments
        self._known: dict[tuple[Iri, ...], str | None] = {}

    def kind(self, resource: Resource, abstract: GraphQLInterfaceType) -> str | None:
        """The name of the object type as which a resource is shown where its field is of an interface."""
        classes = tuple(resource.classes)
        if classes not in self._known:
            assert abstract.resolve_type is not None
            found: Any = abstract.resolve_type(resource, cast(ResolveInfo, self), abstract)
            self._known[classes] = getattr(found, "name", found)
        return self._known[classes]


def asks_for_typed(info: ResolveInfo, plan: Plan) -> bool:
    """Whether a selection has a fragment on the type of some class."""
    return any(name in plan.type_names for node in info.field_nodes for name in _conditions(node, info))


def _conditions(node: FieldNode, info: ResolveInfo) -> Iterator[str]:
    """The types of the fragments of a selection, those within each other too."""
    waiting = [node.selection_set]
    seen: set[str] = set()
    while waiting:
        selections = waiting.pop()
        for selected in selections.selections if selections is not None else ():
            fragment: Node | None = selected
            if isinstance(selected, FragmentSpreadNode):
                name = selected.name.value
                fragment = None if name in seen else info.fragments[name]
                seen.add(name)
            if isinstance(fragment, InlineFragmentNode | FragmentDefinitionNode):
                if fragment.type_condition is not None:
                    yield fragment.type_condition.name.value
                waiting.append(fragment.selection_set)
