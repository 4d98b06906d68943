"""Our modules are all imported by the root, and each of their terms says where it is defined."""

from __future__ import annotations

from registry.ontology.modules import ModuleKind, standard_modules
from registry.rdf.graph import MemoryGraph
from registry.rdf.vocabulary import BASE, OWL, RDF_TYPE, RDFS

INVENTORY = {
    "core", "lifecycle", "lifecycle-standard", "telemetry", "models", "services", "governance", "federation", "plant",
}  # fmt: skip
KINDS = ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "NamedIndividual")


def test_the_root_imports_every_module_and_no_alignment() -> None:
    modules = {module.name: module for module in standard_modules() if module.kind is ModuleKind.ONTOLOGY}
    assert set(modules) >= INVENTORY
    others = {module.iri for module in modules.values()} - {f"{BASE}twin"}
    assert set(modules["twin"].imports) == others


def test_every_term_says_where_it_is_defined() -> None:
    for module in standard_modules():
        graph = MemoryGraph(module.statements)
        for kind in KINDS if module.kind is ModuleKind.ONTOLOGY else ():
            for term in graph.instances(OWL + kind):
                if term.startswith(module.iri + "#"):
                    assert graph.objects(term, RDFS + "isDefinedBy") == (module.iri,), term


def test_individuals_are_named_individuals() -> None:
    """Other engines mix enumerations into the data only where they are typed so."""
    for module in standard_modules():
        if module.kind is ModuleKind.ONTOLOGY and module.name in INVENTORY:
            graph = MemoryGraph(module.statements)
            for subject, predicate, kind in module.statements:
                if predicate == RDF_TYPE and isinstance(kind, str) and kind.startswith(BASE):
                    assert OWL + "NamedIndividual" in graph.objects(subject, RDF_TYPE), subject
