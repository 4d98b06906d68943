"""Whatever stands where SHACL wants a shape is one: what it states is enforced, refused, or listed; never dropped."""

from __future__ import annotations

import pytest

from registry.errors import OntologyRejected
from registry.rdf.graph import MemoryGraph
from registry.shacl.shapes import compile_shapes
from tests.shacl.whole import E, graph, shapes, statements

PLACES = {
    "has a path": "{} . :S a sh:NodeShape ; sh:property :B",
    "value of sh:property": "{} . :S sh:property :B",
    "value of sh:node": "{} . :S sh:node :B",
    "value of sh:not": "{} . :S sh:not :B",
    "member of sh:and": "{} . :S sh:and ( [ sh:class :C ] :B )",
    "member of sh:or": "{} . :S sh:or ( :B [ sh:class :C ] )",
    "member of sh:xone": "{} . :S sh:xone ( :B )",
    "value of sh:qualifiedValueShape": "{} . :S sh:property [ sh:path :p ; sh:qualifiedValueShape :B ; "
    "sh:qualifiedMinCount 1 ]",
    "member of a list within": "{} . :S sh:or ( [ sh:not [ sh:and ( :B ) ] ] )",
    "led to by nothing": "{}",
}
WITH_A_PATH = {"has a path", "value of sh:property", "led to by nothing"}
UNKNOWN = {
    "dash:hasValueIn ( :x )": "says dash:hasValueIn",
    "dash:singleLine true": "says dash:singleLine",
    "dash:subSetOf :q": "says dash:subSetOf",
    "dash:singleLien true": "says dash:singleLien",
    "sh:minCuont 1": "says sh:minCuont",
    "sh:memberShape [ sh:class :C ]": "says sh:memberShape",
    "sh:js [ ]": "says sh:js",
    ":limit 3": f"states <{E}limit>, whose constraint component is not enforced here",
    ":least 3": f"states <{E}least>, which <{E}Between> has only together with <{E}most>",
}
COMPONENTS = """
:Limit a sh:ConstraintComponent ; sh:parameter [ sh:path :limit ] .
:Between a sh:ConstraintComponent ; sh:parameter [ sh:path :least ] , [ sh:path :most ] ;
    sh:validator [ sh:ask "ASK { FILTER($value >= $least && $value <= $most) }" ] .
"""


def written(place: str, constraint: str) -> str:
    path = "sh:path :p ; " if place in WITH_A_PATH else ""
    return PLACES[place].format(f":B {path}{constraint}") + " ." + COMPONENTS


@pytest.mark.parametrize("constraint", UNKNOWN)
@pytest.mark.parametrize("place", PLACES)
def test_an_unknown_constraint_is_refused_wherever_a_shape_stands(place: str, constraint: str) -> None:
    with pytest.raises(OntologyRejected) as refused:
        shapes(written(place, constraint))
    reasons = refused.value.details["findings"]
    assert [r for r in reasons if r.startswith(f"<{E}B> ") and UNKNOWN[constraint] in r], reasons


@pytest.mark.parametrize("constraint", UNKNOWN)
@pytest.mark.parametrize("place", PLACES)
def test_of_foreign_shapes_it_is_listed(place: str, constraint: str) -> None:
    said = statements(written(place, constraint))
    compiled = compile_shapes(MemoryGraph(said), foreign={subject for subject, _, _ in said})
    assert [line for line in compiled.left_out if UNKNOWN[constraint] in line], compiled.left_out


def test_what_decides_by_a_shape_that_is_not_wholly_enforced_is_listed_too() -> None:
    """Else sh:not would refuse what the left-out constraint lets through."""
    said = statements(":S sh:targetNode :n ; sh:not [ sh:class :C ; dash:hasValueIn ( :x ) ] .")
    compiled = compile_shapes(MemoryGraph(said), foreign={subject for subject, _, _ in said})
    assert "by sh:not, of which not all is enforced here" in " ".join(compiled.left_out)
    assert not list(compiled.validate(graph(":n a :C .")))


def test_an_optional_parameter_by_itself_states_nothing() -> None:
    shapes(
        """:K a sh:ConstraintComponent ; sh:parameter [ sh:path :k ] , [ sh:path :more ; sh:optional true ] ;
               sh:validator [ sh:ask "ASK { }" ] .
           :S a sh:NodeShape ; :more 1 ."""
    )


def test_a_declared_component_may_have_the_terms_of_dash_for_parameters() -> None:
    compiled = shapes(
        """dash:StemComponent a sh:ConstraintComponent ; sh:parameter [ sh:path dash:stem ; sh:datatype xsd:string ] ;
               sh:validator [ sh:ask "ASK { FILTER(STRSTARTS(STR($value), $stem)) }" ] .
           :S sh:targetNode :n ; sh:property [ sh:path :p ; dash:stem "http://example.org/" ] ."""
    )
    assert len(list(compiled.validate(graph(":n :p :a , <urn:b> .")))) == 1


@pytest.mark.parametrize(
    "note", ["rdfs:label 'l'", "rdfs:comment 'c'", "dash:editor dash:EnumSelectEditor", "dash:viewer :v", ":mine 1",
             "dash:propertyRole dash:LabelRole", "dash:hidden true", "dash:readOnly true", "sh:order 1", "sh:group :g"],
)  # fmt: skip
@pytest.mark.parametrize("place", PLACES)
def test_what_forms_and_people_read_is_no_constraint(place: str, note: str) -> None:
    path = "sh:path :p ; " if place in WITH_A_PATH else ""
    shapes(PLACES[place].format(f":B {path}sh:class :C ; {note}") + " .")
