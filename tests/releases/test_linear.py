"""Compiling a model takes time in proportion to it: ten times the class shapes, about ten times the processor."""

from __future__ import annotations

import time

import pytest

from registry.domain.releases.release import compile_release
from registry.ontology.modules import standard_modules
from tests.releases.models import class_, model, property_, shape, shapes

FEW, MANY, MOST_TIMES = 250, 2_500, 3


def seconds_per_shape(count: int) -> float:
    """Processor time, so that others on the machine do not count."""
    classes = [class_(f"C{number}") for number in range(count)]
    properties = [property_(f"p{number}") for number in range(count)]
    constraint = 'sh:maxCount 1 ; sh:datatype xsd:string ; sh:pattern "^[a-z]+$"'
    begun = time.process_time()
    modules = [
        *standard_modules(),
        model("1.0.0", *classes, *properties),
        shapes(*(shape(f"C{number}", f"p{number}", constraint) for number in range(count))),
    ]
    release = compile_release(modules)
    taken = time.process_time() - begun
    assert len(release.shapes) >= count
    return taken / count


@pytest.mark.timeout(250)
def test_ten_times_the_shapes_take_ten_times_the_time() -> None:
    seconds_per_shape(50)  # What is made once does not count.
    assert seconds_per_shape(MANY) <= MOST_TIMES * seconds_per_shape(FEW)
