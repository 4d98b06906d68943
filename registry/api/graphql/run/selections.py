"""Selections compiled to functions: one for each field, and one for the object that they make together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)

from registry.api.graphql.fixed.reads import READ, SETTLED
from registry.api.graphql.fixed.resources import Resource
from registry.api.graphql.run.arguments import Arguments
from registry.api.graphql.run.deviation import Deviation
from registry.api.graphql.run.execution import Answered, Complete, Run
from registry.api.graphql.run.fields import (
    Fill,
    constant,
    of_attribute,
    of_core,
    of_coroutine,
    of_entry,
    of_function,
    of_read,
    with_info,
    without_info,
)
from registry.api.graphql.run.leaves import leaf_of, types_of
from registry.api.graphql.run.objects import (
    Plain,
    demanding,
    each,
    each_made_of,
    made_of,
    made_of_plain,
    numbers,
    remembered,
)
from registry.api.graphql.typed.resolve_type import Asking

_DEFINITION = "strawberry-definition"


class Selections:
    """Compiles the selections of one document. Raises Deviation for what the stock executor has to do."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], arguments: Arguments
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._arguments = arguments

    def fields(self, kind: GraphQLObjectType, nodes: Sequence[SelectionSetNode | None]) -> dict[str, list[FieldNode]]:
        """What is selected of an object, by response name and in order (GraphQL specification, section 6.3.2)."""
        found: dict[str, list[FieldNode]] = {}
        for node in nodes:
            if node is not None:
                self._collect(kind, node, found, set())
        return found

    def fill(self, kind: GraphQLObjectType, name: str, nodes: Sequence[FieldNode]) -> Fill:
        """How one field gets into the answer."""
        node = nodes[0]
        if node.name.value == "__typename":
            return constant(name, kind.name)
        field = self._field(kind, node)
        complete = self.complete(field.type, nodes)
        arguments = self._arguments.of_field(field, node)
        definition = field.extensions.get(_DEFINITION)
        read = _said(field).get(READ)
        if read is not None:
            return of_read(read, arguments, complete, name)
        if definition is None:
            if field.resolve is None:
                return of_entry(node.name.value, complete, name)
            return of_core(field.resolve, arguments, complete, name)
        if definition.is_basic_field:
            return of_attribute(definition.python_name, complete, name)
        resolver = definition.base_resolver
        call = with_info(resolver.wrapped_func) if resolver.info_parameter else without_info(resolver.wrapped_func)
        return (of_coroutine if definition.is_async else of_function)(call, arguments, complete, name)

    def _field(self, kind: GraphQLObjectType, node: FieldNode) -> GraphQLField:
        field: GraphQLField | None = self._schema.get_field(kind, node.name.value)
        if field is None or node.name.value.startswith("__"):
            raise Deviation
        return field

    def _is_settled(self, kind: GraphQLObjectType, nodes: Sequence[FieldNode]) -> bool:
        """Whether what a field answers follows from its source and the document alone, all that is below included."""
        node = nodes[0]
        if node.name.value == "__typename":
            return True
        field = self._field(kind, node)
        definition = field.extensions.get(_DEFINITION)
        if _said(field).get(READ) is not None or not isinstance(self._arguments.of_field(field, node), dict):
            return False
        if definition is None:
            if field.resolve is not None and not field.extensions.get(SETTLED):
                return False
        elif not definition.is_basic_field and (definition.is_async or definition.base_resolver.info_parameter):
            return False
        below = get_named_type(field.type)
        if is_leaf_type(below):
            return True
        if not isinstance(below, GraphQLObjectType):
            return False
        selected = self.fields(below, [one.selection_set for one in nodes])
        return all(self._is_settled(below, found) for found in selected.values())

    def complete(self, kind: GraphQLOutputType, nodes: Sequence[FieldNode]) -> Complete:
        """How a value of a type becomes its part of the answer (section 6.4.3)."""
        if isinstance(kind, GraphQLNonNull):
            return demanding(self._present(kind.of_type, nodes))
        present = self._present(kind, nodes)
        return lambda value, run: None if value is None else present(value, run)

    def _present(self, kind: Any, nodes: Sequence[FieldNode]) -> Complete:
        if isinstance(kind, GraphQLList):
            return self._each(kind.of_type, nodes)
        if is_leaf_type(kind):
            leaf = leaf_of(kind)
            return lambda value, run: leaf(value)
        if is_abstract_type(kind):
            return self._abstract(kind, nodes)
        assert isinstance(kind, GraphQLObjectType)
        return self._object(kind, nodes)

    def _each(self, kind: GraphQLOutputType, nodes: Sequence[FieldNode]) -> Complete:
        of = kind.of_type if isinstance(kind, GraphQLNonNull) else None
        if isinstance(of, GraphQLObjectType) and self._resource not in of.interfaces:
            selected = self.fields(of, [node.selection_set for node in nodes])
            plain, fills = self._fields_of(of, selected)
            if plain:
                return each(demanding(made_of_plain(dict.fromkeys(selected), plain, fills)))
            return each_made_of(dict.fromkeys(selected), fills)
        return each(self.complete(kind, nodes))

    def _object(self, kind: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Complete:
        selected = self.fields(kind, [node.selection_set for node in nodes])
        if self._resource in kind.interfaces:
            return self._resource_object(kind, selected)
        return self._made(kind, selected, selected)

    def _resource_object(self, kind: GraphQLObjectType, selected: Mapping[str, list[FieldNode]]) -> Complete:
        """A resource: what follows from it alone is worked out once, and kept with it."""
        settled = {name: nodes for name, nodes in selected.items() if self._is_settled(kind, nodes)}
        if len(settled) < 2:
            return self._made(kind, selected, selected)
        rest = [self.fill(kind, name, nodes) for name, nodes in selected.items() if name not in settled]
        return remembered(self._made(kind, selected, settled), rest)

    def _made(
        self, kind: GraphQLObjectType, template: Mapping[str, object], selected: Mapping[str, list[FieldNode]]
    ) -> Complete:
        """An object with some of its fields; all others are in their places, for later."""
        plain, fills = self._fields_of(kind, selected)
        if not plain:
            return made_of(dict.fromkeys(template), fills)
        return made_of_plain(dict.fromkeys(template), plain, fills)

    def _fields_of(
        self, kind: GraphQLObjectType, selected: Mapping[str, list[FieldNode]]
    ) -> tuple[dict[str, Plain], list[Fill]]:
        """The plain leaves among some fields, where they are several, and how all others get into the answer."""
        plain: dict[str, Plain] = {}
        fills: list[Fill] = []
        for name, found in selected.items():
            one = self._plain(kind, found[0])
            if one is not None:
                plain[name] = one
            else:
                fills.append(self.fill(kind, name, found))
        if len(plain) < 2:
            fills += [self.fill(kind, name, selected[name]) for name in plain]
            plain = {}
        return plain, fills

    @cached_property
    def _resource(self) -> GraphQLNamedType | None:
        return self._schema.get_type("Resource")

    def _plain(self, kind: GraphQLObjectType, node: FieldNode) -> Plain | None:
        """A leaf that is an attribute and needs no more than a look at its type."""
        field: GraphQLField | None = self._schema.get_field(kind, node.name.value)
        definition = None if field is None else field.extensions.get(_DEFINITION)
        if field is None or definition is None or not definition.is_basic_field:
            return None
        of = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
        if not isinstance(of, GraphQLScalarType | GraphQLEnumType):
            return None
        types = types_of(of)
        if not types:
            return None
        return Plain(definition.python_name, types if of is not field.type else types | {type(None)})

    def _abstract(self, kind: Any, nodes: Sequence[FieldNode]) -> Complete:
        asking = Asking(self._schema, nodes, self._fragments)
        known: dict[str | None, tuple[Complete, bool]] = {}
        number = next(numbers)

        def complete(value: Any, run: Run) -> Any:
            if not isinstance(value, Resource):
                raise Deviation
            answers: dict[int, Answered] = value.told.answers
            answered = answers.get(number)
            if answered is not None:
                return answered
            name = asking.kind(value, kind)
            found = known.get(name)
            if found is None:
                concrete = self._schema.get_type(name or "")
                if not isinstance(concrete, GraphQLObjectType) or not self._schema.is_sub_type(kind, concrete):
                    raise Deviation
                selected = self.fields(concrete, [node.selection_set for node in nodes])
                is_settled = all(self._is_settled(concrete, one) for one in selected.values())
                found = known[name] = self._object(concrete, nodes), is_settled
            made, is_settled = found
            answered = made(value, run)
            if is_settled:
                value.told.keep(number, answered)
            return answered

        return complete

    def _collect(
        self, kind: GraphQLObjectType, selections: SelectionSetNode, found: dict[str, list[FieldNode]], seen: set[str]
    ) -> None:
        for node in selections.selections:
            if node.directives:
                raise Deviation
            if isinstance(node, FieldNode):
                found.setdefault((node.alias or node.name).value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                if node.type_condition is None or self._applies(node.type_condition.name.value, kind):
                    self._collect(kind, node.selection_set, found, seen)
            else:
                assert isinstance(node, FragmentSpreadNode)
                name = node.name.value
                if name not in seen:
                    seen.add(name)
                    fragment = self._fragments[name]
                    if fragment.directives or fragment.variable_definitions:
                        raise Deviation
                    if self._applies(fragment.type_condition.name.value, kind):
                        self._collect(kind, fragment.selection_set, found, seen)

    def _applies(self, name: str, kind: GraphQLObjectType) -> bool:
        condition = self._schema.get_type(name)
        return condition is kind or (
            isinstance(condition, GraphQLInterfaceType) and self._schema.is_sub_type(condition, kind)
        )


def _said(field: GraphQLField) -> Mapping[str, Any]:
    definition = field.extensions.get(_DEFINITION)
    found: Mapping[str, Any] = field.extensions if definition is None else definition.metadata
    return found
