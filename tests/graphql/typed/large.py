"""Ontologies of the size that people really have."""

from __future__ import annotations

from collections.abc import Sequence

from registry.ontology.modules import Module, ModuleKind, module_of

NS = "https://large.example/model#"


def large_modules(classes: int = 1_700) -> Sequence[Module]:
    """Classes in a tree that is four wide, every fourth with properties and shapes of its own."""
    lines = [f"@prefix : <{NS}> . @prefix owl: <http://www.w3.org/2002/07/owl#> .",
             "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .",
             "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .",
             "@prefix core: <https://w3id.org/semantic-twins/core#> .", f"<{NS[:-1]}> a owl:Ontology ."]  # fmt: skip
    shapes = [f"@prefix : <{NS}> . @prefix sh: <http://www.w3.org/ns/shacl#> .",
              "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix s: <https://large.example/shapes#> ."]  # fmt: skip
    for number in range(classes):
        parent = "core:Asset" if number == 0 else f":Class{(number - 1) // 4}"
        lines.append(f':Class{number} a owl:Class ; rdfs:subClassOf {parent} ; rdfs:label "class {number}"@en ; '
                     f'skos:definition "What is of class {number}, and of no other kind."@en .')  # fmt: skip
        if number % 4 == 0:
            lines.append(
                f":value{number} a owl:DatatypeProperty ; rdfs:domain :Class{number} ; rdfs:range xsd:decimal ."
            )
            lines.append(
                f":link{number} a owl:ObjectProperty ; rdfs:domain :Class{number} ; rdfs:range :Class{number} ."
            )
            shapes.append(f"s:Class{number} a sh:NodeShape ; sh:targetClass :Class{number} ; "
                          f"sh:property [ sh:path :value{number} ; sh:maxCount 1 ; sh:datatype xsd:decimal ] .")  # fmt: skip
    return [
        module_of("large", "\n".join(lines).encode(), ModuleKind.ONTOLOGY),
        module_of("large", "\n".join(shapes).encode(), ModuleKind.SHAPES),
    ]
