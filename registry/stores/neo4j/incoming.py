"""Who points at resources: any number of questions as one, each answered by predicate and subject."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from registry.domain.find import Incoming
from registry.rdf.terms import Iri, Statement
from registry.stores.neo4j.naming import Names
from registry.stores.neo4j.reading import Asking, NameSource, possible, settled

Found = Sequence[Mapping[Iri, Sequence[Statement]]]


class Pointing:
    """Predicates go to the server as their places in code point order: it compares texts that come with a question
    in another order.
    """

    def __init__(self, ask: Asking, names: NameSource) -> None:
        self._ask = ask
        self._names = names

    def each(self, asked: Sequence[Incoming]) -> Found:
        """What each question finds, in one round trip."""
        targets = [possible(one.targets) for one in asked]
        if not any(targets):
            return [{} for _ in asked]
        return settled(self._names, lambda names: self._each(asked, targets, names))

    def counts(self, targets: Iterable[Iri], predicate: Iri | None) -> Mapping[Iri, int]:
        """How many links point at each of these."""
        asked = possible(targets)
        return settled(self._names, lambda names: self._counts(asked, predicate, names)) if asked else {}

    def _each(self, asked: Sequence[Incoming], targets: Sequence[Sequence[Iri]], names: Names) -> Found | None:
        predicates = [_counting(one.predicate, names) for one in asked]
        questions = [
            {"number": number, "targets": ends, "limit": one.limit, **_places(predicates[number], one.after, names)}
            for number, (one, ends) in enumerate(zip(asked, targets, strict=True))
        ]
        values = {"asked": questions, "most": max(one.limit for one in asked), "iri": "iri"}
        version, rows = self._ask("incoming", values)[0]
        if version != names.version:
            return None
        found: list[dict[Iri, Sequence[Statement]]] = [{} for _ in asked]
        for number, target, sources in rows:
            found[number][target] = [(subject, predicates[number][place], target) for place, subject in sources]
        return found

    def _counts(self, targets: Sequence[Iri], predicate: Iri | None, names: Names) -> Mapping[Iri, int] | None:
        places = _places(_counting(predicate, names), None, names)["places"]
        version, rows = self._ask("incoming-counts", {"targets": targets, "places": places})[0]
        return None if version != names.version else {str(target): int(count) for target, count in rows}


def _counting(predicate: Iri | None, names: Names) -> list[Iri]:
    """The predicates whose links count, in order."""
    if predicate is None:
        return sorted(iri for iri, _ in names.items())
    return [] if names.get(predicate) is None else [predicate]


def _places(predicates: Sequence[Iri], after: tuple[Iri, Iri] | None, names: Names) -> dict[str, Any]:
    """The place of each relationship type, and that of the link to start behind."""
    predicate, subject = after or ("", "")
    place = bisect_left(predicates, predicate)
    is_one = predicate in predicates[place : place + 1]
    # What is no predicate here has its place between two that are.
    return {
        "places": {name.type: at for at, iri in enumerate(predicates) if (name := names.get(iri)) is not None},
        "after_place": float(place) if is_one else place - 0.5,
        "after_subject": subject,
    }
