"""Ontologies of the size that people really have."""

from __future__ import annotations

from collections.abc import Sequence

from registry.ontology.modules import Module, ModuleKind, module_of
from registry.rdf.vocabulary import CORE, OWL, RDFS, SH, SKOS, XSD

NS = "https://large.example/model#"


def large_modules(classes: int = 1_700) -> Sequence[Module]:
    """Classes in a tree that is four wide, every fourth with properties and shapes of its own."""
    lines = [f"@prefix : <{NS}> . @prefix owl: <{OWL}> . @prefix rdfs: <{RDFS}> . @prefix skos: <{SKOS}> .",
             f"@prefix xsd: <{XSD}> . @prefix core: <{CORE}> . <{NS[:-1]}> a owl:Ontology ."]  # fmt: skip
    shapes = [f"@prefix : <{NS}> . @prefix sh: <{SH}> . @prefix xsd: <{XSD}> .",
              "@prefix s: <https://large.example/shapes#> ."]  # fmt: skip
    for number in range(classes):
        own, parent = f":Class{number}", "core:Asset" if number == 0 else f":Class{(number - 1) // 4}"
        lines.append(f'{own} a owl:Class ; rdfs:subClassOf {parent} ; rdfs:label "class {number}"@en ; '
                     f'skos:definition "What is of class {number}, and of no other kind."@en .')  # fmt: skip
        if number % 4 == 0:
            lines.append(f":value{number} a owl:DatatypeProperty ; rdfs:domain {own} ; rdfs:range xsd:decimal .")
            lines.append(f":link{number} a owl:ObjectProperty ; rdfs:domain {own} ; rdfs:range {own} .")
            shape = f"sh:property [ sh:path :value{number} ; sh:maxCount 1 ; sh:datatype xsd:decimal ] ."
            shapes.append(f"s:Class{number} a sh:NodeShape ; sh:targetClass {own} ; {shape}")
    return [
        module_of("large", "\n".join(lines).encode(), ModuleKind.ONTOLOGY),
        module_of("large", "\n".join(shapes).encode(), ModuleKind.SHAPES),
    ]
