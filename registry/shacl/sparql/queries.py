"""The query of a SPARQL-based constraint, ready to run at a node."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

import pyoxigraph as ox

from registry.rdf.oxigraph import OxTerm, to_oxigraph
from registry.rdf.sparql_text import Form
from registry.rdf.terms import Iri, Statement, Term
from registry.shacl.footprints import Read
from registry.shacl.graph import Graph
from registry.shacl.paths import Path
from registry.shacl.sparql.algebra import check_algebra, may_stay, read_algebra, selected_by
from registry.shacl.sparql.data import SHAPES_GRAPH, Data, Gatherer, Whole, data_of
from registry.shacl.sparql.reads import read_footprint
from registry.shacl.sparql.text import FUNCTION, read_text

ShapesQuads = Callable[[], Sequence[ox.Quad]]

STANDARD = ("this", "currentShape", "shapesGraph")
"""What every query can have bound beforehand (SHACL 5.3.1)."""

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
            self._solve(ox.Store(), dict.fromkeys(self._starts, _NOWHERE))
        except SyntaxError as error:
            raise ValueError(f"has a query that is not understood: {error}") from None

    def reads(self, start: str) -> tuple[Read, ...]:
        """What the query looks at from a variable."""
        return self._reads.get(start, ())

    def solutions(self, graph: Graph, starts: Mapping[str, Term]) -> tuple[Data, list[ox.QuerySolution]]:
        """The solutions at a node, with the data to read them by. Raises TooLarge where that is too much."""
        if self._when is When.IN_AUDITS:
            assert isinstance(graph, Whole)
            data = graph.data()
        else:
            statements: dict[Statement, None] = {}
            for name, start in starts.items():
                self._gatherers[name].gather(graph, start, statements)
            data = data_of(statements, starts.values() if self._may_stay else (), self._shapes())
        return data, self._solve(data.store, starts)

    def _solve(self, store: ox.Store, starts: Mapping[str, Term]) -> list[ox.QuerySolution]:
        values = {**self._constants, **{name: to_oxigraph(term) for name, term in starts.items() if name in self.uses}}
        functions = {ox.NamedNode(FUNCTION + name): _constant(value) for name, value in values.items()}
        hints: dict[ox.Variable, OxTerm | ox.Triple] = {
            ox.Variable(name): value for name, value in values.items() if name in self.selects
        }
        found = store.query(self._text, custom_functions=functions, substitutions=hints)
        assert isinstance(found, ox.QuerySolutions)
        return list(found)


def _constant(value: OxTerm) -> Callable[..., OxTerm | ox.Triple | None]:
    return lambda *_: value
