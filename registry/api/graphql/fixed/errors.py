"""What a client is told when something fails: a code and details for every error, nothing else about a bug."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from graphql import ExecutionResult, GraphQLError

from registry.errors import BadInput, RegistryError, ShapesViolated, cut, trace_of

_LOG = logging.getLogger(__name__)

Answer = dict[str, Any]
"""The JSON of one answer: ``data``, ``errors`` or both, as the GraphQL specification has it (section 7.1)."""


class Refused(Exception):
    """A request that cannot be executed: it does not parse, does not fit the schema, or is over a limit."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = tuple(errors)


def answer(result: ExecutionResult, request: str, languages: Sequence[str] = ()) -> Answer:
    """The JSON of what was executed. ``request`` is the id under which a bug is logged.

    ``languages`` are those that the client reads: violations are told in the first that the shapes speak.
    """
    if not result.errors:
        return {"data": result.data}
    errors = [as_json(error, request, languages) for error in result.errors]
    # Without a path nothing was executed: the variables did not fit. Such an answer has no data entry (7.1.1).
    executed = result.data is not None or any(error.path for error in result.errors)
    return {"errors": errors, "data": result.data} if executed else {"errors": errors}


def refusal(fault: Exception, request: str) -> Answer:
    """The JSON of an answer to what was not executed, or broke off."""
    if isinstance(fault, Refused):
        return {"errors": [as_json(error, request) for error in fault.errors]}
    if isinstance(fault, RegistryError):
        return {"errors": [{"message": fault.message, "extensions": fault.extensions()}]}
    return {"errors": [_masked(fault, request)]}


def as_json(error: GraphQLError, request: str, languages: Sequence[str] = ()) -> dict[str, Any]:
    """One error, with its code. What is no error of ours and not the client's is a bug: it is logged and masked."""
    cause = _cause(error)
    if isinstance(cause, ShapesViolated):
        told = {"message": cause.told(languages), "extensions": cause.extensions(languages)}
    elif isinstance(cause, RegistryError):
        told = {"message": cause.message, "extensions": cause.extensions()}
    elif cause is None or not error.path:
        told = {"message": cut(error.message), "extensions": {"code": BadInput.code}}
    else:
        return {**_masked(cause, request), **_place(error)}
    return {**told, **_place(error)}


def _masked(cause: BaseException, request: str) -> dict[str, Any]:
    _LOG.error("request %s failed\n%s", request, trace_of(cause))
    message = f"something went wrong here, not in your request; the log has it under {request}"
    return {"message": message, "extensions": {"code": RegistryError.code, "requestId": request}}


def _cause(error: GraphQLError) -> BaseException | None:
    """The exception below an error, through the layers that GraphQL put around it."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _place(error: GraphQLError) -> dict[str, Any]:
    formatted = error.formatted
    return {key: formatted[key] for key in ("locations", "path") if key in formatted}
