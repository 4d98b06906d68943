"""A shape that is a class is for the class's members, however far above it rdfs:Class stands (SHACL 2.1.3.3)."""

from __future__ import annotations

import pytest

from registry.errors import OntologyRejected
from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Literal
from registry.rdf.vocabulary import DCTERMS, RDFS_LABEL, SKOS_PREF_LABEL
from registry.shacl.shapes import compile_shapes
from tests.shacl.whole import E, graph, statements

NEEDS_P = "sh:property [ sh:path :p ; sh:minCount 1 ]"
CLASSES = {
    "an owl:Class": (":S a owl:Class , sh:NodeShape", ""),
    "an rdfs:Class": (":S a rdfs:Class , sh:NodeShape", ""),
    "an instance of a class below rdfs:Class": (":S a :Meta , sh:NodeShape . :Meta rdfs:subClassOf rdfs:Class", ""),
    "and of one below owl:Class": (":S a :Meta , sh:NodeShape . :Meta rdfs:subClassOf owl:Class", ""),
    "two steps below": (":S a :M2 , sh:NodeShape . :M2 rdfs:subClassOf :M1 . :M1 rdfs:subClassOf rdfs:Class", ""),
    "by a metaclass of itself": (":S a :Meta , sh:NodeShape . :Meta a :Meta ; rdfs:subClassOf :Meta , rdfs:Class", ""),
    "by a metaclass that the ontologies have": (":S a :Meta , sh:NodeShape", ":Meta rdfs:subClassOf rdfs:Class ."),
    "by a chain through both": (
        ":S a :M2 , sh:NodeShape . :M1 rdfs:subClassOf owl:Class",
        ":M2 rdfs:subClassOf :M1 .",
    ),
    "a class that the ontologies declare": (":S a sh:NodeShape", ":S a owl:Class ."),
    "an instance of a metaclass there": (":S a sh:NodeShape", ":S a :Meta . :Meta rdfs:subClassOf rdfs:Class ."),
    "a shape by a class of shapes": (":S a owl:Class , :Kind . :Kind rdfs:subClassOf sh:NodeShape", ""),
    "both by one class": (":S a :Both . :Both rdfs:subClassOf sh:NodeShape , rdfs:Class", ""),
}
NO_TARGETS = {
    "no class": (":S a sh:NodeShape", ""),
    "an instance of a class that is none of classes": (":S a :Other , sh:NodeShape . :Other a rdfs:Class", ""),
    "a class above rdfs:Class": (":S a :Above , sh:NodeShape . rdfs:Class rdfs:subClassOf :Above", ""),
    "a class that is no shape by type": (":S a owl:Class", ""),
}


@pytest.mark.parametrize("what", CLASSES)
def test_a_shape_that_is_a_class_is_for_its_members_and_those_below(what: str) -> None:
    said, ontology = CLASSES[what]
    compiled = compile_shapes(graph(f"{said} . :S {NEEDS_P} ."), ontologies=MemoryGraph(statements(ontology)))
    found = compiled.validate(
        graph(":a a :S . :b a :Below . :Below rdfs:subClassOf :S . :c a :Other ; :p 1 . :d :q 1 .")
    )
    assert {violation.focus for violation in found} == {E + "a", E + "b"}
    assert compiled.unchecked.dormant == ()


@pytest.mark.parametrize("what", NO_TARGETS)
def test_no_other_shape_is_and_it_is_listed(what: str) -> None:
    said, ontology = NO_TARGETS[what]
    compiled = compile_shapes(graph(f"{said} . :S {NEEDS_P} ."), ontologies=MemoryGraph(statements(ontology)))
    assert not list(compiled.validate(graph(":a a :S .")))
    assert [one.shape for one in compiled.unchecked.dormant] == [E + "S"]


def test_a_class_without_a_name_is_refused() -> None:
    with pytest.raises(OntologyRejected, match="needs an IRI"):
        compile_shapes(graph(f"[] a owl:Class , sh:NodeShape ; {NEEDS_P} ."))


DORMANT = {
    f":S a sh:NodeShape ; {NEEDS_P}": ["S never runs: it has no target, and no shape leads to it"],
    f":S a sh:NodeShape ; {NEEDS_P} . :T sh:node :S": [
        "S never runs: it has no target, and is part of",
        "T never runs: it has no target, and no shape leads to it",
    ],
    f":S sh:targetClass :C ; sh:deactivated true ; {NEEDS_P}": ["S never runs: it is deactivated"],
    f":T sh:targetNode :n ; sh:node :S ; sh:deactivated true . :S {NEEDS_P}": [
        "S never runs: it has no target, and is part of",
        "T never runs: it is deactivated",
    ],
    ":S sh:targetNode :n ; sh:property [ sh:path :p ; sh:minCount 1 ; sh:deactivated true ]": [
        "S has a part without a name that never runs: it is deactivated"
    ],
    f":S sh:targetClass :Pmup ; {NEEDS_P}": [f"S may never run: it targets <{E}Pmup>, of which the model says nothing"],
    f":S sh:targetSubjectsOf :typo ; {NEEDS_P}": ["S may never run"],
    f":S a owl:Class ; {NEEDS_P}": ["S never runs: it is a class, but no sh:NodeShape"],
}
RUNNING = [
    f":S sh:targetNode :n ; {NEEDS_P}",
    f":S sh:targetClass :C ; {NEEDS_P} . :C a owl:Class",
    f":S sh:targetClass :C , :Pmup ; {NEEDS_P} . :C a owl:Class",
    f":S sh:targetSubjectsOf rdfs:label ; {NEEDS_P}",
    ":T sh:targetNode :n ; sh:property :S . :S sh:path :p ; sh:minCount 1",
    f":T sh:targetNode :n ; sh:not [ sh:or ( [ sh:class :C ] [ sh:and ( :S ) ] ) ] . :S {NEEDS_P}",
    ":T sh:targetNode :n ; sh:property [ sh:path :q ; sh:qualifiedValueShape :S ; sh:qualifiedMaxCount 1 ] ."
    f":S {NEEDS_P}",
    """:K a sh:ConstraintComponent ; sh:parameter [ sh:path :k ; sh:datatype xsd:string ] ;
        sh:validator [ sh:ask "ASK { FILTER(STR($value) = $k) }" ] . :S sh:targetNode :n ; :k "a" """,
]  # fmt: skip


@pytest.mark.parametrize("said", DORMANT)
def test_a_shape_that_can_never_run_is_listed_with_the_reason(said: str) -> None:
    found = sorted(compile_shapes(graph(said + " ."), ontologies=MemoryGraph()).unchecked.dormant)
    assert len(found) == len(DORMANT[said])
    for one, expected in zip(found, DORMANT[said], strict=True):
        assert f"{one.shape} {one.reason}".startswith(E + expected)


@pytest.mark.parametrize("said", RUNNING)
def test_a_shape_that_runs_is_not(said: str) -> None:
    assert compile_shapes(graph(said + " ."), ontologies=MemoryGraph()).unchecked.dormant == ()


def test_what_something_else_than_a_target_runs_is_not() -> None:
    compiled = compile_shapes(graph(f":S sh:node :T . :T {NEEDS_P} ."), asked_for={E + "S"})
    assert compiled.unchecked.dormant == ()


def test_a_shape_that_a_left_out_constraint_alone_leads_to_is_listed() -> None:
    said = statements(":S sh:targetNode :n ; sh:not :T . :T sh:class :C ; dash:hasValueIn ( 1 ) .")
    compiled = compile_shapes(MemoryGraph(said), foreign={subject for subject, _, _ in said})
    assert [one.shape for one in compiled.unchecked.dormant] == [E + "T"]


def test_predicates_of_shapes_that_nothing_declares_are_passed_over_and_listed() -> None:
    spin = "<http://spinrdf.org/spin#constraint>"
    said = f""":S sh:targetNode :n ; {NEEDS_P} ; :undeclared 1 ; :declared 1 ; rdfs:label "s" ; rdfs:comment "c" ;
        <{SKOS_PREF_LABEL}> "s" ; <{DCTERMS}title> "s" ; dash:hidden true .
        :T sh:targetNode :m ; sh:node [ sh:class :C ; :undeclared 2 ] . :C a owl:Class ; {spin} [] ; :more 1 ."""
    ontology = MemoryGraph([*statements(":declared a owl:AnnotationProperty ."), (E + "S", RDFS_LABEL, Literal("s"))])
    found = compile_shapes(graph(said), ontologies=ontology).unchecked.passed_over
    assert {(one.predicate, one.shape, one.times) for one in found} == {
        (E + "undeclared", E + "S", 2),
        (spin.strip("<>"), E + "C", 1),
    }
