"""How much JSON a request may hold: counted in its bytes before it is decoded, and in its variables before coercion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from registry.api.graphql.serve.limits import Limits, too_large
from registry.errors import BadInput, TooLarge


def decoded(content: bytes | str, limits: Limits, what: str) -> object:
    """The value that JSON stands for. Raises BadInput for what is no JSON, TooLarge for too many values.

    Nothing can interrupt the decoder, so that it is never given what would take it long. A comma within a text counts
    as one between values.
    """
    if len(content) > limits.json_values:
        values = 1 + (
            content.count(b",") + content.count(b"[") + content.count(b"{") if isinstance(content, bytes)
            else content.count(",") + content.count("[") + content.count("{")
        )  # fmt: skip
        if values > limits.json_values:
            remedy = "send less in one request"
            raise too_large(f"the number of JSON values of {what}", values, limits.json_values, remedy)
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"{what} is not JSON: {error}") from error


def check_variables(variables: Mapping[str, Any], limits: Limits, commands: Sequence[str] = ()) -> int:
    """How many values the variables hold; it never recurses itself.

    Raises TooLarge for too many of them, for a list that is too long, and for JSON that nests deeper than any input of
    the schema needs. ``commands`` names the variables that are lists of commands.
    """
    for name in commands:
        told = variables.get(name)
        if type(told) is list and len(told) > limits.commands:
            raise TooLarge(
                f"one write has at most {limits.commands:,} commands, not {len(told):,}", argument=name,
                actual=len(told), limit=limits.commands,
            )  # fmt: skip
    level: list[Any] = [variables]
    depth = values = 0
    while level:
        depth += 1
        if depth > limits.nesting:
            raise TooLarge(f"variables nest deeper than {limits.nesting} levels", argument="variables")
        below: list[Any] = []
        for outer in level:
            values += len(outer)
            if type(outer) is list and len(outer) > limits.list_items:
                raise too_large(
                    "the length of a list in the variables", len(outer), limits.list_items,
                    "send it in several requests",
                )  # fmt: skip
            inner = outer.values() if type(outer) is dict else outer
            below += [one for one in inner if type(one) is dict or type(one) is list]
        if values > limits.variable_values:
            raise too_large(
                "the number of values in the variables", values, limits.variable_values, "send fewer in one request"
            )
        level = below
    return values
