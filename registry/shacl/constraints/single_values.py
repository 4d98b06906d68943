"""The constraints that look at one value at a time: type, range, text, membership."""

from __future__ import annotations

from collections.abc import Sequence

from registry.rdf.terms import Iri, Literal, Term, is_blank, local_name
from registry.rdf.terms import text as plain_text
from registry.rdf.vocabulary import RDF_TYPE, SH, XSD_STRING
from registry.shacl.constraints import patterns
from registry.shacl.constraints.constraint import Constraint, counted, each, shown
from registry.shacl.footprints import Read
from registry.shacl.graph import Graph
from registry.shacl.values import compare, in_language, is_well_formed, order, value_of

NODE_KINDS = {
    SH + "IRI": frozenset({"IRI"}),
    SH + "BlankNode": frozenset({"BlankNode"}),
    SH + "Literal": frozenset({"Literal"}),
    SH + "BlankNodeOrIRI": frozenset({"BlankNode", "IRI"}),
    SH + "BlankNodeOrLiteral": frozenset({"BlankNode", "Literal"}),
    SH + "IRIOrLiteral": frozenset({"IRI", "Literal"}),
}
BOUNDS = {
    "minInclusive": ((0, 1), "at least"),
    "minExclusive": ((1,), "more than"),
    "maxInclusive": ((-1, 0), "at most"),
    "maxExclusive": ((-1,), "less than"),
}
MEMBERS_SHOWN = 12


def is_member(graph: Graph, node: Term, class_iri: Iri) -> bool:
    """Whether a node is of a class or of a class below it."""
    if not isinstance(node, str):
        return False
    for of_type in graph.outgoing(node).get(RDF_TYPE, ()):
        if type(of_type) is str and class_iri in graph.superclasses(of_type):
            return True
    return False


def text_of(term: Term) -> str | None:
    """What lengths and patterns look at: a literal's text, an IRI; None for a blank node, which always fails."""
    if isinstance(term, Literal):
        return term.lexical
    return None if is_blank(term) else term


def of_class(class_iri: Iri) -> Constraint:
    """sh:class (SHACL 4.1.1)."""
    advice = f"must be a {local_name(class_iri)}"
    reads = (Read((), RDF_TYPE),)
    return each("class", advice, lambda graph, value: is_member(graph, value, class_iri), reads, (class_iri,))


def of_datatype(datatype: Iri) -> Constraint:
    """sh:datatype (SHACL 4.1.2): the datatype, and a lexical form that is one of it."""
    if datatype == XSD_STRING:
        # Any text is a well-formed string, and most shapes ask for strings.
        def is_string(graph: Graph, value: Term) -> bool:
            return type(value) is Literal and value[1] == XSD_STRING

        return each("datatype", "must be text", is_string, given=(datatype,))

    def test(graph: Graph, value: Term) -> bool:
        return type(value) is Literal and value[1] == datatype and is_well_formed(value)

    return each("datatype", f"must be a well-formed {local_name(datatype)}", test, given=(datatype,))


def of_node_kind(kind: Iri) -> Constraint:
    """sh:nodeKind (SHACL 4.1.3). Raises ValueError for an unknown kind."""
    allowed = NODE_KINDS.get(kind)
    if allowed is None:
        raise ValueError(f"says sh:nodeKind <{kind}>, which is no kind of node")

    def test(graph: Graph, value: Term) -> bool:
        return ("Literal" if isinstance(value, Literal) else "BlankNode" if is_blank(value) else "IRI") in allowed

    return each("nodeKind", f"must be of the kind {local_name(kind)}", test, given=(kind,))


def of_bound(name: str, bound: Literal) -> Constraint:
    """sh:minInclusive and its three siblings (SHACL 4.3); a value that cannot be compared fails.

    Raises ValueError for a bound that nothing can be compared with.
    """
    if compare(bound, bound) is None:
        raise ValueError(f"says sh:{name} {bound.lexical!r}, which has no place in an order")
    (allowed, words), limit = BOUNDS[name], value_of(bound)

    def test(graph: Graph, value: Term) -> bool:
        return type(value) is Literal and order(value_of(value), limit) in allowed

    return each(name, f"must be {words} {bound.lexical}", test, given=(bound,))


def of_min_length(length: int) -> Constraint:
    """sh:minLength (SHACL 4.4.1), in characters."""

    def test(graph: Graph, value: Term) -> bool:
        text = text_of(value)
        return text is not None and len(text) >= length

    return each("minLength", f"must have at least {length} characters", test, given=(counted(length),))


def of_max_length(length: int) -> Constraint:
    """sh:maxLength (SHACL 4.4.2), in characters."""

    def test(graph: Graph, value: Term) -> bool:
        text = text_of(value)
        return text is not None and len(text) <= length

    return each("maxLength", f"must have at most {length} characters", test, given=(counted(length),))


def of_pattern(pattern: str, flags: str) -> Constraint:
    """sh:pattern (SHACL 4.4.3). Raises ValueError for what is no regular expression of SPARQL."""
    is_in = patterns.read(pattern, flags).is_in

    def test(graph: Graph, value: Term) -> bool:
        text = text_of(value)
        return text is not None and is_in(text)

    return each("pattern", f"must match {pattern}", test, given=(plain_text(pattern),))


def of_languages(ranges: Sequence[str]) -> Constraint:
    """sh:languageIn (SHACL 4.4.4)."""

    def test(graph: Graph, value: Term) -> bool:
        return isinstance(value, Literal) and any(in_language(value.language, wanted) for wanted in ranges)

    given = tuple(map(plain_text, ranges))
    return each("languageIn", f"must be in one of the languages {', '.join(ranges)}", test, given=given)


def of_members(members: Sequence[Term]) -> Constraint:
    """sh:in (SHACL 4.8.3): one of these very terms."""
    allowed = frozenset(members)
    names = ", ".join(shown(member) for member in members[:MEMBERS_SHOWN])
    more = " …" if len(members) > MEMBERS_SHOWN else ""
    advice = f"must be one of {names}{more}"
    return each("in", advice, lambda graph, value: value in allowed, given=tuple(members))
