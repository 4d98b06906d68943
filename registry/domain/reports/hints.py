"""Words for what a shape asks for, where no single change follows from it."""

from __future__ import annotations

from collections.abc import Iterator

from registry.domain.reports.labels import Naming
from registry.ontology.model import Model
from registry.rdf.languages import wording
from registry.rdf.terms import Iri, Literal, local_name
from registry.rdf.vocabulary import RDF_LANG_STRING, XSD, XSD_STRING
from registry.shacl.constraints.constraint import component_iri, shown
from registry.shacl.constraints.single_values import BOUNDS, MEMBERS_SHOWN
from registry.shacl.reports.graph import Violation, predicates_of, readable
from registry.shacl.values import compare

_COUNTED, _HAS_VALUE = component_iri("minCount"), component_iri("hasValue")
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
_TEXTS = {XSD_STRING: "a text", RDF_LANG_STRING: "a text with its language"}
_KINDS = {"IRI": "a link", "Literal": "a value, not a link", "BlankNode": "a blank node"}


def hint(violation: Violation, model: Model, naming: Naming) -> str | None:
    """What to give instead, or at all, in one English sentence; None where the shape's parameters do not say."""
    if violation.component not in (_COUNTED, _HAS_VALUE) and violation.component not in _VALUES:
        return None
    wanted, example = _wanted(violation, model, naming)
    if not wanted and violation.component not in (_COUNTED, _HAS_VALUE):
        return None
    path = wording(naming.path_labels(violation.path)) or readable(violation.path)
    such = f", such as {example}" if example else ""
    return f"Give {wanted or 'a value'}{f' for {path}' if path else ''}{such}."


def _wanted(violation: Violation, model: Model, naming: Naming) -> tuple[str, str]:
    """What is asked for in words, and an example where one helps; nothing where nobody says."""
    if violation.component == _HAS_VALUE:
        return ", ".join(map(naming.called, violation.given(_HAS_VALUE))), ""
    members = violation.given(component_iri("in"))
    if members:
        more = " …" if len(members) > MEMBERS_SHOWN else ""
        return f"one of {', '.join(map(naming.called, members[:MEMBERS_SHOWN]))}{more}", ""
    classes = violation.given(component_iri("class"))
    if classes:
        return f"a link to a resource of the class {' and '.join(map(naming.called, classes))}", ""
    datatypes = [term for term in violation.given(component_iri("datatype")) if isinstance(term, str)]
    if not datatypes and violation.component == _COUNTED:
        datatypes = _ranges(violation, model)
    kinds = (_KINDS.get(local_name(str(kind))) for kind in violation.given(component_iri("nodeKind")))
    kind = next(filter(None, kinds), "a value")
    limits = " and ".join(_limits(violation))
    if not datatypes:
        return (f"{kind} {limits}".strip() if limits or kind != "a value" else ""), ""
    datatype = datatypes[0]
    words = _TEXTS.get(datatype) or f"an {naming.short(datatype)}"
    return f"{words} {limits}".strip(), _example(datatype, violation)


def _limits(violation: Violation) -> Iterator[str]:
    for name, (_, words) in BOUNDS.items():
        yield from (f"of {words} {shown(bound)}" for bound in violation.given(component_iri(name)))
    for name, words in (("minLength", "at least"), ("maxLength", "at most")):
        yield from (f"of {words} {shown(length)} characters" for length in violation.given(component_iri(name)))
    yield from (f"that matches {shown(pattern)}" for pattern in violation.given(component_iri("pattern")))


def _example(datatype: Iri, violation: Violation) -> str:
    example = Literal(_EXAMPLES.get(datatype, ""), datatype)
    bounds = (
        (allowed, bound) for name, (allowed, _) in BOUNDS.items() for bound in violation.given(component_iri(name))
    )
    others = any(violation.given(component_iri(name)) for name in ("pattern", "minLength", "maxLength"))
    fits = not others and all(compare(example, bound) in allowed for allowed, bound in bounds)
    return example.lexical if fits else ""


def _ranges(violation: Violation, model: Model) -> list[Iri]:
    predicates = predicates_of(violation.path)
    declared = model.properties.get(predicates[-1]) if predicates else None
    return [iri for iri in declared.ranges if iri.startswith(XSD)] if declared is not None else []
