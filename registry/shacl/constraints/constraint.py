"""What a compiled constraint is, whatever its kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import NamedTuple, TypeAlias

from registry.rdf.terms import Iri, Literal, Term, local_name
from registry.rdf.vocabulary import SH, XSD_INTEGER
from registry.shacl.footprints import Read
from registry.shacl.graph import Graph


class Offence(NamedTuple):
    """What breaks a constraint; ``path`` and ``wordings`` are set only where they are not the shape's."""

    value: Term | None = None
    path: str | None = None
    wordings: tuple[Literal, ...] = ()


Test: TypeAlias = Callable[[Graph, Term], bool]
Search: TypeAlias = Callable[[Graph, Term, Sequence[Term]], Sequence[Offence]]


class Breaks(Enum):
    """What can break a constraint that held, so that a check need not ask where nothing can have."""

    BY_VALUE = "a value of its own accord, whatever the others are"
    BY_MORE = "one more value"
    BY_FEWER = "one value less"
    BY_EITHER = "more values or fewer"

    @property
    def needs_values(self) -> bool:
        """Whether the constraint holds wherever there are no values."""
        return self in (Breaks.BY_VALUE, Breaks.BY_MORE)


class Anchor(Enum):
    """Where a constraint's own reads start: at the focus node, or at each value node."""

    FOCUS = "focus"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint, compiled.

    ``search`` takes the graph, the focus node and its value nodes, and returns what breaks the constraint.
    ``reads`` is what it looks at besides the value nodes. ``advice`` says what to do, for shapes without a message.

    ``given`` holds the terms of its parameter, as stated, for suggestions.

    The rest lets a change be judged without looking at all value nodes. ``holds`` asks one of them: whether it passes
    or, where values are counted, whether it counts. ``suffices`` says of some value nodes that, with them, no others
    can break the constraint. ``enough`` is how many value nodes decide it, where only their number matters.
    ``node`` is the constraint's own node in the shapes graph, where it has one: a shape can have many of a kind.
    """

    component: Iri
    advice: str
    search: Search
    breaks: Breaks
    reads: tuple[Read, ...] = ()
    anchor: Anchor = Anchor.VALUE
    holds: Test | None = None
    suffices: Callable[[Sequence[Term]], bool] | None = None
    enough: int | None = None
    given: tuple[Term, ...] = ()
    node: Iri | None = None


def each(
    component: str, advice: str, test: Test, reads: tuple[Read, ...] = (), given: tuple[Term, ...] = ()
) -> Constraint:
    """A constraint that every value node must pass by itself."""

    def search(graph: Graph, focus: Term, values: Sequence[Term]) -> Sequence[Offence]:
        return [Offence(value) for value in values if not test(graph, value)]

    return Constraint(component_iri(component), advice, search, Breaks.BY_VALUE, reads, holds=test, given=given)


@cache
def component_iri(name: str) -> Iri:
    """The IRI of a component of SHACL Core, from its parameter (``minCount``) or its name (``QualifiedMinCount``)."""
    return f"{SH}{name[0].upper()}{name[1:]}ConstraintComponent"


def counted(count: int) -> Literal:
    """A number as a parameter states it."""
    return Literal(str(count), XSD_INTEGER)


def shown(term: Term) -> str:
    """A term as advice shows it."""
    return term.lexical if isinstance(term, Literal) else local_name(term)
