"""Values of data points with a unit: each is a finite number, since nothing else is so and so many of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from registry.domain.integrity.rules import NO_NUMBER_FOR_UNIT, violation
from registry.domain.overlay import Net
from registry.domain.view import View
from registry.rdf.terms import Iri, Literal
from registry.rdf.vocabulary import TELEMETRY
from registry.shacl.reports.graph import Violation
from registry.shacl.values import value_of

VALUES = tuple(TELEMETRY + name for name in ("reportedValue", "desiredValue", "simulatedValue"))
UNITS = tuple(TELEMETRY + name for name in ("unit", "unitSymbol"))
VALUES_AND_UNITS = frozenset({*VALUES, *UNITS})


def not_numbers(view: View, net: Net, points: Iterable[Iri]) -> Iterator[Violation]:
    """The values that a change leaves, of points with a unit, that are no finite numbers.

    What stood before is laid to the change only where that brings the unit.
    """
    added, had_unit = frozenset(net.added), {subject for subject, predicate, _ in net.removed if predicate in UNITS}
    there = view.resources(points)
    for iri, point in there.items():
        units = [(iri, predicate, unit) for predicate in UNITS for unit in point.values(predicate)]
        if not units:
            continue
        is_new_unit = iri not in had_unit and all(unit in added for unit in units)
        for predicate in VALUES:
            for value in point.values(predicate):
                if not _is_finite_number(value) and (is_new_unit or (iri, predicate, value) in added):
                    unit = units[0][2]
                    named = unit.lexical if isinstance(unit, Literal) else unit
                    advice = (
                        f"is no finite number, and the data point has the unit {named[:60]}: give a number such as "
                        "21.5, or report the quality Missing and no value"
                    )
                    yield violation(NO_NUMBER_FOR_UNIT, iri, predicate, value, advice)


def _is_finite_number(term: object) -> bool:
    value = value_of(term) if isinstance(term, Literal) else None
    return value is not None and value.kind == "number" and math.isfinite(value.content)
