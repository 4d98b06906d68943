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


@dataclass(frozen=True, slots=True)
class Violation:
    """One result of one constraint at one focus node.

    ``path`` is text in SPARQL path syntax with full IRIs in angle brackets, empty for a node shape's own
    constraint. ``component`` is the IRI of the constraint component. ``shape`` is the IRI of the nearest
    named shape, never a blank node. ``message`` says what to do.
    """

    focus: Iri
    path: str
    value: Term | None
    message: str
    severity: Severity
    component: Iri
    shape: Iri
    suggestion: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The record as JSON values; a literal value is its lexical form."""
        value = self.value.lexical if isinstance(self.value, Literal) else self.value
        return {
            "focus": self.focus,
            "path": self.path,
            "value": value,
            "message": self.message,
            "severity": self.severity.value,
            "component": self.component,
            "shape": self.shape,
            "suggestion": self.suggestion,
        }

    def key(self) -> tuple[Iri, str, Term | None, Iri, Iri]:
        """What makes two violations the same fault, whatever their wording."""
        return (self.focus, self.path, self.value, self.component, self.shape)
