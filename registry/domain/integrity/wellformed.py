"""What is no RDF at all, or what some syntax or store could not hold: IRIs, languages and characters that are none.

It is looked for before anything else, because shapes, queries and stores take for granted that terms are terms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from registry.domain.integrity.rules import ILL_FORMED_IRI, ILL_FORMED_LANGUAGE, ILLEGAL_CHARACTER, violation
from registry.rdf.oxigraph import LANGUAGE_TYPES
from registry.rdf.repair import is_iri, is_language_tag
from registry.rdf.terms import Iri, Literal, Statement, Term
from registry.rdf.vocabulary import RDF_LANG_STRING, XSD_STRING
from registry.rdf.xml_limits import place_of_illegal, visible
from registry.shacl.reports.graph import Violation

LONGEST_IRI = 4_000
"""In bytes. Stores index every IRI, together with a name, and such keys have a limit."""
_SHOWN = 80


def malformed(statements: Iterable[Statement]) -> list[Violation]:
    """What is wrong with the terms of some statements; terms are written so that everybody can read them."""
    found: list[Violation] = []
    known: Iri = ""
    for statement in statements:
        subject, predicate, target = statement
        # Statements come by subject, and every one of them names a predicate that was looked at a moment ago.
        if subject != known:
            if (wrong := iri_fault(subject)) is not None:
                found.append(_of(statement, ILL_FORMED_IRI, f"the resource {wrong}"))
            known = subject
        if (wrong := _kept_fault(predicate)) is not None:
            found.append(_of(statement, ILL_FORMED_IRI, f"the property {wrong}"))
        if isinstance(target, str):
            if (wrong := iri_fault(target)) is not None:
                found.append(_of(statement, ILL_FORMED_IRI, wrong))
        else:
            lexical, datatype, language = target
            is_plain = datatype == XSD_STRING or not (datatype in LANGUAGE_TYPES or _kept_fault(datatype))
            if language or not is_plain or not lexical.isprintable():
                found += _of_literal(statement)
    return found


def iri_fault(iri: Iri) -> str | None:
    """Why an IRI cannot be stored, or None."""
    if len(iri) <= _SHOWN:
        return _kept_fault(iri)
    return _fault(iri)


def _fault(iri: Iri) -> str | None:
    if not is_iri(iri):
        return "is no absolute IRI (RFC 3987): percent-encode what may not stand there, such as a space as %20"
    if len(iri) * 4 > LONGEST_IRI and len(iri.encode()) > LONGEST_IRI:
        return f"is an IRI of more than {LONGEST_IRI:,} bytes: take a shorter one"
    return None


_kept_fault = lru_cache(maxsize=16_384)(_fault)


def _of_literal(statement: Statement) -> Iterator[Violation]:
    literal = statement[2]
    assert isinstance(literal, Literal)
    lexical, datatype, language = literal
    place = place_of_illegal(lexical)
    if place is not None:
        name = f"U+{ord(lexical[place]):04X}"
        advice = f"character {place + 1:,} is {name}, which XML 1.0 cannot hold: leave it out"
        yield _of(statement, ILLEGAL_CHARACTER, advice)
    if language:
        if datatype != RDF_LANG_STRING:
            advice = f"has a language and the datatype <{datatype}>: a text in a language is an rdf:langString"
            yield _of(statement, ILL_FORMED_LANGUAGE, advice)
        elif not is_language_tag(language):
            advice = f"{language[:40]!r} is no language tag (BCP 47): write one such as en or de-AT"
            yield _of(statement, ILL_FORMED_LANGUAGE, advice)
    elif datatype in LANGUAGE_TYPES:
        yield _of(statement, ILL_FORMED_LANGUAGE, "is a text in a language and does not say which: give its language")
    elif (wrong := iri_fault(datatype)) is not None:
        yield _of(statement, ILL_FORMED_IRI, f"the datatype {wrong}")


def _of(statement: Statement, rule: Iri, advice: str) -> Violation:
    """A violation whose terms can be written anywhere: what cannot is escaped, and what is long is cut."""
    subject, predicate, target = statement
    value: Term = (
        Literal(_legible(target.lexical), _legible(target.datatype), _legible(target.language))
        if isinstance(target, Literal)
        else _legible(target)
    )
    return violation(rule, _legible(subject), _legible(predicate), value, visible(advice))


def _legible(text: str) -> str:
    return visible(text) if len(text) <= _SHOWN else visible(text[:_SHOWN]) + "…"
