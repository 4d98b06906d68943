"""What checking one write may cost: time, so that no shape that a user wrote holds up the others.

Whoever checks sets a budget for what runs in its thread (`limited`), and checks report their steps (`spend`). A step
takes about a microsecond. What may take longer at once, and cannot be counted, runs in a process that is ended when
the time is over (`registry.shacl.bounded_process`).
"""

from __future__ import annotations

import time
from contextvars import ContextVar, Token
from dataclasses import dataclass

from registry.errors import ShapesTooCostly

STEPS_BETWEEN_LOOKS = 5_000
"""So many steps pass until the clock is looked at again: some milliseconds."""

PATIENCE_SECONDS = 30.0
"""How long a single query or search may take where nobody set a budget, as in audits."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the checks of one write may take: seconds, and more of them for every statement that it changes."""

    seconds: float = 1.0
    seconds_per_statement: float = 0.002

    def of(self, statements: int) -> float:
        """The seconds for a write that changes so many statements."""
        return self.seconds + self.seconds_per_statement * statements


ALLOWANCE = Allowance()


class Budget:
    """Time that runs out."""

    __slots__ = ("_end", "_next_look", "_steps", "seconds")

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds
        self._steps = 0
        self._next_look = STEPS_BETWEEN_LOOKS

    @property
    def left_seconds(self) -> float:
        """What is left of the time; less than nothing where it ran out."""
        return self._end - time.monotonic()

    def spend(self, steps: int) -> None:
        """Count steps. Raises ShapesTooCostly where the time ran out."""
        self._steps += steps
        if self._steps >= self._next_look:
            self._next_look = self._steps + STEPS_BETWEEN_LOOKS
            if self.left_seconds < 0:
                raise ShapesTooCostly(self.seconds)


_current: ContextVar[Budget | None] = ContextVar("budget", default=None)

current = _current.get
"""The budget of what runs now, if somebody set one."""


class limited:
    """Let what runs inside take so long and no longer; a budget that is set already stays.

    Every write enters it, and a class costs a third of what a generator does.
    """

    __slots__ = ("_seconds", "_token")

    _token: Token[Budget | None]

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> Budget:
        outer = current()
        budget = Budget(self._seconds) if outer is None else outer
        self._token = _current.set(budget)
        return budget

    def __exit__(self, *failure: object) -> None:
        _current.reset(self._token)


def spend(steps: int) -> None:
    """Count steps of the budget, if there is one. Raises ShapesTooCostly where the time ran out."""
    budget = current()
    if budget is not None:
        budget.spend(steps)
