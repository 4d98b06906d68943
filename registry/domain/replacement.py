"""Another IRI for a resource whose IRI was mistyped: what it says and every link to it move, and an alias stays."""

from __future__ import annotations

from collections.abc import Sequence

from registry.domain.change import Change, Event
from registry.domain.commands import ReplaceIri
from registry.domain.relationship import relationship_iri
from registry.domain.releases.release import Release
from registry.domain.resource import Resource
from registry.domain.view import View
from registry.errors import AlreadyExists, BadInput, TooLarge
from registry.rdf.terms import Iri, Literal, Statement
from registry.rdf.vocabulary import FORMER_IRI, RDF_TYPE, RELATIONSHIP, XSD_ANY_URI

MOST_LINKS = 10_000
"""So many resources may link to one that gets another IRI: all of them change in one write."""


def replaced(release: Release, view: View, command: ReplaceIri, resource: Resource) -> Change:
    """The change that gives a resource another IRI.

    Raises AlreadyExists where that is taken, BadInput for what is named after what it says, TooLarge for a hub.
    """
    old, new = resource.iri, command.iri
    if old == new:
        raise BadInput(f"{old} has this IRI already", argument="to")
    if RELATIONSHIP in resource.classes:
        raise BadInput(f"the IRI of {old} follows from the link that it describes: link anew", argument="from")
    if view.resources([new]) or release.model.defines(new):
        raise AlreadyExists(f"{new} is there already", iri=new, argument="to")
    moved = _Moved(view, old, new)
    removed, added = moved.statements()
    alias: Statement = (new, FORMER_IRI, Literal(old, XSD_ANY_URI))
    return Change(
        removed=tuple(removed),
        added=(*added, alias),
        expected={} if command.expected_revision is None else {old: command.expected_revision},
        events=(Event("IriReplaced", new, {"from": old, "to": new}),),
    )


def successor(view: View, iri: Iri) -> Iri | None:
    """The resource that had an IRI before it got another one; to be asked where nothing has it any more."""
    return next(iter(view.sources(Literal(iri, XSD_ANY_URI), FORMER_IRI, 1)), None)


class _Moved:
    """IRIs that become others: the one that was asked for, and those of relationships beside links that it has."""

    def __init__(self, view: View, old: Iri, new: Iri) -> None:
        self._view = view
        self._new: dict[Iri, Iri] = {old: new}
        self._touched: dict[Iri, Resource] = {}
        waiting = [old]
        while waiting:
            waiting += self._beside(waiting.pop())

    def statements(self) -> tuple[list[Statement], list[Statement]]:
        """What goes, and what comes in its place."""
        removed: list[Statement] = []
        added: list[Statement] = []
        for resource in self._touched.values():
            for subject, predicate, target in resource.triples():
                after = self._of(subject), predicate, self._of(target) if isinstance(target, str) else target
                if after != (subject, predicate, target):
                    removed.append((subject, predicate, target))
                    added.append(after)
        return removed, added

    def _of(self, iri: Iri) -> Iri:
        return self._new.get(iri, iri)

    def _beside(self, iri: Iri) -> list[Iri]:
        """Note who links to an IRI that goes, and the relationships whose IRIs go with it."""
        sources = self._view.sources(iri, None, MOST_LINKS + 1)
        if len(sources) > MOST_LINKS or len(self._touched) > MOST_LINKS:
            raise TooLarge(
                f"more than {MOST_LINKS:,} resources link to {iri}, and one write changes no more: "
                "register it anew and move the links in parts",
                limit=MOST_LINKS, argument="from",
            )  # fmt: skip
        found = self._view.resources([iri, *sources])
        self._touched.update(found)
        links = [
            (one.iri, predicate, target)
            for one in found.values()
            for predicate, targets in one.statements.items()
            if predicate != RDF_TYPE
            for target in targets
            if isinstance(target, str) and iri in (one.iri, target)
        ]
        return self._relationships(links)

    def _relationships(self, links: Sequence[tuple[Iri, Iri, Iri]]) -> list[Iri]:
        by_iri = {relationship_iri(*link): link for link in links}
        known = [iri for iri in self._view.resources(by_iri) if iri not in self._new]
        for iri in known:
            subject, predicate, target = by_iri[iri]
            self._new[iri] = relationship_iri(self._new.get(subject, subject), predicate, self._new.get(target, target))
        return known
