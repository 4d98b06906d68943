"""What is not understood is refused at load, with its place and the reason; nothing is skipped."""

from __future__ import annotations

import re

import pytest

from registry.errors import OntologyRejected
from registry.rdf.graph import MemoryGraph
from registry.rdf.vocabulary import SH
from registry.shacl.shapes import HasValueTarget, compile_shapes
from tests.shacl.whole import E, shapes, statements

ON_A_NODE_SHAPE = [
    ("sh:rule [ a sh:TripleRule ]", "sh:rule"),
    ("sh:js [ sh:jsFunctionName 'f' ]", "sh:js"),
    ("sh:target [ a sh:SPARQLTarget ]", "sh:target"),
    ("sh:expression [ sh:path :p ]", "sh:expression"),
    ("sh:entailment <http://www.w3.org/ns/entailment/RDFS>", "sh:entailment"),
    ("sh:minCuont 1", "sh:minCuont"),
    ("sh:singleLine true", "sh:singleLine"),
    ("sh:uniqueValuesFor :p", "sh:uniqueValuesFor"),
    ("sh:reifierShape :T", "sh:reifierShape"),
    ("sh:targetWhere [ sh:class :C ]", "sh:targetWhere"),
    ("sh:memberShape [ sh:class :C ]", "sh:memberShape"),
    ("dash:singleLine true", "dash:singleLine"),
    ("dash:closedByTypes true", "dash:closedByTypes"),
    ("a sh:SPARQLTargetType", "is a sh:SPARQLTargetType"),
    ("sh:minCount 1", "says sh:minCount without sh:path"),
    ("sh:uniqueLang true", "says sh:uniqueLang without sh:path"),
    ("sh:lessThan :p", "says sh:lessThan without sh:path"),
    ("sh:qualifiedValueShape [ sh:class :C ] ; sh:qualifiedMinCount 1", "without sh:path"),
    ("sh:path :p", "is a sh:NodeShape, but has a sh:path"),
    ("sh:property [ sh:minCount 1 ]", "has no sh:path"),
    ("sh:property 'p'", "names the text 'p' by sh:property"),
    ("sh:property :nowhere", f"names <{E}nowhere> by sh:property, which is no shape"),
    ("sh:node [ sh:path :p ]", "is a property shape"),
    ("sh:node :S", "is part of itself"),
    ("sh:not [ sh:property [ sh:path :p ; sh:node :S ] ]", "is part of itself"),
    ("sh:and ( [ sh:node :S ] )", "is part of itself"),
    ("sh:and [ sh:class :C ]", "well-formed list for sh:and"),
    ("sh:or ( 'x' )", "names the text 'x' by sh:or"),
    ("sh:or ( :C ) . :C a owl:Class", f"names <{E}C> by sh:or, which is no shape"),
    ("sh:node [ rdfs:label 'anything' ]", "names a blank node by sh:node, which is no shape"),
    ("sh:in :C", "well-formed list for sh:in"),
    ("sh:in _:l . _:l rdf:first 1 ; rdf:rest _:l", "well-formed list for sh:in"),
    ("sh:in ( 1 ) , ( 2 )", "says sh:in more than once"),
    ("sh:class 'C'", "needs an IRI for sh:class"),
    ("sh:class [ a :C ]", "needs an IRI for sh:class"),
    ("sh:nodeKind sh:Iri", "no kind of node"),
    ("sh:nodeKind sh:IRI , sh:Literal", "says sh:nodeKind more than once"),
    ("sh:minInclusive 'abc'^^xsd:integer", "has no place in an order"),
    ("sh:minInclusive 'NaN'^^xsd:double", "has no place in an order"),
    ("sh:minInclusive 'a'^^:mine", "has no place in an order"),
    ("sh:minInclusive :a", "needs a literal without a language for sh:minInclusive"),
    ("sh:minInclusive 'a'@en", "needs a literal without a language for sh:minInclusive"),
    ("sh:maxLength -1", "needs an xsd:integer of 0 or more"),
    ("sh:maxLength 1.0", "needs an xsd:integer of 0 or more"),
    ("sh:maxLength '1'", "needs an xsd:integer of 0 or more"),
    ("sh:maxLength 'x'^^xsd:integer", "needs an xsd:integer of 0 or more"),
    ("sh:pattern '('", "without a )"),
    ("sh:pattern '(?=a)'", "SPARQL does not know"),
    ("sh:pattern '(a+)\\\\1'", "refers back"),
    ("sh:pattern 'a' ; sh:flags 'g'", "no regular expression flag 'g'"),
    ("sh:pattern 'a' , 'b'", "says sh:pattern more than once"),
    ("sh:pattern 1", "needs an xsd:string for sh:pattern"),
    ("sh:flags 'i'", "says sh:flags without sh:pattern"),
    ("sh:languageIn ( :en )", "needs a literal without a language for sh:languageIn"),
    ("sh:languageIn ( 1 )", "needs an xsd:string for sh:languageIn"),
    ("sh:closed 'true'", "needs true or false for sh:closed"),
    ("sh:closed '1'^^xsd:boolean", "needs true or false for sh:closed"),
    ("sh:closed true ; sh:ignoredProperties ( 'p' )", "needs a list of IRIs"),
    ("sh:ignoredProperties ( :p )", "says sh:ignoredProperties without sh:closed"),
    ("sh:deactivated 1", "needs true or false for sh:deactivated"),
    ("sh:severity sh:Warn", "which SHACL does not define"),
    ("sh:severity sh:Debug", "which SHACL does not define"),
    ("sh:severity 'high'", "needs an IRI for sh:severity"),
    ("sh:message 1", "has a sh:message that is no text"),
    ("sh:message :m", "has a sh:message that is no text"),
    ("sh:targetClass 'C'", "needs an IRI for sh:targetClass"),
    ("sh:targetNode []", "has a blank node for sh:targetNode"),
    ("sh:targetSubjectsOf [ sh:inversePath :p ]", "needs an IRI for sh:targetSubjectsOf"),
    ("dash:uniqueValueForClass :C", "without a sh:path of one predicate"),
]
ON_A_PROPERTY_SHAPE = [
    ("sh:path ()", "a path cannot be an empty list"),
    ("sh:path ( :q )", "two or more members"),
    ("sh:path :p , :q", "says sh:path more than once"),
    ("sh:path [ sh:inversePath :p ; sh:zeroOrMorePath :q ]", "exactly one of sh:inversePath"),
    ("sh:path :p ; sh:qualifiedMinCount 1", "says sh:qualifiedMinCount without sh:qualifiedValueShape"),
    ("sh:path :p ; sh:qualifiedValueShape [ sh:class :C ]", "without sh:qualifiedMinCount or"),
    ("sh:path :p ; sh:lessThan ( :q )", "needs an IRI for sh:lessThan"),
    ("sh:path ( :p :q ) ; dash:uniqueValueForClass :C", "without a sh:path of one predicate"),
    ("sh:minCount 1", "is a sh:PropertyShape, but has no sh:path"),
]


QUERIES = [
    ("SELECT $this { ?a <p:q> ?b }", "is not joined to $this by constant predicates: nothing leads to ?a p:q ?b"),
    ("SELECT $this { $this <p:q> ?a OPTIONAL { ?a <p:r> ?b } ?b <p:s> ?c }", "nothing leads to ?b p:s ?c"),
    ("SELECT $this { { $this <p:q> ?a } UNION { ?a <p:q> ?b } }", "nothing leads to ?a"),
    ("SELECT $this { $this ?p ?a . ?a <p:q> ?b }", "nothing leads to ?a"),
    ("SELECT $this { ?a ?p $this }", "nothing leads to ?a"),
    ("SELECT $this { $this <p:q> ?a FILTER EXISTS { ?b <p:q> <n:n> } }", "nothing leads to ?b"),
    ("SELECT $this { ?a <p:q> ?b FILTER(?a = $this) }", "nothing leads to ?a"),
    ("SELECT $this { $this ^rdfs:subClassOf ?a }", "the classes below"),
    ("SELECT $this { $this rdfs:subClassOf/<p:q> ?a }", "the classes above"),
    ("SELECT $this { $this <p:q> ?a MINUS { $this <p:q> 1 } }", "MINUS"),
    ("SELECT $this { VALUES ?a { 1 } }", "VALUES"),
    ("SELECT $this FROM <g:g> { }", "FROM"),
    ("SELECT $this { SERVICE <s:s> { } }", "SERVICE"),
    ("SELECT $this { SERVICESILENT<s:s>{} }", "SERVICESILENT"),
    ("LOAD <s:s>", "LOAD"),
    ("DELETE WHERE { ?a ?b ?c }", "DELETE"),
    ("SELECT $this { GRAPH <g:g> { $this <p:q> ?a } }", "GRAPH"),
    ("SELECT $this { BIND(1 AS $this) }", "AS $this"),
    ("SELECT $this { { SELECT ?a { $this <p:q> ?a } } }", "a sub-select without $this"),
    ("SELECT $this { { SELECT * { $this <p:q> ?a } } }", "SELECT *"),
    ("SELECT * { $this <p:q> ?a }", "SELECT *"),
    ("SELECT ?a { $this <p:q> ?a }", "does not select $this"),
    ("SELECT $this ?failure { }", "selects ?failure"),
    ("SELECT $this { FILTER(<f:f>($this)) }", "calls <f:f>"),
    ("SELECT $this { FILTER(RAND() > 0.5) }", "RAND"),
    ("SELECT $this { $this $PATH ?a }", "has no sh:path"),
    ("SELECT $this { $this un:known ?a }", "nothing declares the prefix un:"),
    ("SELECT $this { $this <p:q> }", "is not understood"),
    ("SELECT $this { $this <p:q> ?a ", "is not understood"),
    ("ASK { }", "SELECT, not with ASK"),
    ("", "there is no query"),
    ("SELECT $this { " + "{" * 2000 + "}" * 2000 + " }", "nested too deeply"),
    ("SELECT $this { }" + " " * 20_000, "20,000 are the most"),
]
ON_QUERIES = [
    ("sh:sparql 'x'", "names a text by sh:sparql"),
    ("sh:sparql [ ]", "needs one sh:select in its query, not 0"),
    ("sh:sparql [ sh:select 1 ]", "needs an xsd:string for sh:select"),
    ("sh:sparql [ sh:select 'SELECT $this { }' ; sh:message 1 ]", "has a sh:message that is no text"),
    ("sh:sparql [ sh:select 'SELECT $this { }' ; sh:deactivated 1 ]", "true or false for sh:deactivated"),
    ("sh:sparql [ sh:select 'SELECT $this { }' ; sh:prefixes 'x' ]", "needs a node for sh:prefixes"),
    ("sh:select 'SELECT $this { }'", "is no value of sh:sparql"),
    ("sh:parameter [ sh:path :p ]", "is no sh:ConstraintComponent"),
    ("core:auditOnly 'yes'", "true or false for core:auditOnly"),
    ("sh:not [ sh:class :C ; core:auditOnly true ]", "which is checked in audits only"),
]
COMPONENTS = [
    ("", "without a sh:parameter that must be stated"),
    ("sh:parameter [ sh:path :p ; sh:optional true ]", "without a sh:parameter that must be stated"),
    ("sh:parameter [ sh:path :p ]", "without a validator"),
    ("sh:parameter [ sh:path :this ]", "a sh:parameter named 'this'"),
    ("sh:parameter [ sh:path :p-q ]", "a sh:parameter named 'p-q'"),
    ("sh:parameter [ sh:path ( :p :q ) ]", "needs an IRI for sh:path"),
    ("sh:parameter [ sh:path :p ] ; sh:validator [ sh:select 'SELECT $this { }' ]", "sh:validator needs one sh:ask"),
    ("sh:parameter [ sh:path :p ] ; sh:propertyValidator [ sh:ask 'ASK { }' ]", "one validator for node shapes"),
    ("sh:parameter [ sh:path :p ; sh:datatype xsd:integer ] ; sh:validator [ sh:ask 'ASK { }' ]", "integer"),
    ("sh:parameter [ sh:path :p ] ; sh:validator [ sh:ask 'ASK { BIND(1 AS $p) }' ]", "AS $p"),
    ("sh:parameter [ sh:path :p ] ; sh:validator [ sh:ask 'ASK { $p <p:q> ?a }' ]", "nothing leads to ?p p:q ?a"),
]
RDFS_DECLARED = (
    ':R sh:declare [ sh:prefix "rdfs" ; sh:namespace "http://www.w3.org/2000/01/rdf-schema#"^^xsd:anyURI ] .'
)
CORE_PREFIX = "PREFIX core: <https://w3id.org/semantic-twins/core#>\n"


PLACES = {E + "S": "shapes/pump.ttl:7"}


def refusal(turtle: str) -> OntologyRejected:
    with pytest.raises(OntologyRejected) as caught:
        compile_shapes(MemoryGraph(statements(turtle)), origin=lambda iri: PLACES.get(iri, ""))
    return caught.value


def assert_told(reason: str, rejected: OntologyRejected) -> None:
    findings = rejected.details["findings"]
    assert [found for found in findings if found.startswith(f"shapes/pump.ttl:7: <{E}S> ") and reason in found], (
        findings
    )


@pytest.mark.parametrize(("said", "reason"), ON_A_NODE_SHAPE)
def test_a_node_shape_that_is_not_understood(said: str, reason: str) -> None:
    assert_told(reason, refusal(f":S a sh:NodeShape ; {said} ."))


@pytest.mark.parametrize(("said", "reason"), ON_A_PROPERTY_SHAPE)
def test_a_property_shape_that_is_not_understood_is_placed_at_the_shape_it_is_in(said: str, reason: str) -> None:
    assert_told(reason, refusal(f":S sh:property [ a sh:PropertyShape ; {said} ] ."))


@pytest.mark.parametrize(("query", "reason"), QUERIES)
def test_a_query_that_is_not_allowed_or_cannot_be_asked_with_every_write(query: str, reason: str) -> None:
    stated = f'sh:sparql [ sh:prefixes :R ; sh:select """{query}""" ]'
    assert_told(reason, refusal(f":S a sh:NodeShape ; {stated} . {RDFS_DECLARED}"))


@pytest.mark.parametrize(("said", "reason"), ON_QUERIES)
def test_what_stands_around_a_query(said: str, reason: str) -> None:
    assert_told(reason, refusal(f"{CORE_PREFIX}:S a sh:NodeShape ; {said} ."))


@pytest.mark.parametrize(("said", "reason"), COMPONENTS)
def test_a_component_that_is_not_understood(said: str, reason: str) -> None:
    rejected = refusal(f":K a sh:ConstraintComponent ; {said} . :S a sh:NodeShape ; :p 'x' ; :this 1 ; :p-q 1 .")
    assert [finding for finding in rejected.details["findings"] if reason in finding], rejected.details


@pytest.mark.parametrize("lone", ["sh:targetclass :C", "a sh:Rule", "sh:construct 'x'", "a sh:JSValidator"])
def test_a_term_that_is_not_understood_is_refused_wherever_it_stands(lone: str) -> None:
    assert "not enforced here" in refusal(f":S {lone} .").message


def test_every_problem_is_told_at_once() -> None:
    rejected = refusal(":S a sh:NodeShape ; sh:minCuont 1 ; sh:maxLength -1 ; sh:pattern '(' ; sh:in :x .")
    assert len(rejected.details["findings"]) == 4
    assert "and 3 more" in rejected.message


def test_without_a_place_the_shape_is_named() -> None:
    with pytest.raises(OntologyRejected, match=re.escape(f"<{E}S> says sh:minCuont")):
        shapes(":S sh:minCuont 1 .")


def test_a_template_that_names_no_shape_is_refused() -> None:
    with pytest.raises(OntologyRejected, match="is no shape"):
        compile_shapes(MemoryGraph(), extra_targets={E + "S": [HasValueTarget(E + "p", E + "t")]})


def nested(depth: int) -> str:
    return "".join(f":S{n} sh:node :S{n + 1} . " for n in range(depth)) + f":S{depth} sh:class :C ."


@pytest.mark.parametrize("order", ["outer first", "inner first"])
def test_shapes_far_too_deep_in_each_other_are_refused(order: str) -> None:
    said = statements(nested(60))
    with pytest.raises(OntologyRejected, match="more than 50 deep"):
        compile_shapes(MemoryGraph(said if order == "outer first" else reversed(said)))
    shapes(nested(40))


def test_shapes_that_look_at_far_too_much_are_refused() -> None:
    """Each level doubles the ways to the next, so that this would never end."""
    levels = "".join(
        f":S{n} sh:property [ sh:path :p{n} ; sh:node :S{n + 1} ] , [ sh:path :q{n} ; sh:node :S{n + 1} ] . "
        for n in range(40)
    )
    with pytest.raises(OntologyRejected, match="looks at more than 10,000"):
        shapes(levels + ":S40 sh:class :C .")


def test_words_for_people_reports_and_data_are_no_problem() -> None:
    compiled = shapes(
        """:S a sh:NodeShape ; sh:name "s"@en ; sh:description "d"@en ; sh:order 1 ; sh:group :G ; rdfs:label "l" .
        :G a sh:PropertyGroup . : sh:declare [ sh:prefix "e" ; sh:namespace "http://example.org/"^^xsd:anyURI ] .
        :T sh:property [ sh:path :p ; sh:defaultValue 1 ; dash:editor dash:TextFieldEditor ; :mine true ] ."""
    )
    assert SH + "NodeShape" not in compiled
    assert E + "S" in compiled
