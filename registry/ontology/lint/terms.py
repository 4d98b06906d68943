"""Terms: declared before they are used, one kind each, in their own namespace, with a label and a definition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from registry.ontology.lint.finding import Finding
from registry.ontology.lint.folder import LintedFolder
from registry.ontology.model import REPLACED_BY, is_deprecated
from registry.rdf.terms import Iri, Literal, Term, is_blank, local_name
from registry.rdf.vocabulary import OWL, RDF, RDF_TYPE, RDFS, RDFS_LABEL, RDFS_SUB_CLASS_OF, SKOS_DEFINITION, XSD

_OWL_PREDICATES = """allValuesFrom annotatedProperty annotatedSource annotatedTarget assertionProperty
backwardCompatibleWith cardinality complementOf datatypeComplementOf deprecated differentFrom disjointUnionOf
disjointWith distinctMembers equivalentClass equivalentProperty hasKey hasSelf hasValue imports incompatibleWith
intersectionOf inverseOf maxCardinality maxQualifiedCardinality members minCardinality minQualifiedCardinality onClass
onDataRange onDatatype oneOf onProperties onProperty priorVersion propertyChainAxiom propertyDisjointWith
qualifiedCardinality sameAs someValuesFrom sourceIndividual targetIndividual targetValue unionOf versionIRI versionInfo
withRestrictions"""
_RDFS_PREDICATES = "subClassOf subPropertyOf domain range label comment seeAlso isDefinedBy"
_FACETS = (
    "minInclusive maxInclusive minExclusive maxExclusive length minLength maxLength pattern totalDigits fractionDigits"
)
BUILT_IN_PREDICATES = (
    {OWL + name for name in _OWL_PREDICATES.split()}
    | {RDFS + name for name in _RDFS_PREDICATES.split()}
    | {RDF + name for name in ("type", "first", "rest", "langRange")}
    | {XSD + name for name in _FACETS.split()}
)
_OWL_TYPES = """Class ObjectProperty DatatypeProperty AnnotationProperty NamedIndividual Ontology Restriction Axiom
Annotation AllDisjointClasses AllDisjointProperties AllDifferent NegativePropertyAssertion FunctionalProperty
InverseFunctionalProperty TransitiveProperty SymmetricProperty AsymmetricProperty ReflexiveProperty IrreflexiveProperty
Thing"""
_BUILT_IN_TYPES = {OWL + name for name in _OWL_TYPES.split()} | {RDFS + "Datatype", RDF + "List"}
_XSD_NAMES = """string boolean decimal integer double float long int short byte nonNegativeInteger positiveInteger
nonPositiveInteger negativeInteger unsignedLong unsignedInt unsignedShort unsignedByte dateTime dateTimeStamp date
anyURI hexBinary base64Binary normalizedString token language NMTOKEN Name NCName"""
DATATYPES = {XSD + name for name in _XSD_NAMES.split()} | {
    RDFS + "Literal", RDF + "PlainLiteral", RDF + "XMLLiteral", RDF + "langString", OWL + "real", OWL + "rational",
}  # fmt: skip
_NEEDS = {
    RDFS_SUB_CLASS_OF: "Class", OWL + "disjointWith": "Class", RDFS + "domain": "Class", OWL + "onClass": "Class",
    OWL + "complementOf": "Class", OWL + "onDataRange": "Datatype", OWL + "onDatatype": "Datatype",
    OWL + "inverseOf": "ObjectProperty",
}  # fmt: skip
_ONE_KIND = (
    ("ObjectProperty", "DatatypeProperty"), ("ObjectProperty", "AnnotationProperty"),
    ("DatatypeProperty", "AnnotationProperty"), ("Class", "Datatype"), ("Class", "ObjectProperty"),
    ("Class", "DatatypeProperty"), ("Class", "NamedIndividual"), ("ObjectProperty", "NamedIndividual"),
)  # fmt: skip


def check_declarations(linted: LintedFolder) -> Iterator[Finding]:
    """Every term that is used is declared as what it is used as, and nothing built in is misspelt."""
    declared = linted.declared
    properties = declared["ObjectProperty"] | declared["DatatypeProperty"] | declared["AnnotationProperty"]
    used: dict[Iri, set[str]] = defaultdict(set)
    for subject, predicate, target in linted.graph:
        if predicate.startswith((OWL, RDFS, RDF, XSD)):
            if predicate not in BUILT_IN_PREDICATES:
                yield Finding("reserved", linted.place(subject), f"there is no <{predicate}>")
        elif predicate not in properties:
            yield Finding("undeclared", linted.place(subject), f"the property <{predicate}> is not declared")
        if predicate == RDF_TYPE and isinstance(target, str) and not is_blank(target):
            if target.startswith((OWL, RDFS, RDF)):
                if target not in _BUILT_IN_TYPES:
                    yield Finding("reserved", linted.place(subject), f"there is no <{target}>")
                continue
            used[target].add("Class")
            if not is_blank(subject) and subject not in declared["NamedIndividual"]:
                yield Finding("individual", linted.place(subject), f"{local_name(subject)} needs owl:NamedIndividual")
        need = _needed(linted, subject, predicate)
        if need and isinstance(target, str) and not is_blank(target):
            used[target].add(need)
    for iri, needs in used.items():
        for need in needs:
            if not _is(linted, iri, need):
                yield Finding("undeclared", linted.place(iri), f"<{iri}> is used as a {need} and not declared as one")


def _needed(linted: LintedFolder, subject: Iri, predicate: Iri) -> str | None:
    declared = linted.declared
    if predicate in (RDFS + "domain", RDFS + "range") and subject in declared["AnnotationProperty"]:
        return None
    if predicate == RDFS + "range":
        return "Datatype" if subject in declared["DatatypeProperty"] else "Class"
    if predicate in (OWL + "someValuesFrom", OWL + "allValuesFrom"):
        on = set(linted.graph.objects(subject, OWL + "onProperty"))
        return "Datatype" if on & declared["DatatypeProperty"] else "Class"
    return _NEEDS.get(predicate)


def _is(linted: LintedFolder, iri: Iri, kind: str) -> bool:
    if kind == "Class":
        return iri in linted.declared["Class"] or iri in (OWL + "Thing", OWL + "Nothing")
    return iri in linted.declared[kind] or (kind == "Datatype" and iri in DATATYPES)


def check_punning(linted: LintedFolder) -> Iterator[Finding]:
    """A term is of one kind: OWL 2 DL forbids most pairs, and people confuse the rest."""
    for one, other in _ONE_KIND:
        for iri in linted.declared[one] & linted.declared[other]:
            yield Finding("punning", linted.place(iri), f"{local_name(iri)} is a {one} and a {other}")


def check_house_rules(linted: LintedFolder) -> Iterator[Finding]:
    """Labels, definitions, namespaces, and no new use of what is deprecated."""
    labels: dict[tuple[str, str, str], set[Iri]] = defaultdict(set)
    for module in linted.modules:
        for kind in ("Class", "ObjectProperty", "DatatypeProperty", "NamedIndividual"):
            here = {s for s, p, t in module.statements if p == RDF_TYPE and t == OWL + kind and not is_blank(s)}
            for iri in sorted(here):
                if any(iri.startswith(own + "#") for own in linted.own):
                    yield from _of_term(linted, module.iri, kind, iri)
                    for label in linted.graph.objects(iri, RDFS_LABEL):
                        if isinstance(label, Literal):
                            labels[kind, label.lexical.lower(), label.language].add(iri)
    for (_, label, _), iris in labels.items():
        if len(iris) > 1:
            names = ", ".join(sorted(local_name(iri) for iri in iris))
            yield Finding("label", linted.place(min(iris)), f"{names} have the same label {label!r}")
    yield from _of_deprecated(linted)
    for subject, predicate, target in linted.graph:
        builds = predicate in (RDFS_SUB_CLASS_OF, RDFS + "domain", RDFS + "range") and isinstance(target, str)
        if builds and is_deprecated(linted.graph, str(target)) and not is_deprecated(linted.graph, subject):
            what = f"{local_name(subject)} builds on {local_name(str(target))}, which is deprecated"
            yield Finding("deprecated", linted.place(subject), what)


def _of_term(linted: LintedFolder, module: Iri, kind: str, iri: Iri) -> Iterator[Finding]:
    if not iri.startswith(module + "#"):
        yield Finding("namespace", linted.place(iri), f"<{iri}> is declared outside its own module")
    labels = [t for t in linted.graph.objects(iri, RDFS_LABEL) if isinstance(t, Literal) and t.language == "en"]
    if len(labels) != 1:
        yield Finding("label", linted.place(iri), f"{local_name(iri)} needs one rdfs:label@en, and has {len(labels)}")
    texts = linted.graph.objects(iri, SKOS_DEFINITION)
    definitions = [t for t in texts if isinstance(t, Literal) and t.language == "en"]
    if len(definitions) != 1:
        has = len(definitions)
        yield Finding("definition", linted.place(iri), f"{local_name(iri)} needs one skos:definition@en, and has {has}")


def _of_deprecated(linted: LintedFolder) -> Iterator[Finding]:
    """What takes the place of a deprecated term is there, is of its kind, and is to be used itself."""
    graph, declared = linted.graph, linted.declared
    for iri in sorted(graph.subjects()):
        kinds = {kind for kind in declared if iri in declared[kind]}
        if not kinds or not is_deprecated(graph, iri):
            continue
        for instead in graph.objects(iri, REPLACED_BY):
            words = f"{local_name(iri)} is to be replaced by {_shown(instead)}, which"
            if not isinstance(instead, str) or not any(instead in found for found in declared.values()):
                yield Finding("deprecated", linted.place(iri), f"{words} nobody declares")
            elif kinds.isdisjoint(kind for kind in declared if instead in declared[kind]):
                yield Finding("deprecated", linted.place(iri), f"{words} is no {' or '.join(sorted(kinds))}")
            elif is_deprecated(graph, instead):
                yield Finding("deprecated", linted.place(iri), f"{words} is deprecated itself")


def _shown(term: Term) -> str:
    return f"the text {term.lexical!r}" if isinstance(term, Literal) else local_name(term)
