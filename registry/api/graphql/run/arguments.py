"""Variables and arguments: from JSON and from the document's own values to what resolvers get, in one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING
from typing import Any, TypeAlias

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    type_from_ast,
    value_from_ast_untyped,
)
from graphql.utilities.coerce_input_value import coerce_default_value
from strawberry import Some
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryMaybe, StrawberryOptional

from registry.api.graphql.run.deviation import Deviation

Given: TypeAlias = Mapping[str, Any]
"""The variables of one request as resolvers get them; one that was not given is not in it."""

Reader: TypeAlias = Callable[[Any], Any]
Maker: TypeAlias = Callable[[Given], Any]

ABSENT = object()
_DEFINITION = "strawberry-definition"
_NAMES = StrawberryConfig().name_converter


class Arguments:
    """Compiles how values of input types are read, each type once; types may lead to each other in circles."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._inputs: dict[str, _Input] = {}

    def variables(self, definitions: Sequence[VariableDefinitionNode]) -> Callable[[Mapping[str, Any]], Given]:
        """How the variables of an operation are read."""
        readers: list[tuple[str, Reader, Any]] = []
        for definition in definitions:
            kind: Any = type_from_ast(self._schema, definition.type)
            default = ABSENT
            if definition.default_value is not None:
                default = value_from_ast_untyped(definition.default_value)
            elif isinstance(kind, GraphQLNonNull):
                default = None
            readers.append((definition.variable.name.value, self.reader(kind), default))

        def read(said: Mapping[str, Any]) -> Given:
            found = {}
            for name, reader, default in readers:
                value = said.get(name, default)
                if value is not ABSENT:
                    found[name] = reader(value)
            return found

        return read

    def of_field(self, field: GraphQLField, node: FieldNode) -> Callable[[Given], dict[str, Any]] | dict[str, Any]:
        """The keyword arguments of a field's resolver: as they are where no variable is among them."""
        names = _python_names(field)
        is_ours = _DEFINITION in field.extensions
        makers: list[tuple[str, Maker]] = []
        fixed: dict[str, Any] = {}
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        for name, argument in field.args.items():
            to = names.get(name) or argument.out_name or name
            if not is_ours and (default := coerce_default_value(argument)) is not Undefined:
                fixed[to] = default
            if name in given:
                if _has_variable(given[name]):
                    makers.append((to, self._maker(given[name], argument.type)))
                else:
                    fixed[to] = _constant(self.reader(argument.type), given[name])
        if not makers:
            return fixed

        def make(variables: Given) -> dict[str, Any]:
            found = dict(fixed)
            for to, maker in makers:
                value = maker(variables)
                if value is not ABSENT:
                    found[to] = value
            return found

        return make

    def reader(self, kind: GraphQLInputType) -> Reader:
        """How a JSON value of a type is read. The reader raises whatever it likes for one that does not fit."""
        if isinstance(kind, GraphQLNonNull):
            return _required(self._present(kind.of_type))
        present = self._present(kind)
        return lambda value: None if value is None else present(value)

    def input(self, kind: GraphQLInputObjectType) -> _Input:
        """How an input object is read."""
        if kind.name not in self._inputs:
            self._inputs[kind.name] = _Input(kind, self)
        return self._inputs[kind.name]

    def _present(self, kind: Any) -> Reader:
        if isinstance(kind, GraphQLList):
            each = self.reader(kind.of_type)

            def items(value: Any) -> list[Any]:
                # A value that is no list stands for a list of one (GraphQL specification, section 3.11).
                return [each(item) for item in value] if type(value) is list else [each(value)]

            return items
        if isinstance(kind, GraphQLInputObjectType):
            return self.input(kind).read
        if isinstance(kind, GraphQLEnumType):
            return _member_reader(kind)
        assert isinstance(kind, GraphQLScalarType)
        return kind.coerce_input_value

    def _maker(self, node: ValueNode, kind: Any) -> Maker:
        """How a value of the document is made in which there are variables."""
        if isinstance(node, VariableNode):
            return _of_variable(node.name.value, ABSENT if not isinstance(kind, GraphQLNonNull) else None)
        if not _has_variable(node):
            reader, said = self.reader(kind), value_from_ast_untyped(node)
            return lambda given: reader(said)
        inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if isinstance(inner, GraphQLList):
            nodes = node.values if isinstance(node, ListValueNode) else [node]
            makers = [self._maker(item, inner.of_type) for item in nodes]
            return lambda given: [None if (made := maker(given)) is ABSENT else made for maker in makers]
        if isinstance(node, ObjectValueNode) and isinstance(inner, GraphQLInputObjectType):
            return self.input(inner).maker(node)
        raise Deviation

    def maker(self, node: ValueNode, kind: GraphQLInputType) -> Maker:
        """How a value within an input object is made."""
        return self._maker(node, kind)


class _Input:
    """One type of input objects: a dictionary for graphql-core's own, an instance for strawberry's."""

    def __init__(self, kind: GraphQLInputObjectType, arguments: Arguments) -> None:
        self._kind = kind
        self._arguments = arguments
        self._fields: dict[str, tuple[str, Reader, Reader]] | None = None
        self._defaults: dict[str, Any] = {}
        self._required: list[str] = []
        self._ours = kind.extensions.get(_DEFINITION)
        self._build: Callable[[dict[str, Any]], Any] = kind.out_type
        if self._ours is not None:
            origin = self._ours.origin
            self._build = lambda values: origin(**values)

    def read(self, value: Any) -> Any:
        """The object that a JSON object means."""
        fields = self._compiled()
        if type(value) is not dict:
            raise Deviation
        found = self._defaults.copy()
        for name, said in value.items():
            to, reader, handed = fields[name]
            found[to] = handed(reader(said))
        return self._built(found, value)

    def maker(self, node: ObjectValueNode) -> Maker:
        """How an object of the document is made in which there are variables."""
        fields = self._compiled()
        makers = []
        for field in node.fields:
            name = field.name.value
            to, _, handed = fields[name]
            makers.append((name, to, self._arguments.maker(field.value, self._kind.fields[name].type), handed))

        def make(given: Given) -> Any:
            found, said = self._defaults.copy(), {}
            for name, to, maker, handed in makers:
                value = maker(given)
                if value is not ABSENT:
                    said[name] = value
                    found[to] = handed(value)
            return self._built(found, said)

        return make

    def _built(self, found: dict[str, Any], said: Mapping[str, Any]) -> Any:
        for name in self._required:
            if said.get(name) is None:
                raise Deviation
        if self._kind.is_one_of and (len(said) != 1 or None in said.values()):
            raise Deviation
        return self._build(found)

    def _compiled(self) -> dict[str, tuple[str, Reader, Reader]]:
        if self._fields is None:
            fields: dict[str, tuple[str, Reader, Reader]] = {}
            names = {} if self._ours is None else {_NAMES.from_field(own): own for own in self._ours.fields}
            for name, field in self._kind.fields.items():
                own = names.get(name)
                to = (field.out_name or name) if own is None else own.python_name
                fields[name] = to, self._arguments.reader(field.type), _as_it_is if own is None else _handed(own.type)
                default = coerce_default_value(field)
                if default is Undefined and isinstance(field.type, GraphQLNonNull):
                    self._required.append(name)
                elif own is None and default is not Undefined:
                    self._defaults[to] = default
                elif own is not None and own.default_value is MISSING and own.default_factory is MISSING:
                    # What a strawberry input was not told is None; its own defaults are its constructor's.
                    self._defaults[to] = None
            self._fields = fields
        return self._fields


def _as_it_is(value: Any) -> Any:
    return value


def _handed(declared: Any) -> Reader:
    """A value as strawberry hands it over: wrapped where the field says that it may be left out, and then not null."""
    if not isinstance(declared, StrawberryMaybe):
        return _as_it_is
    return Some if isinstance(declared.of_type, StrawberryOptional) else _required(Some)


def _constant(reader: Reader, node: ValueNode) -> Any:
    """What a value without variables means. Raises Deviation where it does not fit, which validation may not notice:
    a whole number beyond 2^53 is a Float to it."""
    try:
        return reader(value_from_ast_untyped(node))
    except Exception as error:
        raise Deviation from error


def _required(present: Reader) -> Reader:
    def read(value: Any) -> Any:
        if value is None:
            raise Deviation
        return present(value)

    return read


def _of_variable(name: str, absent: object) -> Maker:
    """A variable as an argument. ``absent`` is what it stands for where it was not given; None where it must be."""
    if absent is ABSENT:
        return lambda given: given.get(name, ABSENT)

    def make(given: Given) -> Any:
        value = given.get(name)
        if value is None:
            raise Deviation
        return value

    return make


def _member_reader(kind: GraphQLEnumType) -> Reader:
    definition = kind.extensions.get(_DEFINITION)
    if definition is None:
        return kind.coerce_input_value
    members = {name: definition.wrapped_cls(kind.coerce_input_value(name)) for name in kind.values}
    return members.__getitem__


def _has_variable(node: ValueNode) -> bool:
    if isinstance(node, ListValueNode):
        return any(map(_has_variable, node.values))
    if isinstance(node, ObjectValueNode):
        return any(_has_variable(field.value) for field in node.fields)
    return isinstance(node, VariableNode)


def _python_names(field: GraphQLField) -> dict[str, str]:
    definition = field.extensions.get(_DEFINITION)
    if definition is None:
        return {}
    return {_NAMES.from_argument(argument): argument.python_name for argument in definition.arguments}
