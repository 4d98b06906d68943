"""Between our terms and pyoxigraph's."""

from __future__ import annotations

from functools import lru_cache

import pyoxigraph as ox

from registry.bounded_cache import counted
from registry.rdf.terms import Literal, Statement, Term
from registry.rdf.vocabulary import RDF, RDF_LANG_STRING, XSD_STRING

OxTerm = ox.NamedNode | ox.BlankNode | ox.Literal

LANGUAGE_TYPES = frozenset({RDF_LANG_STRING, RDF + "dirLangString"})
"""Datatypes that a literal has by its language tag, and never without one."""


_LONGEST_KEPT = 256
"""Terms of more characters are made anew each time: what is kept has to stay small."""


def to_oxigraph(term: Term) -> OxTerm:
    """Our term as pyoxigraph's. Raises ValueError for an IRI or a language tag that is none, or is missing."""
    length = len(term) if type(term) is str else len(term[0])
    return _kept(term) if length <= _LONGEST_KEPT else _made(term)


def _made(term: Term) -> OxTerm:
    if isinstance(term, str):
        return ox.BlankNode(term[2:]) if term.startswith("_:") else ox.NamedNode(term)
    if term.language:
        return ox.Literal(term.lexical, language=term.language)
    if term.datatype == XSD_STRING:
        return ox.Literal(term.lexical)
    if term.datatype in LANGUAGE_TYPES:
        raise ValueError(f"{term.lexical!r} has the datatype of a text in a language, and no language")
    return ox.Literal(term.lexical, datatype=ox.NamedNode(term.datatype))


_kept = counted("terms for RDF", lru_cache(maxsize=16_384)(_made))


def from_oxigraph(term: OxTerm) -> Term:
    """pyoxigraph's term as ours."""
    if isinstance(term, ox.NamedNode):
        return term.value
    if isinstance(term, ox.BlankNode):
        return "_:" + term.value
    return Literal(term.value, term.datatype.value, term.language or "")


def triple(statement: Statement) -> ox.Triple:
    """A statement as a triple."""
    subject, predicate, target = statement
    return ox.Triple(to_oxigraph(subject), to_oxigraph(predicate), to_oxigraph(target))  # type: ignore[arg-type]


def quad(statement: Statement) -> ox.Quad:
    """A statement as a quad of the default graph."""
    subject, predicate, target = statement
    return ox.Quad(to_oxigraph(subject), to_oxigraph(predicate), to_oxigraph(target))  # type: ignore[arg-type]


def statement_of(quad: ox.Quad) -> Statement:
    """A quad as a statement, whatever graph it is in."""
    subject = from_oxigraph(quad.subject)  # type: ignore[arg-type]
    assert isinstance(subject, str)
    return subject, quad.predicate.value, from_oxigraph(quad.object)  # type: ignore[arg-type]
