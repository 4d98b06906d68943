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


@dataclass(frozen=True, slots=True)
class Change:
    """Statements removed and added, with what must still hold.

    ``expected`` maps a resource to the revision it must still have; revision 0 means that it must not exist.
    Removing what is not there and adding what is there are no faults: the writer keeps the net effect.
    """

    removed: tuple[Statement, ...] = ()
    added: tuple[Statement, ...] = ()
    expected: Mapping[Iri, int] = field(default_factory=dict)
    guards: tuple[Guard, ...] = ()
    events: tuple[Event, ...] = ()

    def then(self, later: Change) -> Change:
        """Both changes as one, in order. What the second removes of the first's additions is gone."""
        removed_later, added_later = set(later.removed), set(later.added)
        return Change(
            removed=tuple(dict.fromkeys([*(s for s in self.removed if s not in added_later), *later.removed])),
            added=tuple(dict.fromkeys([*(s for s in self.added if s not in removed_later), *later.added])),
            expected={**later.expected, **self.expected},
            guards=(*self.guards, *later.guards),
            events=(*self.events, *later.events),
        )


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
