"""What a selection must answer, said a second time and naively: every statement looked at, in plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from registry.domain.resource import Resource
from registry.rdf.terms import Iri, Literal, Term
from registry.rdf.vocabulary import RDF_TYPE, XSD_BOOLEAN, XSD_INTEGER
from tests.graphql.typed.selections import Selected
from tests.graphql.typed.worlds import NS, WORDS, Property, Spec
from tests.stores.oracle import Rank, rank

Path = tuple[str | int, ...]


class Faulty(Exception):
    """A stored value that its field has no place for."""


class Reference:
    """Answers selections on one world; ``faults`` collects the paths of the errors."""

    def __init__(self, spec: Spec, world: Mapping[Iri, Resource]) -> None:
        self._spec = spec
        self._world = world
        self.faults: list[Path] = []

    def answer(self, root: Selected) -> dict[str, Any]:
        """The data of a whole request."""
        name = next(n for n in self._spec.parents if root.name in (low := n[0].lower() + n[1:], low + "s"))
        if "iri" in root.arguments:
            found = self._world.get(root.arguments["iri"])
            shown = found and self.kind(found, name) and self._object(found, name, root.below, (root.alias,))
            return {root.alias: shown or None}
        where = root.arguments.get("filter", {})
        members = [r for r in self._world.values() if self.kind(r, name) and self._holds(where, r, name)]
        ordered = self._ordered(members, root.arguments.get("orderBy", {}))
        first = root.arguments["first"]
        page = [(r.iri, r) for r in ordered[:first]]
        return {root.alias: self._page(name, root.below, page, len(ordered) > first, ordered, (root.alias,))}

    def kind(self, resource: Resource, expected: str) -> str | None:
        """The most special class of a resource, at or below the one that is expected."""
        asserted = [term.removeprefix(NS) for term in resource.classes]
        every = {above for name in asserted for above in self._spec.above(name) if expected in self._spec.above(above)}
        least = [n for n in every if not any(n != other and n in self._spec.above(other) for other in every)]
        return min(least, default=None)

    def _object(self, resource: Resource, name: str, below: Sequence[Selected], path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for selected in below:
            at = (*path, selected.alias)
            if not selected.alias:
                own = self.kind(resource, name)
                if own is not None and selected.name in self._spec.above(own):
                    found |= self._object_again(resource, own, selected, path)
            elif selected.name == "__typename":
                own = self.kind(resource, name)
                has_below = any(own in self._spec.above(other) and own != other for other in self._spec.parents)
                found[selected.alias] = f"Plain{own}" if has_below else own
            elif selected.property is None:
                found[selected.alias] = resource.iri
            else:
                found[selected.alias] = self._guarded(at, partial(self._field, resource, name, selected, at))
        return found

    def _object_again(self, resource: Resource, own: str, selected: Selected, path: Path) -> dict[str, Any]:
        """The fields of a fragment; what stands in it twice is the same."""
        told = self._object(resource, own, [s for s in selected.below if s.name != "__typename"], path)
        names = [s for s in selected.below if s.name == "__typename"]
        return {**told, **{s.alias: self._object(resource, own, [s], path)[s.alias] for s in names}}

    def _guarded(self, path: Path, made: Callable[[], Any]) -> Any:
        try:
            return made()
        except Faulty:
            self.faults.append(path)
            return None

    def _field(self, resource: Resource, name: str, selected: Selected, path: Path) -> Any:
        p, back = selected.property, selected.inverse
        assert p is not None
        if p.kind == "link":
            return self._link(resource, p, back, selected, path)
        values = list(resource.values(p.iri))
        wanted = selected.arguments.get("language")
        texts = p.kind in ("word", "text")
        if texts and values and (p.single or wanted):
            values = preferred(values, wanted or ["en"])
        if p.single:
            only = self._only(values, p.required)
            return None if only is None else read(p, only)
        return [self._guarded((*path, n), partial(read, p, value)) for n, value in enumerate(values)]

    def _link(self, resource: Resource, p: Property, back: bool, selected: Selected, path: Path) -> Any:
        ends = self._ends(resource, p, back)
        target = p.domain if back else p.target
        if p.single and not back:
            iri = self._only(ends, p.required)
            return None if iri is None else self._end(iri, target, selected.below, path)
        first = selected.arguments["first"]
        page = [(iri, self._world.get(iri)) for iri in ends[:first]]
        every = [self._world[iri] for iri in ends if iri in self._world]
        told = self._page(target, selected.below, page, len(ends) > first, every, path)
        return {**told, **({"totalCount": len(ends)} if "totalCount" in told else {})}

    def _ends(self, resource: Resource, p: Property, back: bool) -> list[Iri]:
        """What a link leads to, whichever end states it."""
        stated, inverse = p.iri, NS + p.inverse if p.inverse else None
        out, coming = (inverse, stated) if back else (stated, inverse)
        found = {term for term in resource.values(out or "") if isinstance(term, str)}
        if coming is not None:
            found |= {other.iri for other in self._world.values() if resource.iri in other.values(coming)}
        return sorted(found)

    def _end(self, iri: Iri, target: str, below: Sequence[Selected], path: Path) -> Any:
        found = self._world.get(iri)
        if found is None:
            return None
        if self.kind(found, target) is None:
            raise Faulty
        return self._object(found, target, below, path)

    def _page(
        self, name: str, below: Sequence[Selected], page: Sequence[tuple[Iri, Resource | None]], more: bool,
        every: Sequence[Resource], path: Path,
    ) -> dict[str, Any]:  # fmt: skip
        told: dict[str, Any] = {}
        for s in below:
            at = (*path, s.alias)
            if s.name == "nodes":
                told["nodes"] = [
                    self._guarded((*at, n), partial(self._end, iri, name, s.below, (*at, n)))
                    for n, (iri, _) in enumerate(page)
                ]
            elif s.name == "edges":
                told["edges"] = [self._edge(iri, name, s.below[1].below, (*at, n)) for n, (iri, _) in enumerate(page)]
            elif s.name == "totalCount":
                told["totalCount"] = len(every)
            elif s.name == "pageInfo":
                told["pageInfo"] = {"hasNextPage": more}
            else:
                told["groups"] = groups(every, str(s.arguments["by"]))
        return told

    def _edge(self, iri: Iri, name: str, below: Sequence[Selected], path: Path) -> dict[str, Any]:
        at = (*path, "node")
        return {"iri": iri, "node": self._guarded(at, partial(self._end, iri, name, below, at))}

    @staticmethod
    def _only(values: Sequence[Any], required: bool) -> Any:
        if len(values) > 1 or (required and not values):
            raise Faulty
        return values[0] if values else None

    def _ordered(self, members: list[Resource], order: Mapping[str, str]) -> list[Resource]:
        if not order:
            return sorted(members, key=lambda r: (r.name, r.iri))
        ((name, way),) = order.items()
        having = [r for r in members if r.values(NS + name)]
        lacking = sorted((r for r in members if not r.values(NS + name)), key=lambda r: r.iri)
        having.sort(key=lambda r: (min(least(r.values(NS + name))), r.iri), reverse=way == "DESC")
        return having + lacking

    def _holds(self, where: Mapping[str, Any], resource: Resource, name: str) -> bool:
        for word, given in where.items():
            if word == "not":
                held = not self._holds(given, resource, name)
            elif word in ("and", "or"):
                held = (all if word == "and" else any)(self._holds(one, resource, name) for one in given)
            else:
                p, back = next((p, back) for found, p, back in self._spec.fields(name) if found == word)
                held = self._compares(p, back, given, resource)
            if not held:
                return False
        return True

    def _compares(self, p: Property, back: bool, given: Mapping[str, Any], resource: Resource) -> bool:
        ((word, value),) = given.items()
        if p.kind != "link":
            return compares(p, word, value, resource.values(p.iri))
        ends = [self._world[iri] for iri in self._ends(resource, p, back) if iri in self._world]
        if word == "exists":
            return bool(ends) is value
        target = p.domain if back else p.target
        held = [self._holds(value, end, target) for end in ends]
        return {"some": any(held), "none": not any(held), "every": all(held)}[word]


def read(p: Property, term: Term) -> Any:
    """A stored term as JSON. Raises Faulty for one that does not fit."""
    if not isinstance(term, Literal):
        raise Faulty
    if p.kind == "number" and term.datatype == XSD_INTEGER and term.lexical.lstrip("-").isdigit():
        number = int(term.lexical)
        return number if abs(number) < 2**53 else str(number)
    if p.kind == "truth" and term.datatype == XSD_BOOLEAN:
        return term.lexical in ("true", "1")
    if p.kind == "choice" and term.lexical in WORDS and not term.language:
        return term.lexical
    if p.kind in ("word", "text") and term.datatype.endswith(("#string", "#langString")):
        return term.lexical
    raise Faulty


def preferred(values: Sequence[Term], wanted: Sequence[str]) -> list[Term]:
    """The values in the first wanted language, otherwise those without, otherwise of the first tag there is."""
    tags = [value.language.lower() if isinstance(value, Literal) else "" for value in values]
    for language in wanted:
        fitting = [tag for tag in tags if tag == language] or sorted(t for t in tags if t.startswith(language + "-"))
        if fitting:
            return [value for value, tag in zip(values, tags, strict=True) if tag == fitting[0]]
    chosen = "" if "" in tags else min(tags)
    return [value for value, tag in zip(values, tags, strict=True) if tag == chosen]


def least(values: Sequence[Term]) -> list[Rank]:
    """The places of literals, or of links where there are no others."""
    literals = [rank(value) for value in values if isinstance(value, Literal)]
    return literals or [rank(value) for value in values]


def compares(p: Property, word: str, value: Any, values: Sequence[Term]) -> bool:
    """Whether some value compares so; for ``ne``, whether none is equal."""
    if word == "exists":
        return bool(values) is value
    given = value if word == "in" else [value]
    wanted = [(0, int(v)) if p.kind == "truth" else (1, v) if p.kind == "number" else (3, v) for v in given]
    found = [rank(term) for term in values]
    if word == "ne":
        return wanted[0] not in found
    if word in ("eq", "in"):
        return any(one in wanted for one in found)
    same = [one for one in found if one[0] == wanted[0][0]]
    return any(
        {"lt": one < wanted[0], "lte": one <= wanted[0], "gt": one > wanted[0], "gte": one >= wanted[0]}[word]
        for one in same
    )


def groups(every: Sequence[Resource], by: str) -> list[dict[str, Any]]:
    """How many have each value, the most frequent first."""
    counts: Counter[Rank | None] = Counter()
    for resource in every:
        ranks: set[Rank | None] = {rank(term) for term in resource.values(RDF_TYPE if by == "class" else NS + by)}
        counts.update(ranks or {None})
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0] is None, pair[0] or (0, 0)))
    return [{"value": None if at is None else bool(at[1]) if at[0] == 0 else at[1], "count": n} for at, n in ordered]
