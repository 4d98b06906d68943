"""A value said in another datatype, where it loses nothing (XPath and XQuery Functions and Operators, section 19)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from registry.rdf.terms import Iri, Literal, Term, is_blank
from registry.rdf.vocabulary import RDF_LANG_STRING, XSD, XSD_ANY_URI, XSD_BOOLEAN, XSD_DECIMAL, XSD_STRING
from registry.shacl.values import compare, is_well_formed

_LONGEST = 100
"""Digits of a number that is worth writing out."""
_DATE_TIME = re.compile(r"(?P<date>.*-[0-9]{2}-[0-9]{2})[Tt ](?P<time>[0-9:.]+)(?P<zone>[Zz]|[+-][0-9]{2}:[0-9]{2})?")
_DATE = re.compile(r"(?P<date>.*-[0-9]{2}-[0-9]{2})(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?")
_YES = {"true": "true", "yes": "true", "false": "false", "no": "false"}


def converted(term: Term, datatype: Iri) -> Literal | None:
    """The literal of a datatype that says the same as a term, or None where there is none.

    The answer is well-formed. Between two orders of values that can be compared it is equal to what it was.
    """
    if not isinstance(term, Literal):
        # No other datatype than this one is made for identifiers.
        return Literal(term, XSD_ANY_URI) if datatype == XSD_ANY_URI and not is_blank(term) else None
    if datatype == RDF_LANG_STRING or (term.datatype == datatype and is_well_formed(term)):
        return None
    if datatype == XSD_STRING:
        return Literal(term.lexical)
    for lexical in _spellings(term.lexical.strip(), datatype):
        found = Literal(lexical, datatype)
        if is_well_formed(found) and _says_the_same(term, found):
            return found
    return None


def _spellings(lexical: str, datatype: Iri) -> Iterator[str]:
    yield lexical
    match datatype.removeprefix(XSD):
        case "boolean":
            yield _YES.get(lexical.lower(), "")
        case "dateTime" | "dateTimeStamp":
            found = _DATE_TIME.fullmatch(lexical)
            if found:
                yield f"{found['date']}T{found['time']}{(found['zone'] or '').upper()}"
            found = _DATE.fullmatch(lexical)
            if found:
                yield f"{found['date']}T00:00:00{found['zone'] or ''}"
        case "date":
            found = _DATE_TIME.fullmatch(lexical)
            if found and re.fullmatch(r"00:00:00(\.0+)?", found["time"]):
                yield f"{found['date']}{(found['zone'] or '').upper()}"
        case _:
            yield from _numbers(lexical)


def _numbers(lexical: str) -> Iterator[str]:
    """A number written out without an exponent, and as a whole where it is one."""
    try:
        number = Decimal(lexical)
    except InvalidOperation:
        return
    if not number.is_finite() or abs(number.adjusted()) > _LONGEST or len(number.as_tuple().digits) > _LONGEST:
        return
    yield f"{number:f}"
    if number == number.to_integral_value():
        yield str(int(number))


def _says_the_same(before: Literal, after: Literal) -> bool:
    """Whether nothing is lost: no digit beyond what a float holds, and no truth made of a number but 0 and 1."""
    if before.datatype in (XSD_STRING, RDF_LANG_STRING) or not is_well_formed(before):
        return _keeps_digits(before.lexical, after)
    order = compare(before, after)
    return order == 0 or (order is None and _may_differ_in_kind(before, after))


def _keeps_digits(lexical: str, after: Literal) -> bool:
    if after.datatype not in (XSD + "float", XSD + "double"):
        return True
    return compare(Literal(lexical.strip(), XSD_DECIMAL), after) in (0, None)


def _may_differ_in_kind(before: Literal, after: Literal) -> bool:
    """Dates become moments and numbers become truth values though nothing compares the two."""
    kinds = {before.datatype.removeprefix(XSD), after.datatype.removeprefix(XSD)}
    moments = {"date", "dateTime", "dateTimeStamp"}
    return kinds <= moments or after.datatype == XSD_BOOLEAN or before.datatype == XSD_BOOLEAN or not _is_xsd(before)


def _is_xsd(literal: Literal) -> bool:
    return literal.datatype.startswith(XSD)
