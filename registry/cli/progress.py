"""A progress bar with rate and time left, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_WORDS = {
    "read": "reading", "check": "checking", "store": "storing", "export": "exporting", "rebuild": "rebuilding",
    "replay": "replaying", "compare": "comparing", "weigh": "weighing",
    "entail": "entailing", "copy": "copying", "verify": "verifying", "restore": "restoring",
}  # fmt: skip


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A function to be told the stage, how many are done, and of how many."""
    if not sys.stderr.isatty():
        yield lambda stage, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    rate_column = TextColumn("{task.fields[rate]}")
    columns = (
        TextColumn("{task.description:<11}"),
        BarColumn(),
        MofNCompleteColumn(),
        rate_column,
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, object] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(_WORDS.get(stage, stage), total=total or None, rate="")
            task = bars.tasks[int(tasks[stage])]  # type: ignore[call-overload]
            rate = f"{task.speed:,.0f}/s" if task.speed else ""
            bars.update(task.id, completed=done, total=total or None, rate=rate)

        yield tell
