"""What a query looks at, as reads from the nodes it begins with; or why that cannot be told.

A variable has a place where every solution that counts finds it on a way of constant predicates from a variable that
has its value beforehand. That holds through joins. A variable of an OPTIONAL says nothing outside of it, each branch
of a UNION stands alone, a sub-select is a query of its own, and an EXISTS sees what its surroundings have bound.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from registry.rdf.vocabulary import RDFS_SUB_CLASS_OF
from registry.shacl.footprints import Read, Way, reads_of_path
from registry.shacl.paths import Alternative, Chain, Path, inverse
from registry.shacl.sparql.algebra import Node, Triple, exists_in, is_any_forward, is_variable, path_of, shown


class Place(NamedTuple):
    """Where a variable's values are found: at the end of ``prefix`` from a variable that has its value beforehand."""

    start: str
    prefix: tuple[Path, ...] = ()

    def after(self, path: Path) -> Place:
        """Where the path leads from here."""
        return Place(self.start, (*self.prefix, path))


Places: TypeAlias = Mapping[str, Place]


class NotJoined(Exception):
    """A query looks at statements that no way of constant predicates leads to; says which."""


class Footprint:
    """The reads of a query by the variable that they start from; ``unreached`` says why they are not all, if so."""

    def __init__(self) -> None:
        self._reads: dict[str, dict[Read, None]] = {}
        self.unreached: str | None = None

    def of(self, start: str) -> tuple[Read, ...]:
        """The reads that start from a variable."""
        return tuple(self._reads.get(start, ()))

    def note(self, start: str, read: Read) -> None:
        """Note a read. Raises NotJoined for one of the class hierarchy that a graph does not answer."""
        above = any(RDFS_SUB_CLASS_OF in str(step) for step in read.prefix)
        if read.predicate == RDFS_SUB_CLASS_OF and read.way is Way.IN:
            raise NotJoined("it asks for the classes below a class")
        if above and read.predicate != RDFS_SUB_CLASS_OF:
            raise NotJoined("it asks what is said of the classes above a class")
        self._reads.setdefault(start, {})[read] = None


def read_footprint(algebra: Node, starts: Collection[str]) -> Footprint:
    """What a query looks at, from the variables that have a node for a value beforehand.

    Raises ValueError for one that is nested too deeply to tell.
    """
    reader = _Reader({name: Place(name) for name in starts})
    try:
        reader.note(algebra, reader.starts, reader.starts)
    except NotJoined as error:
        reader.footprint.unreached = str(error)
    except RecursionError:
        raise ValueError("has a query that is nested too deeply") from None
    return reader.footprint


class _Reader:
    """Walks the algebra. ``base`` has the variables that are bound wherever one looks, ``given`` those joined too."""

    def __init__(self, starts: Places) -> None:
        self.starts = starts
        self.footprint = Footprint()

    def note(self, node: Node, base: Places, given: Places) -> None:
        """Note all reads of a part of the algebra. Raises NotJoined."""
        match node.name:
            case "BGP":
                self._note_triples(node.triples, given)
            case "Join":
                joined = {**self._certain(node, base, given), **given}
                self.note(node.p1, base, joined)
                self.note(node.p2, base, joined)
            case "Union":
                self.note(node.p1, base, given)
                self.note(node.p2, base, given)
            case "LeftJoin":
                self.note(node.p1, base, given)
                seen = {**self._certain(node.p1, base, given), **base}
                self.note(node.p2, base, seen)
                self._note_exists(node.expr, {**self._certain(node.p2, base, seen), **seen})
            case "Filter" | "Extend":
                self.note(node.p, base, given)
                self._note_exists(node.expr, {**self._certain(node.p, base, given), **base})
            case "ToMultiSet":
                self.note(node.p, self.starts, self.starts)
            case "Graph":
                pass
            case _:
                self.note(node.p, base, given)
                for part in ("expr", "A"):
                    self._note_exists(node.get(part), base)

    def _note_exists(self, expression: object, seen: Places) -> None:
        for group in exists_in(expression):
            self.note(group, seen, seen)

    def _note_triples(self, triples: Sequence[Triple], given: Places) -> None:
        places = {**_places(triples, given), **given}
        for triple in triples:
            subject, predicate, target = triple
            path = path_of(predicate)
            at_subject = places.get(str(subject)) if is_variable(subject) else None
            at_target = places.get(str(target)) if is_variable(target) else None
            # The way to a place has to be read itself: so a pattern that leads back to its subject is read backwards.
            back = None if path is None or at_target is None else at_target.after(inverse(path))
            if back is not None and at_target is not None and (at_subject is None or at_subject == back):
                self._note_all(at_target.start, reads_of_path(back.prefix[-1], at_target.prefix))
            elif at_subject is not None and path is not None:
                self._note_all(at_subject.start, reads_of_path(path, at_subject.prefix))
            elif at_subject is not None and is_any_forward(predicate):
                self._note_all(at_subject.start, [Read(at_subject.prefix, None)])
            else:
                raise NotJoined(f"nothing leads to {shown(triple)}")

    def _note_all(self, start: str, reads: Iterable[Read]) -> None:
        for read in reads:
            self.footprint.note(start, read)

    def _certain(self, node: Node, base: Places, given: Places) -> Places:
        """The places of the variables that every solution of a part has bound, as far as they have any."""
        match node.name:
            case "BGP":
                return _places(node.triples, given)
            case "Join":
                joined, found = given, {**given}
                while True:
                    sides = [self._certain(side, base, joined) for side in (node.p1, node.p2)]
                    found = {**sides[0], **sides[1]}
                    if found.keys() <= joined.keys():
                        return found
                    joined = {**found, **joined}
            case "Union":
                return _either(self._certain(node.p1, base, given), self._certain(node.p2, base, given))
            case "LeftJoin":
                return self._certain(node.p1, base, given)
            case "Extend":
                found = {**self._certain(node.p, base, given)}
                known = found.get(str(node.expr)) or base.get(str(node.expr))
                if known is not None and is_variable(node.expr):
                    found[str(node.var)] = known
                return found
            case "ToMultiSet":
                return self._certain(node.p, self.starts, self.starts)
            case "Graph":
                return {}
            case "Project":
                return _only(self._certain(node.p, base, given), node.PV)
            case "Group":
                return _only(self._certain(node.p, base, given), node.expr or ())
            case _:
                return self._certain(node.p, base, given)


def _places(triples: Sequence[Triple], given: Places) -> dict[str, Place]:
    """The places of the variables of joined triples."""
    known, found = dict(given), dict[str, Place]()
    before = -1
    while len(found) > before:
        before = len(found)
        for subject, predicate, target in triples:
            path = path_of(predicate)
            for here, there, steps in ((subject, target, path), (target, subject, path and inverse(path))):
                at = known.get(str(here)) if is_variable(here) else None
                if at is None:
                    continue
                found[str(here)] = at
                if steps is not None and is_variable(there) and str(there) not in known:
                    known[str(there)] = found[str(there)] = at.after(steps)
    return found


def _either(one: Places, other: Places) -> dict[str, Place]:
    """The places of what both branches of a union have bound."""
    found: dict[str, Place] = {}
    for name in one.keys() & other.keys():
        left, right = one[name], other[name]
        if left == right:
            found[name] = left
        elif left.start == right.start and left.prefix and right.prefix:
            found[name] = Place(left.start, (Alternative((Chain(left.prefix), Chain(right.prefix))),))
    return found


def _only(places: Places, names: Collection[object]) -> dict[str, Place]:
    kept = {str(name) for name in names}
    return {name: place for name, place in places.items() if name in kept}
