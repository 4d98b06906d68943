"""The schema as text, type by type in the order of their names, so that two of them can be compared line by line."""

from __future__ import annotations

import re

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema
from graphql.type import is_specified_directive
from graphql.utilities.print_schema import is_defined_type, print_directive, print_type

from registry.api.graphql.typed.objects import REQUIRED

_FIELD = re.compile(r"^  (?P<name>\w+)[(:]")


def printed(schema: GraphQLSchema) -> str:
    """The schema definition language of a schema, with what the model demands as directives."""
    directives = [print_directive(one) for one in schema.directives if not is_specified_directive(one)]
    types = [schema.type_map[name] for name in sorted(schema.type_map)]
    texts = [_with_directives(kind, print_type(kind)) for kind in types if is_defined_type(kind)]
    return "\n\n".join([*directives, *texts]) + "\n"


def _with_directives(kind: object, text: str) -> str:
    """The text of a type; which fields are demanded is said at the end of their declarations."""
    if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        return text
    demanded = {name for name, field in kind.fields.items() if field.extensions.get(REQUIRED)}
    if not demanded:
        return text
    lines = text.split("\n")
    for number, line in enumerate(lines):
        found = _FIELD.match(line)
        if found is not None and found["name"] in demanded:
            # Such a field has one value, so its arguments, if any, stand on lines of their own or on this one.
            end = number
            while end < len(lines) and line.endswith("(") and not lines[end].startswith("  )"):
                end += 1
            declared, at, reason = lines[end].partition(" @deprecated")
            lines[end] = f"{declared} @semanticNonNull{at}{reason}"
    return "\n".join(lines)
