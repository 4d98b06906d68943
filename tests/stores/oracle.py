"""What a list must hold, said a second time and naively: every resource looked at, in plain Python."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cmp_to_key

from registry.domain.find import (
    AllOf,
    Among,
    AnyOf,
    Compare,
    Condition,
    Direction,
    Find,
    Key,
    Linked,
    Named,
    Not,
    OfClass,
    Operator,
    Sort,
    Text,
    Within,
)
from registry.domain.resource import Resource
from registry.rdf.terms import Iri, Literal, Term
from registry.rdf.vocabulary import (
    LATITUDE,
    LONGITUDE,
    RDF_LANG_STRING,
    XSD,
    XSD_BOOLEAN,
    XSD_DATE_TIME,
    XSD_DECIMAL,
    XSD_DOUBLE,
    XSD_INTEGER,
    XSD_STRING,
)

World = Mapping[Iri, Resource]
Rank = tuple[int, float | int | str]

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z")


def rank(term: Term) -> Rank:
    """The sort of a term and its place within it, for the datatypes that `tests.stores.strategies` uses."""
    if isinstance(term, str):
        return 6, term
    lexical, datatype = term.lexical, term.datatype
    if datatype in (XSD_STRING, RDF_LANG_STRING):
        return 3, lexical
    if datatype == XSD_BOOLEAN and lexical in ("true", "false", "1", "0"):
        return 0, int(lexical in ("true", "1"))
    if datatype == XSD_DOUBLE and lexical in ("INF", "-INF"):
        return 1, float(lexical)
    if datatype in (XSD_INTEGER, XSD_DECIMAL, XSD_DOUBLE) and _NUMBER.match(lexical):
        exact = Decimal(lexical)
        return 1, int(exact) if exact == int(exact) and abs(exact) < 2**63 else float(exact)
    if datatype in (XSD_DATE_TIME, XSD + "date"):
        moment = datetime.fromisoformat(lexical)
        return 2, (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return 5, lexical


def tokens(content: str) -> list[str]:
    """The words of a text as the search sees them: letters and digits, without case or accents."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", content.lower()) if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", plain)


def holds(where: Condition, resource: Resource, world: World) -> bool:
    """Whether a condition holds for a resource."""
    match where:
        case OfClass(classes):
            return not classes.isdisjoint(resource.classes)
        case Among(iris):
            return resource.iri in iris
        case Named(operator, values):
            if operator is Operator.PREFIX:
                return resource.name.startswith(values[0])
            return resource.name in values
        case Compare():
            return _compares(where, resource)
        case Linked(predicate, Direction.OUT, inner):
            ends = [world[end] for end in resource.values(predicate) if isinstance(end, str) and end in world]
            return any(holds(inner, end, world) for end in ends)
        case Linked(predicate, Direction.IN, inner):
            starts = [start for start in world.values() if resource.iri in start.values(predicate)]
            return any(holds(inner, start, world) for start in starts)
        case Text(words):
            return _found(words, resource)
        case Within():
            return _inside(where, resource)
        case AllOf(conditions):
            return all(holds(inner, resource, world) for inner in conditions)
        case AnyOf(conditions):
            return any(holds(inner, resource, world) for inner in conditions)
        case Not(inner):
            return not holds(inner, resource, world)
    raise AssertionError(where)


def matches(find: Find, world: World) -> list[Iri]:
    """Every match of a question, in its order."""
    found = [resource for resource in world.values() if holds(find.where, resource, world)]
    downwards = find.order.sort is Sort.DESCENDING
    by = find.order.by
    if isinstance(by, Key):
        keys = {r.iri: {"name": r.name, "created": r.created_at, "updated": r.updated_at, "iri": r.iri} for r in found}
        ordered = sorted(found, key=lambda r: (keys[r.iri][by.value], r.iri), reverse=downwards)
        return [resource.iri for resource in ordered]
    with_value = sorted((r for r in found if r.values(by)), key=cmp_to_key(_by_least(by)), reverse=downwards)
    return [r.iri for r in with_value] + sorted(r.iri for r in found if not r.values(by))


def _by_least(by: Iri):  # type: ignore[no-untyped-def]
    def compared(left: Resource, right: Resource) -> int:
        a, b = (min(map(rank, r.values(by))) for r in (left, right))
        a_place, b_place = (*a, left.iri), (*b, right.iri)
        return (a_place > b_place) - (a_place < b_place)

    return compared


def _compares(where: Compare, resource: Resource) -> bool:
    values, operator = resource.values(where.predicate), where.operator
    if operator is Operator.EXISTS:
        return bool(values)
    if operator is Operator.ABSENT:
        return not values
    if operator is Operator.NOT_EQUAL:
        return not _compares(Compare(where.predicate, Operator.EQUAL, where.values), resource)
    return any(_compare_two(operator, value, wanted) for value in values for wanted in where.values)


def _compare_two(operator: Operator, value: Term, wanted: Term) -> bool:
    if operator is Operator.PREFIX:
        is_text = isinstance(value, Literal) and value.datatype in (XSD_STRING, RDF_LANG_STRING)
        return is_text and isinstance(wanted, Literal) and rank(value)[1].startswith(wanted.lexical)  # type: ignore[union-attr]
    (sort, here), (other, there) = rank(value), rank(wanted)
    if sort != other:
        return False
    if operator in (Operator.EQUAL, Operator.IN):
        return here == there
    if sort == 6:
        return False
    signs: Mapping[Operator, bool] = {
        Operator.LESS: here < there,  # type: ignore[operator]
        Operator.AT_MOST: here <= there,  # type: ignore[operator]
        Operator.GREATER: here > there,  # type: ignore[operator]
        Operator.AT_LEAST: here >= there,  # type: ignore[operator]
    }
    return signs[operator]


def _found(words: str, resource: Resource) -> bool:
    """Each word, cut up like the texts, stands somewhere in one piece, its last part as a beginning."""
    # A NUL parts words as a space does.
    wanted = [cut for word in words.replace("\0", " ").split() if (cut := tokens(word))]
    texts = [resource.name]
    for values in resource.statements.values():
        texts += [v.lexical for v in values if isinstance(v, Literal) and v.datatype in (XSD_STRING, RDF_LANG_STRING)]
    # Texts are searched as one, so a word that is cut up may reach from one into the next.
    there = tokens("\n".join(dict.fromkeys(texts)))
    return bool(wanted) and all(_stands(cut, there) for cut in wanted)


def _stands(cut: Sequence[str], there: Sequence[str]) -> bool:
    starts = range(len(there) - len(cut) + 1)
    return any(
        list(there[at : at + len(cut) - 1]) == list(cut[:-1]) and there[at + len(cut) - 1].startswith(cut[-1])
        for at in starts
    )


def _inside(box: Within, resource: Resource) -> bool:
    degrees = []
    for predicate in (LATITUDE, LONGITUDE):
        first = resource.value(predicate)
        if first is None or rank(first)[0] != 1:
            return False
        degrees.append(float(rank(first)[1]))
    latitude, longitude = degrees
    if box.west <= box.east:
        across = box.west <= longitude <= box.east
    else:
        across = box.west <= longitude <= 180 or -180 <= longitude <= box.east
    return box.south <= latitude <= box.north and across
