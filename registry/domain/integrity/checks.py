"""What a change breaks of the rules that hold for every model.

Namespaces that no loaded ontology owns are open: whatever they say is kept, as long as it is RDF.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from registry.domain.integrity import rules
from registry.domain.integrity.literals import literal_fault
from registry.domain.integrity.readings import VALUES_AND_UNITS, not_numbers
from registry.domain.integrity.rules import violation
from registry.domain.integrity.wellformed import malformed
from registry.domain.overlay import Net
from registry.domain.view import View
from registry.ontology.model import Model
from registry.ontology.usage import Takes, Usage
from registry.rdf.terms import Iri, Literal, Statement, Term, is_blank, local_name, namespace
from registry.rdf.vocabulary import RDF_TYPE, TWIN_OF, XSD_STRING
from registry.shacl.constraints.constraint import component_iri
from registry.shacl.reports.graph import Demand, Severity, Violation

__all__ = ["faults", "malformed", "outdated"]

_NAMED_REFERRERS = 20
_UNKNOWN = Usage()
_LITERALS, _LINKS = Takes.LITERALS, Takes.LINKS


def faults(model: Model, view: View, net: Net) -> list[Violation]:
    """What a net change breaks, in the state after it; with what it only makes doubtful, as warnings."""
    found: list[Violation] = []
    links: list[Statement] = []
    points: dict[Iri, None] = {}
    usages = model.usages
    for statement in net.added:
        subject, predicate, target = statement
        usage = usages.get(predicate, _UNKNOWN)
        if not usage.is_known and predicate not in usages and model.owns(predicate):
            advice = _advice("property", predicate, model.properties)
            found.append(violation(rules.UNKNOWN_PROPERTY, subject, predicate, target, advice))
        if type(target) is str:
            if predicate == RDF_TYPE:
                if target not in model.classes and model.owns(target):
                    advice = _advice("class", target, model.classes)
                    found.append(violation(rules.UNKNOWN_CLASS, subject, predicate, target, advice))
            elif usage.takes is _LITERALS:
                found.append(_of_wrong_kind(rules.LITERAL_EXPECTED, statement, "a property of values: give a literal"))
            if usage.is_link:
                links.append(statement)
        elif usage.takes is _LINKS:
            found.append(_link_expected(model, statement))
        elif target[1] != XSD_STRING and (wrong := literal_fault(target)) is not None:  # type: ignore[arg-type]
            found.append(violation(rules.ILL_TYPED_LITERAL, subject, predicate, target, _shown(target) + wrong))
        if usage.within:
            found += _outside(model, view, statement, usage)
            if predicate in VALUES_AND_UNITS:
                points[subject] = None
    if links:
        found += _dangling(model, view, links)
    if points:
        found += not_numbers(view, net, points)
    if net.removed:
        found += _still_referred_to(view, net)
    return found


def outdated(model: Model, statements: Iterable[Statement]) -> Iterator[Violation]:
    """The uses of terms that are deprecated: each is a warning, since whoever used them goes on as before."""
    if not model.deprecated:
        return
    for subject, predicate, target in statements:
        for term in (predicate, target):
            if isinstance(term, str) and term in model.deprecated:
                instead = " or ".join(map(local_name, model.deprecated[term]))
                advice = f"{local_name(term)} is deprecated" + (f": use {instead} instead" if instead else "")
                yield violation(rules.DEPRECATED_TERM, subject, predicate, target, advice, Severity.WARNING)


def _of_wrong_kind(rule: Iri, statement: Statement, wanted: str) -> Violation:
    subject, predicate, target = statement
    return violation(rule, subject, predicate, target, f"{local_name(predicate)} is {wanted}")


def _link_expected(model: Model, statement: Statement) -> Violation:
    """With the classes of the range as demands, so that what may be meant can be suggested."""
    fault = _of_wrong_kind(rules.LINK_EXPECTED, statement, "a link: give the IRI of a resource")
    declared = model.properties.get(statement[1])
    return replace(fault, demands=(Demand(component_iri("class"), declared.ranges if declared else ()),))


def _shown(literal: object) -> str:
    text = literal.lexical if isinstance(literal, Literal) else str(literal)
    return f"{text[:60]!r}… " if len(text) > 60 else f"{text!r} "


def _outside(model: Model, view: View, statement: Statement, usage: Usage) -> Iterator[Violation]:
    """A warning where a subject has none of the classes that a property belongs to.

    One with a class that the model does not know may be anything, and so may a blank node without a class.
    """
    subject, predicate, target = statement
    resource = view.resources((subject,)).get(subject)
    classes = resource.statements.get(RDF_TYPE, ()) if resource is not None else ()
    for members in usage.within:
        if members.isdisjoint(classes):
            if (not classes and is_blank(subject)) or not all(found in model.classes for found in classes):
                return
            what = _named(classes) or "without a class"
            advice = f"{local_name(predicate)} belongs to {_named(usage.domains)}, and this is {what}: correct either"
            yield violation(rules.OUTSIDE_DOMAIN, subject, predicate, target, advice, Severity.WARNING)
            return


def _named(terms: Iterable[Term]) -> str:
    return " or ".join(local_name(term) for term in terms if isinstance(term, str))


def _dangling(model: Model, view: View, links: Iterable[Statement]) -> Iterator[Violation]:
    there = view.resources([target for _, _, target in links if isinstance(target, str)])
    for subject, predicate, target in links:
        if isinstance(target, str) and target not in there and not model.defines(target):
            advice = "leads to nothing: create the target first, or in the same write"
            yield violation(rules.DANGLING_LINK, subject, predicate, target, advice)


def _still_referred_to(view: View, net: Net) -> Iterator[Violation]:
    touched = {subject for subject, _, _ in net.removed}
    for gone in sorted(touched - view.resources(touched).keys()):
        for subject in view.sources(gone, None, _NAMED_REFERRERS):
            referrer = view.resources([subject]).get(subject)
            for predicate, values in referrer.statements.items() if referrer else ():
                if gone in values:
                    advice = f"still leads to {gone}: unlink it first"
                    if predicate == TWIN_OF:
                        advice = f"is the twin of {gone}: delete it first, or both with `cascade: TWIN`"
                    yield violation(rules.STILL_REFERRED_TO, subject, predicate, gone, advice)


def _advice(kind: str, term: Iri, known: Iterable[Iri]) -> str:
    beside = {local_name(iri): iri for iri in known if namespace(iri) == namespace(term)}
    closest = difflib.get_close_matches(local_name(term), beside, n=1)
    hint = f"; did you mean {closest[0]}?" if closest else ""
    return f"the ontology has no {kind} {local_name(term)}{hint}"
