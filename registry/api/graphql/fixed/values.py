"""Property values between JSON and RDF: the model says what a plain value of a property is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

import strawberry

from registry.api.graphql.fixed.scalars import LARGEST_EXACT, Iri, Name, Value
from registry.domain.releases.release import Release
from registry.errors import BadInput
from registry.ontology.model import PropertyKind
from registry.rdf.terms import Literal, Term, text
from registry.rdf.terms import Statement as Triple
from registry.rdf.vocabulary import RDF_TYPE, XSD, XSD_BOOLEAN, XSD_DECIMAL, XSD_DOUBLE, XSD_INTEGER

Stated = dict[str, tuple[Term, ...]]
Texts = dict[tuple[str, str], tuple[Term, ...]]

_WHOLE = frozenset(
    XSD + name
    for name in (
        "integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger",
        "negativeInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte",
    )
)  # fmt: skip
_FRACTIONS = frozenset({XSD_DECIMAL, XSD_DOUBLE, XSD + "float"})
MOST_DIGITS = 15
"""So many significant digits of a decimal go through a double and back unchanged (IEEE 754)."""

_INTEGER = re.compile(r"[+-]?[0-9]{1,16}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@strawberry.type(description="One value of one property. A property with several values has several of these.")
class Property:
    predicate: Iri = strawberry.field(description="The property's IRI.")
    name: str = strawberry.field(description="The property's short name.")
    value: Value = strawberry.field(description="The value as JSON: a number, true or false where that is exact.")
    lexical: str = strawberry.field(description="The value exactly as it is stored.")
    datatype: Iri = strawberry.field(description="The value's datatype.")
    language: str | None = strawberry.field(description="The language tag of a text that has one.")


@strawberry.type(description="One RDF triple.")
class Statement:
    subject: Iri = strawberry.field(description="What is spoken of.")
    predicate: Iri = strawberry.field(description="The property's IRI.")
    name: str = strawberry.field(description="The property's short name.")
    object: str = strawberry.field(description="The IRI that it leads to, or the value exactly as it is stored.")
    datatype: Iri | None = strawberry.field(description="The value's datatype; null where the object is an IRI.")
    language: str | None = strawberry.field(description="The language tag of a text that has one.")


@strawberry.input(
    description="A property and its values. A plain value becomes what the model says that the property holds: a "
    "literal of its datatype, or a link; `datatype`, `language` or `iri` say it where the model does not."
)
class PropertyInput:
    property: Name = strawberry.field(description="The property.")
    value: Value | None = strawberry.field(default=None, description="A single value.")
    values: list[Value] | None = strawberry.field(default=None, description="Several values.")
    iri: Name | None = strawberry.field(default=None, description="A resource or a term of the model.")
    datatype: Name | None = strawberry.field(default=None, description="The datatype of the value or values.")
    language: str | None = strawberry.field(default=None, description="The language of the text or texts.")


def properties_of(release: Release, predicate: str, terms: Iterable[Term]) -> Iterator[Property]:
    """The literal values of one property of a resource."""
    name = release.names.name(predicate)
    for term in terms:
        if isinstance(term, Literal):
            yield Property(
                predicate=Iri(predicate), name=name, value=Value(plain(term)), lexical=term.lexical,
                datatype=Iri(term.datatype), language=term.language or None,
            )  # fmt: skip


def statement_of(release: Release, triple: Triple) -> Statement:
    """A triple as the schema shows it."""
    subject, predicate, target = triple
    literal = target if isinstance(target, Literal) else None
    return Statement(
        subject=Iri(subject),
        predicate=Iri(predicate),
        name=release.names.name(predicate),
        object=literal.lexical if literal else str(target),
        datatype=Iri(literal.datatype) if literal else None,
        language=literal.language or None if literal else None,
    )


def plain(literal: Literal) -> str | int | float | bool:
    """A literal as the JSON value that means the same; its lexical form where JSON has none."""
    lexical, datatype = literal.lexical, literal.datatype
    if datatype in _WHOLE and _INTEGER.fullmatch(lexical) and abs(int(lexical)) <= LARGEST_EXACT:
        return int(lexical)
    if datatype == XSD_DECIMAL and not is_exact_number(lexical):
        return lexical
    if datatype in _FRACTIONS and _NUMBER.fullmatch(lexical) and abs(number := float(lexical)) < float("inf"):
        return number
    if datatype == XSD_BOOLEAN and lexical in ("true", "false", "1", "0"):
        return lexical in ("true", "1")
    return lexical


def is_exact_number(lexical: str) -> bool:
    """Whether every reader of JSON gets a decimal as it is: a double holds so many digits, and no more."""
    digits = lexical.lstrip("+-").replace(".", "").strip("0")
    return len(digits) <= MOST_DIGITS


def stated(release: Release, given: Iterable[PropertyInput], argument: str) -> Stated:
    """Properties as they will be stored. Raises BadInput naming a property that has no value, or too many kinds."""
    found: Stated = {}
    for entry in given:
        predicate = release.names.resolve(entry.property, argument)
        found[predicate] = (*found.get(predicate, ()), *_terms(release, predicate, entry, argument))
    return found


def by_language(stated: Mapping[str, tuple[Term, ...]]) -> tuple[Stated, Texts]:
    """What a patch replaces whole, and which texts of one language each: where all values have one, others stay."""
    whole: Stated = {}
    texts: Texts = {}
    for predicate, terms in stated.items():
        if terms and all(isinstance(term, Literal) and term.language for term in terms):
            for term in terms:
                assert isinstance(term, Literal)
                known = next((tag for of, tag in texts if of == predicate and tag.lower() == term.language.lower()), "")
                key = predicate, known or term.language
                texts[key] = (*texts.get(key, ()), term)
        else:
            whole[predicate] = terms
    return whole, texts


def _terms(release: Release, predicate: str, entry: PropertyInput, argument: str) -> Iterator[Term]:
    values = ([] if entry.value is None else [entry.value]) + (entry.values or [])
    if entry.iri is not None:
        if values or entry.datatype or entry.language:
            raise BadInput(f"{entry.property}: `iri` stands alone, without a value", argument)
        yield release.names.resolve(entry.iri, argument)
        return
    if not values:
        raise BadInput(f"{entry.property} has neither `value`, `values` nor `iri`", argument)
    for value in values:
        if entry.language is not None:
            yield text(_lexical(value, ""), entry.language)
        elif entry.datatype is not None:
            datatype = release.names.resolve(entry.datatype, argument)
            yield Literal(_lexical(value, datatype), datatype)
        else:
            yield term_of(release, predicate, value, argument)


def term_of(release: Release, predicate: str, value: object, argument: str) -> Term:
    """What a plain JSON value of a property means: what the model declares, or else what Turtle would read."""
    if predicate == RDF_TYPE:
        return release.names.resolve(str(value), argument, release.model.classes)
    declared = release.model.properties.get(predicate)
    if declared is not None and declared.kind is PropertyKind.OBJECT and isinstance(value, str):
        return release.names.resolve(value, argument)
    if declared is not None and declared.kind is PropertyKind.DATATYPE:
        datatypes = [iri for iri in declared.ranges if iri.startswith(XSD)]
        if len(datatypes) == 1:
            return Literal(_lexical(value, datatypes[0]), datatypes[0])
    if isinstance(value, bool):
        return Literal(_lexical(value, XSD_BOOLEAN), XSD_BOOLEAN)
    if isinstance(value, int):
        return Literal(str(value), XSD_INTEGER)
    if isinstance(value, float):
        datatype = XSD_DOUBLE if "e" in repr(value) else XSD_DECIMAL
        return Literal(_lexical(value, datatype), datatype)
    return text(str(value))


def literal_of(value: object, datatype: str) -> Literal:
    """A JSON value as a literal of a datatype."""
    return Literal(_lexical(value, datatype), datatype)


def _lexical(value: object, datatype: str) -> str:
    """How a JSON value is spelt in a datatype. Whether the spelling fits is for the shapes to say."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and datatype == XSD_DECIMAL:
        return f"{Decimal(repr(value)):f}"
    return repr(value) if isinstance(value, float) else str(value)
