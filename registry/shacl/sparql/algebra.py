"""A query's algebra as rdflib reads it, with what no constraint may do refused."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, TypeAlias

from registry.rdf.vocabulary import XSD
from registry.shacl.paths import Alternative, Chain, Inverse, Path, Predicate, Repeat

Node: TypeAlias = Any
"""A node of rdflib's algebra: a dictionary with a name, whose parts are attributes too."""

Triple: TypeAlias = tuple[Any, Any, Any]

CASTS = frozenset(
    XSD + name
    for name in (
        "boolean", "double", "float", "decimal", "integer", "string", "dateTime", "date", "time", "duration",
        "dayTimeDuration", "yearMonthDuration",
    )
)  # fmt: skip
"""The functions that have an IRI for a name (SPARQL 1.1, section 17.5)."""

OPTIONAL = frozenset({"currentShape", "shapesGraph"})
"""What a sub-select need not hand out (SHACL 5.3.1)."""

_EXISTS = ("Builtin_EXISTS", "Builtin_NOTEXISTS")


def read_algebra(query: str) -> Node:
    """The algebra of a query that has no prefixes. Raises ValueError for what is no query of SPARQL 1.1."""
    from rdflib.plugins.sparql.algebra import translateQuery
    from rdflib.plugins.sparql.parser import parseQuery

    try:
        found = translateQuery(parseQuery(query))
        _translate_exists(found.algebra)
    except RecursionError:
        raise ValueError("has a query that is nested too deeply") from None
    except Exception as error:
        # The parser has no class of its own for what it refuses.
        raise ValueError(f"has a query that is not understood: {error}") from None
    return found.algebra.p if found.algebra.name == "AskQuery" else found.algebra


def check_algebra(algebra: Node, reserved: Collection[str]) -> None:
    """Refuse what no constraint may do; ``reserved`` are the variables that can have a value beforehand.

    Raises ValueError.
    """
    for found in _below(algebra):
        match found.name:
            case "Function" if str(found.iri) not in CASTS:
                # An engine takes an unknown function for an error, so that a filter would silently find nothing.
                raise ValueError(f"has a query that calls <{found.iri}>, a function that nobody defines here")
            case "Graph" if str(found.term) != "shapesGraph":
                raise ValueError("has a query with GRAPH, where only $shapesGraph can be asked")
            case "ToMultiSet":
                missing = sorted({*reserved} - OPTIONAL - selected_by(found.p))
                if missing:
                    raise ValueError(f"has a sub-select without ${missing[0]}, which has its value beforehand")


def selected_by(algebra: Node) -> frozenset[str]:
    """The variables that a SELECT answers with."""
    return next((frozenset(map(str, found.PV)) for found in _below(algebra) if found.name == "Project"), frozenset())


def may_stay(algebra: Node) -> bool:
    """Whether a path in it can be one of no steps, which leads from any node to itself."""
    return any(
        _repeats(path_of(predicate))
        for found in _below(algebra)
        if found.name == "BGP"
        for _, predicate, _ in found.triples
    )


def _repeats(path: Path | None) -> bool:
    match path:
        case Repeat():
            return True
        case Inverse(inner):
            return _repeats(inner)
        case Chain(several) | Alternative(several):
            return any(map(_repeats, several))
    return False


def _below(part: object) -> Iterator[Node]:
    """Every node within a part of the algebra, itself included."""
    from rdflib.plugins.sparql.parserutils import CompValue

    if isinstance(part, CompValue):
        yield part
        for name, inner in part.items():
            if name != "_vars":
                yield from _below(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from _below(inner)


def _translate_exists(algebra: Node) -> None:
    """Translate the groups in EXISTS, some of which rdflib leaves as they were parsed until it runs a query."""
    from rdflib.plugins.sparql.algebra import translateGroupGraphPattern

    for found in _below(algebra):
        if found.name in _EXISTS:
            # Where rdflib did translate one, the group is an attribute, and what it was parsed as stays as an item.
            graph = found.graph
            if graph.name in ("GroupGraphPatternSub", "GroupOrUnionGraphPattern", "SubSelect"):
                graph = translateGroupGraphPattern(graph)
            found["graph"] = found.graph = graph


def exists_in(expression: object) -> Iterator[Node]:
    """The groups of every EXISTS and NOT EXISTS in an expression, but not of those within them."""
    from rdflib.plugins.sparql.parserutils import CompValue

    if isinstance(expression, CompValue):
        if expression.name in _EXISTS:
            yield expression.graph
        else:
            for name, inner in expression.items():
                if name != "_vars":
                    yield from exists_in(inner)
    elif isinstance(expression, list | tuple):
        for inner in expression:
            yield from exists_in(inner)


def is_variable(term: object) -> bool:
    """Whether a term of a pattern stands for any other: a variable or a blank node."""
    from rdflib.term import BNode, Variable

    return isinstance(term, BNode | Variable)


def path_of(predicate: object) -> Path | None:
    """The path that a pattern's predicate stands for; None for a variable, and where a negated set is in it."""
    from rdflib import paths
    from rdflib.term import URIRef

    match predicate:
        case URIRef():
            return Predicate(str(predicate))
        case paths.InvPath():
            inner = path_of(predicate.arg)
            return None if inner is None else Inverse(inner)
        case paths.MulPath():
            inner = path_of(predicate.path)
            return None if inner is None else Repeat(inner, str(predicate.mod))
        case paths.SequencePath() | paths.AlternativePath():
            found = [path_of(step) for step in predicate.args]
            steps = tuple(step for step in found if step is not None)
            if len(steps) < len(found):
                return None
            return Chain(steps) if isinstance(predicate, paths.SequencePath) else Alternative(steps)
    return None


def is_any_forward(predicate: object) -> bool:
    """Whether a predicate is a variable, or a negated set of predicates none of which is turned round."""
    from rdflib import paths
    from rdflib.term import URIRef, Variable

    if isinstance(predicate, paths.NegatedPath):
        return all(isinstance(step, URIRef) for step in predicate.args)
    return isinstance(predicate, Variable)


def shown(triple: Triple) -> str:
    """A triple pattern as people read it."""
    return " ".join(f"?{term}" if is_variable(term) else str(term) for term in triple)
