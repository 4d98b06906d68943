"""Every error a user can meet, with its code.

RegistryError
├── BadInput              BAD_INPUT             an argument, a setting or a file is not what it must be
│   ├── SyntaxFault       BAD_INPUT             a document does not parse: file, line, reason
│   ├── IllFormed         BAD_INPUT             a term is none of RDF; carries violations
│   ├── PersistedQueryNotFound  PERSISTED_QUERY_NOT_FOUND  a digest that is not known: send the document with it
│   └── PersistedQueryNotSupported  PERSISTED_QUERY_NOT_SUPPORTED  digests are off: send documents alone
├── NotFound              NOT_FOUND             no such resource
├── AlreadyExists         ALREADY_EXISTS        the IRI is taken, or was taken once and is retired
├── NotAllowed            NOT_ALLOWED           the actor's roles do not reach
├── NotAuthenticated      NOT_AUTHENTICATED     nobody said who is asking
├── TransitionRefused     TRANSITION_REFUSED    the machine has no such move from here; names the allowed ones
├── ShapesViolated        SHAPES_VIOLATED       shapes refuse the write; carries the violations
├── ShapesTooCostly       SHAPES_TOO_COSTLY     checking a write took longer than it may; names the shape
├── RevisionMoved         REVISION_MOVED        somebody else changed the resource first
├── OntologyRejected      ONTOLOGY_REJECTED     an ontology or shapes file is not understood; carries the findings
├── ImpactUnanswered      IMPACT_UNANSWERED     what is stored would start to fail a release; carries the shapes
├── TooLarge              QUERY_TOO_LARGE       over a stated limit: names the limit and the number
├── SlowConsumer          SLOW_CONSUMER         a subscriber fell too far behind; carries the position to resume from
├── ReleaseChanged        RELEASE_CHANGED       a subscription's types are of a model that is no longer active
└── StoreUnavailable      STORE_UNAVAILABLE     the record cannot be reached or is held by another process; retryable

Anything else that is raised is a bug: the edges mask it as INTERNAL with a request id and log it.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from typing import Any, Self

LONGEST_ECHO = 1_000
"""So many characters of what somebody sent are repeated in an answer or a log; the rest is counted."""

LONGEST_MESSAGE = 4_000
LONGEST_TRACE_LINES = 200


def cut(text: str, most: int = LONGEST_ECHO) -> str:
    """A text as it is echoed: whole where it is short, its beginning and its length otherwise."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"


def cut_within(value: Any) -> Any:
    """A JSON value with every text in it cut."""
    if isinstance(value, str):
        return cut(value)
    if isinstance(value, Mapping):
        return {name: cut_within(inner) for name, inner in value.items()}
    return [cut_within(inner) for inner in value] if isinstance(value, list | tuple) else value


def trace_of(error: BaseException) -> str:
    """The trace of a bug as it is logged: an exception's message may repeat what somebody sent."""
    lines = "".join(traceback.format_exception(error)).splitlines()
    return "\n".join(cut(line) for line in lines[-LONGEST_TRACE_LINES:])


class RegistryError(Exception):
    """The root of the tree: ``code`` is the contract, ``status`` that of HTTP, ``details`` what a client can act on."""

    code = "INTERNAL"
    status = 500

    def __init__(self, message: str, **details: Any) -> None:
        message = cut(message, LONGEST_MESSAGE)
        super().__init__(message)
        self.message = message
        self.details: Mapping[str, Any] = details

    def extensions(self) -> dict[str, Any]:
        """The code and the details as JSON values, for GraphQL extensions and problem documents."""
        return {"code": self.code, **cut_within(self.details)}

    def of_command(self, number: int) -> Self:
        """The same error, which tells that it is about the command at a place, from 0, of several."""
        self.details = {**self.details, "command": number}
        return self


class BadInput(RegistryError):
    """An argument, a setting or a file is not what it must be; ``argument`` names it."""

    code = "BAD_INPUT"
    status = 400

    def __init__(self, message: str, argument: str = "", **details: Any) -> None:
        super().__init__(message, **({"argument": argument} if argument else {}), **details)


class SyntaxFault(BadInput):
    """A document does not parse. ``line`` counts from 1 and is None where the parser cannot tell."""

    def __init__(self, reason: str, file: str = "", line: int | None = None) -> None:
        where = ":".join(str(part) for part in (file, line) if part not in ("", None))
        super().__init__(f"{where}: {reason}" if where else reason, file=file, line=line, reason=reason)


class IllFormed(BadInput):
    """A term is none of RDF, or none that every store and syntax can hold. ``violations`` name resource and place."""

    def __init__(self, what: str, violations: Sequence[Any]) -> None:
        first, more = violations[0], len(violations) - 1
        further = f" (and {more:,} more)" if more else ""
        super().__init__(f"{what}: {first.focus} at {first.path}: {first.message}{further}")
        self.violations = tuple(violations)

    def extensions(self) -> dict[str, Any]:
        return {**super().extensions(), "violations": [violation.as_json() for violation in self.violations[:100]]}


class PersistedQueryNotFound(BadInput):
    """A digest of a GraphQL document that is not known; the client then sends the document with it."""

    code = "PERSISTED_QUERY_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotFound")


class PersistedQueryNotSupported(BadInput):
    """A digest instead of a GraphQL document, where digests are off; the client then sends documents alone."""

    code = "PERSISTED_QUERY_NOT_SUPPORTED"

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotSupported")


class NotFound(RegistryError):
    code = "NOT_FOUND"
    status = 404


class AlreadyExists(RegistryError):
    code = "ALREADY_EXISTS"
    status = 409


class NotAllowed(RegistryError):
    code = "NOT_ALLOWED"
    status = 403


class NotAuthenticated(RegistryError):
    code = "NOT_AUTHENTICATED"
    status = 401


class TransitionRefused(RegistryError):
    """The machine has no such move from here; ``allowed`` lists the triggers it has."""

    code = "TRANSITION_REFUSED"
    status = 409

    def __init__(self, message: str, allowed: Sequence[str], **details: Any) -> None:
        super().__init__(message, allowed=list(allowed), **details)


class ShapesViolated(RegistryError):
    """Shapes refuse the write. ``violations`` are those of `registry.shacl.reports.graph`, the first one to blame.

    ``more`` counts those that are left out, of which ``more_refusing`` refuse. Languages are those of the reader, the
    most wanted first.
    """

    code = "SHAPES_VIOLATED"
    status = 422

    def __init__(self, what: str, violations: Sequence[Any], more: int = 0, more_refusing: int = 0) -> None:
        self.what = what
        self.violations = tuple(violations)
        self.more = more
        self._more_refusing = more_refusing
        super().__init__(self.told())

    def told(self, languages: Sequence[str] = ()) -> str:
        """The first violation in a sentence, and how many more refuse."""
        first = self.violations[0]
        path = f" at {first.path}" if first.path else ""
        further = sum(violation.severity.refuses for violation in self.violations) - 1 + self._more_refusing
        more = f" (and {further:,} more)" if further else ""
        told = f"{cut(self.what)}: {cut(first.focus)}{cut(path)}: {cut(first.told(languages))}"
        return f"{told}{more}"

    def extensions(self, languages: Sequence[str] = ()) -> dict[str, Any]:
        violations = [violation.as_json(languages) for violation in self.violations]
        return {"code": self.code, **self.details, "violations": violations, "moreViolations": self.more}


class ShapesTooCostly(RegistryError):
    """Checking a write took longer than it may, or more memory; ``shape`` is the one that was checked at the end."""

    code = "SHAPES_TOO_COSTLY"
    status = 422

    def __init__(self, seconds: float) -> None:
        self.shape = ""
        self._seconds = seconds
        super().__init__("", seconds=round(seconds, 3))
        self.blame("")

    def blame(self, shape: str) -> None:
        """Name the shape, unless one is named already."""
        if self.shape:
            return
        self.shape = shape
        named = f" by the shape <{shape}>" if shape else ""
        self.message = (
            f"checking this{named} costs more than the {self._seconds:g} seconds or the memory it may: "
            "change less at a time, make the shape simpler, or raise `shapes_seconds`"
        )
        self.args = (self.message,)
        self.details = {**self.details, "shape": shape} if shape else self.details


class RevisionMoved(RegistryError):
    code = "REVISION_MOVED"
    status = 412

    def __init__(self, iri: str, expected: int, actual: int) -> None:
        super().__init__(
            f"{iri} is at revision {actual}, not {expected}: read it again and repeat the change",
            iri=iri, expected=expected, actual=actual,
        )  # fmt: skip


class OntologyRejected(RegistryError):
    """A model file is not understood; ``findings`` are lines of the form ``file:line: reason``."""

    code = "ONTOLOGY_REJECTED"
    status = 422

    def __init__(self, message: str, findings: Sequence[str] = ()) -> None:
        super().__init__(message, findings=list(findings))


class ImpactUnanswered(RegistryError):
    """What is stored would start to fail a release; ``shapes`` says which shapes, how often, and gives examples."""

    code = "IMPACT_UNANSWERED"
    status = 409

    def __init__(self, message: str, shapes: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(message, shapes=list(shapes))


class TooLarge(RegistryError):
    code = "QUERY_TOO_LARGE"
    status = 413


class SlowConsumer(RegistryError):
    """A subscriber fell too far behind; ``position`` is the last one it was sent, to go on from."""

    code = "SLOW_CONSUMER"
    status = 429

    def __init__(self, position: int, waiting_bytes: int) -> None:
        super().__init__(
            f"more than {waiting_bytes:,} bytes were waiting to be read: read faster, and go on after {position}",
            position=position, limit=waiting_bytes,
        )  # fmt: skip


class ReleaseChanged(RegistryError):
    """A subscription ends because the model changed; ``release`` is the new digest, ``position`` where to go on."""

    code = "RELEASE_CHANGED"
    status = 409

    def __init__(self, release: str, position: int) -> None:
        super().__init__(
            "the model changed, and what was subscribed to with it: look at the new schema and subscribe again",
            release=release, position=position,
        )  # fmt: skip


class StoreUnavailable(RegistryError):
    code = "STORE_UNAVAILABLE"
    status = 503
