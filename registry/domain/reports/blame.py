"""Which of several commands brought a violation: the one that changed what the shape looked at."""

from __future__ import annotations

from registry.domain.change import Origins
from registry.domain.view import View
from registry.rdf.terms import is_blank
from registry.shacl.reports.graph import Violation

MOST_LOOKED_AT = 200
"""Resources around a focus among which a changed one is looked for; shapes seldom look further."""

_SOURCES = 20


def blamed(origins: Origins, view: View, violation: Violation) -> int | None:
    """The place of the command, from 0; None where none of them changed anything near.

    What the path starts with counts most, then the focus, the value, and then whatever is linked to the focus, the
    nearest first.
    """
    path = violation.path
    predicate = path[1:-1] if path.startswith("<") and path.find(">") == len(path) - 1 else ""
    found = origins.of(violation.focus, predicate)
    if found is None:
        found = origins.of(violation.value)
    if found is not None or not isinstance(violation.focus, str):
        return found
    level, seen = [violation.focus], {violation.focus}
    while level and len(seen) < MOST_LOOKED_AT:
        there = view.resources(level)
        near = [
            target
            for resource in there.values()
            for targets in resource.statements.values()
            for target in targets
            if isinstance(target, str)
        ]
        near += [source for iri in level for source in view.sources(iri, None, _SOURCES)]
        level = []
        for iri in near:
            if iri in seen or len(seen) >= MOST_LOOKED_AT:
                continue
            seen.add(iri)
            found = None if is_blank(iri) else origins.of(iri)
            if found is not None:
                return found
            level.append(iri)
    return None
