"""What RDF/XML cannot write, though every other syntax can (RDF 1.1 XML Syntax, section 6.1; XML 1.0, section 2.2)."""

from __future__ import annotations

import re

from registry.errors import BadInput
from registry.rdf.terms import Iri, Literal, Statement
from registry.rdf.vocabulary import RDF, RDF_TYPE

_START = (
    r"A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D\u2070-\u218F\u2C00-\u2FEF"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME_AT_END = re.compile(rf"[{_START}][{_START}\-.0-9\u00B7\u0300-\u036F\u203F\u2040]*\Z")
_NO_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_RESERVED = frozenset(
    RDF + name
    for name in (
        "RDF", "ID", "about", "aboutEach", "aboutEachPrefix", "bagID", "datatype", "Description", "li", "nodeID",
        "parseType", "resource",
    )
)  # fmt: skip
_XMLNS = "http://www.w3.org/2000/xmlns/"


def place_of_illegal(text: str) -> int | None:
    """Where the first character stands that XML 1.0 cannot hold (section 2.2), from 0; None where all can be held."""
    found = _NO_CHARACTER.search(text)
    return None if found is None else found.start()


def visible(text: str) -> str:
    """The text with an escape for each character that XML 1.0 cannot hold, so that it can be reported anywhere."""
    return _NO_CHARACTER.sub(lambda found: f"\\u{ord(found[0]):04X}", text)


def mended_text(text: str) -> str:
    """The text with the replacement character U+FFFD for each one that XML 1.0 cannot hold."""
    return _NO_CHARACTER.sub("\ufffd", text)


def check_xml(statement: Statement) -> Statement:
    """The statement itself. Raises BadInput where RDF/XML has no way to write it."""
    _, predicate, target = statement
    _check_name(predicate)
    if isinstance(target, Literal):
        if _NO_CHARACTER.search(target.lexical):
            raise BadInput(_ADVICE.format(f"the control character in {target.lexical!r}"), argument="format")
    elif predicate == RDF_TYPE and not target.startswith("_:"):
        _check_name(target)
    return statement


def _check_name(iri: Iri) -> None:
    if iri in _RESERVED or iri.startswith(_XMLNS) or not _NAME_AT_END.search(iri):
        raise BadInput(_ADVICE.format(f"<{iri}> as the name of an element"), argument="format")


_ADVICE = "RDF/XML cannot write {}: choose another format"
