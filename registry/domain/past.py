"""A resource as it was: what the log says happened since, undone."""

from __future__ import annotations

from collections.abc import Sequence

from registry.domain.change import Entry, Position
from registry.domain.resource import Resource
from registry.rdf.terms import Iri, Term


def as_of(position: Position, iri: Iri, now: Resource | None, history: Sequence[Entry]) -> Resource | None:
    """The resource right after the entry at ``position``; None where there was none.

    ``history`` holds the entries that touched it, the latest first, down to the last one that is not later.
    """
    later = [entry for entry in history if entry.position > position]
    if not later:
        return now
    last = next((entry for entry in history if entry.position <= position), None)
    revision = last.revisions.get(iri, 0) if last is not None else 0
    if last is None or revision == 0:
        return None
    says: dict[Iri, list[Term]] = {p: list(v) for p, v in now.statements.items()} if now is not None else {}
    for entry in later:
        for subject, predicate, value in entry.added:
            if subject == iri:
                says[predicate].remove(value)
        for subject, predicate, value in entry.removed:
            if subject == iri:
                says.setdefault(predicate, []).append(value)
    created = now.created_at if now is not None and now.revision > revision else ""
    return Resource(iri, {p: v for p, v in says.items() if v}, revision, created or last.time, last.time)
