"""Values between JSON and RDF: what goes in comes out, and what JSON cannot hold stays exact."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.api.graphql.fixed.scalars import SCALARS, Iri, Position, Value
from registry.api.graphql.fixed.values import PropertyInput, is_exact_number, plain, stated, term_of
from registry.domain.releases.release import Release, compile_release
from registry.errors import BadInput
from registry.ontology.modules import standard_modules
from registry.rdf.terms import Literal, text
from registry.rdf.vocabulary import XSD, XSD_BOOLEAN, XSD_DECIMAL, XSD_DOUBLE, XSD_INTEGER
from registry.shacl.values import is_well_formed

COMMENT = "http://www.w3.org/2000/01/rdf-schema#comment"
RATED_FLOW = "https://w3id.org/semantic-twins/plant#ratedFlow"
FEEDS = "https://w3id.org/semantic-twins/core#feeds"

numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)


@cache
def release() -> Release:
    return compile_release(standard_modules())


@settings(max_examples=300, deadline=None, derandomize=True)
@given(numbers | st.booleans() | st.text())
def test_a_plain_value_is_stored_well_formed_and_comes_back_equal(value: object) -> None:
    literal = term_of(release(), COMMENT, value, "")
    assert isinstance(literal, Literal)
    assert is_well_formed(literal)
    back = plain(literal)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        assert back == str(value)
    elif isinstance(value, float) and not is_exact_number(literal.lexical) and literal.datatype == XSD_DECIMAL:
        assert back == literal.lexical
    else:
        assert (back, type(back)) == (value, type(value))


@settings(max_examples=300, deadline=None, derandomize=True)
@given(numbers)
def test_the_model_says_which_kind_of_number_it_is(value: int | float) -> None:
    literal = term_of(release(), RATED_FLOW, value, "")
    assert isinstance(literal, Literal)
    assert literal.datatype == XSD_DECIMAL
    assert is_well_formed(literal)
    assert Decimal(literal.lexical) == Decimal(repr(value))


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        (Literal("007", XSD_INTEGER), 7),
        (Literal("+1", XSD + "nonNegativeInteger"), 1),
        (Literal(str(2**53), XSD_INTEGER), str(2**53)),
        (Literal("9" * 400, XSD_DECIMAL), "9" * 400),
        (Literal("1.50", XSD_DECIMAL), 1.5),
        (Literal("1E400", XSD_DOUBLE), "1E400"),
        (Literal("INF", XSD_DOUBLE), "INF"),
        (Literal("NaN", XSD_DOUBLE), "NaN"),
        (Literal("1", XSD_BOOLEAN), True),
        (Literal("yes", XSD_BOOLEAN), "yes"),
        (Literal("many", XSD_INTEGER), "many"),
        (Literal("1", XSD + "gYear"), "1"),
        (text("1"), "1"),
    ],
)
def test_what_json_cannot_hold_is_told_as_it_is_spelt(literal: Literal, expected: object) -> None:
    assert (plain(literal), type(plain(literal))) == (expected, type(expected))


def test_a_link_may_be_named_by_iri_or_by_the_name_of_a_term() -> None:
    assert term_of(release(), FEEDS, "urn:x", "") == "urn:x"
    quality = release().names.resolve("quality")
    assert term_of(release(), quality, "Good", "") == release().names.resolve("Good")
    with pytest.raises(BadInput, match="did you mean 'Good'"):
        term_of(release(), quality, "Goood", "set")


def test_several_inputs_of_one_property_add_up() -> None:
    given = [
        PropertyInput(property="rdfs:comment", value="a"),  # type: ignore[arg-type]
        PropertyInput(property="rdfs:comment", values=["b", 1], language=None),  # type: ignore[arg-type, list-item]
        PropertyInput(property="rdfs:comment", value="c", language="de"),  # type: ignore[arg-type]
    ]
    assert stated(release(), given, "set") == {
        COMMENT: (text("a"), text("b"), Literal("1", XSD_INTEGER), text("c", "de"))
    }


REFUSED: dict[object, list[object]] = {
    Iri: ["", "x", "a b:c", "urn:a b", "urn:\ud800", "<urn:x", 7, None, "urn:x\n"],
    Position: [-1, 2**53, "x", "-1", "9" * 40, 1.5, True, None],
    Value: [None, [], {}, float("inf"), float("nan")],
}


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in REFUSED.items() for value in values])
def test_a_scalar_that_is_not_one_is_refused(kind: object, value: object) -> None:
    read = SCALARS[kind].parse_value
    assert read is not None
    with pytest.raises(BadInput):
        read(value)


@pytest.mark.parametrize("value", [0, 2**53 - 1, "0", "123"])
def test_a_position_is_a_number_or_its_digits(value: object) -> None:
    read = SCALARS[Position].parse_value
    assert read is not None
    assert read(value) == int(str(value))
