"""A small model of machines in halls, made for suggestions, and changes judged by it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from registry.domain.judgement import Verdict, judge
from registry.domain.overlay import Net, Overlay
from registry.domain.releases.release import Release, compile_release
from registry.domain.reports.explanation import explain
from registry.ontology.modules import ModuleKind, module_of, standard_modules
from registry.rdf.syntax import Syntax, parse
from registry.rdf.terms import Statement
from registry.shacl.reports.graph import Fix, Key, Violation
from tests.domain.views import Nothing

M = "https://machines.example/model#"
PREFIXES = f"""PREFIX : <{M}>
PREFIX s: <https://machines.example/shapes#>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
ONTOLOGY = """
<https://machines.example/model> a owl:Ontology .
:Machine a owl:Class ; rdfs:label "machine"@en , "Maschine"@de .
:Hall a owl:Class ; rdfs:label "hall"@en , "Halle"@de .
:Shed a owl:Class ; rdfs:subClassOf :Hall ; rdfs:label "shed"@en .
:Rack a owl:Class ; rdfs:label "rack"@en .
:Grade a owl:Class ; rdfs:label "grade"@en .
:best a owl:NamedIndividual , :Grade ; rdfs:label "best quality"@en .
:fair a owl:NamedIndividual , :Grade ; rdfs:label "fair"@en .
:power a owl:DatatypeProperty ; rdfs:label "power"@en , "Leistung"@de ; rdfs:range xsd:decimal .
:mode a owl:DatatypeProperty ; rdfs:label "mode"@en .
:phases a owl:DatatypeProperty ; rdfs:label "phases"@en .
:since a owl:DatatypeProperty ; rdfs:label "since"@en .
:note a owl:DatatypeProperty ; rdfs:label "note"@en .
:slots a owl:DatatypeProperty ; rdfs:label "slots"@en .
:voltage a owl:DatatypeProperty ; rdfs:label "voltage"@en .
:standsIn a owl:ObjectProperty ; rdfs:label "stands in"@en , "steht in"@de .
:holds a owl:ObjectProperty ; rdfs:label "holds"@en , "enthält"@de ; owl:inverseOf :standsIn .
:hasGrade a owl:ObjectProperty ; rdfs:label "has grade"@en .
"""
SHAPES = """
s:Machine a sh:NodeShape ; sh:targetClass :Machine ; sh:property s:power , s:mode , s:phases , s:since , s:note ,
    s:slots , s:voltage , s:standsIn , s:hasGrade .
s:power sh:path :power ; sh:maxCount 1 ; sh:datatype xsd:decimal ; sh:minExclusive 0.0 ; sh:maxInclusive 500.0 ;
    sh:message "Give one power in kilowatts."@en , "Eine Leistung in Kilowatt angeben."@de .
s:mode sh:path :mode ; sh:minCount 1 ; sh:maxCount 1 ; sh:in ( "manual" "automatic" "off" ) ; sh:defaultValue "off" .
s:phases sh:path :phases ; sh:in ( 1 3 ) .
s:since sh:path :since ; sh:datatype xsd:dateTime .
s:note sh:path :note ; sh:languageIn ( "en" ) .
s:slots sh:path :slots ; sh:datatype xsd:integer ; sh:maxCount 2 .
s:voltage sh:path :voltage ; sh:minCount 1 ; sh:datatype xsd:integer ; sh:in ( 400 ) .
s:standsIn sh:path :standsIn ; sh:class :Hall ; sh:maxCount 1 .
s:hasGrade sh:path :hasGrade ; sh:class :Grade ; sh:nodeKind sh:IRI .
s:Hall a sh:NodeShape ; sh:targetClass :Hall ; sh:closed true ; sh:ignoredProperties ( rdfs:label :standsIn
    <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> ) ; sh:property s:must .
s:Rack a sh:NodeShape ; sh:targetClass :Rack ; sh:property [ sh:path :slots ; sh:minCount 2 ; sh:defaultValue 1 ] .
s:must sh:path :mode ; sh:hasValue "open" .
"""


@cache
def release() -> Release:
    """The standard release with this model."""
    return compile_release(
        [
            *standard_modules(),
            module_of("machines", (PREFIXES + ONTOLOGY).encode(), ModuleKind.ONTOLOGY),
            module_of("machines", (PREFIXES + SHAPES).encode(), ModuleKind.SHAPES),
        ]
    )


def statements(turtle: str) -> list[Statement]:
    return list(parse((PREFIXES + turtle).encode(), Syntax.TURTLE).statements)


def view_of(stated: Sequence[Statement]) -> Overlay:
    view = Overlay(Nothing())
    view.apply(view.net((), stated), "")
    return view


def verdict_of(model: Release, before: Overlay, net: Net) -> tuple[Verdict, Overlay]:
    """What a change to a state would bring, and the state after it."""
    after = Overlay(before)
    after.apply(net, "")
    return judge(model, before, after, net), after


def explained(model: Release, before: Overlay, net: Net) -> list[Violation]:
    """What a change would bring, as people are told."""
    verdict, after = verdict_of(model, before, net)
    return explain(model, after, [*verdict.refusals, *verdict.warnings], before)


def mended(before: Overlay, net: Net, fix: Fix) -> Net:
    """The change with a fix made to it."""
    kept = [statement for statement in net.added if statement not in fix.remove]
    return Overlay(before).net([*net.removed, *fix.remove], [*kept, *fix.add])


def keys(verdict: Verdict) -> set[Key]:
    return {violation.key() for violation in (*verdict.refusals, *verdict.warnings)}
