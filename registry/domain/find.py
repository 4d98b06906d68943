"""A question for a list: filters, order, and where the page starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from registry.domain.resource import Resource
from registry.rdf.terms import Iri, Literal, Term


class Operator(Enum):
    """How a property's value is compared. ``IN`` takes several values, the others one, ``EXISTS`` and ``ABSENT`` none.

    ``NOT_EQUAL`` and ``ABSENT`` hold where ``EQUAL`` and ``EXISTS`` do not.
    """

    EQUAL = "eq"
    NOT_EQUAL = "ne"
    LESS = "lt"
    AT_MOST = "lte"
    GREATER = "gt"
    AT_LEAST = "gte"
    IN = "in"
    PREFIX = "prefix"
    EXISTS = "exists"
    ABSENT = "absent"


class Direction(Enum):
    """Which way a link is followed, or a list is sorted."""

    OUT = "out"
    IN = "in"


class Sort(Enum):
    ASCENDING = "asc"
    DESCENDING = "desc"


class Key(Enum):
    """What a list can be ordered by besides a property."""

    NAME = "name"
    CREATED = "created"
    UPDATED = "updated"
    IRI = "iri"


LIST_SECONDS = 5.0
"""A list or a tally that takes the store longer is refused: no index helps it."""

COUNTED_UP_TO = 10_000
"""So far matches are counted where no index has their number. Classes, states and other links are always counted."""


class Counting(Enum):
    """Whether the page says how many there are in all, or at least: that costs a pass over the matches."""

    NONE = "none"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class OfClass:
    """The resource has one of these classes; the asker has added the subclasses."""

    classes: frozenset[Iri]


@dataclass(frozen=True, slots=True)
class Compare:
    """Some value of a property compares so.

    Numbers compare by value, dates and date-times by instant (UTC where they name no zone), texts by code point
    whatever their language, anything else by its lexical form; values of different sorts neither equal nor exceed
    each other. IRIs are only equal or not. `registry.stores.ordering` has the details.
    """

    predicate: Iri
    operator: Operator
    values: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """The display name compares so (EQUAL, PREFIX and IN only)."""

    operator: Operator
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Linked:
    """A link of this predicate leads to, or for Direction.IN comes from, a resource for which ``where`` holds."""

    predicate: Iri
    direction: Direction
    where: Condition


@dataclass(frozen=True, slots=True)
class Among:
    """The resource is one of these."""

    iris: frozenset[Iri]


@dataclass(frozen=True, slots=True)
class Text:
    """All these words, or their beginnings, occur in the name or a text value; no words occur nowhere."""

    words: str


@dataclass(frozen=True, slots=True)
class Within:
    """Latitude and longitude, in degrees WGS 84, lie in the box; west may be greater than east across the date line."""

    south: float
    west: float
    north: float
    east: float


@dataclass(frozen=True, slots=True)
class AllOf:
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    condition: Condition


Condition = OfClass | Compare | Named | Linked | Among | Text | Within | AllOf | AnyOf | Not


@dataclass(frozen=True, slots=True)
class Order:
    """A sort key and its direction; resources without the property come last either way, by IRI.

    A resource with several values stands where its least one does.
    """

    by: Iri | Key = Key.NAME
    sort: Sort = Sort.ASCENDING


@dataclass(frozen=True, slots=True)
class Find:
    """A list to read: ``first`` resources after ``after``, an opaque cursor a page gave.

    Ties are broken by IRI, in the direction of the order. A store gives up after so many ``seconds`` of work.
    """

    where: Condition
    order: Order = Order()
    first: int = 100
    after: str | None = None
    counting: Counting = Counting.NONE
    seconds: float = LIST_SECONDS


@dataclass(frozen=True, slots=True)
class Page:
    """One page: the resources, a cursor for each, whether more follow, and the total where it was asked for.

    A ``total`` that is not exact is a least number: there are more.
    """

    resources: Sequence[Resource]
    cursors: Sequence[str]
    has_next: bool
    total: int | None = None
    total_is_exact: bool = True


def is_counted_exactly(where: Condition) -> bool:
    """Whether every match is counted, however many: nothing is asked but classes and where links lead."""
    match where:
        case AllOf(conditions):
            return all(map(is_counted_exactly, conditions))
        case OfClass():
            return True
        case Compare(_, Operator.EQUAL | Operator.IN, values):
            return all(isinstance(value, str) for value in values)
    return False


@dataclass(frozen=True, slots=True)
class Incoming:
    """Who points at some resources by a predicate, or by any for None: what `Store.incoming` is asked, as data."""

    targets: tuple[Iri, ...]
    predicate: Iri | None
    after: tuple[Iri, Iri] | None
    limit: int


@dataclass(frozen=True, slots=True)
class Through:
    """A link of this predicate, followed from its subject or, for Direction.IN, from its object."""

    predicate: Iri
    direction: Direction


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of the resources for which ``where`` holds have each value of a property, the ``most`` frequent values.

    ``through`` counts by the values of those that a link leads to. A resource with several values is counted with each.
    """

    where: Condition
    by: Iri
    through: Through | None = None
    most: int = 100
    seconds: float = LIST_SECONDS


@dataclass(frozen=True, slots=True)
class Group:
    """A value and how many resources have it; None stands for those that have none.

    Values that compare as equal are one group, under one literal of their sort (`registry.stores.ordering.term_at`).
    """

    value: Term | None
    count: int


def equal(predicate: Iri, value: Literal) -> Compare:
    """Some value of the property equals this one."""
    return Compare(predicate, Operator.EQUAL, (value,))
