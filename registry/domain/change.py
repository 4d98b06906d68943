"""What a decision asks for, and what the log keeps of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from registry.rdf.terms import Iri, Statement

Position = int
"""A place in the change log: gapless, from 1; 0 is before everything."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a change means to somebody who watches: a kind, who it is about, and a few facts as text."""

    kind: str
    subject: Iri
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Guard:
    """A shape without a target that a focus node must satisfy once the change is made."""

    focus: Iri
    shape: Iri


@dataclass(slots=True)
class Origins:
    """Which command of several last changed what, by its place among them from 0."""

    _of_values: dict[tuple[Iri, Iri], int] = field(default_factory=dict)
    _of_subjects: dict[Iri, int] = field(default_factory=dict)
    _of_objects: dict[Iri, int] = field(default_factory=dict)

    def note(self, command: int, change: Change) -> None:
        """Take down what a command changes, expects or guards."""
        for subject in (*change.expected, *(guard.focus for guard in change.guards)):
            self._of_subjects[subject] = command
        for subject, predicate, target in (*change.removed, *change.added):
            self._of_values[subject, predicate] = command
            self._of_subjects[subject] = command
            if isinstance(target, str):
                self._of_objects[target] = command

    def of(self, resource: object, predicate: Iri = "") -> int | None:
        """The command that changed a resource, if there is one: its values of a predicate, anything, or links to it."""
        if not isinstance(resource, str):
            return None
        found = self._of_values.get((resource, predicate))
        if found is None:
            found = self._of_subjects.get(resource)
        return self._of_objects.get(resource) if found is None else found


@dataclass(frozen=True, slots=True)
class Change:
    """Statements removed and added, with what must still hold.

    ``expected`` maps a resource to the revision it must still have; revision 0 means that it must not exist.
    Removing what is not there and adding what is there are no faults: the writer keeps the net effect. ``origins``
    says which of several commands is to blame for what, where there were several.
    """

    removed: tuple[Statement, ...] = ()
    added: tuple[Statement, ...] = ()
    expected: Mapping[Iri, int] = field(default_factory=dict)
    guards: tuple[Guard, ...] = ()
    events: tuple[Event, ...] = ()
    origins: Origins | None = field(default=None, compare=False)

    def then(self, later: Change) -> Change:
        """Both changes as one, in order. What the second removes of the first's additions is gone."""
        whole = Whole()
        whole.add(self)
        whole.add(later)
        return whole.change()


class Whole:
    """Changes in order, gathered to one, at a cost that does not grow with what is there already."""

    def __init__(self) -> None:
        self._removed: dict[Statement, None] = {}
        self._added: dict[Statement, None] = {}
        self._expected: dict[Iri, int] = {}
        self._guards: list[Guard] = []
        self._events: list[Event] = []

    def add(self, later: Change) -> None:
        """Take the next change in."""
        for statement in later.added:
            self._removed.pop(statement, None)
        for statement in later.removed:
            self._added.pop(statement, None)
        self._removed.update(dict.fromkeys(later.removed))
        self._added.update(dict.fromkeys(later.added))
        # The earliest word on a revision counts: later changes see what the earlier ones left.
        self._expected = {**later.expected, **self._expected} if later.expected else self._expected
        self._guards.extend(later.guards)
        self._events.extend(later.events)

    def change(self) -> Change:
        """All of them as one."""
        return Change(
            tuple(self._removed), tuple(self._added), self._expected, tuple(self._guards), tuple(self._events)
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One committed change in the log.

    ``time`` is an xsd:dateTime text in UTC, ``release`` the digest of the release it was checked under.
    ``revisions`` maps every touched resource to its revision after the change; 0 means that it is gone.
    ``idempotency_key`` and ``fingerprint`` let a repeated request find its first answer.
    """

    position: Position
    time: str
    actor: str
    cause: str
    release: str
    removed: tuple[Statement, ...]
    added: tuple[Statement, ...]
    revisions: Mapping[Iri, int]
    events: tuple[Event, ...] = ()
    idempotency_key: str | None = None
    fingerprint: str | None = None
