"""Rules that hold for every model: known terms, and links that lead somewhere.

Namespaces that no loaded ontology owns are open: whatever they say is kept.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from registry.domain.overlay import Net
from registry.domain.resource import Resource
from registry.domain.view import View
from registry.ontology.model import Model
from registry.rdf.terms import Iri, Statement, Term, local_name, namespace
from registry.rdf.vocabulary import INTEGRITY, RDF_TYPE
from registry.shacl.reports.graph import Severity, Violation

UNKNOWN_PROPERTY = INTEGRITY + "UnknownProperty"
UNKNOWN_CLASS = INTEGRITY + "UnknownClass"
DANGLING_LINK = INTEGRITY + "DanglingLink"
DEPRECATED_TERM = INTEGRITY + "DeprecatedTerm"
STILL_REFERRED_TO = INTEGRITY + "StillReferredTo"

_NAMED_REFERRERS = 20


def faults(model: Model, view: View, net: Net) -> list[Violation]:
    """What a net change breaks, in the state after it."""
    return [*_unknown_terms(model, net), *_dangling(model, view, net), *_still_referred_to(view, net)]


def outdated(model: Model, statements: Iterable[Statement]) -> Iterator[Violation]:
    """The uses of terms that are deprecated: each is a warning, since whoever used them goes on as before."""
    if not model.deprecated:
        return
    for subject, predicate, target in statements:
        for term in (predicate, target):
            if isinstance(term, str) and term in model.deprecated:
                instead = " or ".join(map(local_name, model.deprecated[term]))
                advice = f"{local_name(term)} is deprecated" + (f": use {instead} instead" if instead else "")
                yield _violation(DEPRECATED_TERM, subject, predicate, target, advice, Severity.WARNING)


def doubtful(model: Model, resource: Resource) -> Iterable[Statement]:
    """The statements of a resource that can be faults: most are of known properties that are no links."""
    for predicate, values in resource.statements.items():
        if predicate not in model.properties or predicate in model.links:
            for value in values:
                yield resource.iri, predicate, value


def _unknown_terms(model: Model, net: Net) -> Iterable[Violation]:
    for subject, predicate, target in net.added:
        if predicate == RDF_TYPE:
            if isinstance(target, str) and target not in model.classes and model.owns(target):
                yield _violation(UNKNOWN_CLASS, subject, predicate, target, _advice("class", target, model.classes))
        elif predicate not in model.properties and model.owns(predicate):
            yield _violation(
                UNKNOWN_PROPERTY, subject, predicate, target, _advice("property", predicate, model.properties)
            )


def _dangling(model: Model, view: View, net: Net) -> Iterable[Violation]:
    links = [
        (subject, predicate, target)
        for subject, predicate, target in net.added
        if predicate in model.links and isinstance(target, str)
    ]
    if not links:
        return
    there = view.resources([target for _, _, target in links])
    for subject, predicate, target in links:
        if target not in there and not model.defines(target):
            advice = "leads to nothing: create the target first, or in the same write"
            yield _violation(DANGLING_LINK, subject, predicate, target, advice)


def _still_referred_to(view: View, net: Net) -> Iterable[Violation]:
    if not net.removed:
        return
    touched = {subject for subject, _, _ in net.removed}
    for gone in sorted(touched - view.resources(touched).keys()):
        for subject in view.sources(gone, None, _NAMED_REFERRERS):
            referrer = view.resources([subject]).get(subject)
            for predicate, values in referrer.statements.items() if referrer else ():
                if gone in values:
                    advice = f"still leads to {gone}: unlink it first"
                    yield _violation(STILL_REFERRED_TO, subject, predicate, gone, advice)


def _advice(kind: str, term: Iri, known: Iterable[Iri]) -> str:
    beside = {local_name(iri): iri for iri in known if namespace(iri) == namespace(term)}
    closest = difflib.get_close_matches(local_name(term), beside, n=1)
    hint = f"; did you mean {closest[0]}?" if closest else ""
    return f"the ontology has no {kind} {local_name(term)}{hint}"


def _violation(
    rule: Iri, focus: Iri, predicate: Iri, value: Term, advice: str, severity: Severity = Severity.VIOLATION
) -> Violation:
    return Violation(focus, f"<{predicate}>", value, advice, severity, rule, rule)
