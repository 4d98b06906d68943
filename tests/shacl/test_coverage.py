"""The table of terms has every term of SHACL, and the loader goes by it."""

from __future__ import annotations

from importlib.resources import files

import pytest

from registry.errors import OntologyRejected
from registry.rdf.graph import MemoryGraph
from registry.rdf.syntax import Syntax, parse
from registry.rdf.vocabulary import DASH, RDF, RDF_TYPE, SH
from registry.shacl.shapes import compile_shapes
from registry.shacl.shapes_graph import ShapesGraph
from registry.shacl.terms import Treatment, coverage, is_constraint_of_dash, treatment_of_dash
from tests.shacl.whole import E

VOCABULARY = MemoryGraph(
    parse(files("pyshacl").joinpath("assets/shacl.ttl").read_bytes(), Syntax.TURTLE, file="shacl.ttl").statements
)
PROPERTIES = set(VOCABULARY.sources(RDF + "Property", RDF_TYPE))
TABLE = {SH + term.removeprefix("sh:"): found for term, found in coverage()}


def test_every_term_of_the_vocabulary_is_in_the_table_and_no_other() -> None:
    assert {term for term in VOCABULARY.subjects() if term.startswith(SH) and term != SH} == set(TABLE)


@pytest.mark.parametrize("term", sorted(term for term, found in TABLE.items() if found is Treatment.REFUSED))
def test_what_the_table_calls_refused_is_refused(term: str) -> None:
    used = (E + "S", term, E + "o") if term in PROPERTIES else (E + "S", RDF_TYPE, term)
    with pytest.raises(OntologyRejected, match="not enforced here"):
        compile_shapes(MemoryGraph([used]))


@pytest.mark.parametrize("term", sorted(PROPERTIES.intersection(TABLE)))
def test_nothing_but_what_the_table_calls_refused_is_unknown(term: str) -> None:
    given = ShapesGraph(MemoryGraph([(E + "S", term, E + "o")]))
    given.refuse_unknown_terms()
    assert bool(given.problems) is (TABLE[term] is Treatment.REFUSED)


def test_the_constraints_of_dash_are_those_that_dash_declares() -> None:
    text = files("pyshacl").joinpath("assets/dash.ttl").read_bytes()
    declared = MemoryGraph(parse(text, Syntax.TURTLE, file="dash.ttl").statements)
    components = declared.sources(SH + "ConstraintComponent", RDF_TYPE)
    parameters = [parameter for component in components for parameter in declared.objects(component, SH + "parameter")]
    paths = {path for found in parameters if isinstance(found, str) for path in declared.objects(found, SH + "path")}
    constraints = {path for path in paths if isinstance(path, str) and path.startswith(DASH)}
    assert DASH + "hasValueIn" in constraints
    assert all(is_constraint_of_dash(path) for path in constraints)
    assert not [path for path in constraints if treatment_of_dash(path) is Treatment.FOR_PEOPLE]
    of_data = {term for term in declared.sources(RDF + "Property", RDF_TYPE) if term.startswith(DASH)}
    assert not {term for term in of_data - constraints if is_constraint_of_dash(term)}
