"""Foreign ontologies over real buildings: taken as they are, with what is not understood told, and queried at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from registry.domain.releases.release import compile_release
from registry.errors import OntologyRejected
from registry.ontology.model import PropertyKind
from registry.ontology.modules import Module, ModuleKind, module_of, read_module, standard_modules
from registry.rdf.terms import Iri, local_name
from registry.rdf.vocabulary import INTEGRITY, SH
from registry.services.audit.pyshacl_engine import judged
from registry.services.transfer.importer import ImportOptions, OnFault, Transfer
from registry.shacl.reports.graph import Violation
from tests.graphql.server import Server
from tests.places import shared
from tests.principals import LOCAL

BRICK = "https://brickschema.org/schema/Brick#"
OF_SODA_HALL = {
    ("Equipment", "class"): 21,
    ("hasPointShape", "class"): 21,
    ("Point", "maxCount"): 15,
    ("Location", "or"): 2,
}
"""What pySHACL 0.40.1 finds in Soda Hall by Brick 1.4.4, without inference."""

ODD = """
@prefix : <urn:odd#> . @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
<urn:odd> a owl:Ontology ; owl:imports <urn:nowhere> .
<urn:odd/more> a owl:Ontology .
:Thing a owl:Class , sh:NodeShape ; sh:rule [ a sh:TripleRule ] ; sh:not :Half ;
    sh:property [ sh:path :p ; sh:maxCount 1 ] .
:Half a sh:NodeShape ; sh:property [ sh:path :q ; sh:minCount 1 ; sh:js :nothing ] .
"""


def brick() -> Module:
    return read_module(shared("brick-ontology", "Brick-1.4.4.ttl"), ModuleKind.FOREIGN)


@pytest.fixture(scope="module")
def soda_hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, list[Violation]]]:
    """Soda Hall, all of it kept, and what it owes."""
    folder = tmp_path_factory.mktemp("soda")
    with Server(folder, modules=[*standard_modules(), brick()]) as running:
        transfer = Transfer(running.record, running.writer, running.ontologies.active, folder, running.open_to_read)
        building = shared("brick-soda-hall", "soda_brick.ttl")
        result = transfer.import_files(LOCAL, [building], ImportOptions(on_fault=OnFault.OWE))
        assert (result.stored, result.resources) == (1696, 1696)
        yield running, result.violations


def by_shape(violations: list[Violation]) -> Counter[tuple[str, str]]:
    def component(iri: Iri) -> str:
        name = iri.removeprefix(SH).removesuffix("ConstraintComponent")
        return name[0].lower() + name[1:]

    return Counter((local_name(found.shape), component(found.component)) for found in violations)


def test_the_faults_of_a_building_are_those_that_pyshacl_finds(soda_hall: tuple[Server, list[Violation]]) -> None:
    of_shapes = [found for found in soda_hall[1] if not found.component.startswith(INTEGRITY)]
    assert by_shape(of_shapes) == OF_SODA_HALL


@pytest.mark.soak
@pytest.mark.timeout(1_800)
def test_pyshacl_says_the_same_of_the_whole_building(soda_hall: tuple[Server, list[Violation]]) -> None:
    record = soda_hall[0].record
    resources = record.view().resources(record.iris("", 10_000)).values()
    statements = [statement for resource in resources for statement in resource.triples()]
    assert by_shape(judged(statements, [*standard_modules(), brick()])) == OF_SODA_HALL


def test_its_points_are_one_request_away(soda_hall: tuple[Server, list[Violation]]) -> None:
    query = """{ brick_equipments(filter: {brick_hasPoint: {some: {}}}, first: 400) {
                   pageInfo { hasNextPage } nodes { iri brick_hasPoint(first: 50) { nodes { iri } } } } }"""
    answer = soda_hall[0].ask(query)
    page = answer["data"]["brick_equipments"]
    assert not page["pageInfo"]["hasNextPage"]
    nodes = [point for node in page["nodes"] for point in node["brick_hasPoint"]["nodes"]]
    points = {point["iri"] for point in nodes if point is not None}
    assert len(points) + nodes.count(None) == 926
    # What is stored and is no point is an error where it stands, and everything else is answered.
    assert nodes.count(None) == len(answer["errors"]) == OF_SODA_HALL["Equipment", "class"]
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"SHAPES_VIOLATED"}


def test_what_is_not_understood_is_told_and_lets_nothing_pass_that_it_should_not() -> None:
    release = compile_release([*standard_modules(), module_of("odd", ODD.encode(), ModuleKind.FOREIGN)])
    told = " ".join(release.shapes.left_out)
    assert all(words in told for words in ("says sh:rule", "says sh:js", "of which not all is enforced here")), told
    assert all(line.startswith("foreign/odd.ttl:") for line in release.shapes.left_out)
    with pytest.raises(OntologyRejected, match="says sh:rule"):
        compile_release([*standard_modules(), module_of("odd", ODD.replace("<urn:odd/more> a owl:Ontology .", "")
                                                        .encode(), ModuleKind.SHAPES)])  # fmt: skip


def test_real_estate_core_is_taken_whole() -> None:
    rec = read_module(shared("realestatecore-4", "rec.ttl"), ModuleKind.FOREIGN)
    release = compile_release([*standard_modules(), rec])
    assert release.shapes.left_out == []
    assert "https://w3id.org/rec#Building" in release.model.classes
    # Only its shapes speak of its properties.
    kinds = {local_name(iri): found.kind for iri, found in release.model.properties.items() if "w3id.org/rec#" in iri}
    assert kinds["isPartOf"] is kinds["hasPoint"] is PropertyKind.OBJECT
    assert kinds["levelNumber"] is kinds["value"] is PropertyKind.DATATYPE
