"""What a result tells people: what to do, where, and by which shape; and what the RDF report keeps of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.errors import BadInput
from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Literal, boolean, text
from registry.rdf.vocabulary import DASH, RDF, RDF_TYPE, RDFS_LABEL, SH, XSD_INTEGER
from registry.shacl.reports.graph import Fix, Labels, Severity, Violation, readable
from registry.shacl.reports.results import report
from registry.shacl.shapes import HasValueTarget, compile_shapes
from registry.shacl.shapes_graph import UNNAMED
from tests.shacl.whole import E, Net, WholeMemoryGraph, graph, shapes, statements


def results(shapes_text: str, data: str) -> list[Violation]:
    return list(shapes(shapes_text).validate(graph(data)))


def only(shapes_text: str, data: str) -> Violation:
    (found,) = results(shapes_text, data)
    return found


ADVICE = [
    ("sh:minCount 1", "", "needs at least 1 value"),
    ("sh:minCount 2", ":n :p 1 .", "needs at least 2 values"),
    ("sh:maxCount 1", ":n :p 1 , 2 .", "may have at most 1 value"),
    ("sh:class :Pump", ":n :p 1 .", "must be a Pump"),
    ("sh:datatype xsd:integer", ":n :p 1.0 .", "must be a well-formed integer"),
    ("sh:datatype xsd:string", ":n :p 1 .", "must be text"),
    ("sh:nodeKind sh:IRI", ":n :p 1 .", "must be of the kind IRI"),
    ("sh:minInclusive 2", ":n :p 1 .", "must be at least 2"),
    ("sh:maxExclusive 2", ":n :p 2 .", "must be less than 2"),
    ("sh:minLength 2", ":n :p 'a' .", "must have at least 2 characters"),
    ("sh:pattern '^P-'", ":n :p 'a' .", "must match ^P-"),
    ("sh:languageIn ( 'en' 'de' )", ":n :p 'a' .", "must be in one of the languages en, de"),
    ("sh:uniqueLang true", ":n :p 'a'@en , 'b'@EN .", "may have at most 1 value in each language"),
    ("sh:equals :q", ":n :p 1 .", "must have the same values as q"),
    ("sh:disjoint :q", ":n :p 1 ; :q 1 .", "may share no value with q"),
    ("sh:lessThan :q", ":n :p 1 ; :q 1 .", "must be less than every value of q"),
    ("sh:lessThanOrEquals :q", ":n :p 2 ; :q 1 .", "must be at most every value of q"),
    ("sh:hasValue :a", "", "needs the value a"),
    ("sh:in ( :low 'high' )", ":n :p 1 .", "must be one of low, high"),
    ("sh:node :Named", ":n :p 1 .", "must conform to Named"),
    ("sh:not [ sh:datatype xsd:integer ]", ":n :p 1 .", "must not conform to a shape given in S"),
    ("sh:or ( [ sh:message 'a text' ; sh:datatype xsd:string ] :Named )", ":n :p 1 .",
     "must conform to at least one of: “a text”, Named"),
    ("sh:and ( :Named )", ":n :p 1 .", "must conform to all of: Named"),
    ("sh:xone ( :Named )", ":n :p 1 .", "must conform to exactly one of: Named"),
    ("sh:qualifiedValueShape :Named ; sh:qualifiedMinCount 1", "", "needs at least 1 value that conform to Named"),
    ("dash:uniqueValueForClass :C", ":n :p 1 . :m a :C ; :p 1 .", "must have a value that no other C has"),
]  # fmt: skip


@pytest.mark.parametrize(("constraint", "data", "message"), ADVICE)
def test_without_a_message_the_constraint_says_what_to_do(constraint: str, data: str, message: str) -> None:
    found = only(f":S sh:targetNode :n ; sh:property [ sh:path :p ; {constraint} ] . :Named sh:class :C .", data)
    assert found.message == message
    assert found.shape == E + "S"
    assert found.path == f"<{E}p>"


MESSAGES = [
    ("sh:message 'plain'", "plain"),
    ("sh:message 'hello'@en , 'hallo'@de", "hello"),
    ("sh:message 'hi'@en-GB , 'plain'", "hi"),
    ("sh:message 'hallo'@de , 'plain'", "plain"),
    ("sh:message 'hallo'@de", "hallo"),
]


@pytest.mark.parametrize(("said", "message"), MESSAGES)
def test_the_shape_speaks_english_or_plainly_or_as_it_can(said: str, message: str) -> None:
    found = only(f":S sh:targetNode :n ; sh:property [ sh:path :p ; sh:minCount 1 ; {said} ] .", "")
    assert found.message == message


def test_the_rdf_report_keeps_all_wordings_or_says_what_to_do() -> None:
    said = ":S sh:targetNode :n ; sh:property [ sh:path :p ; sh:minCount 1 ; sh:message 'hello'@en , 'hallo'@de ] ."
    own = MemoryGraph(report(results(said, "")))
    (result,) = own.objects("_:report", SH + "result")
    assert isinstance(result, str)
    assert set(own.objects(result, SH + "resultMessage")) == {text("hello", "en"), text("hallo", "de")}
    assert own.objects(result, SH + "sourceShape") == (E + "S",)
    own = MemoryGraph(report(results(":S sh:targetNode :n ; sh:class :C .", "")))
    assert len(own.sources(text("must be a C"), SH + "resultMessage")) == 1


def test_the_report_of_nothing_conforms() -> None:
    own = MemoryGraph(report([]))
    assert own.instances(SH + "ValidationReport") == ("_:report",)
    assert own.objects("_:report", SH + "conforms") == (boolean(True),)


def test_the_shape_named_is_the_nearest_with_a_name() -> None:
    said = """:S sh:targetNode :n ; sh:property [ sh:path :p ; sh:property [ sh:path :q ; sh:minCount 1 ] ] , :Named .
    :Named sh:path :r ; sh:minCount 1 ."""
    assert [(found.focus, found.path, found.shape) for found in results(said, ":n :p :m .")] == [
        (E + "m", f"<{E}q>", E + "S"),
        (E + "n", f"<{E}r>", E + "Named"),
    ]


def test_a_skolem_name_is_a_blank_node_and_names_no_shape() -> None:
    skolem = "<https://w3id.org/semantic-twins/.well-known/genid/1>"
    said = f":S sh:targetNode :n ; sh:property {skolem} . {skolem} sh:path [ sh:inversePath :p ] ; sh:nodeKind sh:IRI ."
    found = only(said, f"{skolem} :p :n .")
    assert (found.shape, found.path) == (E + "S", f"^<{E}p>")


def test_severities_are_told_and_a_severity_of_ones_own_refuses() -> None:
    said = ":S sh:targetNode :n ; sh:class :C ; sh:severity %s ."
    assert only(said % "sh:Warning", "").severity is Severity.WARNING
    assert not only(said % "sh:Info", "").severity.refuses
    found = only(said % ":Grave", "")
    assert (found.severity, found.custom_severity, found.severity.refuses) == (Severity.CUSTOM, E + "Grave", True)


def test_a_property_shape_that_is_switched_off_says_nothing() -> None:
    said = ":S sh:targetNode :n ; sh:property [ sh:path :p ; sh:minCount 1 ; sh:deactivated %s ] ."
    assert not results(said % "true", "")
    assert results(said % "false", "")


def test_what_a_nested_shape_finds_is_one_result_of_the_outer_one() -> None:
    said = """:S sh:targetNode :n ; sh:node [ sh:property :P , :Q ] .
    :P sh:path :p ; sh:minCount 1 . :Q sh:path :q ; sh:minCount 1 ."""
    found = only(said, "")
    assert found.component == SH + "NodeConstraintComponent"
    assert found.value == E + "n"


UNIQUE = ":S sh:targetClass :Asset ; sh:property [ sh:path :serial ; dash:uniqueValueForClass :Asset ] ."


def test_a_value_is_unique_among_the_members_of_a_class_and_of_those_below_it() -> None:
    data = """:Pump rdfs:subClassOf :Asset . :a a :Asset ; :serial "1" . :b a :Pump ; :serial "1" .
    :c a :Asset ; :serial "2" . :d a :Other ; :serial "2" . :e a :Asset ; :serial "1"@en , 1 ."""
    found = results(UNIQUE, data)
    assert {(v.focus, v.value, v.component) for v in found} == {
        (E + name, text("1"), DASH + "UniqueValueForClassConstraintComponent") for name in "ab"
    }


def test_a_value_taken_by_a_change_is_told_at_both_ends() -> None:
    compiled = shapes(UNIQUE)
    for added in ((E + "b", E + "serial", text("1")), (E + "b", RDF_TYPE, E + "Asset")):
        after = graph(':a a :Asset ; :serial "1" . :b a :Asset ; :serial "1" .')
        before = WholeMemoryGraph(found for found in after if found != added)
        assert {found.focus for found in compiled.new_results(before, after, Net(added=[added]))} == {E + "a", E + "b"}


def test_a_template_reaches_the_twins_that_are_based_on_it() -> None:
    target = HasValueTarget(E + "basedOn", E + "template")
    said = MemoryGraph(statements(":S sh:property [ sh:path :flow ; sh:minCount 1 ] ."))
    compiled = compile_shapes(said, extra_targets={E + "S": [target]})
    state = graph(":a :basedOn :template . :b :basedOn :other .")
    assert [found.focus for found in compiled.validate(state)] == [E + "a"]
    assert [found.focus for found in compiled.check_focus(state, E + "a")] == [E + "a"]
    assert compiled.check_focus(state, E + "b") == []
    based = (E + "a", E + "basedOn", E + "template")
    assert len(compiled.new_results(graph(""), state, Net(added=[based]))) == 1


def test_a_guard_is_checked_whatever_it_targets() -> None:
    compiled = shapes(":Guard sh:property [ sh:path :flow ; sh:minCount 1 ] .")
    assert len(compiled.check_shape(graph(""), E + "n", E + "Guard")) == 1
    assert not list(compiled.validate(graph(":n a :Pump .")))
    with pytest.raises(BadInput, match="there is no shape"):
        compiled.check_shape(graph(""), E + "n", E + "nobody")


def test_a_literal_can_be_a_focus_node() -> None:
    found = only(":S sh:targetObjectsOf :p ; sh:maxInclusive 5 .", ":n :p 7 , 3 .")
    assert found.focus == found.value == Literal("7", "http://www.w3.org/2001/XMLSchema#integer")


def test_targeted_classes() -> None:
    assert shapes(":S sh:targetClass :A , :B ; sh:class :C . :T sh:targetClass :D .").targeted_classes() == {
        E + "A",
        E + "B",
    }


def test_a_shape_that_nothing_names_is_called_by_what_it_targets() -> None:
    found = results("[] sh:targetClass :Pump ; sh:property [ sh:path :p ; sh:minCount 1 ] .", ":n a :Pump .")
    assert [violation.shape for violation in found] == [UNNAMED + "Pump"]
    assert [violation.shape for violation in results("[] sh:targetNode 1 ; sh:class :C .", "")] == [UNNAMED + "shape"]


PATHS = [
    (f"<{E}locatedIn>/<{E}floorNumber>", "locatedIn / floorNumber"),
    (f"^<{E}partOf>", "^partOf"),
    (f"(<{E}a>|^<{E}b>)*/<{E}c>", "(a | ^b)* / c"),
    ("<http://a.example/x/y|z>", "y|z"),
    ("", ""),
]


@pytest.mark.parametrize(("path", "words"), PATHS)
def test_a_path_is_told_in_words(path: str, words: str) -> None:
    assert readable(path) == words
    assert readable(path, {E + "locatedIn": "located in"}) == words.replace("locatedIn", "located in")


def test_the_rdf_report_suggests_what_the_record_suggests() -> None:
    statement, other = (E + "n", E + "p", text("1")), (E + "n", E + "p", Literal("1", XSD_INTEGER))
    plain = only(":S sh:targetNode :n ; sh:property [ sh:path :p ; sh:datatype xsd:integer ] .", ":n :p '1' .")
    labels = Labels((text("N"),), (text("p of"),), ())
    found = replace(plain, suggestion="Write it.", fix=Fix((statement,), (other,)), labels=labels)
    own = MemoryGraph(report([found]))
    (update,) = own.instances(DASH + "GraphUpdate")
    assert own.objects(update, SH + "message") == (text("Write it.", "en"),)
    for name, triple in (("deletedTriple", statement), ("addedTriple", other)):
        (node,) = own.objects(update, DASH + name)
        assert isinstance(node, str)
        assert tuple(own.value(node, RDF + part) for part in ("subject", "predicate", "object")) == triple
    assert own.objects(E + "n", RDFS_LABEL) == (text("N"),)
    own = MemoryGraph(report([replace(plain, suggestion="Say a number.")]))
    assert len(own.instances(DASH + "Suggestion")) == 1
