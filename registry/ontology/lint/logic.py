"""Told contradictions, and what puts an ontology outside OWL 2 DL: what can be seen without a reasoner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from registry.ontology.lint.finding import Finding
from registry.ontology.lint.folder import LintedFolder
from registry.ontology.model import closure
from registry.rdf.terms import Iri, is_blank, local_name
from registry.rdf.vocabulary import OWL, RDF_TYPE, RDFS, RDFS_SUB_CLASS_OF, RDFS_SUB_PROPERTY_OF

_SIMPLE_ONLY = ("FunctionalProperty", "InverseFunctionalProperty", "IrreflexiveProperty", "AsymmetricProperty")


def check_logic(linted: LintedFolder) -> Iterator[Finding]:
    """Cardinalities on transitive properties, irregular chains, cycles, and members of disjoint classes."""
    yield from _of_compound_properties(linted)
    yield from _of_chains(linted)
    above = _told_superclasses(linted)
    disjoint = _disjoint_pairs(linted)
    yield from _of_classes(linted, above, disjoint)
    yield from _of_ends(linted, above, disjoint)
    yield from _of_individuals(linted, above, disjoint)


def _compound(linted: LintedFolder) -> frozenset[Iri]:
    """Properties that are transitive or chained, and all above them: OWL 2 DL calls them not simple."""
    graph = linted.graph
    upward: dict[Iri, set[Iri]] = defaultdict(set)
    for subject, predicate, target in graph:
        if isinstance(target, str) and predicate == RDFS_SUB_PROPERTY_OF:
            upward[subject].add(target)
        if isinstance(target, str) and predicate == OWL + "inverseOf":
            upward[subject].add(target)
            upward[target].add(subject)
    start = {*graph.instances(OWL + "TransitiveProperty")} | {s for s, p, _ in graph if p == OWL + "propertyChainAxiom"}
    return frozenset(found for iri in start for found in closure(iri, lambda step: upward[step]))


def _of_compound_properties(linted: LintedFolder) -> Iterator[Finding]:
    compound = _compound(linted)
    for kind in _SIMPLE_ONLY:
        for iri in compound.intersection(linted.graph.instances(OWL + kind)):
            yield Finding(
                "not-simple", linted.place(iri), f"{kind} on {local_name(iri)}, which is transitive or chained"
            )
    for subject, predicate, _ in linted.graph:
        if predicate.startswith(OWL) and ("ardinality" in predicate or predicate == OWL + "hasSelf"):
            for on in linted.graph.objects(subject, OWL + "onProperty"):
                if on in compound and isinstance(on, str):
                    what = f"{local_name(predicate)} on {local_name(on)}, which is transitive or chained"
                    yield Finding("not-simple", linted.place(on), what)


def _of_chains(linted: LintedFolder) -> Iterator[Finding]:
    for subject, predicate, target in linted.graph:
        if predicate == OWL + "propertyChainAxiom":
            try:
                chain = list(linted.graph.items(target))
            except ValueError:
                continue
            if subject in chain[1:-1]:
                yield Finding("chain", linted.place(subject), f"{local_name(subject)} stands inside its own chain")


def _told_superclasses(linted: LintedFolder) -> Mapping[Iri, set[Iri]]:
    graph = linted.graph
    above: dict[Iri, set[Iri]] = defaultdict(set)
    for subject, predicate, target in graph:
        if predicate not in (RDFS_SUB_CLASS_OF, OWL + "equivalentClass") or not isinstance(target, str):
            continue
        if is_blank(subject):
            continue
        if not is_blank(target):
            above[subject].add(target)
            if predicate == OWL + "equivalentClass":
                above[target].add(subject)
            continue
        for members in graph.objects(target, OWL + "intersectionOf"):
            above[subject] |= set(_named(graph.items(members)))
        asks = ("someValuesFrom", "minCardinality", "qualifiedCardinality", "minQualifiedCardinality")
        if any(graph.objects(target, OWL + name) for name in asks):
            # Having a value puts a class below the domain of the property.
            for on in graph.objects(target, OWL + "onProperty"):
                if isinstance(on, str):
                    above[subject] |= set(_named(graph.objects(on, RDFS + "domain")))
    return above


def _disjoint_pairs(linted: LintedFolder) -> set[frozenset[Iri]]:
    graph = linted.graph
    pairs = {
        frozenset((s, t)) for s, p, t in graph if p == OWL + "disjointWith" and isinstance(t, str) and not is_blank(t)
    }
    for node in graph.instances(OWL + "AllDisjointClasses"):
        for head in graph.objects(node, OWL + "members"):
            try:
                members = _named(graph.items(head))
            except ValueError:
                continue
            pairs |= {frozenset((a, b)) for index, a in enumerate(members) for b in members[index + 1 :]}
    return {pair for pair in pairs if len(pair) == 2}


def _clash(classes: Iterable[Iri], above: Mapping[Iri, set[Iri]], disjoint: set[frozenset[Iri]]) -> str:
    all_above = {found for iri in classes for found in closure(iri, lambda step: above.get(step, ()))}
    pair = next((pair for pair in sorted(disjoint, key=sorted) if pair <= all_above), None)
    return " and ".join(sorted(local_name(iri) for iri in pair)) if pair else ""


def _of_classes(
    linted: LintedFolder, above: Mapping[Iri, set[Iri]], disjoint: set[frozenset[Iri]]
) -> Iterator[Finding]:
    named = {iri: set(_named(linted.graph.objects(iri, RDFS_SUB_CLASS_OF))) for iri in sorted(linted.declared["Class"])}
    for iri, parents in named.items():
        clash = _clash([iri], above, disjoint)
        if clash:
            yield Finding("unsatisfiable", linted.place(iri), f"{local_name(iri)} is below {clash}, which are disjoint")
        if any(iri in closure(parent, lambda step: named.get(step, set())) for parent in parents):
            yield Finding("cycle", linted.place(iri), f"{local_name(iri)} is its own superclass")


def _of_ends(linted: LintedFolder, above: Mapping[Iri, set[Iri]], disjoint: set[frozenset[Iri]]) -> Iterator[Finding]:
    for iri in sorted(linted.declared["ObjectProperty"]):
        for end in ("domain", "range"):
            clash = _clash(_named(linted.graph.objects(iri, RDFS + end)), above, disjoint)
            if clash:
                what = f"the {end} of {local_name(iri)} is below {clash}, which are disjoint"
                yield Finding("unsatisfiable", linted.place(iri), what)


def _of_individuals(
    linted: LintedFolder, above: Mapping[Iri, set[Iri]], disjoint: set[frozenset[Iri]]
) -> Iterator[Finding]:
    functional = linted.declared["DatatypeProperty"] & set(linted.graph.instances(OWL + "FunctionalProperty"))
    for iri in sorted(linted.declared["NamedIndividual"]):
        types = [t for t in _named(linted.graph.objects(iri, RDF_TYPE)) if not t.startswith(OWL)]
        clash = _clash(types, above, disjoint)
        if clash:
            yield Finding("inconsistent", linted.place(iri), f"{local_name(iri)} is in {clash}, which are disjoint")
        for predicate in functional:
            if len(linted.graph.objects(iri, predicate)) > 1:
                what = f"{local_name(iri)} has two values of {local_name(predicate)}, which is functional"
                yield Finding("inconsistent", linted.place(iri), what)


def _named(terms: Iterable[object]) -> list[Iri]:
    return [term for term in terms if isinstance(term, str) and not is_blank(term)]
