"""The comparison with the whole graph can fail: every fault seeded into the search for suspects is caught, and soon."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from registry.rdf.terms import Iri, Statement, Term
from registry.rdf.vocabulary import RDF_TYPE
from registry.shacl import footprints, shape, shapes, suspects, targets, triggers
from registry.shacl.constraints import nested_shapes as shape_constraints
from registry.shacl.constraints import sets as set_constraints
from registry.shacl.constraints.constraint import Anchor, Breaks, Constraint
from registry.shacl.footprints import Edge, Read, Way
from registry.shacl.graph import Graph
from registry.shacl.paths import Path, Repeat
from registry.shacl.triggers import Alter, Key, Reach, Recount, Sign, Trigger
from tests.shacl.trials import accept, component_and_path, evolve, toggle
from tests.shacl.whole import WholeMemoryGraph

SCHEMAS = 1_000
"""So many schemas may pass before a fault is caught; most are within a dozen."""

Seed = Callable[[pytest.MonkeyPatch], None]


def is_caught() -> bool:
    """Whether some trial, as the tests and the soak run them, finds a mismatch."""
    for seed in range(SCHEMAS):
        try:
            evolve(seed, 15)
            accept(seed, 15)
            toggle(seed, *component_and_path(seed), 40)
        except AssertionError:
            return True
    return False


def without_triggers(drop: Callable[[Key, Trigger], bool]) -> Seed:
    """Forget some triggers of every unit."""
    whole = triggers.triggers

    def some(*given: Any) -> Iterator[tuple[Key, Trigger]]:
        return ((key, trigger) for key, trigger in whole(*given) if not drop(key, trigger))

    return lambda patch: patch.setattr(shapes, "triggers", some)


def without_nested_reads(patch: pytest.MonkeyPatch) -> None:
    def some(prefix: tuple[Path, ...], reads: Iterable[Read]) -> Iterator[Read]:
        return (read for read in footprints.under(prefix, reads) if not read.prefix)

    patch.setattr(shape, "under", some)


def of_pairs(**instead: Any) -> Seed:
    """Compile comparisons with another property in another way."""
    whole = set_constraints._pair

    def pair(*given: Any) -> Constraint:
        return dataclasses.replace(whole(*given), **instead)

    return lambda patch: patch.setattr(set_constraints, "_pair", pair)


def never(kind: type) -> Seed:
    """Let a kind of trigger suspect nobody."""
    return lambda patch: patch.setattr(kind, "suspects", lambda self, before, after, start, end: ())


def one_step_back(patch: pytest.MonkeyPatch) -> None:
    whole = triggers._back
    patch.setattr(triggers, "_back", lambda prefix: whole(prefix) if len(prefix) < 2 else lambda graph, node: ())


def no_closure_prefix(patch: pytest.MonkeyPatch) -> None:
    whole = footprints.edges_of_path

    def edges(path: Path, prefix: tuple[Path, ...] = (), rest: tuple[Path, ...] = ()) -> Iterator[Edge]:
        inner = path.path if isinstance(path, Repeat) and path.mark != "?" else path
        return whole(inner, prefix, rest)

    patch.setattr(triggers, "edges_of_path", edges)
    patch.setattr(footprints, "edges_of_path", edges)


def no_superclass_targets(patch: pytest.MonkeyPatch) -> None:
    whole = targets.TargetIndex.touched_by

    class Flat(WholeMemoryGraph):
        """A graph without a hierarchy."""

        def superclasses(self, class_iri: Iri) -> frozenset[Iri]:
            return frozenset({class_iri})

    patch.setattr(targets.TargetIndex, "touched_by", lambda self, graph, statement: whole(self, Flat(), statement))


def no_new_targets(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(targets.TargetIndex, "touched_by", lambda self, graph, statement: ())


def no_plan_for_newcomers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(targets.TargetIndex, "of", lambda self, graph, node: iter(()))


def newcomers_asked_only_what_they_say(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        shapes, "asked", lambda units, says: [u for u in units if any(True for _ in says) and u.only_with in says]
    )


def newcomers_that_others_point_at(patch: pytest.MonkeyPatch) -> None:
    def newcomers(self: object, before: Graph, delta: Any) -> dict[Iri, None]:
        return {subject: None for subject, _, _ in delta.added if not before.outgoing(subject)}

    patch.setattr(shapes.Shapes, "_newcomers", newcomers)


def everybody_is_a_newcomer(patch: pytest.MonkeyPatch) -> None:
    def newcomers(self: object, before: Graph, delta: Any) -> dict[Iri, None]:
        return dict.fromkeys(subject for subject, _, _ in delta.added)

    patch.setattr(shapes.Shapes, "_newcomers", newcomers)


def some_values_always_suffice(patch: pytest.MonkeyPatch) -> None:
    whole = Recount.suspects

    def suspects_of(self: Recount, before: Graph, after: Graph, start: Term, end: Term) -> Iterable[Term]:
        some_suffice = self.onward is not None and all(found.suffices for found in self.constraints)
        return () if self.back is not None and some_suffice else whole(self, before, after, start, end)

    patch.setattr(Recount, "suspects", suspects_of)


def only_the_nearest_value(patch: pytest.MonkeyPatch) -> None:
    whole = Reach.suspects

    def suspects_of(self: Reach, before: Graph, after: Graph, start: Term, end: Term) -> Iterable[Term]:
        return whole(dataclasses.replace(self, onward=None), before, after, start, end)

    patch.setattr(Reach, "suspects", suspects_of)


def more_and_fewer_mixed_up(patch: pytest.MonkeyPatch) -> None:
    def may_break(constraint: Constraint, sign: Sign) -> bool:
        return constraint.breaks is not (Breaks.BY_FEWER if sign is Sign.REMOVED else Breaks.BY_MORE)

    patch.setattr(triggers, "_may_break", may_break)


def one_value_fewer_is_enough(patch: pytest.MonkeyPatch) -> None:
    whole = set_constraints.of_max_count

    def of_max_count(count: int) -> Constraint:
        return dataclasses.replace(whole(count), enough=count)

    patch.setattr(set_constraints, "of_max_count", of_max_count)


def siblings_not_read(patch: pytest.MonkeyPatch) -> None:
    whole = shape_constraints._reads
    patch.setattr(shape_constraints, "_reads", lambda given: whole(given[:1]))


def what_stood_is_new(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(shapes.Shapes, "_unless_they_stood", lambda self, before, focus, unit, found: found)


def near_suspects_only(patch: pytest.MonkeyPatch) -> None:
    whole = suspects.SuspectIndex.note

    def note(self: suspects.SuspectIndex[Any], part: Any, given: Iterable[tuple[Key, Trigger]]) -> None:
        whole(self, part, [(key, trigger) for key, trigger in given if trigger.is_near])

    patch.setattr(suspects.SuspectIndex, "note", note)


def first_statement_only(patch: pytest.MonkeyPatch) -> None:
    whole = suspects.SuspectIndex.add

    def add(self: Any, before: Graph, after: Graph, sign: Sign, statements: list[Statement], *others: Any) -> None:
        whole(self, before, after, sign, statements[:1], *others)

    patch.setattr(suspects.SuspectIndex, "add", add)


FAULTS: dict[str, Seed] = {
    "no type is read": without_triggers(lambda key, _: key.predicate == RDF_TYPE),
    "nothing is read backwards": without_triggers(lambda key, _: key.way is Way.IN),
    "closed shapes read nothing": without_triggers(lambda key, _: key.predicate is None),
    "what went is ignored": without_triggers(lambda key, _: key.sign is Sign.REMOVED),
    "what came is ignored": without_triggers(lambda key, _: key.sign is Sign.ADDED),
    "the way back is one step at most": one_step_back,
    "nested shapes read nothing further": without_nested_reads,
    "a repeat has no way to its middle": no_closure_prefix,
    "the other property is not read": of_pairs(reads=()),
    "the other property is read at the values": of_pairs(anchor=Anchor.VALUE),
    "a new value is not asked": never(Reach),
    "a changed value is not asked": never(Alter),
    "values are not counted again": never(Recount),
    "targets above a class are forgotten": no_superclass_targets,
    "new targets are forgotten": no_new_targets,
    "a newcomer is not run": no_plan_for_newcomers,
    "a newcomer is asked only what it says": newcomers_asked_only_what_they_say,
    "a newcomer may be known to others": newcomers_that_others_point_at,
    "whatever says more is a newcomer": everybody_is_a_newcomer,
    "some values always suffice": some_values_always_suffice,
    "only the nearest new value is asked": only_the_nearest_value,
    "more and fewer are mixed up": more_and_fewer_mixed_up,
    "too few values are fetched to count": one_value_fewer_is_enough,
    "sibling shapes are not read": siblings_not_read,
    "what stood before counts as new": what_stood_is_new,
    "only focus nodes next to the change are found": near_suspects_only,
    "only the first statement is looked at": first_statement_only,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_seeded_fault_is_caught(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    FAULTS[fault](monkeypatch)
    assert is_caught(), f"no mismatch in {SCHEMAS} schemas"
