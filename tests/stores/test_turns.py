"""Whose turn it is: small works need not wait for several large ones."""

from __future__ import annotations

from registry.domain.change import Change
from registry.domain.view import View
from registry.stores.port import Record
from registry.stores.submission import Faults, Submission
from registry.stores.works import LARGE_COMMANDS
from tests.stores.plant import ACTOR, EX, FLOW, adding, integer, together, writing


def test_small_works_wait_for_one_large_one_at_most(record: Record) -> None:
    """Those that wait at the same time have no order; what comes while a large one is decided may be written first."""

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
    assert order[:2] == ["early1", "early2"]
    assert [name for name in order if name.startswith("large")] == ["large1", "large2", "large3"]
    assert order.index("late") < order.index("large2")
