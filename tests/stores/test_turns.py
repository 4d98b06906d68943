"""Whose turn it is: small works need not wait for several large ones."""

from __future__ import annotations

from registry.domain.change import Change
from registry.domain.view import View
from registry.stores.port import Record
from registry.stores.submission import Faults, Submission
from registry.stores.writer import LARGE_COMMANDS
from tests.stores.plant import ACTOR, EX, FLOW, adding, integer, together, writing


def test_small_works_are_written_between_large_ones(record: Record) -> None:
    """Those that wait at the same time have no order; a large one has its turn after each group of small ones."""

    def work(name: str, commands: int) -> Submission:
        return adding((EX + name, FLOW, integer(1)), commands=commands)

    with writing(record) as writer:

        def one_more(view: View) -> Change:
            writer.submit(work("late", 1))
            return Change(added=((EX + "large1", FLOW, integer(1)),))

        large = Submission(one_more, ACTOR, "test", faults=Faults.JUDGED, commands=LARGE_COMMANDS + 1)
        works = [large, work("large2", 1_000), work("early1", 1), work("large3", 1_000), work("early2", LARGE_COMMANDS)]
        for future in together(writer, works):
            future.result(10)
    order = [entry.added[0][0].removeprefix(EX) for entry in record.entries(0, 99)]
    assert order == ["early1", "early2", "large1", "late", "large2", "large3"]
