"""What is wrong with a literal by itself: a text that its datatype does not have, or a datatype that is none."""

from __future__ import annotations

import difflib

from registry.rdf.terms import Iri, Literal
from registry.rdf.vocabulary import XSD, XSD_DECIMAL, XSD_STRING
from registry.shacl.values import INTEGER_BOUNDS, LONGEST, is_well_formed

_EXAMPLES: dict[Iri, str] = {
    XSD + name: example
    for name, example in {
        "decimal": "12.5", "double": "1.25E1", "float": "1.25E1", "boolean": "true or false", "date": "2026-01-31",
        "dateTime": "2026-01-31T12:00:00Z", "dateTimeStamp": "2026-01-31T12:00:00Z", "time": "12:00:00",
        "duration": "PT15M", "dayTimeDuration": "P1DT12H", "yearMonthDuration": "P1Y6M", "gYear": "2026",
        "gYearMonth": "2026-01", "gMonth": "--01", "gMonthDay": "--01-31", "gDay": "---31", "hexBinary": "0FB7",
        "base64Binary": "TWFu", "language": "en", "normalizedString": "a text without tabs and line breaks",
        "token": "a text without spaces at its ends or two in a row", "NMTOKEN": "a-name", "Name": "a-name",
        "NCName": "a-name",
    }.items()
}  # fmt: skip
_UNCHECKED = frozenset(
    XSD + name
    for name in (
        "string", "anyURI", "QName", "NOTATION", "ID", "IDREF", "IDREFS", "ENTITY", "ENTITIES", "NMTOKENS",
        "anyType", "anySimpleType", "anyAtomicType", "untypedAtomic", "error", "precisionDecimal",
    )
)  # fmt: skip
"""The names of XSD that any text is kept for: those whose texts depend on a document, and those of no text at all."""
_DATATYPES = _EXAMPLES.keys() | _UNCHECKED | {XSD + name for name in INTEGER_BOUNDS}


def literal_fault(literal: Literal) -> str | None:
    """What is wrong with a literal and what to write instead, or None."""
    lexical, datatype, _ = literal
    if datatype == XSD_STRING:
        return None
    if not is_well_formed(literal):
        name = datatype.removeprefix(XSD)
        if len(lexical) > LONGEST:
            return f"is longer than the {LONGEST:,} characters that an xsd:{name} may have here: round it"
        return f"is no xsd:{name}: write {_instead(datatype, lexical)}"
    if datatype.startswith(XSD) and datatype not in _DATATYPES:
        closest = difflib.get_close_matches(datatype, _DATATYPES, n=1)
        meant = f"; did you mean xsd:{closest[0].removeprefix(XSD)}?" if closest else ""
        return f"has the datatype xsd:{datatype.removeprefix(XSD)}, and XSD has none of that name{meant}"
    return None


def _instead(datatype: Iri, lexical: str) -> str:
    """What to write: an example, or for whole numbers their bounds."""
    bounds = INTEGER_BOUNDS.get(datatype.removeprefix(XSD))
    if bounds is None:
        return f"a value such as {_EXAMPLES.get(datatype, 'another value')}, or give the datatype that it has"
    least, most = bounds
    if least is not None and most is not None:
        return f"a whole number from {least:,} to {most:,}"
    if least is not None or most is not None:
        return f"a whole number of {f'{least} or more' if least is not None else f'{most} or less'}"
    is_decimal = is_well_formed(Literal(lexical, XSD_DECIMAL))
    return "a whole number such as 12" + (", or give the datatype xsd:decimal" if is_decimal else "")
