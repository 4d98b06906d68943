"""A view with changes on top: what a group of writes shows before it is committed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from registry.domain.resource import Resource
from registry.domain.view import View
from registry.rdf.terms import Iri, Statement, Term
from registry.rdf.vocabulary import RDF_TYPE


@dataclass(frozen=True, slots=True)
class Net:
    """What a change really does: everything removed was there, everything added was not."""

    removed: tuple[Statement, ...] = ()
    added: tuple[Statement, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.removed or self.added)

    @property
    def subjects(self) -> Sequence[Iri]:
        """The resources it touches, in order of their first statement."""
        return list(dict.fromkeys(statement[0] for statement in (*self.removed, *self.added)))


class Overlay:
    """Shows its base with changes applied. Base reads are remembered, so the base must not change meanwhile.

    Overlays nest: one for the group of writes, one on top for the work being judged.
    """

    def __init__(self, base: View) -> None:
        self._base = base
        self._known: dict[Iri, Resource | None] = {}
        self._sources: dict[tuple[Term, Iri | None], tuple[int, Sequence[Iri]]] = {}
        self._whole: dict[Term, dict[Iri, tuple[Iri, ...]]] = {}
        self._added: dict[Term, dict[Iri, dict[Iri, None]]] = {}
        self._removed: dict[Term, dict[Iri, dict[Iri, None]]] = {}
        # Who points at what is worked out of these when somebody asks, which most writes of an import never do.
        self._nets: list[Net] = []

    def resources(self, iris: Iterable[Iri]) -> Mapping[Iri, Resource]:
        """The resources that exist here, in the order they were asked for."""
        known, asked = self._known, tuple(iris)
        found: dict[Iri, Resource] = {}
        unknown = [iri for iri in asked if iri not in known]
        if unknown:
            read = self._base.resources(unknown)
            for iri in unknown:
                known[iri] = read.get(iri)
        for iri in asked:
            resource = known[iri]
            if resource is not None:
                found[iri] = resource
        return found

    def sources(self, target: Term, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        """Who points at a term, the changes included; at most ``limit``."""
        if self._nets:
            self._note_changes()
        if target not in self._added and target not in self._removed:
            return self._below(target, predicate, limit)
        removed = self._of(self._removed, target, predicate)
        found = dict.fromkeys(self._below(target, predicate, limit + len(removed)))
        for subject in removed:
            if subject in found and not self._still_points(subject, predicate, target):
                del found[subject]
        found.update(dict.fromkeys(self._of(self._added, target, predicate)))
        return list(found)[:limit]

    def remember(self, target: Iri, pointing: Iterable[tuple[Iri, Iri]]) -> None:
        """Take to memory all that points at a resource of the base, rdf:type left out: nobody has to ask any more.

        ``pointing`` are pairs of subject and predicate.
        """
        by_predicate: dict[Iri, dict[Iri, None]] = {}
        for subject, predicate in pointing:
            by_predicate.setdefault(predicate, {})[subject] = None
        self._whole[target] = {predicate: tuple(subjects) for predicate, subjects in by_predicate.items()}

    def net(self, removed: Iterable[Statement], added: Iterable[Statement]) -> Net:
        """What removing and then adding these would really do here."""
        adding = dict.fromkeys(added)
        removing = [statement for statement in dict.fromkeys(removed) if statement not in adding]
        self.resources(dict.fromkeys(statement[0] for statement in (*removing, *adding)))
        return Net(
            tuple(statement for statement in removing if self._stands(statement)),
            tuple(statement for statement in adding if not self._stands(statement)),
        )

    def states(self, statement: Statement) -> bool:
        """Whether a statement stands here."""
        self.resources((statement[0],))
        return self._stands(statement)

    def _stands(self, statement: Statement) -> bool:
        """Whether a statement of a resource that is known stands here."""
        resource = self._known[statement[0]]
        return resource is not None and statement[2] in resource.statements.get(statement[1], ())

    def apply(self, net: Net, time: str) -> Mapping[Iri, int]:
        """Make a net change. Returns the revision of each touched resource, 0 for one that says nothing any more."""
        touched = net.subjects
        before = self.resources(touched)
        says = {
            iri: {p: list(v) for p, v in before[iri].statements.items()} if iri in before else {} for iri in touched
        }
        for subject, predicate, target in net.removed:
            says[subject][predicate].remove(target)
            if not says[subject][predicate]:
                del says[subject][predicate]
        for subject, predicate, target in net.added:
            says[subject].setdefault(predicate, []).append(target)
        self._nets.append(net)
        for iri in touched:
            self._known[iri] = _successor(iri, before.get(iri), says[iri], time)
        return {iri: resource.revision if (resource := self._known[iri]) else 0 for iri in touched}

    def adopt(self, above: Overlay, net: Net) -> None:
        """Make a net change that an overlay right on top of this one has made already."""
        for iri in net.subjects:
            self._known[iri] = above._known[iri]
        self._nets.append(net)

    def _note_changes(self) -> None:
        """Work out who points at what after the changes that nobody has asked about yet, in their order."""
        nets, self._nets = self._nets, []
        for net in nets:
            for subject, predicate, target in net.removed:
                self._note(self._removed, self._added, subject, predicate, target)
            for subject, predicate, target in net.added:
                self._note(self._added, self._removed, subject, predicate, target)

    def _below(self, target: Term, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        """Who points at a term in the base."""
        whole = self._whole.get(target) if predicate != RDF_TYPE else None
        if whole is not None:
            if predicate is not None:
                return whole.get(predicate, ())[:limit]
            return list(dict.fromkeys(subject for subjects in whole.values() for subject in subjects))[:limit]
        if predicate is not None and predicate != RDF_TYPE:
            asked, found = self._sources.get((target, None), (0, ()))
            if asked and not found:
                return ()
        asked, found = self._sources.get((target, predicate), (0, ()))
        if asked < limit and (len(found) == asked):
            found = self._base.sources(target, predicate, limit)
            self._sources[target, predicate] = limit, found
        return found[:limit]

    def _still_points(self, subject: Iri, predicate: Iri | None, target: Term) -> bool:
        resource = self.resources([subject]).get(subject)
        if resource is None:
            return False
        if predicate is not None:
            return target in resource.values(predicate)
        return any(target in values for said, values in resource.statements.items() if said != RDF_TYPE)

    @staticmethod
    def _of(index: Mapping[Term, Mapping[Iri, Mapping[Iri, None]]], target: Term, predicate: Iri | None) -> list[Iri]:
        by_predicate = index.get(target, {})
        if predicate is not None:
            return list(by_predicate.get(predicate, ()))
        return [subject for said, subjects in by_predicate.items() if said != RDF_TYPE for subject in subjects]

    @staticmethod
    def _note(
        into: dict[Term, dict[Iri, dict[Iri, None]]],
        out_of: dict[Term, dict[Iri, dict[Iri, None]]],
        subject: Iri,
        predicate: Iri,
        target: Term,
    ) -> None:
        out_of.get(target, {}).get(predicate, {}).pop(subject, None)
        into.setdefault(target, {}).setdefault(predicate, {})[subject] = None


def _successor(iri: Iri, before: Resource | None, says: dict[Iri, list[Term]], time: str) -> Resource | None:
    if not says:
        return None
    if before is None:
        return Resource(iri, says, 1, time, time)
    return Resource(iri, says, before.revision + 1, before.created_at, time)
