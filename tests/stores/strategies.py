"""Small worlds and questions about them, few enough in kind that values meet."""

from __future__ import annotations

import random

from hypothesis import strategies as st

from registry.domain.find import (
    AllOf,
    Among,
    AnyOf,
    Compare,
    Condition,
    Counting,
    Direction,
    Find,
    Key,
    Linked,
    Named,
    Not,
    OfClass,
    Operator,
    Order,
    Sort,
    Text,
    Within,
)
from registry.rdf.terms import Literal, Statement, Term, text
from registry.rdf.vocabulary import (
    LATITUDE,
    LONGITUDE,
    RDF_TYPE,
    RDFS_LABEL,
    XSD,
    XSD_BOOLEAN,
    XSD_DATE_TIME,
    XSD_DECIMAL,
    XSD_DOUBLE,
    XSD_INTEGER,
)
from tests.stores.plant import EX

IRIS = [f"{EX}{end}" for end in (*"abcdefghijklmnop", "ä", "\U0001f4a7", "\uffe5", "x%20y", "%25", "'")]
CLASSES = [EX + "model#" + name for name in ("Pump", "Tank", "Valve", "Pipe")]
LINKS = [EX + "model#feeds", EX + "model#partOf"]
VALUES = [EX + "model#flow", EX + "model#note", EX + "model#since"]
MIXED = EX + "model#mixed"

_LONG = "y" * 1_000
NUMBERS = [
    *(Literal(n, XSD_INTEGER) for n in ("1", "01", "-7", "9007199254740993", "9223372036854775807", "1" + "0" * 30)),
    *(Literal(n, XSD_DECIMAL) for n in ("1.0", "0.1", "9007199254740992.0", "-0.0")),
    *(Literal(n, XSD_DOUBLE) for n in ("1e0", "0.1", "INF", "-INF", "1e300", "9007199254740992")),
]
TEXTS = [
    *(
        text(t)
        for t in ("", "on", "on-line P-101", "On", 'O\'Hara "x" AND NOT', "émile", "\U0010ffff", "a\tb", "水 pump")
    ),
    *(text(t) for t in (_LONG + "a", _LONG + "b", "100%", "_", "z" * 1000, "z" * 1001)),
    text("on", "en"),
    text("an", "de"),
]
OTHERS = [
    Literal("true", XSD_BOOLEAN),
    Literal("0", XSD_BOOLEAN),
    Literal("2026-01-01T00:00:00Z", XSD_DATE_TIME),
    Literal("2026-01-01T01:00:00+01:00", XSD_DATE_TIME),
    Literal("2026-01-01T00:00:00.000001Z", XSD_DATE_TIME),
    Literal("2026-01-01T00:00:00", XSD_DATE_TIME),
    Literal("1900-06-30T12:00:00Z", XSD_DATE_TIME),
    Literal("2026-01-01", XSD + "date"),
    Literal("NaN", XSD_DOUBLE),
    Literal("none", XSD_INTEGER),
    Literal("none", EX + "own"),
    Literal("http://x/", XSD + "anyURI"),
]
DEGREES = [Literal(d, XSD_DECIMAL) for d in ("0.1", "-0.1", "10", "10.0000001", "179.9", "-179.9", "89.99")]
DEGREES += [Literal("INF", XSD_DOUBLE), Literal("NaN", XSD_DOUBLE), text("north")]

NEVER_STORED: list[Term] = [text("a\0b"), EX + "x y", EX + "\ufffd", EX + "%"]
"""No RDF that is kept, which can be asked for nevertheless."""

POOLS: dict[str, list[Term]] = {
    RDF_TYPE: [*CLASSES],
    RDFS_LABEL: [*TEXTS],
    VALUES[0]: [*NUMBERS],
    VALUES[1]: [*TEXTS],
    VALUES[2]: [*OTHERS],
    MIXED: [*NUMBERS, *TEXTS, *OTHERS, *IRIS],
    LATITUDE: [*DEGREES],
    LONGITUDE: [*DEGREES],
    LINKS[0]: [*IRIS, EX + "nowhere"],
    LINKS[1]: [*IRIS],
}


def statements_about(chance: random.Random, iri: str) -> list[Statement]:
    """Something for a resource to say."""
    says: list[Statement] = []
    for predicate, pool in POOLS.items():
        if chance.random() < 0.7:
            says += [(iri, predicate, value) for value in chance.sample(pool, chance.choice([1, 1, 1, 2, 3]))]
    return says


def _predicates() -> st.SearchStrategy[str]:
    return st.sampled_from([*VALUES, MIXED, RDFS_LABEL, LATITUDE, *LINKS, EX + "unknown"])


@st.composite
def _compares(draw: st.DrawFn) -> Compare:
    predicate = draw(_predicates())
    pool = [*POOLS.get(predicate, NUMBERS), *TEXTS[:2], NUMBERS[0], IRIS[0], EX + "unknown", *NEVER_STORED]
    operator = draw(st.sampled_from([Operator.EQUAL, Operator.IN, *Operator]))
    if operator in (Operator.EXISTS, Operator.ABSENT):
        return Compare(predicate, operator)
    if operator is Operator.PREFIX:
        whole = draw(st.sampled_from(TEXTS)).lexical[:900]
        return Compare(predicate, operator, (text(whole[: draw(st.integers(0, 8))]),))
    count = draw(st.integers(0, 4)) if operator is Operator.IN else 1
    return Compare(predicate, operator, tuple(draw(st.sampled_from(pool)) for _ in range(count)))


_NAMES = [value.lexical for value in TEXTS] + ["a", "x y"]
_WORDS = [
    "on",
    "pump",
    "P-1",
    "line p-101",
    "O'Hara",
    '"x"',
    "AND NOT",
    "emile",
    "ÉMILE",
    "*",
    "!",
    "",
    "水",
    "NEAR(",
    "no:such",
    "on\0pump",
]
_DEGREE = st.sampled_from([-180.0, -179.9, -10.0, -0.1, 0.0, 0.1, 10.0, 89.99, 90.0, 179.9, 180.0, 10.00000005])

LEAVES: st.SearchStrategy[Condition] = st.one_of(
    st.builds(OfClass, st.frozensets(st.sampled_from([*CLASSES, EX + "model#None"]), max_size=3)),
    _compares(),
    _compares(),
    _compares(),
    st.builds(Among, st.frozensets(st.sampled_from([*IRIS, EX + "unknown", "a\0b"]), max_size=6)),
    st.builds(
        Named, st.sampled_from([Operator.EQUAL, Operator.IN]), st.lists(st.sampled_from(_NAMES), max_size=3).map(tuple)
    ),
    st.builds(Named, st.just(Operator.PREFIX), st.tuples(st.sampled_from(_NAMES).map(lambda name: name[:3]))),
    st.builds(Text, st.lists(st.sampled_from(_WORDS), max_size=2).map(" ".join)),
    st.builds(Within, _DEGREE, _DEGREE, _DEGREE, _DEGREE),
)


def _nested(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(inner, max_size=3).map(tuple)
    return st.one_of(
        st.builds(AllOf, several),
        st.builds(AnyOf, several),
        st.builds(Not, inner),
        st.builds(Linked, st.sampled_from([*LINKS, MIXED, EX + "unknown"]), st.sampled_from(Direction), inner),
    )


CONDITIONS: st.SearchStrategy[Condition] = st.recursive(LEAVES, _nested, max_leaves=5)
ORDERS = st.builds(Order, st.one_of(st.sampled_from(Key), _predicates()), st.sampled_from(Sort))
FINDS = st.builds(Find, CONDITIONS, ORDERS, st.integers(1, 7), st.none(), st.sampled_from(Counting))
