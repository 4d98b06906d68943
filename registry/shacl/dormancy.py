"""What of a shapes graph is never checked: shapes that nothing runs, and vocabularies that nobody here knows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from registry.rdf.terms import Iri, is_blank
from registry.rdf.vocabulary import DASH, OWL, RDF, RDFS, SH
from registry.shacl.shapes_graph import ShapesGraph
from registry.shacl.targets import Targets

_FOR_PEOPLE = (
    RDF, RDFS, OWL, SH, DASH,
    "http://www.w3.org/2004/02/skos/core#",
    "http://purl.org/dc/terms/",
    "http://purl.org/dc/elements/1.1/",
    "http://purl.org/vocab/vann/",
    "http://www.w3.org/ns/prov#",
    "http://www.w3.org/2003/06/sw-vocab-status/ns#",
)  # fmt: skip
"""Vocabularies that say nothing of what data must be, and SHACL's, of which every term is accounted for elsewhere."""
_OTHER_LANGUAGES = ("http://spinrdf.org/", "http://topbraid.org/", "http://www.w3.org/ns/shex#")
"""Languages of constraints that are none of ours: whatever says something in them means to be checked."""


class Dormant(NamedTuple):
    """A shape that can never run, and why; ``is_part`` where it has no name and is part of the one that is named."""

    shape: Iri
    reason: str
    is_part: bool = False


class PassedOver(NamedTuple):
    """A predicate that shapes state and nothing here knows: how many state it, and the first that does."""

    predicate: Iri
    shape: Iri
    times: int


class Unchecked(NamedTuple):
    """What a shapes graph holds and no write is ever held to, though all of it is understood."""

    dormant: tuple[Dormant, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()


NOTHING_UNCHECKED = Unchecked()

_OF_PART = "has a part without a name that never runs"
Parts = Callable[[Iri], Iterable[Iri]]
"""From a shape to the shapes that run as parts of it."""


def dormant(
    given: ShapesGraph, parts: Parts, targets: Mapping[Iri, Targets], asked_for: Collection[Iri]
) -> Iterator[Dormant]:
    """Every named shape that no data can set running, each once; nameless ones count with the shape they are part of.

    ``asked_for`` are the shapes that something else than a target runs, such as the guards of a lifecycle.
    """
    off = {node for node in targets if given.is_off(node)}
    running = {node for node, found in targets.items() if (found or node in asked_for) and node not in off}
    waiting = [*running]
    for node in waiting:
        more = [part for part in parts(node) if part not in running and part not in off]
        running.update(more)
        waiting.extend(more)
    running_names = {given.public_name(node) for node in running}
    found: dict[tuple[Iri, bool], Dormant] = {}
    for node in targets:
        name = given.public_name(node)
        is_part = is_blank(node) and not is_blank(given.name(node))
        if node in running:
            reason = None if node in asked_for else _reason_without_focus(given, targets[node])
        elif not _counts(given, node) or (is_part and node not in off and name in running_names):
            continue
        else:
            reason = f"{_OF_PART if is_part else 'never runs'}: it {_why(given, node, off)}"
        if reason is not None:
            found.setdefault((name, is_part), Dormant(name, reason, is_part))
    dormant_names = {one.shape for one in found.values() if not one.is_part}
    return (one for one in found.values() if not (one.is_part and one.shape in dormant_names))


def _counts(given: ShapesGraph, node: Iri) -> bool:
    """Whether it is meant to run: neither the parameter of a component nor a path of a rule."""
    return given.says_shape(node) and not given.graph.sources(node, SH + "parameter", 1)


def _why(given: ShapesGraph, node: Iri, off: Collection[Iri]) -> str:
    if node in off:
        return "is deactivated"
    if given.is_led_to(node):
        return "has no target, and is part of shapes only that never run or of which this is left out"
    if given.is_class(node) and not given.is_typed(node):
        return "is a class, but no sh:NodeShape: it has no target, and no shape leads to it"
    return "has no target, and no shape leads to it"


def _reason_without_focus(given: ShapesGraph, found: Targets) -> str | None:
    """Why nothing is ever a target, as far as the model tells: a term that it says nothing of is mistyped, mostly."""
    if not found or found.nodes or found.values or given.ontologies is None:
        return None
    terms = (*found.classes, *found.subjects_of, *found.objects_of)
    if any(term.startswith(_FOR_PEOPLE) or given.is_known(term) for term in terms):
        return None
    return f"may never run: it targets <{terms[0]}>, of which the model says nothing"


def passed_over(given: ShapesGraph) -> Iterator[PassedOver]:
    """The predicates of shapes that no vocabulary here declares: whether one was meant to check, nobody can tell."""
    found: dict[Iri, list[Iri]] = {}
    for node in given.graph.subjects():
        is_shape = given.is_shape(node)
        for predicate in given.graph.outgoing(node):
            if predicate.startswith(_OTHER_LANGUAGES) or (is_shape and _is_unknown(given, predicate)):
                found.setdefault(predicate, []).append(node)
    return (PassedOver(predicate, given.public_name(nodes[0]), len(nodes)) for predicate, nodes in found.items())


def _is_unknown(given: ShapesGraph, predicate: Iri) -> bool:
    return not (predicate.startswith(_FOR_PEOPLE) or predicate in given.parameters or given.is_known(predicate))


def described(unchecked: Unchecked, place: Callable[[Iri], str]) -> tuple[list[str], list[str]]:
    """The shapes that never run and the predicates passed over, in words, each with ``file:line`` where it is known."""
    never = [f"{_at(place, one.shape)}<{one.shape}> {one.reason}" for one in unchecked.dormant]
    over = [
        f"{_at(place, one.shape)}<{one.predicate}> is passed over, since nothing here declares it"
        + (f" ({one.times:,} times)" if one.times > 1 else "")
        for one in unchecked.passed_over
    ]
    return never, over


def _at(place: Callable[[Iri], str], shape: Iri) -> str:
    found = place(shape)
    return f"{found}: " if found else ""
