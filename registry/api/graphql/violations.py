"""What shapes say, as data."""

from __future__ import annotations

from enum import Enum

import strawberry

from registry.api.graphql.scalars import Iri
from registry.rdf.terms import Literal
from registry.shacl import report


@strawberry.enum(description="How binding a shape is.")
class Severity(Enum):
    VIOLATION = strawberry.enum_value("Violation", description="It refuses a write.")
    WARNING = strawberry.enum_value("Warning", description="The write is stored, and told what it leaves open.")
    INFO = strawberry.enum_value("Info", description="The write is stored, and told something of interest.")
    CUSTOM = strawberry.enum_value("Custom", description="A severity of the shapes' own: it refuses a write.")


@strawberry.type(description="One result of one constraint of a shape.")
class Violation:
    focus: str = strawberry.field(description="The resource that was checked, or the value inside it.")
    path: str = strawberry.field(description="The property path, in SPARQL syntax; empty for the resource itself.")
    value: str | None = strawberry.field(description="The value at fault, where there is one.")
    message: str = strawberry.field(description="What is wrong and what to do.")
    severity: Severity = strawberry.field(description="How binding the shape is.")
    component: Iri = strawberry.field(description="The constraint component.")
    shape: Iri = strawberry.field(description="The nearest named shape.")
    suggestion: str | None = strawberry.field(description="A change that would satisfy the shape, where one is known.")


def violation_of(found: report.Violation) -> Violation:
    """A result as the schema shows it."""
    focus, value = (term.lexical if isinstance(term, Literal) else term for term in (found.focus, found.value))
    return Violation(
        focus=focus or "", path=found.path, value=value, message=found.message, severity=Severity(found.severity.value),
        component=Iri(found.component), shape=Iri(found.shape), suggestion=found.suggestion,
    )  # fmt: skip
