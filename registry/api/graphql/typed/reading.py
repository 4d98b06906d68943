"""From what a resource says to the values of its typed fields. What breaks the type is an error of that value alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from registry.api.graphql.fixed.context import Context, ResolveInfo
from registry.api.graphql.fixed.loaders import Neighbour, Neighbours
from registry.api.graphql.fixed.reads import Read
from registry.api.graphql.fixed.resources import Resource, Twin
from registry.api.graphql.typed.plan import Plan
from registry.api.graphql.typed.properties import FieldPlan, Kind
from registry.api.graphql.typed.scalars import ScalarUse
from registry.domain import resource as domain
from registry.domain.find import Direction
from registry.errors import ShapesViolated
from registry.rdf.terms import Iri, Literal, Term
from registry.rdf.vocabulary import SH, TWIN
from registry.shacl.reports.graph import Severity, Violation

Resolver: TypeAlias = Callable[..., Any]
DEFAULT_LANGUAGES = ("en",)
HUB = 10_000
"""So many links of one resource are counted or filtered together; for more there are lists."""


def broken(iri: Iri, field: FieldPlan, component: str, reason: str, value: Term | None = None) -> ShapesViolated:
    """The error of a stored value that the field's type has no place for."""
    message = f"{field.name} of <{iri}> {reason}"
    violation = Violation(
        iri, f"<{field.predicate}>", value, message, Severity.VIOLATION, f"{SH}{component}ConstraintComponent",
        field.introduced,
    )  # fmt: skip
    return ShapesViolated(message, [violation])


def values_of(field: FieldPlan, required: bool, read: Callable[[Term], Any], texts: bool) -> Resolver:
    """The resolver of a field of values. ``read`` raises ValueError for a term that the type has no value for."""

    def resolve(source: Resource, info: ResolveInfo, language: Sequence[str] | None = None) -> Any:
        terms = source.source.values(field.predicate)
        if texts and terms and (field.single or language is not None):
            terms = in_preferred_language(terms, language or DEFAULT_LANGUAGES)
        if not field.single:
            return [_read(source.iri, field, read, term) for term in terms]
        value = _only(source.iri, field, required, terms)
        if value is None:
            return None
        found = _read(source.iri, field, read, value)
        if isinstance(found, ShapesViolated):
            raise found
        return found

    return resolve


def reader_of(field: FieldPlan, use: ScalarUse) -> Callable[[Term], Any]:
    """How a stored term of a field is read."""
    if field.kind is Kind.ENUM:
        assert field.enum is not None
        members = frozenset(term for _, term in field.enum.members)

        def member(term: Term) -> Term:
            if term not in members:
                raise ValueError("is none of the values that the model lists")
            return term

        return member

    def literal(term: Term) -> Any:
        if not isinstance(term, Literal):
            raise ValueError("is a resource, where a value belongs")
        return use.read(term)

    return literal


def in_preferred_language(terms: Sequence[Term], wanted: Iterable[str]) -> Sequence[Term]:
    """The texts in the first of some languages that any is in, otherwise those without, otherwise all of one."""
    by_tag: dict[str, list[Term]] = {}
    for term in terms:
        by_tag.setdefault(term.language.lower() if isinstance(term, Literal) else "", []).append(term)
    for language in wanted:
        tag = language.lower()
        for found in sorted(by_tag, key=lambda one: (one != tag, one)):
            if found == tag or found.startswith(tag + "-"):
                return by_tag[found]
    return by_tag.get("") or by_tag[min(by_tag)]


def one_link(plan: Plan, field: FieldPlan, required: bool) -> Read:
    """A field that leads to one resource."""

    def key(source: Resource, context: Context) -> Neighbours:
        return asked(source, field, None, 2)

    def shown(found: Sequence[Neighbour], source: Resource, context: Context) -> Any:
        end = _only(source.iri, field, required, found)
        if end is None:
            return None
        shown = shown_end(plan, context, source.iri, field, end)
        if isinstance(shown, ShapesViolated):
            raise shown
        return shown

    return Read("neighbours", key, shown)


def asked(source: Resource, field: FieldPlan, after: Iri | None, limit: int) -> Neighbours:
    """The question for what a field leads to."""
    out = [
        term
        for predicate, direction in field.routes
        if direction is Direction.OUT
        for term in source.source.values(predicate)
        if isinstance(term, str)
    ]
    incoming = tuple(predicate for predicate, direction in field.routes if direction is Direction.IN)
    return Neighbours(source.iri, tuple(out), incoming, after, limit)


def shown_end(plan: Plan, context: Context, iri: Iri, field: FieldPlan, end: Neighbour) -> Any:
    """What a link leads to, as its type; None for what the registry holds nothing of, an error for another type."""
    target, resource = end
    if resource is None:
        return None
    shown = context.show(resource)
    if fits(plan, field.target, shown):
        return shown
    wanted = plan.release.names.name(field.target or "")
    return broken(iri, field, "Class", f"leads to <{target}>, which is no {wanted}", target)


def fits(plan: Plan, target: Iri | None, shown: Resource) -> bool:
    """Whether a resource is of the type that a link to this class has."""
    if target is None:
        return True
    if target == TWIN:
        return isinstance(shown, Twin)
    return plan.object_name(shown.source.classes, target) is not None


def of_class(plan: Plan, context: Context, resource: domain.Resource | None, target: Iri) -> Resource | None:
    """A resource as one of a class; None where it is none."""
    shown = None if resource is None else context.show(resource)
    return shown if shown is not None and fits(plan, target, shown) else None


def _only(iri: Iri, field: FieldPlan, required: bool, found: Sequence[Any]) -> Any:
    if len(found) > 1:
        raise broken(
            iri, field, "MaxCount", "has several values, where the model allows one: see `properties`, `links`"
        )
    if not found and required:
        raise broken(iri, field, "MinCount", "has no value, where the model demands one")
    return found[0] if found else None


def _read(iri: Iri, field: FieldPlan, read: Callable[[Term], Any], term: Term) -> Any:
    try:
        return read(term)
    except ValueError as reason:
        shown = term.lexical if isinstance(term, Literal) else f"<{term}>"
        return broken(iri, field, "Datatype", f"is stored as {shown[:200]!r}, which {reason}", term)
