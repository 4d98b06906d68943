"""RDF terms as plain Python values, so that hot paths compare and hash without wrappers.

An IRI is a ``str``; a blank node is a ``str`` that begins with ``_:``; a literal is a `Literal`.
Blank nodes exist only between a parser and a serialiser: what is stored carries a skolem IRI
(RDF 1.1 Concepts, section 3.5), which export gives back as a blank node.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from registry.rdf.vocabulary import RDF_LANG_STRING, SKOLEM, XSD_BOOLEAN, XSD_STRING


class Literal(NamedTuple):
    """A literal with its exact lexical form; ``language`` is empty unless the datatype is rdf:langString."""

    lexical: str
    datatype: str = XSD_STRING
    language: str = ""


Iri: TypeAlias = str
Term: TypeAlias = str | Literal
Statement: TypeAlias = tuple[Iri, Iri, Term]


def text(value: str, language: str = "") -> Literal:
    """A plain or, given a language, a language-tagged string."""
    return Literal(value, RDF_LANG_STRING if language else XSD_STRING, language)


def boolean(value: bool) -> Literal:
    """An xsd:boolean in its canonical spelling."""
    return Literal("true" if value else "false", XSD_BOOLEAN)


def is_blank(term: Term) -> bool:
    """Whether a term is a blank node, a skolemised one included."""
    return type(term) is str and term.startswith(("_:", SKOLEM))


def local_name(iri: Iri) -> str:
    """The part of an IRI after its last ``#``, ``/`` or ``:``, or the IRI itself where nothing follows them."""
    for separator in ("#", "/", ":"):
        name = iri.rpartition(separator)[2]
        if name and name != iri:
            return name
    return iri


def namespace(iri: Iri) -> Iri:
    """The IRI up to and including its last ``#`` or, without one, its last ``/`` or ``:``."""
    for separator in ("#", "/", ":"):
        head, found, _ = iri.rpartition(separator)
        if found:
            return head + found
    return iri
