"""The rules by name, and a violation of one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from registry.rdf.terms import Iri, Term
from registry.rdf.vocabulary import INTEGRITY
from registry.shacl.reports.graph import Severity, Violation

UNKNOWN_PROPERTY = INTEGRITY + "UnknownProperty"
UNKNOWN_CLASS = INTEGRITY + "UnknownClass"
DANGLING_LINK = INTEGRITY + "DanglingLink"
DEPRECATED_TERM = INTEGRITY + "DeprecatedTerm"
STILL_REFERRED_TO = INTEGRITY + "StillReferredTo"

ILL_TYPED_LITERAL = INTEGRITY + "IllTypedLiteral"
"""The text of a literal is none that its datatype has, or there is no such datatype."""
LITERAL_EXPECTED = INTEGRITY + "LiteralExpected"
"""A property of literals leads to a resource."""
LINK_EXPECTED = INTEGRITY + "LinkExpected"
"""A property of links has a literal."""
OUTSIDE_DOMAIN = INTEGRITY + "OutsideDomain"
"""The subject is of no class that the property belongs to: a warning."""
NO_NUMBER_FOR_UNIT = INTEGRITY + "NoNumberForUnit"
"""A data point with a unit has a value that is no finite number."""

ILL_FORMED_IRI = INTEGRITY + "IllFormedIri"
ILL_FORMED_LANGUAGE = INTEGRITY + "IllFormedLanguage"
ILLEGAL_CHARACTER = INTEGRITY + "IllegalCharacter"
"""A character that XML 1.0 cannot hold, so that no XML could ever give the value back."""

MALFORMED = frozenset({ILL_FORMED_IRI, ILL_FORMED_LANGUAGE, ILLEGAL_CHARACTER})
"""What breaks one of these is no RDF at all: it is never stored, not even as owed."""


_OF_VALUES = frozenset({ILL_TYPED_LITERAL, LITERAL_EXPECTED, LINK_EXPECTED, NO_NUMBER_FOR_UNIT})


def beside(of_shapes: Sequence[Violation], faults: Iterable[Violation]) -> list[Violation]:
    """The faults that no shape refuses already: where one refuses the same value, its words are nearer to the model."""
    refused = {(found.focus, found.path, found.value) for found in of_shapes if found.severity.refuses}
    return [
        fault
        for fault in faults
        if fault.component not in _OF_VALUES or (fault.focus, fault.path, fault.value) not in refused
    ]


def violation(
    rule: Iri, focus: Iri, predicate: Iri, value: Term, advice: str, severity: Severity = Severity.VIOLATION
) -> Violation:
    """A violation of a rule by one statement; ``advice`` says what to do."""
    return Violation(focus, f"<{predicate}>", value, advice, severity, rule, rule)
