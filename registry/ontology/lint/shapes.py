"""Shapes files: whole, named, telling people what to do, and speaking of terms that the ontology has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from registry.errors import OntologyRejected
from registry.ontology.lint.finding import Finding
from registry.ontology.lint.folder import LintedFolder
from registry.ontology.modules import Module, ModuleKind, read_module
from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Iri, Literal, is_blank, local_name
from registry.rdf.vocabulary import DASH, LIFECYCLE, OWL, RDF_TYPE, RDFS, SH, TEMPLATE_SHAPE

_NAMES = """
NodeShape PropertyShape Violation Warning Info IRI BlankNode Literal BlankNodeOrIRI BlankNodeOrLiteral IRIOrLiteral
targetClass targetNode targetSubjectsOf targetObjectsOf path property node name description order group defaultValue
message severity deactivated class datatype nodeKind minCount maxCount minExclusive minInclusive maxExclusive
maxInclusive minLength maxLength pattern flags languageIn uniqueLang equals disjoint lessThan lessThanOrEquals not and
or xone
qualifiedValueShape qualifiedValueShapesDisjoint qualifiedMinCount qualifiedMaxCount closed ignoredProperties
hasValue in inversePath alternativePath zeroOrMorePath oneOrMorePath zeroOrOnePath
sparql select ask prefixes declare prefix namespace parameter optional labelTemplate validator nodeValidator
propertyValidator SPARQLConstraint ConstraintComponent Parameter SPARQLAskValidator SPARQLSelectValidator
PrefixDeclaration"""
_TERMS = {SH + name for name in _NAMES.split()}
_TO_CLASSES = {SH + "targetClass", SH + "class", DASH + "uniqueValueForClass"}
_TO_PROPERTIES = {
    SH + name for name in ("path", "inversePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath", "equals",
                           "disjoint", "lessThan", "lessThanOrEquals", "targetSubjectsOf", "targetObjectsOf")
}  # fmt: skip


def check_shapes(linted: LintedFolder, folder: Path) -> list[Finding]:
    """What is to mend in a folder of shapes, and shapes that the ontologies name and nobody wrote."""
    found: list[Finding] = []
    modules: list[Module] = []
    for path in sorted(folder.glob("*.ttl")):
        try:
            modules.append(read_module(path, ModuleKind.SHAPES))
        except OntologyRejected as error:
            kind = "damaged" if "OWL tool" in error.message or "empty" in error.message else "syntax"
            found += [Finding(kind, f"shapes/{path.name}", finding) for finding in error.details["findings"]]
    for module in modules:
        graph = MemoryGraph(module.statements)
        found += _of_terms(linted, module, graph)
        found += _of_shapes(module, graph)
    if modules and not found:
        found += _named_and_missing(linted, modules)
    return found


def _of_terms(linted: LintedFolder, module: Module, graph: MemoryGraph) -> Iterator[Finding]:
    properties = {
        p for kind in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty") for p in linted.declared[kind]
    }
    for subject, predicate, target in graph:
        place = module.place(_shape_of(graph, subject))
        for term in (predicate, target):
            if isinstance(term, str) and term.startswith(SH) and term not in _TERMS:
                yield Finding("reserved", place, f"sh:{term.removeprefix(SH)} is no term that shapes here may use")
        if not isinstance(target, str) or is_blank(target):
            continue
        if predicate in _TO_CLASSES and linted.modules and target not in linted.declared["Class"]:
            yield Finding("undeclared", place, f"the ontology has no class <{target}>")
            continue
        is_unknown = target not in properties and not target.startswith((RDFS, OWL))
        if predicate in _TO_PROPERTIES and linted.modules and is_unknown:
            yield Finding("undeclared", place, f"the ontology has no property <{target}>")


def _of_shapes(module: Module, graph: MemoryGraph) -> Iterator[Finding]:
    for kind in ("NodeShape", "PropertyShape"):
        for shape in graph.instances(SH + kind):
            if is_blank(shape):
                what = f"a {kind} needs an IRI, so that reports and waivers can name it"
                yield Finding("unnamed", module.place(_shape_of(graph, shape)), what)
                continue
            messages = [m for m in graph.objects(shape, SH + "message") if isinstance(m, Literal)]
            if not any(message.language in ("en", "") for message in messages):
                yield Finding(
                    "message", module.place(shape), f"{local_name(shape)} needs a sh:message that says what to do"
                )
            if kind == "PropertyShape" and not graph.objects(shape, SH + "severity"):
                yield Finding(
                    "severity", module.place(shape), f"{local_name(shape)} needs a sh:severity: its obligation"
                )


def _named_and_missing(linted: LintedFolder, modules: list[Module]) -> Iterator[Finding]:
    shapes = {s for module in modules for s, p, t in module.statements if p == RDF_TYPE and t == SH + "NodeShape"}
    for subject, predicate, target in linted.graph:
        if predicate in (LIFECYCLE + "guard", TEMPLATE_SHAPE) and target not in shapes:
            yield Finding(
                "undeclared", linted.place(subject), f"{local_name(subject)} names the shape <{target}>: no such"
            )


def _shape_of(graph: MemoryGraph, node: Iri) -> Iri:
    """The named shape that a blank node belongs to."""
    seen: set[Iri] = set()
    while is_blank(node) and node not in seen:
        seen.add(node)
        node = next((s for s, _, t in graph if t == node), node)
    return node
