"""Terms as rdflib has them, for the libraries that work on its graphs."""

from __future__ import annotations

from typing import Any

from registry.rdf.terms import Literal, Term, is_blank
from registry.rdf.vocabulary import RDF_LANG_STRING, SKOLEM, XSD_STRING


class Terms:
    """Terms of rdflib and our own. Skolem IRIs stand for blank nodes, so rdflib is shown blank nodes."""

    def __init__(self) -> None:
        # It is heavy, and few commands need it.
        import rdflib

        self._rdflib = rdflib
        self._known: dict[Term, Any] = {}

    def foreign(self, term: Term) -> Any:
        """Our term as rdflib's, lexical form and all."""
        found = self._known.get(term)
        if found is None:
            found = self._made(term)
            if not isinstance(term, Literal):
                self._known[term] = found
        return found

    def _made(self, term: Term) -> Any:
        if isinstance(term, Literal):
            if term.language:
                return self._rdflib.Literal(term.lexical, lang=term.language)
            # To rdflib a plain string and one of xsd:string are two; shapes and data must be spelled alike.
            datatype = None if term.datatype == XSD_STRING else self._rdflib.URIRef(term.datatype)
            return self._rdflib.Literal(term.lexical, datatype=datatype, normalize=False)
        return self._rdflib.BNode(term) if is_blank(term) else self._rdflib.URIRef(term)

    def own(self, term: Any) -> Any:
        """rdflib's term as ours."""
        if isinstance(term, self._rdflib.Literal):
            if term.language:
                return Literal(str(term), RDF_LANG_STRING, term.language)
            return Literal(str(term), str(term.datatype) if term.datatype else XSD_STRING)
        if isinstance(term, self._rdflib.BNode):
            return str(term) if str(term).startswith(("_:", SKOLEM)) else f"_:{term}"
        return str(term)
