"""What shapes require, in words that need no SHACL to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape

from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Iri, Literal, Term, is_blank, local_name
from registry.rdf.vocabulary import DASH, SH
from registry.shacl.paths import Alternative, Chain, Inverse, Path, Predicate, read_path

Named = Callable[[Iri], str]
"""A term as HTML: its label, and a link to where the page tells of it."""

_DATATYPES = {
    "string": "text", "decimal": "a decimal number", "integer": "a whole number", "double": "a number",
    "boolean": "true or false", "dateTime": "a point in time", "date": "a day", "anyURI": "an IRI, as a value",
    "langString": "text with a language",
}  # fmt: skip
_NODE_KINDS = {
    "IRI": "a resource", "BlankNodeOrIRI": "a resource", "BlankNode": "a nameless resource", "Literal": "a value",
    "IRIOrLiteral": "a resource or a value", "BlankNodeOrLiteral": "a nameless resource or a value",
}  # fmt: skip
_BOUNDS = (
    ("minInclusive", "at least"), ("minExclusive", "above"), ("maxInclusive", "at most"), ("maxExclusive", "below"),
)  # fmt: skip
_COMPARED = (
    ("lessThan", "before"), ("lessThanOrEquals", "not after"), ("equals", "the same as"), ("disjoint", "other than"),
)  # fmt: skip
_MARKS = {"*": "any number of steps", "+": "one or more steps", "?": "at most one step"}


def datatype_in_words(datatype: Iri) -> str:
    """A datatype as people call it, or its local name."""
    return _DATATYPES.get(local_name(datatype), escape(local_name(datatype)))


def path_in_words(graph: MemoryGraph, shape: Iri, named: Named) -> str:
    """The path of a property shape as HTML, such as ``twin of → label``; nothing for a node shape."""
    path = graph.value(shape, SH + "path")
    return "" if path is None else _path(read_path(graph, path), named)


def _path(path: Path, named: Named) -> str:
    if isinstance(path, Predicate):
        return named(path.iri)
    if isinstance(path, Inverse):
        return f"{_path(path.path, named)} of others"
    if isinstance(path, Chain):
        return " → ".join(_path(step, named) for step in path.steps)
    if isinstance(path, Alternative):
        return " or ".join(_path(option, named) for option in path.options)
    return f"{_path(path.path, named)} ({_MARKS[path.mark]})"


def target_in_words(graph: MemoryGraph, shape: Iri, named: Named) -> str:
    """What a node shape is asked of, as HTML; nothing for a guard, which transitions name."""
    said = [
        *(f"every {named(c)}" for c in _iris(graph, shape, "targetClass")),
        *(f"whatever has {named(p)}" for p in _iris(graph, shape, "targetSubjectsOf")),
        *(f"whatever is {named(p)} of something" for p in _iris(graph, shape, "targetObjectsOf")),
        *(f"<code>{escape(n)}</code>" for n in _iris(graph, shape, "targetNode")),
    ]
    return " and ".join(said)


def requirement(graph: MemoryGraph, shape: Iri, named: Named) -> str:
    """What a shape demands of the values of its path, as HTML."""
    said = [*_how_many(graph, shape), *_of_what(graph, shape, named), *_within(graph, shape, named)]
    return ", ".join(said) or "any"


def _how_many(graph: MemoryGraph, shape: Iri) -> Iterator[str]:
    least, most = _number(graph, shape, "minCount"), _number(graph, shape, "maxCount")
    if least and most:
        yield f"exactly {least}" if least == most else f"{least} to {most}"
    elif least:
        yield f"at least {least}"
    elif most is not None:
        yield f"at most {most}"
    if _flag(graph, shape, "uniqueLang"):
        yield "one for each language"


def _of_what(graph: MemoryGraph, shape: Iri, named: Named) -> Iterator[str]:
    yield from (named(class_iri) for class_iri in _iris(graph, shape, "class"))
    yield from map(datatype_in_words, _iris(graph, shape, "datatype"))
    for kind in _iris(graph, shape, "nodeKind"):
        yield _NODE_KINDS[kind.removeprefix(SH)]
    for head in graph.objects(shape, SH + "in"):
        yield "one of " + ", ".join(_term(member, named) for member in graph.items(head))
    for value in graph.objects(shape, SH + "hasValue"):
        yield f"{_term(value, named)} among them"
    for head in graph.objects(shape, SH + "languageIn"):
        yield "in " + " or ".join(_term(member, named) for member in graph.items(head))


def _within(graph: MemoryGraph, shape: Iri, named: Named) -> Iterator[str]:
    for name, word in _BOUNDS:
        yield from (f"{word} {_term(bound, named)}" for bound in graph.objects(shape, SH + name))
    for name, word in (("minLength", "at least"), ("maxLength", "at most")):
        length = _number(graph, shape, name)
        if length is not None:
            yield f"{word} {length} character{'' if length == 1 else 's'}"
    for pattern in graph.objects(shape, SH + "pattern"):
        yield f"of the form {_term(pattern, named)}"
    for name, word in _COMPARED:
        yield from (f"{word} {named(other)}" for other in _iris(graph, shape, name))
    for other in _iris(graph, shape, "node"):
        yield f"each satisfying {named(other) if not is_blank(other) else requirement(graph, other, named)}"
    yield from (f"unlike that of any other {named(c)}" for c in _iris(graph, shape, "uniqueValueForClass", DASH))
    for name, word in (("or", " or "), ("xone", " or else "), ("and", " and ")):
        for head in graph.objects(shape, SH + name):
            yield word.join(_inner(graph, member, named) for member in graph.items(head))
    yield from (f"not {_inner(graph, inner, named)}" for inner in graph.objects(shape, SH + "not"))
    yield from (f"some of them: {_inner(graph, s, named)}" for s in graph.objects(shape, SH + "qualifiedValueShape"))


def _inner(graph: MemoryGraph, shape: Term, named: Named) -> str:
    if not isinstance(shape, str):
        return _term(shape, named)
    return requirement(graph, shape, named) if is_blank(shape) else named(shape)


def _term(term: Term, named: Named) -> str:
    return f"<code>{escape(term.lexical)}</code>" if isinstance(term, Literal) else named(term)


def _iris(graph: MemoryGraph, shape: Iri, name: str, namespace: str = SH) -> list[Iri]:
    return [target for target in graph.objects(shape, namespace + name) if isinstance(target, str)]


def _number(graph: MemoryGraph, shape: Iri, name: str) -> int | None:
    found = graph.value(shape, SH + name)
    return int(found.lexical) if isinstance(found, Literal) else None


def _flag(graph: MemoryGraph, shape: Iri, name: str) -> bool:
    found = graph.value(shape, SH + name)
    return isinstance(found, Literal) and found.lexical in ("true", "1")
