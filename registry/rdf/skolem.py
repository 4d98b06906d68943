"""Blank nodes as they are stored: IRIs that only this registry issues (RDF 1.1 Concepts, section 3.5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from registry.rdf.terms import Iri, Statement
from registry.rdf.vocabulary import SKOLEM

_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
"""Labels that every syntax can write: those of RDF/XML must be XML names, which begin with a letter."""


def skolemise(statements: Iterable[Statement], label: str) -> Iterator[Statement]:
    """Statements with skolem IRIs for blank nodes; ``label`` begins with a letter and keeps two documents apart.

    Blank nodes are numbered as they come, because parsers invent labels anew each time: the same document gives the
    same IRIs again.
    """
    numbers: dict[str, Iri] = {}

    def named(term: str) -> Iri:
        return numbers.setdefault(term, f"{SKOLEM}{label}-{len(numbers) + 1}")

    for subject, predicate, target in statements:
        if subject.startswith("_:"):
            subject = named(subject)
        if type(target) is str and target.startswith("_:"):
            target = named(target)
        yield subject, predicate, target


def unskolemised(statement: Statement) -> Statement:
    """A statement with blank nodes for its skolem IRIs.

    What somebody else put into the same namespace, with a label that no syntax could write, stays an IRI.
    """
    subject, predicate, target = statement
    if subject.startswith(SKOLEM):
        subject = _blank(subject)
    if type(target) is str and target.startswith(SKOLEM):
        target = _blank(target)
    return subject, predicate, target


def _blank(iri: Iri) -> str:
    label = iri.removeprefix(SKOLEM)
    return f"_:{label}" if _LABEL.fullmatch(label) else iri
