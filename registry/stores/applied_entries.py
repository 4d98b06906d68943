"""What entries make of the resources they touch, the same in every store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from registry.domain.change import Entry
from registry.domain.resource import NOTHING, Resource
from registry.rdf.terms import Iri, Term

Changed = Mapping[Iri, Mapping[Iri, None]]
"""Predicates by subject. Values of others are the same before and after."""


def changed_by(entries: Sequence[Entry]) -> Changed:
    """The predicates that entries speak of, by their subjects."""
    changed: dict[Iri, dict[Iri, None]] = {}
    for entry in entries:
        for statements in (entry.removed, entry.added):
            for subject, predicate, _ in statements:
                found = changed.get(subject)
                if found is None:
                    changed[subject] = {predicate: None}
                else:
                    found[predicate] = None
    return changed


def aftermath(before: Mapping[Iri, Resource], entries: Sequence[Entry], changed: Changed) -> dict[Iri, Resource]:
    """Every touched resource as the entries leave it; one that says nothing any more has no statements."""
    after: dict[Iri, Resource] = {}
    says: dict[Iri, dict[Iri, list[Term]]] = {}
    for entry in entries:
        for iri, revision in entry.revisions.items():
            was = after.get(iri) or before.get(iri) or Resource(iri, NOTHING, 0, entry.time, entry.time)
            if iri not in says:
                stated = says[iri] = dict(was.statements)  # type: ignore[arg-type]
                # Only what changes is written to; the rest is the list that the resource had before.
                for predicate in changed.get(iri, ()):
                    if predicate in stated:
                        stated[predicate] = list(stated[predicate])
            # A resource that is gone keeps a number, so that its identifier is never minted again.
            after[iri] = Resource(iri, says[iri], revision or was.revision + 1, was.created_at, entry.time)
        for subject, predicate, target in entry.removed:
            says[subject][predicate].remove(target)
            if not says[subject][predicate]:
                del says[subject][predicate]
        for subject, predicate, target in entry.added:
            says[subject].setdefault(predicate, []).append(target)
    return after
