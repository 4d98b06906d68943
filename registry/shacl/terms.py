"""Every term of SHACL and what becomes of it here: the tables that the loader goes by, and that coverage prints."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from registry.rdf.terms import Iri
from registry.rdf.vocabulary import DASH, SH
from registry.shacl.constraints.constraint import component_iri
from registry.shacl.constraints.single_values import NODE_KINDS
from registry.shacl.paths import MARKS
from registry.shacl.reports.graph import Severity


def _words(*texts: str) -> frozenset[str]:
    return frozenset(word for text in texts for word in text.split())


class Treatment(Enum):
    """What becomes of a term of the SHACL vocabulary in a shapes graph."""

    ENFORCED = "enforced"
    FOR_PEOPLE = "for people"
    IN_REPORTS = "in reports"
    REFUSED = "refused"


TARGETS = _words("targetClass targetNode targetSubjectsOf targetObjectsOf")
PATH_ONLY = _words("minCount maxCount uniqueLang lessThan lessThanOrEquals qualifiedValueShape")
"""What only a property shape may say (SHACL 2.2 and the tables of section 4)."""

CONSTRAINTS = PATH_ONLY | _words(
    "class datatype nodeKind minExclusive minInclusive maxExclusive maxInclusive minLength maxLength pattern",
    "languageIn equals disjoint not and or xone node property closed hasValue in sparql",
)
TAKING_SHAPES = _words("property node not qualifiedValueShape")
LISTS_OF_SHAPES = _words("and or xone")
"""What leads to shapes, directly or by a list: a node that stands there is one, whatever it says (SHACL 2.1)."""

NEEDED_BY = {
    "flags": "pattern",
    "ignoredProperties": "closed",
    "qualifiedMinCount": "qualifiedValueShape",
    "qualifiedMaxCount": "qualifiedValueShape",
    "qualifiedValueShapesDisjoint": "qualifiedValueShape",
}
"""Parameters that mean nothing without another."""

ONCE = _words(
    "datatype nodeKind minCount maxCount minExclusive minInclusive maxExclusive maxInclusive minLength maxLength",
    "pattern flags languageIn uniqueLang in closed ignoredProperties qualifiedValueShape qualifiedMinCount",
    "qualifiedMaxCount qualifiedValueShapesDisjoint path severity deactivated",
)
VALIDATORS = ("validator", "nodeValidator", "propertyValidator")
QUERIES = _words("select ask")
_SPARQL = QUERIES | _words("prefixes declare prefix namespace parameter optional labelTemplate", *VALIDATORS)
_PATHS = frozenset({SH + "path", SH + "inversePath", SH + "alternativePath", *MARKS})
_SAID_OF_SHAPES = _words("message severity deactivated")
_FOR_PEOPLE = _words("name description order group defaultValue PropertyGroup")
_IN_REPORTS = _words(
    "conforms result focusNode resultPath resultMessage resultSeverity value detail AbstractResult ValidationReport",
    "sourceShape sourceConstraint sourceConstraintComponent shapesGraphWellFormed ValidationResult",
)
_CLASSES = _words(
    "NodeShape PropertyShape PrefixDeclaration SPARQLConstraint ConstraintComponent Parameter",
    "SPARQLAskValidator SPARQLSelectValidator",
)
_PARAMETERS = CONSTRAINTS | NEEDED_BY.keys()

_ENFORCED = frozenset(
    {SH + word for word in _PARAMETERS | TARGETS | _SPARQL | _SAID_OF_SHAPES | _CLASSES}
    | _PATHS
    | NODE_KINDS.keys()
    | {SH + severity.value for severity in Severity if severity is not Severity.CUSTOM}
)
_COMPONENTS = frozenset(
    component_iri("SPARQL" if word == "sparql" else word)
    for word in CONSTRAINTS | _words("qualifiedMinCount qualifiedMaxCount")
)
INFERRING = frozenset(
    SH + word
    for word in _words(
        "rule TripleRule SPARQLRule Rule subject predicate object construct condition entailment target SPARQLTarget"
    )
)
"""Terms that add statements or targets, so that whoever leaves them out checks too little at most."""

_BY_WORD = {Treatment.FOR_PEOPLE: _FOR_PEOPLE, Treatment.IN_REPORTS: _IN_REPORTS}


def treatment(term: Iri) -> Treatment:
    """What becomes of a term in SHACL's namespace; one that SHACL does not have is refused."""
    component, _, parameter = term.partition("-")
    if term in _ENFORCED or (component in _COMPONENTS and parameter in _PARAMETERS):
        return Treatment.ENFORCED
    if term in _COMPONENTS:
        return Treatment.IN_REPORTS
    word = term.removeprefix(SH)
    return next((found for found, words in _BY_WORD.items() if word in words), Treatment.REFUSED)


_CONSTRAINTS_OF_DASH = _words(
    "closedByTypes coExistsWith hasValueIn hasValueWithClass indexed nonRecursive reifiableBy rootClass",
    "scriptConstraint singleLine stem subSetOf symmetric uniqueValueForClass uriStart",
)
"""The parameters of the constraint components that DASH declares (http://datashapes.org/constraints.html)."""
_ENFORCED_OF_DASH = _words("uniqueValueForClass")
_FORMS_OF_DASH = _words(
    "abstract actionGroup actionIconClass apiStatus applicableToClass composite contextFree defaultLang",
    "defaultViewForRole detailsEndpoint detailsGraph editor height hidden index neverMaterialize propertyRole readOnly",
    "resourceAction searchWidget viewer width x y",
)
"""What DASH has for forms and pages (http://datashapes.org/forms.html): it says nothing of what data must be."""


def treatment_of_dash(term: Iri) -> Treatment:
    """What becomes of a term in DASH's namespace that a shape says; one that DASH does not have is refused."""
    word = term.removeprefix(DASH)
    if word in _ENFORCED_OF_DASH:
        return Treatment.ENFORCED
    return Treatment.FOR_PEOPLE if word in _FORMS_OF_DASH else Treatment.REFUSED


def is_native(term: Iri) -> bool:
    """Whether a constraint's parameter is enforced without a component that declares it."""
    return treatment(term) is Treatment.ENFORCED or treatment_of_dash(term) is Treatment.ENFORCED


def is_constraint_of_dash(term: Iri) -> bool:
    """Whether whoever states a term of DASH is a shape: it is a parameter of one of DASH's components."""
    return term.removeprefix(DASH) in _CONSTRAINTS_OF_DASH


_PARAMETERS_BY_COMPONENT = """
And-and Class-class Closed-closed Closed-ignoredProperties Datatype-datatype Disjoint-disjoint Equals-equals
Expression-expression HasValue-hasValue In-in LanguageIn-languageIn LessThan-lessThan LessThanOrEquals-lessThanOrEquals
MaxCount-maxCount MaxExclusive-maxExclusive MaxInclusive-maxInclusive MaxLength-maxLength MinCount-minCount
MinExclusive-minExclusive MinInclusive-minInclusive MinLength-minLength Node-node NodeKind-nodeKind Not-not Or-or
Pattern-flags Pattern-pattern Property-property QualifiedMaxCount-qualifiedMaxCount
QualifiedMaxCount-qualifiedValueShape QualifiedMaxCount-qualifiedValueShapesDisjoint
QualifiedMinCount-qualifiedMinCount QualifiedMinCount-qualifiedValueShape
QualifiedMinCount-qualifiedValueShapesDisjoint SPARQL-sparql UniqueLang-uniqueLang Xone-xone"""
_VOCABULARY = """
AbstractResult ConstraintComponent Function JSConstraint JSExecutable JSFunction JSLibrary JSRule JSTarget JSTargetType
JSValidator NodeKind NodeShape Parameter Parameterizable PrefixDeclaration PropertyGroup PropertyShape ResultAnnotation
Rule SPARQLAskExecutable SPARQLAskValidator SPARQLConstraint SPARQLConstructExecutable SPARQLExecutable SPARQLFunction
SPARQLRule SPARQLSelectExecutable SPARQLSelectValidator SPARQLTarget SPARQLTargetType SPARQLUpdateExecutable Severity
Shape Target TargetType TripleRule ValidationReport ValidationResult Validator
BlankNode BlankNodeOrIRI BlankNodeOrLiteral IRI IRIOrLiteral Literal Info Violation Warning
JSConstraintComponent JSConstraint-js
alternativePath and annotationProperty annotationValue annotationVarName ask class closed condition conforms construct
datatype deactivated declare defaultValue description detail disjoint entailment equals expression filterShape flags
focusNode group hasValue ignoredProperties in intersection inversePath js jsFunctionName jsLibrary jsLibraryURL
labelTemplate languageIn lessThan lessThanOrEquals maxCount maxExclusive maxInclusive maxLength message minCount
minExclusive minInclusive minLength name namespace node nodeKind nodeValidator nodes not object oneOrMorePath optional
or order parameter path pattern predicate prefix prefixes property propertyValidator qualifiedMaxCount
qualifiedMinCount qualifiedValueShape qualifiedValueShapesDisjoint result resultAnnotation resultMessage resultPath
resultSeverity returnType rule select severity shapesGraph shapesGraphWellFormed sourceConstraint
sourceConstraintComponent sourceShape sparql subject suggestedShapesGraph target targetClass targetNode targetObjectsOf
targetSubjectsOf this union uniqueLang update validator value xone zeroOrMorePath zeroOrOnePath"""


def coverage() -> Iterator[tuple[str, Treatment]]:
    """Every term of SHACL Core, SHACL-SPARQL, the Advanced Features and SHACL-JS as ``sh:name``, sorted by name."""
    words = set(_VOCABULARY.split())
    for pair in _PARAMETERS_BY_COMPONENT.split():
        name, _, parameter = pair.partition("-")
        words |= {f"{name}ConstraintComponent", f"{name}ConstraintComponent-{parameter}"}
    for word in sorted(words, key=str.lower):
        yield f"sh:{word}", treatment(SH + word)
