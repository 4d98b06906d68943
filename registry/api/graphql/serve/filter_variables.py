"""Variables that stand within a filter: one that is not given would leave its condition out, and mean everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

from registry.errors import BadInput

FILTER = "filter"
"""What every argument that picks resources or changes is called."""

Guard = tuple[bool, str]
"""A variable of `@include` (True) or `@skip` (False) that decides whether a selection is asked for."""


class FilterVariables:
    """The variables of one operation that are parts of filters; a variable that is a whole filter may be left out."""

    def __init__(self, document: DocumentNode, operation: OperationDefinitionNode) -> None:
        definitions = operation.variable_definitions or ()
        self._open = {one.variable.name.value for one in definitions if one.default_value is None}
        self._defaults = {
            one.variable.name.value: one.default_value.value
            for one in definitions
            if isinstance(one.default_value, BooleanValueNode)
        }
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }
        self._seen: set[str] = set()
        self._found = dict.fromkeys(self._in(operation.selection_set, ())) if self._open else {}

    def check(self, variables: Mapping[str, Any]) -> None:
        """Raises BadInput where one of them is not given and its filter is asked for."""
        for name, guards in self._found:
            if name not in variables and all(self._decides(variables, other) is wanted for wanted, other in guards):
                raise BadInput(
                    f"${name} is part of a filter and was not given, which would ask for more than is meant: give it, "
                    "or pass the whole filter as a variable without this condition",
                    FILTER, variable=name,
                )  # fmt: skip

    def _decides(self, variables: Mapping[str, Any], name: str) -> Any:
        return variables.get(name, self._defaults.get(name))

    def _in(
        self, selected: SelectionSetNode | None, guards: tuple[Guard, ...]
    ) -> Iterator[tuple[str, tuple[Guard, ...]]]:
        for node in selected.selections if selected is not None else ():
            within = (*guards, *_guards(node.directives or ()))
            if isinstance(node, FieldNode):
                for argument in node.arguments or ():
                    yield from ((name, within) for name in self._parts(argument))
                yield from self._in(node.selection_set, within)
            elif isinstance(node, InlineFragmentNode):
                yield from self._in(node.selection_set, within)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in self._seen:
                # A fragment is looked at once, as if always asked for: it may be spread in exponentially many ways.
                self._seen.add(node.name.value)
                yield from self._in(self._fragments[node.name.value].selection_set, ())

    def _parts(self, argument: ArgumentNode) -> Iterable[str]:
        if argument.name.value != FILTER or isinstance(argument.value, VariableNode):
            return ()
        return (name for name in _variables(argument.value) if name in self._open)


def _guards(directives: Iterable[DirectiveNode]) -> Iterator[Guard]:
    for directive in directives:
        for argument in directive.arguments or ():
            wanted = directive.name.value == "include"
            if isinstance(argument.value, VariableNode):
                yield wanted, argument.value.name.value
            elif isinstance(argument.value, BooleanValueNode) and argument.value.value is not wanted:
                # No variable is called so: the selection is never asked for.
                yield wanted, ""


def _variables(value: ValueNode) -> Iterator[str]:
    if isinstance(value, VariableNode):
        yield value.name.value
    elif isinstance(value, ListValueNode):
        for one in value.values:
            yield from _variables(one)
    elif isinstance(value, ObjectValueNode):
        for entry in value.fields:
            yield from _variables(entry.value)
