"""The constraints that a query decides: sh:sparql, and the validators of constraint components (SHACL 5 and 6)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeGuard

from registry.rdf.oxigraph import from_oxigraph
from registry.rdf.terms import Iri, Literal, Term
from registry.rdf.vocabulary import RDF_LANG_STRING, XSD_STRING
from registry.shacl.constraints.constraint import Anchor, Breaks, Constraint, Offence, Search, shown
from registry.shacl.footprints import Read, under
from registry.shacl.graph import Graph
from registry.shacl.paths import Path
from registry.shacl.sparql.data import originals
from registry.shacl.sparql.queries import Query, Solution

_GAP = re.compile(r"\{[?$](\w+)\}")


class Source(NamedTuple):
    """What a query's results say of where they come from: component, own node, advice, and messages with gaps."""

    component: Iri
    node: Iri
    advice: str
    wordings: tuple[Literal, ...]
    constants: Mapping[str, Term]


def of_select(query: Query, source: Source, path: Path | None) -> Constraint:
    """A constraint with a result for every solution of a SELECT (SHACL 5.3.2). Raises ValueError for a wrong query."""
    if "this" not in query.selects:
        raise ValueError("has a query that does not select $this")
    if "failure" in query.selects:
        raise ValueError("has a query that selects ?failure: a check here holds or not, it cannot give up")

    def search(graph: Graph, focus: Term, values: Sequence[Term]) -> Sequence[Offence]:
        data, solutions = query.solutions(graph, {"this": focus})
        found: dict[Offence, None] = {}
        for solution in solutions:
            bound = {"this": focus, **source.constants, **_selected(solution, query.selects)}
            message = bound.get("message")
            wordings = (message,) if _is_text(message) else _filled(source.wordings, bound)
            at = bound.get("path")
            # The value node of a node shape is the focus node itself; which one of a property shape, nobody knows.
            known = originals(bound["value"], values, data) if "value" in bound else (focus if path is None else None,)
            where = f"<{at}>" if isinstance(at, str) and not at.startswith("_:") else None
            found.update((Offence(one, where, wordings), None) for one in known)
        return list(found)

    return _compared(query, source, search, tuple(query.reads("this")))


def of_ask(query: Query, source: Source, path: Path | None) -> Constraint:
    """A constraint that holds where an ASK says yes to a value node (SHACL 6.2.3)."""
    has_focus = "this" in query.uses

    def holds(graph: Graph, focus: Term, value: Term) -> bool:
        starts = {"this": focus, "value": value} if has_focus else {"value": value}
        return bool(query.solutions(graph, starts)[1])

    def search(graph: Graph, focus: Term, values: Sequence[Term]) -> Sequence[Offence]:
        return [
            Offence(value, None, _filled(source.wordings, {"this": focus, "value": value, **source.constants}))
            for value in values
            if not holds(graph, focus, value)
        ]

    if not has_focus:
        return Constraint(
            source.component, source.advice, search, Breaks.BY_VALUE, query.reads("value"),
            holds=lambda graph, value: holds(graph, value, value), node=source.node,
        )  # fmt: skip
    of_values = under(() if path is None else (path,), query.reads("value"))
    return _compared(query, source, search, (*query.reads("this"), *of_values))


def _compared(query: Query, source: Source, search: Search, reads: tuple[Read, ...]) -> Constraint:
    """A constraint that looks at a focus node as a whole, so that more of anything or less can break it."""
    return Constraint(
        source.component, source.advice, search, Breaks.BY_EITHER, reads, Anchor.FOCUS, node=source.node
    )  # fmt: skip


def _selected(solution: Solution, names: Iterable[str]) -> dict[str, Term]:
    return {name: from_oxigraph(solution[name]) for name in names if name in solution}


def _is_text(term: Term | None) -> TypeGuard[Literal]:
    return isinstance(term, Literal) and term.datatype in (XSD_STRING, RDF_LANG_STRING)


def _filled(wordings: Iterable[Literal], values: Mapping[str, Term]) -> tuple[Literal, ...]:
    """Messages with values for ``{$name}`` and ``{?name}``; a name without a value stays as it is (SHACL 5.3.2)."""

    def value(gap: re.Match[str]) -> str:
        found = values.get(gap[1])
        return gap[0] if found is None else shown(found)

    return tuple(wording._replace(lexical=_GAP.sub(value, wording.lexical)) for wording in wordings)
