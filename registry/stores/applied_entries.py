"""What entries make of the resources they touch, the same in every store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from registry.domain.change import Entry
from registry.domain.resource import NOTHING, Resource
from registry.rdf.terms import Iri, Term


def aftermath(before: Mapping[Iri, Resource], entries: Sequence[Entry]) -> dict[Iri, Resource]:
    """Every touched resource as the entries leave it; one that says nothing any more has no statements."""
    after: dict[Iri, Resource] = {}
    says: dict[Iri, dict[Iri, list[Term]]] = {}
    for entry in entries:
        for iri, revision in entry.revisions.items():
            was = after.get(iri) or before.get(iri) or Resource(iri, NOTHING, 0, entry.time, entry.time)
            if iri not in says:
                says[iri] = {predicate: list(values) for predicate, values in was.statements.items()}
            # A resource that is gone keeps a number, so that its identifier is never minted again.
            after[iri] = Resource(iri, says[iri], revision or was.revision + 1, was.created_at, entry.time)
        for subject, predicate, target in entry.removed:
            says[subject][predicate].remove(target)
            if not says[subject][predicate]:
                del says[subject][predicate]
        for subject, predicate, target in entry.added:
            says[subject].setdefault(predicate, []).append(target)
    return after
