"""How fields make an object, and values a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from operator import attrgetter
from typing import Any

from registry.api.graphql.run.deviation import Deviation
from registry.api.graphql.run.execution import Answered, Complete, Run
from registry.api.graphql.run.fields import Fill

numbers = count()
"""Numbers of selections, under which parts of answers are kept with their resources."""


class Plain:
    """An attribute and the types that its values have to be of."""

    __slots__ = ("attribute", "types")

    def __init__(self, attribute: str, types: frozenset[type]) -> None:
        self.attribute = attribute
        self.types = types


def remembered(made: Complete, rest: Sequence[Fill]) -> Complete:
    """A resource of which a part is kept with it, and the rest is added."""
    number = next(numbers)

    def complete(value: Any, run: Run) -> Answered:
        answers: dict[int, Answered] = value.told.answers
        known = answers.get(number)
        if known is None:
            known = made(value, run)
            value.told.keep(number, known)
        if not rest:
            # It goes into the answer as it is: nobody writes into what is complete.
            return known
        into: Answered = known.copy()
        for fill in rest:
            fill(value, into, run)
        return into

    return complete


def made_of(template: Answered, fills: Sequence[Fill]) -> Complete:
    """An object made field by field."""

    def complete(value: Any, run: Run) -> Answered:
        if isinstance(value, Exception):
            raise value
        into = template.copy()
        for fill in fills:
            fill(value, into, run)
        return into

    return complete


def each_made_of(template: Answered, fills: Sequence[Fill]) -> Complete:
    """A list of such objects, none of which may be null; there are many, so that nothing is called for each but these.

    Raises Deviation for a value that is no list, or holds something unusual.
    """

    def complete(value: Any, run: Run) -> list[Answered]:
        if type(value) is not list and type(value) is not tuple:
            raise Deviation
        answered = []
        for item in value:
            if item is None or isinstance(item, Exception):
                raise Deviation
            into = template.copy()
            for fill in fills:
                fill(item, into, run)
            answered.append(into)
        return answered

    return complete


def made_of_plain(template: Answered, plain: Mapping[str, Plain], fills: Sequence[Fill]) -> Complete:
    """An object with several plain leaves: they are fetched and checked together."""
    names, allowed = tuple(plain), [one.types for one in plain.values()]
    attributes = attrgetter(*(one.attribute for one in plain.values()))
    fitting: set[tuple[type, ...]] = set()

    def complete(value: Any, run: Run) -> Answered:
        found = attributes(value)
        types = tuple(map(type, found))
        if types not in fitting:
            if not all(map(frozenset.__contains__, allowed, types)):
                raise Deviation
            fitting.add(types)
        into = template.copy()
        into.update(zip(names, found, strict=True))
        for fill in fills:
            fill(value, into, run)
        return into

    return complete


def demanding(present: Complete) -> Complete:
    """A value that may not be null."""

    def complete(value: Any, run: Run) -> Any:
        if value is None:
            raise Deviation
        return present(value, run)

    return complete


def each(one: Complete) -> Complete:
    """A list."""

    def complete(value: Any, run: Run) -> list[Any]:
        if type(value) is not list and type(value) is not tuple:
            raise Deviation
        return [one(item, run) for item in value]

    return complete
