"""The literals of a SPARQL update as they are written: Oxigraph keeps a byte as an integer, and would lose its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from registry.errors import SyntaxFault
from registry.rdf.sparql_text import Token, tokens
from registry.rdf.syntax import Syntax, parse
from registry.rdf.terms import Iri, Literal
from registry.sparql.literal_spelling import Spelling


def as_written(update: str, spelling: Spelling) -> Mapping[Literal, Literal]:
    """Each literal of an update that Oxigraph spells in another way, by that spelling.

    A spelling that several literals share is left out: nobody can say which of them is meant.
    """
    found: dict[Literal, Literal | None] = {}
    for literal in set(_typed_literals(update)):
        spelt = spelling.canonical(literal)
        key = Literal(spelt.value, spelt.datatype.value, spelt.language or "")
        found[key] = literal if found.get(key, literal) == literal else None
    return {spelt: literal for spelt, literal in found.items() if literal is not None and literal != spelt}


def _typed_literals(update: str) -> Iterator[Literal]:
    prefixes: dict[str, Iri] = {}
    found = list(tokens(update))
    for index, token in enumerate(found):
        following = found[index + 1 : index + 4]
        if token.kind == "pname" and following and following[0].kind == "iri":
            prefixes[token.text] = following[0].text[1:-1]
        if token.kind == "string" and [each.text for each in following[:2]] == ["^", "^"] and len(following) == 3:
            yield from _literal(token.text, _iri(update, following[2], prefixes))


def _iri(update: str, token: Token, prefixes: Mapping[str, Iri]) -> Iri:
    if token.kind == "iri":
        return token.text[1:-1]
    return prefixes.get(token.text, "") + update[token.offset : token.end].partition(":")[2]


def _literal(text: str, datatype: Iri) -> Iterator[Literal]:
    """The literal of a string as SPARQL writes it, which Turtle does the same; none for what the engine refuses."""
    try:
        for _, _, target in parse(f"<urn:s> <urn:p> {text}^^<{datatype}> .".encode(), Syntax.TURTLE).statements:
            if isinstance(target, Literal):
                yield target
    except SyntaxFault:
        return
