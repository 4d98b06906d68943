"""A SPARQL query's text: its tokens, its form, its prefixes, and what it may not contain.

The tokens are the terminals of SPARQL 1.1 Query, section 19.8, and those that SPARQL 1.2 adds. The engine behind has no
tokens: it reads a keyword wherever the grammar has room for one and never asks whether the word ends there, so
``SERVICESILENT<x>{}`` and ``service:x{}`` reach the network as well. Three rules close that: a word that contains
SERVICE is refused, so is a prefix that contains it where a group follows, and so is every text that does not fall
into tokens at all.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from registry.errors import BadInput
from registry.rdf.terms import Iri


class Form(Enum):
    """What a query answers with: solutions, a boolean, or triples."""

    SELECT = "SELECT"
    ASK = "ASK"
    CONSTRUCT = "CONSTRUCT"
    DESCRIBE = "DESCRIBE"

    @property
    def answers_triples(self) -> bool:
        """Whether the answer is a graph rather than a result set."""
        return self in (Form.CONSTRUCT, Form.DESCRIBE)


@dataclass(frozen=True, slots=True)
class Query:
    """A query that may run. ``prefixes`` holds what the text declares on top of the default ones.

    ``default_graphs`` are what FROM names and ``named_graphs`` what FROM NAMED does; None and nothing without either.
    """

    text: str
    form: Form
    prefixes: Mapping[str, Iri]
    default_graphs: Sequence[Iri] | None = None
    named_graphs: Sequence[Iri] = ()


class Token(NamedTuple):
    """A terminal; ``kind`` is the name of its group in the pattern. A pname's text is its prefix, without the colon.

    ``offset`` and ``end`` say where it stands, a pname with its local part.
    """

    kind: str
    text: str
    offset: int
    end: int


_LETTER = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_IN_VARIABLE = _LETTER + "_0-9\u00b7\u0300-\u036f\u203f\u2040"
_IN_NAME = _IN_VARIABLE + "\\-"
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\[-_~.!$&'()*+,;=/?#@%]"

# Repetitions are possessive and a word takes its dots along, so that hostile text costs one pass.
_TERMINALS = re.compile(
    rf"""
    (?P<space>   [ \t\r\n]++ | \#[^\r\n]*+ )
  | (?P<iri>     <(?: [^\x00-\x20<>"{{}}|^`\\] | \\u[0-9A-Fa-f]{{4}} | \\U[0-9A-Fa-f]{{8}} )*+> )
  | (?P<string>  \"\"\"(?: "{{0,2}}(?: [^"\\] | \\. ) )*+\"\"\" | '''(?: '{{0,2}}(?: [^'\\] | \\. ) )*+'''
               | "(?: [^"\\\r\n] | \\[^\r\n] )*+" | '(?: [^'\\\r\n] | \\[^\r\n] )*+' )
  | (?P<variable> [?$][{_IN_VARIABLE}]++ )
  | (?P<blank>   _:[{_IN_NAME}][{_IN_NAME}.]*+ )
  | (?P<language> @[A-Za-z]++(?: -[A-Za-z0-9]++ )*+(?: --[a-z]++ )?+ )
  | (?P<number>  [0-9][0-9.]*+(?: [eE][+-]?[0-9]++ )?+ )
  | (?P<name>    [{_LETTER}][{_IN_NAME}.]*+ )?+
    (?P<local>   : (?: (?: [{_LETTER}_:0-9] | {_ESCAPED} )(?: [{_IN_NAME}.:] | {_ESCAPED} )*+ )?+ )
  | (?P<word>    [{_LETTER}][{_IN_NAME}.]*+ )
  | (?P<sign>    [][{{}}(),;.|/^*+?!=<>&~-] )
    """,
    re.VERBOSE | re.DOTALL,
)

_UPDATES = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"})
_GRAPHS = frozenset({"GRAPH", "WITH", "USING", "NAMED", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY"})
_PROLOGUE = frozenset({"BASE", "PREFIX", "VERSION"})


def tokens(text: str) -> Iterator[Token]:
    """The terminals of a text, spaces and comments left out. Raises BadInput where none matches."""
    offset = 0
    while offset < len(text):
        match = _TERMINALS.match(text, offset)
        if match is None:
            raise _fault(text, offset, f"{text[offset]!r} begins no SPARQL token")
        kind = match.lastgroup or ""
        if kind == "local":
            # A prefix cannot end in a dot: in ``true.:x`` the word and the dot stand for themselves.
            name = match["name"] or ""
            if name.endswith("."):
                yield Token("word", name, offset, match.start("local"))
                yield Token("pname", "", match.start("local"), match.end())
            else:
                yield Token("pname", name, offset, match.end())
        elif kind != "space":
            yield Token(kind, match.group(), offset, match.end())
        offset = match.end()


def read_query(text: str, prefixes: Mapping[str, Iri]) -> Query:
    """The query in a text. ``prefixes`` are known without a declaration.

    Raises BadInput for an update, for SERVICE and LOAD, for a prefix that nobody declared, and for what is no query.
    The grammar itself is the engine's to check.
    """
    known = dict(prefixes)
    form: Form | None = None
    found = list(tokens(text))
    for index, token in enumerate(found):
        following = found[index + 1] if index + 1 < len(found) else Token("end", "", len(text), len(text))
        _refuse_network(text, token, following)
        if token.kind == "word" and form is None and token.text.upper() not in _PROLOGUE:
            form = _form(text, token)
        elif token.kind == "pname":
            if form is None and following.kind == "iri":
                known[token.text] = following.text[1:-1]
            elif token.text not in known:
                raise _unknown_prefix(text, token, known)
    if form is None:
        raise BadInput("there is no query: it begins with SELECT, ASK, CONSTRUCT or DESCRIBE", argument="query")
    return Query(text, form, known, *_from_clauses(text, found, known))


def _from_clauses(text: str, found: Sequence[Token], known: Mapping[str, Iri]) -> tuple[list[Iri] | None, list[Iri]]:
    """What FROM and FROM NAMED say; an IRI that needs the base is left as it stands."""
    default: list[Iri] = []
    named: list[Iri] = []
    for index, token in enumerate(found):
        if token.kind != "word" or token.text.upper() != "FROM":
            continue
        into, after = default, found[index + 1 : index + 3]
        if after and after[0].kind == "word" and after[0].text.upper() == "NAMED":
            into, after = named, after[1:]
        for graph in after[:1]:
            if graph.kind == "iri":
                into.append(graph.text[1:-1])
            elif graph.kind == "pname":
                into.append(known[graph.text] + text[graph.offset + len(graph.text) + 1 : graph.end])
    return (default, named) if default or named else (None, named)


def check_update(text: str, prefixes: Mapping[str, Iri]) -> str:
    """An update of the one graph there is, the known prefixes it uses declared.

    Raises BadInput for SERVICE and LOAD, for words that speak of other graphs, and for a prefix that nobody declared.
    """
    known: dict[str, Iri] = {}
    used: dict[str, Iri] = {}
    found = list(tokens(text))
    for index, token in enumerate(found):
        following = found[index + 1] if index + 1 < len(found) else Token("end", "", len(text), len(text))
        _refuse_network(text, token, following)
        if token.kind == "word" and token.text.upper() in _GRAPHS:
            raise _fault(text, token.offset, f"{token.text} is refused: a migration knows one graph, what is stored")
        if token.kind == "pname" and following.kind == "iri":
            known[token.text] = following.text[1:-1]
        elif token.kind == "pname" and token.text not in known:
            if token.text not in prefixes:
                raise _unknown_prefix(text, token, {**prefixes, **known})
            used[token.text] = prefixes[token.text]
    return "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in used.items()) + text


def _refuse_network(text: str, token: Token, following: Token) -> None:
    word = token.text.upper()
    if token.kind == "word" and ("SERVICE" in word or word == "LOAD"):
        raise _fault(text, token.offset, f"{token.text} is refused: queries reach this registry only")
    if token.kind == "pname" and "SERVICE" in word and following.text == "{":
        raise _fault(
            text, token.offset,
            f"a name with the prefix {token.text}: cannot stand before '{{', where it can be read as SERVICE: "
            "write its full IRI in angle brackets",
        )  # fmt: skip


def _form(text: str, token: Token) -> Form:
    word = token.text.upper()
    if word in _UPDATES:
        raise _fault(text, token.offset, f"{word} is refused: SPARQL only reads here, changes go through GraphQL")
    try:
        return Form(word)
    except ValueError:
        raise _fault(
            text, token.offset, f"a query begins with SELECT, ASK, CONSTRUCT or DESCRIBE, not with {token.text}"
        ) from None


def _unknown_prefix(text: str, token: Token, known: Mapping[str, Iri]) -> BadInput:
    closest = difflib.get_close_matches(token.text, known, n=1)
    guess = f"; did you mean {closest[0]}:?" if closest else ""
    listed = ", ".join(f"{prefix}:" for prefix in sorted(known))
    return _fault(
        text, token.offset, f"nothing declares the prefix {token.text}:{guess} Known: {listed}", known=dict(known)
    )


def _fault(text: str, offset: int, reason: str, **details: object) -> BadInput:
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return BadInput(f"line {line}, column {column}: {reason}", argument="query", line=line, column=column, **details)
