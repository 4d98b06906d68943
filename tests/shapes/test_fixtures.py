"""Every shape refuses what it must, and nothing else; no constraint can go without a fixture noticing."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from registry.errors import OntologyRejected
from registry.rdf.graph import MemoryGraph
from registry.rdf.syntax import Syntax, serialise
from registry.rdf.terms import Iri, Statement, local_name
from registry.rdf.vocabulary import RDF_TYPE, SH
from registry.shacl.shapes import HasValueTarget, Shapes, compile_shapes
from tests.shapes.fixtures import Fixture, fixtures, is_constraint, names, release, shapes_graph, spoken

IDS = [fixture.name for fixture in fixtures()]


def node_shapes() -> Iterator[Iri]:
    return (subject for subject, p, t in shapes_graph() if p == RDF_TYPE and t == SH + "NodeShape")


@pytest.mark.parametrize("fixture", fixtures(), ids=IDS)
def test_the_expected_shapes_speak_and_no_other(fixture: Fixture) -> None:
    found = spoken(release().shapes, fixture)
    assert names(found) == fixture.expected, [violation.as_json() for violation in found]
    assert bool(fixture.expected) == fixture.path.name.startswith("invalid-")
    assert all(violation.message for violation in found)


def test_every_shape_has_a_valid_and_an_invalid_fixture() -> None:
    kinds = {(fixture.shape, fixture.path.name.split("-")[0]) for fixture in fixtures()}
    lacking = [shape for shape in node_shapes() if not {(shape, "valid"), (shape, "invalid")} <= kinds]
    assert lacking == []


def test_every_property_shape_speaks_in_some_fixture() -> None:
    stated = {s for s, p, t in shapes_graph() if p == RDF_TYPE and t == SH + "PropertyShape" and not s.startswith("_:")}
    spoke = {name for fixture in fixtures() for name, _ in fixture.expected}
    assert sorted(local_name(shape) for shape in stated if local_name(shape) not in spoke) == []


def test_no_constraint_can_be_deleted_unnoticed() -> None:
    """Mutation: without any one constraint some fixture must come out differently."""
    graph = shapes_graph()
    before = {fixture.name: names(spoken(release().shapes, fixture)) for fixture in fixtures()}
    unnoticed = [
        f"{local_name(mutant[0])}: sh:{local_name(mutant[1])}"
        for mutant in graph
        if is_constraint(mutant) and not _noticed(graph, mutant, before)
    ]
    assert unnoticed == []


def _noticed(graph: list[Statement], mutant: Statement, before: dict[str, frozenset[tuple[str, str]]]) -> bool:
    try:
        shapes = _compiled(statement for statement in graph if statement != mutant)
    except OntologyRejected:
        return True  # What is left makes no sense by itself, and loading it says so.
    ordered = sorted(
        fixtures(), key=lambda fixture: local_name(mutant[0]) not in {name for name, _ in fixture.expected}
    )
    return any(_differs(shapes, fixture, before[fixture.name]) for fixture in ordered)


def _compiled(statements: Iterator[Statement]) -> Shapes:
    from registry.rdf.vocabulary import BASED_ON_TEMPLATE, TEMPLATE_SHAPE

    targets: dict[Iri, list[HasValueTarget]] = {}
    for template, says in release().model.individuals.items():
        for shape in says.get(TEMPLATE_SHAPE, ()):
            assert isinstance(shape, str)
            targets.setdefault(shape, []).append(HasValueTarget(BASED_ON_TEMPLATE, template))
    return compile_shapes(MemoryGraph(statements), extra_targets=targets)


def _differs(shapes: Shapes, fixture: Fixture, before: frozenset[tuple[str, str]]) -> bool:
    return names(spoken(shapes, fixture)) != before


def test_another_engine_agrees() -> None:
    """pySHACL on all fixtures of shapes with a target that use SHACL Core only."""
    import pyshacl
    import rdflib

    shapes = rdflib.Graph()
    # What DASH adds is unknown there, and the guards and templates have no target.
    core = [s for s in shapes_graph() if "datashapes" not in s[1]]
    shapes.parse(io.BytesIO(serialise(core, Syntax.N_TRIPLES)), format="nt")
    model = rdflib.Graph()
    model.parse(io.BytesIO(serialise(release().model.graph, Syntax.N_TRIPLES)), format="nt")
    for fixture in fixtures():
        if fixture.focus is not None or fixture.path.stem == "invalid-sameserial":
            continue
        data = model + rdflib.Graph().parse(io.BytesIO(serialise(fixture.statements, Syntax.N_TRIPLES)), format="nt")
        conforms, report, _ = pyshacl.validate(data, shacl_graph=shapes)
        found = {str(shape) for shape in report.objects(None, rdflib.URIRef(SH + "sourceShape"))}
        assert {local_name(shape) for shape in found} == {name for name, _ in fixture.expected}, fixture.name
        assert conforms == (not fixture.expected)
