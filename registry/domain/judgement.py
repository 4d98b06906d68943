"""Whether a change may be stored: the shapes of the release and the rules that hold for every model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from registry.domain.change import Guard
from registry.domain.integrity import STILL_REFERRED_TO, beside, faults, malformed, outdated
from registry.domain.overlay import Net
from registry.domain.releases.release import Release
from registry.domain.view import View
from registry.errors import TooLarge
from registry.ontology.model import Model
from registry.rdf.terms import Iri, Term
from registry.shacl.reports.graph import Violation
from registry.shacl.times import Times

FAN_OUT = 10_000
"""The most neighbours that checking one write may look at through one predicate."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a change would bring: ``refusals`` stop it, ``warnings`` are told and stored with it."""

    refusals: Sequence[Violation] = ()
    warnings: Sequence[Violation] = ()


class JudgedGraph:
    """A view as the validator reads it; terms of the model are there too, though no resource holds them."""

    def __init__(self, view: View, model: Model) -> None:
        self._view = view
        self._statements_of = model.statements_of
        self.superclasses = model.superclasses

    def outgoing(self, node: Iri) -> Mapping[Iri, Sequence[Term]]:
        resource = self._view.resources((node,)).get(node)
        if resource is not None:
            return resource.statements
        return self._statements_of(node)

    def sources(self, target: Term, predicate: Iri, limit: int | None = None) -> Sequence[Iri]:
        if limit is not None and limit <= FAN_OUT:
            return self._view.sources(target, predicate, limit)
        found = self._view.sources(target, predicate, FAN_OUT + 1)
        if len(found) > FAN_OUT:
            raise TooLarge(
                f"too large for one write: more than {FAN_OUT:,} resources point at {target} with {predicate}; "
                "use a bulk job",
                limit=FAN_OUT,
            )
        return found

    def is_pointed_at(self, node: Iri) -> bool:
        return bool(self._view.sources(node, None, 1))


def judge(release: Release, before: View, after: View, net: Net, guards: Iterable[Guard] = ()) -> Verdict:
    """Judge a net change by the state after it. Raises TooLarge where a write would look at too much.

    A fault that already stood before the change does not count against it, so a resource that was legal once can
    still be worked on.
    """
    earlier, later = JudgedGraph(before, release.model), JudgedGraph(after, release.model)
    found = release.shapes.new_results(earlier, later, net)
    for guard in guards:
        found.extend(release.shapes.check_shape(later, guard.focus, guard.shape))
    # Integrity looks at what is added and removed, so whatever it finds is new.
    found.extend(beside(found, faults(release.model, after, net)))
    found.extend(outdated(release.model, net.added))
    if not found:
        return Verdict()
    # What is gone and still led to comes first: shapes that miss it at the other end only follow from that.
    found.sort(key=lambda violation: violation.component != STILL_REFERRED_TO)
    found = list({violation.key(): violation for violation in found}.values())
    return Verdict([v for v in found if v.severity.refuses], [v for v in found if not v.severity.refuses])


def owed(release: Release, view: View, iri: Iri, times: Times | None = None) -> list[Violation]:
    """Everything that stands against a resource as it is: what a write that brought it would have been told.

    ``times`` notes how long each shape took.
    """
    resource = view.resources((iri,)).get(iri)
    net = Net(added=() if resource is None else tuple(resource.triples()))
    found = release.shapes.check_focus(JudgedGraph(view, release.model), iri, times)
    integrity = beside(found, faults(release.model, view, net))
    return [*found, *malformed(net.added), *integrity, *outdated(release.model, net.added)]
