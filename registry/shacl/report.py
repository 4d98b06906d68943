"""What a check says: one flat record per violation, the same in GraphQL, on the command line and in RDF."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from registry.rdf.terms import Iri, Literal, Term


class Severity(Enum):
    """How binding a shape is: a violation refuses the write, the others store and tell (SHACL 2.1.4)."""

    VIOLATION = "Violation"
    WARNING = "Warning"
    INFO = "Info"
    CUSTOM = "Custom"
    """A severity of the shapes' own; nobody says that it is harmless, so it refuses like a violation."""

    @property
    def refuses(self) -> bool:
        """Whether a write that brings such a result is refused."""
        return self in (Severity.VIOLATION, Severity.CUSTOM)


@dataclass(frozen=True, slots=True)
class Violation:
    """One result of one constraint at one focus node.

    ``path`` is text in SPARQL path syntax with full IRIs in angle brackets, empty for a node shape's own
    constraint. ``component`` is the IRI of the constraint component. ``shape`` is the IRI of the nearest
    named shape, never a blank node. ``message`` says what to do; ``wordings`` are the shape's own messages in all
    their languages, none where the message was made from the constraint. ``constraint`` is the constraint's own node,
    for SPARQL-based ones, which a shape can have several of; it may be a blank one, which nobody is shown.
    """

    focus: Term
    path: str
    value: Term | None
    message: str
    severity: Severity
    component: Iri
    shape: Iri
    suggestion: str | None = None
    custom_severity: Iri | None = None
    wordings: tuple[Literal, ...] = ()
    constraint: Iri | None = None

    def as_json(self) -> dict[str, Any]:
        """The record as JSON values; a literal value is its lexical form."""
        return {
            "focus": _plain(self.focus),
            "path": self.path,
            "value": _plain(self.value),
            "message": self.message,
            "severity": self.severity.value,
            "component": self.component,
            "shape": self.shape,
            "suggestion": self.suggestion,
        }

    def key(self) -> tuple[Term, str, Term | None, Iri, Iri, Iri | None]:
        """What makes two violations the same fault, whatever their wording."""
        return (self.focus, self.path, self.value, self.component, self.shape, self.constraint)


def _plain(term: Term | None) -> str | None:
    return term.lexical if isinstance(term, Literal) else term
