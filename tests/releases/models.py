"""A model that changes from release to release, and a registry to hold it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from registry.access.principal import Principal
from registry.app.core import Registry, open_registry
from registry.domain.change import Change
from registry.domain.view import View
from registry.ontology.modules import Module, ModuleKind, module_of
from registry.rdf.terms import Iri, Literal, Statement, Term, text
from registry.rdf.vocabulary import RDF_TYPE, RDFS_LABEL, XSD_INTEGER
from registry.settings import Settings
from registry.stores.submission import Faults, Receipt, Submission
from tests.principals import LOCAL

SITE = "https://site.example/model"
NS = SITE + "#"
SHAPES = "https://site.example/shapes#"
ACTOR = Principal("expert")

_HEADER = """@prefix : <https://site.example/model#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix xml: <http://www.w3.org/XML/1998/namespace> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix core: <https://w3id.org/semantic-twins/core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix vann: <http://purl.org/vocab/vann/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@base <https://site.example/model#> .

<https://site.example/model> rdf:type owl:Ontology ;
    owl:versionIRI <https://site.example/model/{version}> ;
    owl:imports <https://w3id.org/semantic-twins/core> ;
    dcterms:created "2026-11-25"^^xsd:date ;
    dcterms:creator "somebody" ;
    dcterms:description "A model for tests."@en ;
    dcterms:license <https://www.apache.org/licenses/LICENSE-2.0> ;
    dcterms:modified "2026-11-25"^^xsd:date ;
    dcterms:title "Site"@en ;
    vann:preferredNamespacePrefix "site" ;
    vann:preferredNamespaceUri "https://site.example/model#" ;
    owl:versionInfo "{version}" .

dcterms:created rdf:type owl:AnnotationProperty .
dcterms:creator rdf:type owl:AnnotationProperty .
dcterms:description rdf:type owl:AnnotationProperty .
dcterms:license rdf:type owl:AnnotationProperty .
dcterms:modified rdf:type owl:AnnotationProperty .
dcterms:title rdf:type owl:AnnotationProperty .
dcterms:isReplacedBy rdf:type owl:AnnotationProperty .
vann:preferredNamespacePrefix rdf:type owl:AnnotationProperty .
vann:preferredNamespaceUri rdf:type owl:AnnotationProperty .
skos:definition rdf:type owl:AnnotationProperty .
"""
_SHAPES_HEADER = """@prefix : <https://site.example/shapes#> .
@prefix site: <https://site.example/model#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def class_(name: str, parent: str = "core:Asset", more: str = "") -> str:
    return (
        f":{name} rdf:type owl:Class ; rdfs:subClassOf {parent} ; rdfs:isDefinedBy <{SITE}> ; "
        f'rdfs:label "{name.lower()}"@en ; skos:definition "A {name.lower()}."@en {more}.\n'
    )


def property_(name: str, more: str = "") -> str:
    return (
        f":{name} rdf:type owl:DatatypeProperty ; rdfs:isDefinedBy <{SITE}> ; "
        f'rdfs:label "{name.lower()}"@en ; skos:definition "The {name.lower()}."@en {more}.\n'
    )


def shape(class_name: str, property_name: str, constraint: str, severity: str = "Violation") -> str:
    name = f"{class_name}-{property_name}"
    return (
        f":{class_name} a sh:NodeShape ; sh:targetClass site:{class_name} ; sh:property :{name} ; "
        'sh:message "Mend it."@en .\n'
        f":{name} a sh:PropertyShape ; sh:path site:{property_name} ; {constraint} ; sh:severity sh:{severity} ; "
        'sh:message "Mend the value."@en .\n'
    )


def model(version: str, *terms: str) -> Module:
    content = _HEADER.replace("{version}", version) + "".join(terms)
    return module_of("site", content.encode(), ModuleKind.ONTOLOGY)


def shapes(*texts: str) -> Module:
    return module_of("site", (_SHAPES_HEADER + "".join(texts)).encode(), ModuleKind.SHAPES)


FIRST = [model("1.0.0", class_("Press"), property_("force")), shapes(shape("Press", "force", "sh:maxCount 1"))]


@contextmanager
def opened(folder: Path) -> Iterator[Registry]:
    """The registry of a folder, as a command would open it."""
    registry = open_registry(Settings(data=folder))
    try:
        yield registry
    finally:
        registry.close()


def started(registry: Registry) -> Registry:
    """With the first model in force."""
    store(registry, (NS + "start", RDFS_LABEL, text("start")))
    put(registry, FIRST)
    return registry


def put(registry: Registry, modules: Sequence[Module]) -> str:
    """Publish and activate; returns the digest."""
    draft = registry.releases.publish(LOCAL, modules)
    registry.releases.activate(ACTOR, draft.note.digest)
    return draft.note.digest


def store(registry: Registry, *statements: Statement, removed: Sequence[Statement] = ()) -> Receipt:
    """Write statements as any client would."""
    assert registry.writer is not None
    return registry.writer.submit(writing(*statements, removed=removed)).result(60)


def writing(*statements: Statement, removed: Sequence[Statement] = ()) -> Submission:
    def work(view: View) -> Change:
        return Change(tuple(removed), statements)

    return Submission(work, ACTOR, "test", faults=Faults.REFUSE)


def press(number: int, *forces: int) -> list[Statement]:
    iri: Iri = f"{NS}press{number}"
    values: list[Term] = [Literal(str(force), XSD_INTEGER) for force in forces]
    return [
        (iri, RDF_TYPE, NS + "Press"),
        (iri, RDFS_LABEL, text(f"press {number}")),
        *((iri, NS + "force", value) for value in values),
    ]


Told = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""
