"""Words for what a shape asks for, where no single change follows from it."""

from __future__ import annotations

from collections.abc import Sequence

from registry.domain.naming import Naming
from registry.ontology.model import Model
from registry.rdf.terms import Iri, Literal, Term, local_name
from registry.rdf.vocabulary import RDF_LANG_STRING, XSD, XSD_STRING
from registry.shacl.constraints import component_iri, shown
from registry.shacl.report import Violation, predicates_of
from registry.shacl.value_constraints import BOUNDS, MEMBERS_SHOWN
from registry.shacl.values import compare

_COUNTED = component_iri("minCount")
_VALUES = frozenset(
    map(component_iri, ("class", "datatype", "nodeKind", "in", "pattern", "minLength", "maxLength", *BOUNDS))
)
_EXAMPLES: dict[Iri, str] = {
    XSD + name: example
    for name, example in {
        "decimal": "12.5", "double": "12.5", "float": "12.5", "integer": "12", "nonNegativeInteger": "12",
        "positiveInteger": "12", "long": "12", "int": "12", "boolean": "true", "date": "2026-01-31",
        "dateTime": "2026-01-31T12:00:00Z", "dateTimeStamp": "2026-01-31T12:00:00Z", "time": "12:00:00",
        "duration": "PT15M", "gYear": "2026", "anyURI": "https://example.org/manual",
    }.items()
}  # fmt: skip
_KINDS = {"IRI": "a link", "Literal": "a value, not a link", "BlankNode": "a blank node"}


def hint(violation: Violation, model: Model, naming: Naming) -> str | None:
    """What to give instead, or at all, in one English sentence; None where the shape's parameters do not say."""
    if violation.component != _COUNTED and violation.component not in _VALUES:
        return None
    wanted = _wanted(violation, model, naming)
    if wanted is None and violation.component != _COUNTED:
        return None
    predicates = predicates_of(violation.path)
    at = f" for {naming.called(predicates[-1])}" if predicates and "^" not in violation.path else ""
    return f"Give {wanted or 'a value'}{at}."


def _wanted(violation: Violation, model: Model, naming: Naming) -> str | None:
    members = _given(violation, component_iri("in"))
    if members:
        more = " …" if len(members) > MEMBERS_SHOWN else ""
        return f"one of {', '.join(map(naming.called, members[:MEMBERS_SHOWN]))}{more}"
    classes = _given(violation, component_iri("class"))
    if classes:
        return f"a link to something of the class {' and '.join(map(naming.called, classes))}"
    datatypes = [term for term in _given(violation, component_iri("datatype")) if isinstance(term, str)]
    if datatypes or violation.component == _COUNTED:
        return _value_of(datatypes or _ranges(violation, model), violation, naming)
    kinds = [_KINDS.get(local_name(str(kind))) for kind in _given(violation, component_iri("nodeKind"))]
    return next(filter(None, kinds), None) or _value_of([], violation, naming)


def _value_of(datatypes: Sequence[Iri], violation: Violation, naming: Naming) -> str | None:
    bounds = [(name, term) for name in BOUNDS for term in _given(violation, component_iri(name))]
    limits = " and ".join(f"{BOUNDS[name][1]} {shown(term)}" for name, term in bounds)
    if not datatypes:
        return f"a value of {limits}" if limits else None
    datatype = datatypes[0]
    if datatype in (XSD_STRING, RDF_LANG_STRING):
        return "a text" if datatype == XSD_STRING else "a text with its language"
    example = Literal(_EXAMPLES.get(datatype, ""), datatype)
    fits = example.lexical and all(compare(example, term) in BOUNDS[name][0] for name, term in bounds)
    such = f", such as {example.lexical}" if fits else ""
    return f"{naming.short(datatype)}{' of ' if limits else ''}{limits}{such}"


def _ranges(violation: Violation, model: Model) -> list[Iri]:
    predicates = predicates_of(violation.path)
    declared = model.properties.get(predicates[-1]) if predicates else None
    return [iri for iri in declared.ranges if iri.startswith(XSD)] if declared is not None else []


def _given(violation: Violation, component: Iri) -> list[Term]:
    return [term for found, given in violation.demands if found == component for term in given]
