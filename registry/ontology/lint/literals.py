"""Literals and lists: only what survives a save in Protégé unchanged."""

from __future__ import annotations

import re
from collections.abc import Iterator

from registry.ontology.lint.finding import Finding
from registry.ontology.lint.folder import LintedFolder
from registry.ontology.lint.terms import DATATYPES
from registry.rdf.terms import Iri, Literal, Term, is_blank, local_name
from registry.rdf.vocabulary import OWL, RDF_FIRST, RDF_NIL, RDF_REST, XSD

# The spellings that the OWL API keeps: any other changes its value, its datatype or its text at the first save.
_KEPT = {
    XSD + "decimal": re.compile(r"-?\d+\.\d+"),
    XSD + "integer": re.compile(r"-?(0|[1-9]\d*)"),
    XSD + "boolean": re.compile("true|false"),
    XSD + "double": re.compile(r"-?\d+\.\d+(E-?\d+)?|INF|-INF|NaN"),
    XSD + "float": re.compile(r"-?\d+\.\d+|INF|-INF|NaN"),
}
_LISTS = {
    OWL + name
    for name in ("oneOf", "unionOf", "intersectionOf", "members", "distinctMembers", "propertyChainAxiom", "hasKey",
                 "disjointUnionOf", "withRestrictions", "onProperties")
}  # fmt: skip
_OF_LITERALS = {OWL + "oneOf", OWL + "withRestrictions"}
_OF_TWO = {OWL + "unionOf", OWL + "intersectionOf", OWL + "members"}


def check_literals(linted: LintedFolder) -> Iterator[Finding]:
    """Every literal is of a declared datatype and spelt as Protégé would spell it."""
    for subject, predicate, target in linted.graph:
        if not isinstance(target, Literal):
            continue
        kept = _KEPT.get(target.datatype)
        if kept is not None and not kept.fullmatch(target.lexical):
            shown = f'"{target.lexical}"^^{local_name(target.datatype)}'
            place = linted.place(_named(linted, subject))
            yield Finding("literal", place, f"{shown} of {local_name(predicate)} does not survive a save")
        elif target.datatype not in DATATYPES and target.datatype not in linted.declared["Datatype"]:
            yield Finding("literal", linted.place(subject), f"the datatype <{target.datatype}> is not declared")


def check_lists(linted: LintedFolder) -> Iterator[Finding]:
    """Every list is whole, is used once, and is one of OWL's: others come back empty from a save."""
    graph = linted.graph
    cells = {s for s, p, _ in graph if p in (RDF_FIRST, RDF_REST)}
    tails = {t for _, p, t in graph if p == RDF_REST}
    for cell in cells:
        first, rest = graph.objects(cell, RDF_FIRST), graph.objects(cell, RDF_REST)
        owners = [(s, p) for s, p, t in graph if t == cell and p != RDF_REST]
        place = linted.place(_named(linted, cell))
        if len(first) != 1 or len(rest) != 1:
            yield Finding("list", place, f"a list cell has {len(first)} rdf:first and {len(rest)} rdf:rest")
        elif rest[0] != RDF_NIL and rest[0] not in cells:
            yield Finding("list", place, "a list does not end in rdf:nil")
        if cell not in tails and len(owners) != 1:
            yield Finding("list", place, f"a list is used {len(owners)} times")
        for _, predicate in owners:
            yield from _of_owner(linted, place, predicate, _members(linted, cell, cells))


def _of_owner(linted: LintedFolder, place: str, predicate: Iri, members: list[Term]) -> Iterator[Finding]:
    if predicate not in _LISTS:
        yield Finding("list", place, f"{local_name(predicate)} holds a list that is not OWL's: it is lost on save")
    if predicate not in _OF_LITERALS:
        for member in members:
            if isinstance(member, Literal):
                yield Finding("list", place, f"the literal {member.lexical!r} is in a list of {local_name(predicate)}")
    if predicate in _OF_TWO and len(members) < 2:
        yield Finding("list", place, f"{local_name(predicate)} needs two members")


def _members(linted: LintedFolder, head: Iri, cells: set[Iri]) -> list[Term]:
    found: list[Term] = []
    cell: Term = head
    while isinstance(cell, str) and cell in cells and len(found) < 10_000:
        found.extend(linted.graph.objects(cell, RDF_FIRST))
        cell = next(iter(linted.graph.objects(cell, RDF_REST)), RDF_NIL)
    return found


def _named(linted: LintedFolder, node: Iri) -> Iri:
    """The nearest named term that a blank node belongs to."""
    seen: set[Iri] = set()
    while is_blank(node) and node not in seen:
        seen.add(node)
        node = next((s for s, _, t in linted.graph if t == node), node)
    return node
