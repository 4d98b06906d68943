"""A write that costs too much to check is refused alone: the rest of its group is stored, in the same transaction."""

from __future__ import annotations

import pytest

from registry.domain.change import Position
from registry.domain.releases.release import Release, compile_release
from registry.errors import ShapesTooCostly, ShapesViolated
from registry.ontology.modules import ModuleKind, module_of
from registry.rdf.terms import Iri, text
from registry.rdf.vocabulary import RDF_TYPE
from registry.shacl.budget import Allowance
from registry.stores.port import Record
from registry.stores.submission import Faults, Submission
from registry.stores.writer import Receipt, Writer
from tests.stores.plant import EX, FLOW, NOTE, PUMP, TANK, adding, integer, release, together, whole_log

COSTLY_SHAPE = EX + "shapes#Tank"
JOINED = " ".join(f"$this <{NOTE}> ?v{number} ." for number in range(6))
COSTLY = f"""
@prefix sh: <http://www.w3.org/ns/shacl#> .
<{COSTLY_SHAPE}> a sh:NodeShape ; sh:targetClass <{TANK}> ; sh:sparql <{EX}shapes#query> .
<{EX}shapes#query> sh:message "No." ;
    sh:select "SELECT $this WHERE {{ {JOINED} FILTER(CONCAT(?v0, ?v1, ?v2, ?v3, ?v4, ?v5) = 'no') }}" .
"""
ALLOWANCE = Allowance(seconds=0.4, seconds_per_statement=0.0)
WITHIN_SECONDS = 60


def with_a_costly_shape() -> Release:
    """The plant's release, and a query that goes through every six notes of a tank."""
    return compile_release([*release().modules, module_of("costly", COSTLY.encode(), ModuleKind.SHAPES)])


def pump(name: str, flow: int) -> Submission:
    iri: Iri = EX + name
    return adding((iri, RDF_TYPE, PUMP), (iri, FLOW, integer(flow)), faults=Faults.REFUSE)


def tank(name: str, notes: int) -> Submission:
    iri: Iri = EX + name
    said = ((iri, NOTE, text(f"note {number}")) for number in range(notes))
    return adding((iri, RDF_TYPE, TANK), *said, faults=Faults.REFUSE)


@pytest.mark.parametrize("place", [0, 3, 6], ids=["first", "between", "last"])
def test_the_rest_of_a_group_is_stored_beside_a_write_that_costs_too_much(place: int, record: Record) -> None:
    compiled, commits = with_a_costly_shape(), list[Position]()
    works = [*(pump(f"pump{number}", number) for number in range(4)), pump("wrong", 1_000), tank("small", 2)]
    works.insert(place, tank("large", 60))
    writer = Writer(record, lambda: compiled, allowance=ALLOWANCE)
    writer.follow(commits.append)
    try:
        answers = list(together(writer, works))
        costly = answers.pop(place).exception(WITHIN_SECONDS)
        wrong = answers.pop(4).exception(WITHIN_SECONDS)
        receipts: list[Receipt] = [answer.result(WITHIN_SECONDS) for answer in answers]
    finally:
        writer.close()
    assert isinstance(costly, ShapesTooCostly)
    assert costly.extensions()["code"] == "SHAPES_TOO_COSTLY"
    assert costly.extensions()["shape"] == COSTLY_SHAPE
    assert isinstance(wrong, ShapesViolated)
    assert [receipt.position for receipt in receipts] == [1, 2, 3, 4, 5]
    assert [position for position in commits if position] == [5], "they were no group"
    names = [EX + name for name in ("pump0", "pump1", "pump2", "pump3", "small")]
    assert [next(iter(entry.revisions)) for entry in whole_log(record)] == names
    assert set(record.view().resources([*names, EX + "large", EX + "wrong"])) == set(names)


def test_what_costs_too_much_together_with_what_was_stored_before_is_refused_and_leaves_it(record: Record) -> None:
    compiled = with_a_costly_shape()
    writer = Writer(record, lambda: compiled, allowance=ALLOWANCE)
    try:
        writer.submit(tank("tank", 2)).result(WITHIN_SECONDS)
        grown, beside = together(writer, [tank("tank", 60), tank("other", 2)])
        fault = grown.exception(WITHIN_SECONDS)
        assert isinstance(fault, ShapesTooCostly)
        assert fault.shape == COSTLY_SHAPE
        assert beside.result(WITHIN_SECONDS).position == 2
        assert len(record.view().resources([EX + "tank"])[EX + "tank"].values(NOTE)) == 2
    finally:
        writer.close()
