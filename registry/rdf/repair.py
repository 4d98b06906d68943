"""What a lenient parser lets through, made acceptable to every strict one, with a list of what was changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache, partial

import pyoxigraph as ox

from registry.bounded_cache import counted
from registry.rdf.oxigraph import LANGUAGE_TYPES, OxTerm
from registry.rdf.terms import Iri, Literal, Term, text
from registry.rdf.vocabulary import XSD_STRING
from registry.rdf.xml_limits import mended_text, place_of_illegal, visible

_CHARACTERS = (
    r"A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=\u00A0-\uD7FF\uF900-\uFDCF\uFDF0-\uFFEF"
    + "".join(f"{chr(plane << 16)}-{chr((plane << 16) + 0xFFFD)}" for plane in range(1, 14))
    + "\U000e1000-\U000efffd"
)
_ILLEGAL = re.compile(rf"%(?![0-9A-Fa-f]{{2}})|[^%{_CHARACTERS}]")
"""What may stand nowhere in an IRI (RFC 3987, section 2.2)."""

_PARTS = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*:)(//[^/?#]*)?([^#]*)(#.*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Repair:
    """Something a document said that was stored differently."""

    what: str
    before: str
    after: str


class Repairing:
    """Turns the parser's terms into ours and notes in ``repairs`` what it had to mend, each thing once."""

    def __init__(self, repairs: list[Repair]) -> None:
        self._repairs = repairs
        self._noted: set[tuple[str, str]] = set()

    def iri(self, term: ox.NamedNode | ox.BlankNode) -> Iri:
        """The IRI or blank node, mended. Raises ValueError for an IRI that nobody could mend."""
        return "_:" + term.value if isinstance(term, ox.BlankNode) else self._mended(term.value)

    def term(self, term: OxTerm) -> Term:
        """The term, mended. Raises ValueError for an IRI that nobody could mend."""
        if not isinstance(term, ox.Literal):
            return self.iri(term)
        if place_of_illegal(term.value) is not None:
            self.note("character that XML 1.0 cannot hold, replaced by U+FFFD", visible(term.value)[:80], "\ufffd")
        value = mended_text(term.value)
        if term.language is None:
            datatype = self._mended(term.datatype.value)
            if datatype in LANGUAGE_TYPES:
                self.note("text in a language that it does not say, kept without one", datatype, XSD_STRING)
                datatype = XSD_STRING
            return Literal(value, datatype)
        if not is_language_tag(term.language):
            self.note("text with a language tag that is none, kept without it", term.language, "")
            return text(value)
        if term.direction is not None:
            self.note("text with a direction (RDF 1.2), kept without it", str(term.direction), "")
        return text(value, term.language)

    def note(self, what: str, before: str, after: str) -> None:
        """Note a repair, once however often the document needs it."""
        if (what, before) not in self._noted:
            self._noted.add((what, before))
            self._repairs.append(Repair(what, before, after))

    def _mended(self, iri: Iri) -> Iri:
        mended = mended_iri(iri)
        if mended != iri:
            self.note("IRI with characters that it may not have there", iri, mended)
        return mended


@partial(counted, "mended IRIs")
@lru_cache(maxsize=65_536)
def mended_iri(iri: Iri) -> Iri:
    """The IRI itself where it is one, else the nearest: what may not stand where it stands is percent-encoded.

    Raises ValueError for a relative IRI, for it does not say what it is.
    """
    if is_iri(iri):
        return iri
    mended = _ILLEGAL.sub(_encoded, iri)
    if is_iri(mended):
        return mended
    parts = _PARTS.fullmatch(mended)
    if parts is None:
        raise ValueError(f"<{iri}> is a relative IRI, and nothing says what it is relative to")
    scheme, authority, path, fragment = (part or "" for part in parts.groups())
    if authority and not is_iri(scheme + authority):
        authority = "//" + re.sub(r"[\[\]:@]", _encoded, authority[2:])
    path = re.sub(r"[\[\]]", _encoded, path)
    fragment = fragment[:1] + re.sub(r"[#\[\]]", _encoded, fragment[1:])
    mended = scheme + authority + path + fragment
    if not is_iri(mended):
        raise ValueError(f"<{iri}> is no IRI and cannot be made one")
    return mended


@lru_cache(maxsize=1_024)
def is_language_tag(tag: str) -> bool:
    """Whether a language tag is well-formed (BCP 47, section 2.2.9)."""
    try:
        ox.Literal("", language=tag)
    except ValueError:
        return False
    return True


def is_iri(iri: str) -> bool:
    """Whether a text is an absolute IRI (RFC 3987)."""
    try:
        ox.NamedNode(iri)
    except ValueError:
        return False
    return True


def _encoded(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())
