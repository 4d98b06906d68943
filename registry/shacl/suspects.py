"""From a change to the focus nodes that may have new results: the triggers of all units, found by changed statement."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from typing import Generic, TypeVar

from registry.rdf.terms import Iri, Statement, Term
from registry.shacl.footprints import Way
from registry.shacl.graph import Graph
from registry.shacl.targets import TargetIndex
from registry.shacl.triggers import Key, Sign, Trigger

Part = TypeVar("Part", bound=Hashable)
Suspects = dict[Term, dict[Part, None]]
"""The parts to run again, by focus node; a superset of those with a new result."""


class SuspectIndex(Generic[Part]):
    """Knows the triggers of every part. All parts are noted before the first question."""

    def __init__(self, targets: TargetIndex[Part]) -> None:
        self._targets = targets
        self._near: dict[Key, dict[Part, list[Trigger]]] = {}
        self._far: dict[Key, list[tuple[Trigger, Part]]] = {}

    def note(self, part: Part, triggers: Iterable[tuple[Key, Trigger]]) -> None:
        """Note what changed statements mean to a part."""
        for key, trigger in triggers:
            if trigger.is_near:
                self._near.setdefault(key, {}).setdefault(part, []).append(trigger)
            else:
                self._far.setdefault(key, []).append((trigger, part))

    def add(
        self,
        before: Graph,
        after: Graph,
        sign: Sign,
        statement: Statement,
        newcomers: Collection[Iri],
        suspects: Suspects[Part],
    ) -> None:
        """Add the suspects of one changed statement.

        A read that starts at a newcomer tells nothing new: as a focus node it is run as a whole, and on the way to it
        from any other node there is another statement of the same change, which is asked too.
        """
        subject, predicate, target = statement
        if subject not in newcomers:
            for asked in (predicate, None):
                self._ask(before, after, Key(sign, Way.OUT, asked), subject, target, suspects)
        if target not in newcomers:
            self._ask(before, after, Key(sign, Way.IN, predicate), target, subject, suspects)

    def _ask(self, before: Graph, after: Graph, key: Key, start: Term, end: Term, suspects: Suspects[Part]) -> None:
        near = self._near.get(key)
        if near is not None:
            known = suspects.get(start, {})
            for part in self._targets.among(near, after, start):
                if part not in known and any(found.suspects(before, after, start, end) for found in near[part]):
                    known = suspects.setdefault(start, {})
                    known[part] = None
        for trigger, part in self._far.get(key, ()):
            for focus in trigger.suspects(before, after, start, end):
                suspects.setdefault(focus, {})[part] = None
