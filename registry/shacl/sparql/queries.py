"""The query of a SPARQL-based constraint, ready to run at a node."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

import pyoxigraph as ox

from registry.errors import ShapesTooCostly
from registry.rdf.oxigraph import OxTerm, to_oxigraph
from registry.rdf.sparql_text import Form
from registry.rdf.terms import Iri, Statement, Term
from registry.shacl import budget
from registry.shacl.bounded_process import processes
from registry.shacl.footprints import Read
from registry.shacl.graph import Graph
from registry.shacl.paths import Path
from registry.shacl.sparql.algebra import check_algebra, may_stay, read_algebra, selected_by
from registry.shacl.sparql.data import SHAPES_GRAPH, Data, Gatherer, data_of
from registry.shacl.sparql.estimates import Estimate
from registry.shacl.sparql.reads import read_footprint
from registry.shacl.sparql.text import FUNCTION, read_text
from registry.shacl.sparql.whole import Whole

ShapesQuads = Callable[[], Sequence[ox.Quad]]

STANDARD = ("this", "currentShape", "shapesGraph")
"""What every query can have bound beforehand (SHACL 5.3.1)."""

MOST_HERE = 50_000
"""Rows that a query can make at most where it runs in the thread that asks: some 50 ms. More runs in a process."""

Solution = Mapping[str, OxTerm]
"""The values of the variables that have one."""

_NOWHERE = "urn:x-shacl:nowhere"


class When(Enum):
    """When a constraint is checked."""

    ON_WRITES = "with every write that can break it, and in audits"
    IN_AUDITS = "only when a whole graph is validated"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a query is asked for: a shape, its path, and the parameters of a component.

    ``parameters`` has all names, ``constants`` the values of those that have one. ``shapes`` is the shapes graph,
    fetched where a query asks it.
    """

    shape: Iri
    path: Path | None
    when: When
    prefixes: Mapping[str, Iri]
    shapes: ShapesQuads
    parameters: Collection[str] = ()
    constants: Mapping[str, Term] = field(default_factory=dict)


class NotJoinedError(ValueError):
    """A query looks further than a write can be followed, so that audits alone can ask it."""


class Query:
    """A query that was read and understood. ``uses`` are the variables in it, ``selects`` those it answers with."""

    def __init__(self, text: str, form: Form, setting: Setting) -> None:
        """Raises ValueError for a query that is no query or is not allowed, NotJoinedError for one beyond a write."""
        self._starts = ("this", "value") if form is Form.ASK else ("this",)
        bound = {*STANDARD, *self._starts, *setting.constants}
        reserved = bound.union(setting.parameters)
        said = read_text(text, form, setting.prefixes, setting.path, bound, reserved)
        algebra = read_algebra(said.meant)
        check_algebra(algebra, reserved)
        self.uses = said.names
        self.selects = self.uses if form is Form.ASK else selected_by(algebra)
        self._text = said.runs
        self._when = setting.when
        self._constants = {
            name: to_oxigraph(term)
            for name, term in ({"currentShape": setting.shape} | dict(setting.constants)).items()
            if name in self.uses
        }
        if "shapesGraph" in self.uses:
            self._constants["shapesGraph"] = SHAPES_GRAPH
        self._shapes = setting.shapes if "shapesGraph" in self.uses else tuple
        self._estimate = Estimate(algebra)
        self._may_stay = may_stay(algebra)
        footprint = read_footprint(algebra, self._starts)
        if footprint.unreached is not None and setting.when is When.ON_WRITES:
            raise NotJoinedError(
                f"has a query that is not joined to $this by constant predicates: {footprint.unreached}"
            )
        self._reads = {start: footprint.of(start) for start in self._starts}
        self._gatherers = {start: Gatherer(reads) for start, reads in self._reads.items()}
        self._try()

    def _try(self) -> None:
        try:
            self._solve(data_of({}, (), ()), dict.fromkeys(self._starts, _NOWHERE), self._estimate.steps({}, 0))
        except (SyntaxError, ValueError) as error:
            raise ValueError(f"has a query that is not understood: {error}") from None
        except ShapesTooCostly as error:
            raise ValueError(f"has a query that costs too much where there is nothing to ask: {error}") from None

    def reads(self, start: str) -> tuple[Read, ...]:
        """What the query looks at from a variable."""
        return self._reads.get(start, ())

    def solutions(self, graph: Graph, starts: Mapping[str, Term]) -> tuple[Data, Sequence[Solution]]:
        """The solutions at a node, with the data to read them by.

        Raises TooLarge where that is too much to look at, and ShapesTooCostly where it takes longer than it may.
        """
        if self._when is When.IN_AUDITS:
            assert isinstance(graph, Whole)
            # Nobody waits for an audit, and all there is is too much to hand over for each node.
            return (data := graph.data()), self._solve(data, starts, 0)
        else:
            statements: dict[Statement, None] = {}
            for name, start in starts.items():
                self._gatherers[name].gather(graph, start, statements)
            shapes, present = self._shapes(), starts.values() if self._may_stay else ()
            data = data_of(statements, present, shapes)
            steps = self._estimate.steps(statements, len(shapes) + (len(starts) if self._may_stay else 0))
        return data, self._solve(data, starts, steps)

    def _solve(self, data: Data, starts: Mapping[str, Term], steps: int) -> Sequence[Solution]:
        """The solutions. ``steps`` is a bound on the work, by which it is decided where it is done."""
        values = {**self._constants, **{name: to_oxigraph(term) for name, term in starts.items() if name in self.uses}}
        hints = {name: value for name, value in values.items() if name in self.selects}
        if steps > MOST_HERE:
            content = data.store.dump(format=ox.RdfFormat.N_QUADS)
            given = {FUNCTION + name: value for name, value in values.items()}
            solved: Sequence[Solution] = processes.run("query", content, self._text, given, hints)
            return solved
        budget.spend(1 + steps)
        functions = {ox.NamedNode(FUNCTION + name): _constant(value) for name, value in values.items()}
        substitutions: dict[ox.Variable, OxTerm | ox.Triple] = {ox.Variable(n): value for n, value in hints.items()}
        found = data.store.query(self._text, custom_functions=functions, substitutions=substitutions)
        assert isinstance(found, ox.QuerySolutions)
        names = [variable.value for variable in found.variables]
        return [_bound(solution, names) for solution in found]


def _bound(solution: ox.QuerySolution, names: Sequence[str]) -> Solution:
    found = ((name, solution[name]) for name in names)
    return {name: term for name, term in found if isinstance(term, ox.NamedNode | ox.BlankNode | ox.Literal)}


def _constant(value: OxTerm) -> Callable[..., OxTerm | ox.Triple | None]:
    return lambda *_: value
