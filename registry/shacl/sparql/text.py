"""The query of a SPARQL-based constraint as text: what it may not say, and the form in which it runs.

SHACL binds variables before a query begins, in every group of it (SHACL 5.3.1 and appendix A). An engine that is
handed values binds them in the outermost group only, and sees ``FILTER bound($this)`` fail in every other one. So each
group begins with ``BIND(<urn:x-shacl:this>() AS ?this)``: a function without arguments gives the value, which never
becomes text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from registry.errors import BadInput
from registry.rdf.sparql_text import Form, Token, read_query, tokens
from registry.rdf.terms import Iri
from registry.shacl.paths import Path, text

LONGEST = 20_000
"""How long a query may be, in characters."""

FUNCTION = "urn:x-shacl:"
"""A variable's value is what the function with this and the variable's name for an IRI gives."""

_REFUSED = {
    "MINUS": "MINUS", "VALUES": "VALUES", "FROM": "FROM",
    "RAND": "RAND, by which no two checks agree", "UUID": "UUID, by which no two checks agree",
    "STRUUID": "STRUUID, by which no two checks agree", "BNODE": "BNODE, by which no two checks agree",
}  # fmt: skip
"""Words that SHACL 5.3.1 rules out with variables bound beforehand, and those that would make a verdict a guess."""

_ESCAPE = re.compile(r"\\(.)")


class QueryText(NamedTuple):
    """A query without prefixes, as it was meant and as it runs; ``names`` are the variables in it."""

    meant: str
    runs: str
    names: frozenset[str]


def read_text(
    query: str,
    form: Form,
    prefixes: Mapping[str, Iri],
    path: Path | None,
    bound: Collection[str],
    reserved: Collection[str],
) -> QueryText:
    """The text of a constraint's query. ``bound`` are the variables that have a value before it begins.

    ``reserved`` are all that can have one. ``$PATH`` becomes the path of the shape. Raises ValueError for what SHACL or
    this registry rules out.
    """
    if len(query) > LONGEST:
        raise ValueError(f"has a query of {len(query):,} characters: {LONGEST:,} are the most")
    try:
        known = read_query(query, prefixes)
        found = list(tokens(query))
    except BadInput as error:
        raise ValueError(f"has a query that cannot be read: {error.message}") from None
    if known.form is not form:
        raise ValueError(f"needs a query that begins with {form.value}, not with {known.form.value}")
    start = next(index for index, token in enumerate(found) if token.text.upper() == form.value)
    found = found[start:]
    for token, following in pairwise(found):
        _refuse(token, following, reserved)
    steps = "" if path is None else f"({text(path)})"
    meant = "".join(_spelt(query, found, known.prefixes, steps))
    whole = list(tokens(meant))
    names = frozenset(token.text[1:] for token in whole if token.kind == "variable")
    return QueryText(meant, "".join(_begun(meant, whole, names.intersection(bound))), names)


def _refuse(token: Token, following: Token, reserved: Collection[str]) -> None:
    word = token.text.upper()
    if token.kind == "word" and word in _REFUSED:
        raise ValueError(f"has a query with {_REFUSED[word]}, which no constraint may use")
    if token.kind == "word" and word in ("SELECT", "DISTINCT", "REDUCED") and following.text == "*":
        raise ValueError("has a query with SELECT *: the variables must be named")
    if token.kind == "word" and word == "AS" and following.kind == "variable" and following.text[1:] in reserved:
        raise ValueError(f"has a query with AS {following.text}, which has its value beforehand")


def _spelt(query: str, found: Sequence[Token], prefixes: Mapping[str, Iri], steps: str) -> Iterator[str]:
    """The query with full IRIs, from its form on; what stands between two tokens stays."""
    done = found[0].offset
    for token in found:
        yield query[done : token.offset]
        done = token.end
        written = query[token.offset : token.end]
        if token.kind == "pname":
            local = _ESCAPE.sub(r"\1", written.partition(":")[2])
            yield f"<{prefixes[token.text]}{local}>"
        elif token.kind == "variable" and token.text[1:] == "PATH":
            if not steps:
                raise ValueError("has a query with $PATH, but the shape has no sh:path")
            yield steps
        else:
            yield written
    yield query[done:]


def _begun(meant: str, found: Sequence[Token], bound: Collection[str]) -> Iterator[str]:
    """The query with its values at the beginning of every group, and as a SELECT."""
    values = "".join(f" BIND(<{FUNCTION}{name}>() AS ?{name})" for name in sorted(bound))
    done = 0
    for index, token in enumerate(found):
        yield meant[done : token.offset]
        done = token.end
        if index == 0 and token.text.upper() == Form.ASK.value:
            # Only what a query selects can be handed over as a hint where to begin.
            yield "SELECT *"
            continue
        yield meant[token.offset : token.end]
        if token.text == "{" and found[index + 1].text.upper() != "SELECT":
            yield values
    yield meant[done:]
