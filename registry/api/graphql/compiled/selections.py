"""Selections compiled to functions: one for each field, and one for the object that they make together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import count
from operator import attrgetter
from types import CoroutineType
from typing import Any, TypeAlias

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

from registry.api.graphql.compiled.arguments import Arguments
from registry.api.graphql.compiled.deviation import Deviation
from registry.api.graphql.compiled.leaves import leaf_of, types_of
from registry.api.graphql.compiled.run import Answered, Complete, Run
from registry.api.graphql.reads import READ, SETTLED, Read
from registry.api.graphql.resources import Resource
from registry.api.graphql.typed.meeting import Asking

Fill: TypeAlias = Callable[[Any, Answered, Run], None]
"""Puts one field of a source into the answer, or leaves it to the run."""

_DEFINITION = "strawberry-definition"
_numbers = count()


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
            return _constant(name, kind.name)
        field = self._field(kind, node)
        complete = self.complete(field.type, nodes)
        arguments = self._arguments.of_field(field, node)
        definition = field.extensions.get(_DEFINITION)
        read = _said(field).get(READ)
        if read is not None:
            return _of_read(read, arguments, complete, name)
        if definition is None:
            if field.resolve is None:
                return _of_entry(node.name.value, complete, name)
            return _of_core(field.resolve, arguments, complete, name)
        if definition.is_basic_field:
            return _of_attribute(definition.python_name, complete, name)
        resolver = definition.base_resolver
        call = _with_info(resolver.wrapped_func) if resolver.info_parameter else _without_info(resolver.wrapped_func)
        return (_of_coroutine if definition.is_async else _of_function)(call, arguments, complete, name)

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
            return _demanding(self._present(kind.of_type, nodes))
        present = self._present(kind, nodes)
        return lambda value, run: None if value is None else present(value, run)

    def _present(self, kind: Any, nodes: Sequence[FieldNode]) -> Complete:
        if isinstance(kind, GraphQLList):
            return _each(self.complete(kind.of_type, nodes))
        if is_leaf_type(kind):
            leaf = leaf_of(kind)
            return lambda value, run: leaf(value)
        if is_abstract_type(kind):
            return self._abstract(kind, nodes)
        assert isinstance(kind, GraphQLObjectType)
        return self._object(kind, nodes)

    def _object(self, kind: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Complete:
        selected = self.fields(kind, [node.selection_set for node in nodes])
        if self._resource in kind.interfaces:
            return self._resource_object(kind, selected)
        return self._made(kind, selected, selected)

    def _resource_object(self, kind: GraphQLObjectType, selected: Mapping[str, list[FieldNode]]) -> Complete:
        """A resource: what follows from it alone is worked out once, and kept with it."""
        settled = {name: nodes for name, nodes in selected.items() if self._is_settled(kind, nodes)}
        made = self._made(kind, selected, settled)
        rest = [self.fill(kind, name, nodes) for name, nodes in selected.items() if name not in settled]
        return _remembered(made, rest) if len(settled) > 1 else self._made(kind, selected, selected)

    def _made(
        self, kind: GraphQLObjectType, template: Mapping[str, object], selected: Mapping[str, list[FieldNode]]
    ) -> Complete:
        """An object with some of its fields; all others are in their places, for later."""
        plain: dict[str, _Plain] = {}
        fills: list[Fill] = []
        for name, found in selected.items():
            one = self._plain(kind, found[0])
            if one is not None:
                plain[name] = one
            else:
                fills.append(self.fill(kind, name, found))
        if len(plain) < 2:
            fills += [self.fill(kind, name, selected[name]) for name in plain]
            return _made_of(dict.fromkeys(template), fills)
        return _made_of_plain(dict.fromkeys(template), plain, fills)

    @cached_property
    def _resource(self) -> GraphQLNamedType | None:
        return self._schema.get_type("Resource")

    def _plain(self, kind: GraphQLObjectType, node: FieldNode) -> _Plain | None:
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
        return _Plain(definition.python_name, types if of is not field.type else types | {type(None)})

    def _abstract(self, kind: Any, nodes: Sequence[FieldNode]) -> Complete:
        asking = Asking(self._schema, nodes, self._fragments)
        known: dict[str | None, tuple[Complete, bool]] = {}
        number = next(_numbers)

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


class _Plain:
    """An attribute and the types that its values have to be of."""

    __slots__ = ("attribute", "types")

    def __init__(self, attribute: str, types: frozenset[type]) -> None:
        self.attribute = attribute
        self.types = types


def _said(field: GraphQLField) -> Mapping[str, Any]:
    definition = field.extensions.get(_DEFINITION)
    found: Mapping[str, Any] = field.extensions if definition is None else definition.metadata
    return found


def _remembered(made: Complete, rest: Sequence[Fill]) -> Complete:
    number = next(_numbers)

    def complete(value: Any, run: Run) -> Answered:
        answers: dict[int, Answered] = value.told.answers
        known = answers.get(number)
        if known is None:
            known = made(value, run)
            value.told.keep(number, known)
        if not rest:
            # It goes into the answer as it is: nobody writes into what is complete.
            return known
        into: Answered = known.copy()
        for fill in rest:
            fill(value, into, run)
        return into

    return complete


def _made_of(template: Answered, fills: Sequence[Fill]) -> Complete:
    def complete(value: Any, run: Run) -> Answered:
        if isinstance(value, Exception):
            raise value
        into = template.copy()
        for fill in fills:
            fill(value, into, run)
        return into

    return complete


def _made_of_plain(template: Answered, plain: Mapping[str, _Plain], fills: Sequence[Fill]) -> Complete:
    """An object with several plain leaves: they are fetched and checked together."""
    names, allowed = tuple(plain), [one.types for one in plain.values()]
    attributes = attrgetter(*(one.attribute for one in plain.values()))
    fitting: set[tuple[type, ...]] = set()

    def complete(value: Any, run: Run) -> Answered:
        found = attributes(value)
        types = tuple(map(type, found))
        if types not in fitting:
            if not all(map(frozenset.__contains__, allowed, types)):
                raise Deviation
            fitting.add(types)
        into = template.copy()
        into.update(zip(names, found, strict=True))
        for fill in fills:
            fill(value, into, run)
        return into

    return complete


def _demanding(present: Complete) -> Complete:
    def complete(value: Any, run: Run) -> Any:
        if value is None:
            raise Deviation
        return present(value, run)

    return complete


def _each(one: Complete) -> Complete:
    def complete(value: Any, run: Run) -> list[Any]:
        if type(value) is not list and type(value) is not tuple:
            raise Deviation
        return [one(item, run) for item in value]

    return complete


def _constant(name: str, value: str) -> Fill:
    def fill(source: Any, into: Answered, run: Run) -> None:
        into[name] = value

    return fill


def _of_attribute(attribute: str, complete: Complete, name: str) -> Fill:
    def fill(source: Any, into: Answered, run: Run) -> None:
        into[name] = complete(getattr(source, attribute), run)

    return fill


def _of_entry(key: str, complete: Complete, name: str) -> Fill:
    """What graphql-core's own default resolver gives: an entry of a dictionary, or an attribute."""

    def fill(source: Any, into: Answered, run: Run) -> None:
        value = source.get(key) if type(source) is dict else getattr(source, key, None)
        if callable(value):
            raise Deviation
        into[name] = complete(value, run)

    return fill


Call: TypeAlias = Callable[[Any, Run, dict[str, Any]], Any]
_Arguments: TypeAlias = Callable[[Mapping[str, Any]], dict[str, Any]] | dict[str, Any]


def _with_info(function: Callable[..., Any]) -> Call:
    return lambda source, run, arguments: function(source, info=run, **arguments)


def _without_info(function: Callable[..., Any]) -> Call:
    return lambda source, run, arguments: function(source, **arguments)


def _told(arguments: _Arguments) -> Callable[[Run], dict[str, Any]]:
    """The arguments of a field, made once in a run whatever the number of its sources."""
    if isinstance(arguments, dict):
        fixed = arguments
        return lambda run: fixed
    make, key = arguments, id(arguments)

    def told(run: Run) -> dict[str, Any]:
        found = run.made.get(key)
        if found is None:
            found = run.made[key] = make(run.given)
        return found

    return told


def _of_function(call: Call, arguments: _Arguments, complete: Complete, name: str) -> Fill:
    told = _told(arguments)

    def fill(source: Any, into: Answered, run: Run) -> None:
        into[name] = complete(call(source, run, told(run)), run)

    return fill


def _of_coroutine(call: Call, arguments: _Arguments, complete: Complete, name: str) -> Fill:
    told = _told(arguments)

    def fill(source: Any, into: Answered, run: Run) -> None:
        run.wait(call(source, run, told(run)), complete, into, name)

    return fill


def _of_core(resolve: Callable[..., Any], arguments: _Arguments, complete: Complete, name: str) -> Fill:
    """A resolver of graphql-core's form, which may answer at once or later."""
    told = _told(arguments)

    def fill(source: Any, into: Answered, run: Run) -> None:
        value = resolve(source, run, **told(run))
        if type(value) is CoroutineType:
            run.wait(value, complete, into, name)
        else:
            into[name] = complete(value, run)

    return fill


def _of_read(read: Read, arguments: _Arguments, complete: Complete, name: str) -> Fill:
    told = _told(arguments)

    def fill(source: Any, into: Answered, run: Run) -> None:
        run.read(read, source, told(run), complete, into, name)

    return fill
