"""What shapes say, as data."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import strawberry

from registry.api.graphql.fixed.context import Info
from registry.api.graphql.fixed.scalars import Iri, Name, Value
from registry.api.graphql.fixed.values import Statement
from registry.shacl.reports import graph as report


@strawberry.enum(description="How binding a shape is.")
class Severity(Enum):
    VIOLATION = strawberry.enum_value("Violation", description="It refuses a write.")
    WARNING = strawberry.enum_value("Warning", description="The write is stored, and told what it leaves open.")
    INFO = strawberry.enum_value("Info", description="The write is stored, and told something of interest.")
    CUSTOM = strawberry.enum_value("Custom", description="A severity of the shapes' own: it refuses a write.")


@strawberry.type(
    description="A value that a property is to have. The fields are those of `PropertyInput`, so it can be handed back."
)
class PropertySetting:
    property: Name = strawberry.field(description="The property.")
    value: Value | None = strawberry.field(description="The value exactly as it is to be stored; null for a link.")
    iri: Name | None = strawberry.field(description="The resource or term that is linked; null for a value.")
    datatype: Name | None = strawberry.field(description="The value's datatype.")
    language: str | None = strawberry.field(description="The language of a text that has one.")


@strawberry.type(description="What a resource is to say, as `patchResource` takes it.")
class Patch:
    iri: Iri = strawberry.field(description="The resource.")
    set: list[PropertySetting] = strawberry.field(description="All values of each property that the fix touches.")
    unset: list[Name] = strawberry.field(description="Properties that lose all values.")


@strawberry.type(
    description="A change that, together with what was refused, ends the violation and brings no other. It was tried."
)
class Fix:
    remove: list[Statement] = strawberry.field(description="The triples to leave out, or to remove.")
    add: list[Statement] = strawberry.field(description="The triples to add.")
    patches: list[Patch] = strawberry.field(description="The same as values of properties, resource by resource.")


@strawberry.type(
    description="One result of one constraint of a shape. Labels and messages come in the language that the header "
    "`Accept-Language` asks for, in English otherwise."
)
class Violation:
    focus: str = strawberry.field(description="The resource that was checked, or the value inside it.")
    focus_label: str = strawberry.field(description="What people call it.")
    path: str = strawberry.field(description="The property path, in SPARQL syntax; empty for the resource itself.")
    path_label: str = strawberry.field(description="The path in the words of the model, such as `located in / tag`.")
    value: str | None = strawberry.field(description="The value at fault, where there is one.")
    value_label: str | None = strawberry.field(description="What people call the value.")
    message: str = strawberry.field(description="What is wrong and what to do.")
    severity: Severity = strawberry.field(description="How binding the shape is.")
    component: Iri = strawberry.field(description="The constraint component.")
    shape: Iri = strawberry.field(description="The nearest named shape.")
    command: int | None = strawberry.field(
        description="The place, from 0, of the command of `apply` that brought it; null outside `apply`."
    )
    suggestion: str | None = strawberry.field(description="What would satisfy the shape, where that can be said.")
    fix: Fix | None = strawberry.field(description="The suggestion for machines, where it is one certain change.")


def violation_of(info: Info, found: report.Violation) -> Violation:
    """A result as the schema shows it: the record of `as_json`, which errors show too."""
    told = found.as_json(info.context.languages)
    return Violation(
        focus=told["focus"], focus_label=told["focusLabel"], path=told["path"], path_label=told["pathLabel"],
        value=told["value"], value_label=told["valueLabel"], message=told["message"],
        severity=Severity(told["severity"]), component=Iri(told["component"]), shape=Iri(told["shape"]),
        command=told["command"], suggestion=told["suggestion"], fix=None if told["fix"] is None else _fix(told["fix"]),
    )  # fmt: skip


def _fix(told: Mapping[str, Any]) -> Fix:
    return Fix(
        remove=[Statement(**statement) for statement in told["remove"]],
        add=[Statement(**statement) for statement in told["add"]],
        patches=[
            Patch(iri=patch["iri"], set=[PropertySetting(**given) for given in patch["set"]], unset=patch["unset"])
            for patch in told["patches"]
        ],
    )
