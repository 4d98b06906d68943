"""From a change to the focus nodes that may have new results: the triggers of all units, found by changed statement."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

from registry.errors import ShapesTooCostly
from registry.rdf.terms import Iri, Statement, Term
from registry.shacl.footprints import Way
from registry.shacl.graph import Graph
from registry.shacl.targets import ByClass, TargetIndex, Targets
from registry.shacl.triggers import Key, Sign, Trigger

Part = TypeVar("Part", bound=Hashable)
Suspects = dict[Term, dict[Part, None]]
"""The parts to run again, by focus node: a superset of those with a new result, and each is for that node."""


class _Near(NamedTuple, Generic[Part]):
    """The near triggers of a part, and where its targets must be asked: it is not for these classes."""

    part: Part
    triggers: Sequence[Trigger]
    other_reason: Targets | None


class _Asked(Generic[Part]):
    """The triggers of one kind of changed statement: those that start at the focus node by part, and the others."""

    __slots__ = ("_near_of", "far", "near")

    def __init__(self) -> None:
        self.near: dict[Part, list[Trigger]] = {}
        self.far: list[tuple[Trigger, Part]] = []
        self._near_of: dict[ByClass[Part], tuple[_Near[Part], ...]] = {}

    def near_of(self, by_class: ByClass[Part], targets: TargetIndex[Part]) -> tuple[_Near[Part], ...]:
        """The parts with near triggers that may be for the members of some classes."""
        found = self._near_of.get(by_class)
        if found is None:
            found = self._near_of[by_class] = tuple(
                _Near(part, triggers, targets.other_reason(part, by_class))
                for part, triggers in self.near.items()
                if targets.may_be_for(part, by_class)
            )
        return found


class SuspectIndex(Generic[Part]):
    """Knows the triggers of every part. All parts are noted before the first question.

    ``name`` gives the shape that a part is of, for the error that its check costs too much.
    """

    def __init__(self, targets: TargetIndex[Part], name: Callable[[Part], Iri]) -> None:
        self._targets = targets
        self._name = name
        # A change asks for each of its statements, and by predicate alone that costs least.
        self._asked: dict[tuple[Sign, Way], dict[Iri | None, _Asked[Part]]] = {
            (sign, way): {} for sign in Sign for way in Way
        }

    def note(self, part: Part, triggers: Iterable[tuple[Key, Trigger]]) -> None:
        """Note what changed statements mean to a part."""
        for key, trigger in triggers:
            asked = self._asked[key.sign, key.way].setdefault(key.predicate, _Asked())
            if trigger.is_near:
                asked.near.setdefault(part, []).append(trigger)
            else:
                asked.far.append((trigger, part))

    def add(
        self,
        before: Graph,
        after: Graph,
        sign: Sign,
        statements: Iterable[Statement],
        newcomers: Collection[Iri],
        suspects: Suspects[Part],
    ) -> None:
        """Add the suspects of changed statements, all of the same sign.

        A read that starts at a newcomer tells nothing new: as a focus node it is run as a whole, and on the way to it
        from any other node there is another statement of the same change, which is asked too.
        """
        outwards, inwards = self._asked[sign, Way.OUT], self._asked[sign, Way.IN]
        of_any = outwards.get(None)
        for subject, predicate, target in statements:
            if subject not in newcomers:
                if predicate in outwards:
                    self._ask(outwards[predicate], before, after, subject, target, suspects)
                if of_any is not None:
                    self._ask(of_any, before, after, subject, target, suspects)
            if predicate in inwards and target not in newcomers:
                self._ask(inwards[predicate], before, after, target, subject, suspects)

    def _ask(
        self,
        asked: _Asked[Part],
        before: Graph,
        after: Graph,
        start: Term,
        end: Term,
        suspects: Suspects[Part],
    ) -> None:
        targets = self._targets
        for part, triggers, other_reason in asked.near_of(targets.by_classes_of(after, start), targets):
            if other_reason is not None and not other_reason.hit_beyond_classes(after, start):
                continue
            if part in suspects.get(start, ()):
                continue
            try:
                if _is_suspect(triggers, before, after, start, end):
                    suspects.setdefault(start, {})[part] = None
            except ShapesTooCostly as error:
                error.blame(self._name(part))
                raise
        for trigger, part in asked.far:
            try:
                focuses = trigger.suspects(before, after, start, end)
            except ShapesTooCostly as error:
                error.blame(self._name(part))
                raise
            for focus in focuses:
                if part not in suspects.get(focus, ()) and targets.is_for(part, after, focus):
                    suspects.setdefault(focus, {})[part] = None


def _is_suspect(triggers: Iterable[Trigger], before: Graph, after: Graph, start: Term, end: Term) -> bool:
    # Written out, because this runs for every statement of every write.
    for trigger in triggers:  # noqa: SIM110
        if trigger.suspects(before, after, start, end):
            return True
    return False
