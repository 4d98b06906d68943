"""Random selections, as text and as data."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.graphql.typed.worlds import WORDS, Property, Spec


@dataclass(frozen=True)
class Selected:
    """A field under an alias, or a fragment on the type ``name`` where there is no alias."""

    alias: str
    name: str
    property: Property | None = None
    inverse: bool = False
    arguments: dict[str, Any] = field(default_factory=dict)
    below: tuple[Selected, ...] = ()

    def __str__(self) -> str:
        inner = f" {{ {' '.join(map(str, self.below))} }}" if self.below else ""
        if not self.alias:
            return f"... on {self.name}{inner}"
        given = ", ".join(f"{name}: {written(value)}" for name, value in self.arguments.items())
        return f"{self.alias}: {self.name}{f'({given})' if given else ''}{inner}"


class Bare(str):
    """A word that is written without quotes."""


def written(value: Any) -> str:
    """A value in GraphQL."""
    if isinstance(value, Bare):
        return str(value)
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {written(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


class Selections:
    """Makes selections on the schema of one ontology."""

    def __init__(self, spec: Spec, chance: random.Random) -> None:
        self._spec = spec
        self._chance = chance
        self._numbers = itertools.count()

    def root(self) -> Selected:
        """A page of a class, or one of it."""
        name = self._chance.choice(list(self._spec.parents))
        one = name[0].lower() + name[1:]
        if self._chance.random() < 0.2:
            iri = f"urn:r:{self._chance.randrange(self._spec.resources):03}"
            return Selected(self._alias(), one, arguments={"iri": iri}, below=self._of(name, 3))
        arguments: dict[str, Any] = {"first": self._chance.choice([0, 2, 5, 50])}
        if self._chance.random() < 0.6:
            arguments["filter"] = self._filter(name, 2)
        numbers = [f for f, p, back in self._spec.fields(name) if p.kind in ("number", "word", "choice") and not back]
        if numbers and self._chance.random() < 0.5:
            arguments["orderBy"] = {self._chance.choice(numbers): Bare(self._chance.choice(["ASC", "DESC"]))}
        return Selected(self._alias(), one + "s", arguments=arguments, below=self._page(name, 3))

    def _alias(self) -> str:
        return f"f{next(self._numbers)}"

    def _page(self, name: str, depth: int) -> tuple[Selected, ...]:
        nodes = Selected("nodes", "nodes", below=self._of(name, depth - 1))
        parts = [nodes]
        if self._chance.random() < 0.3:
            below = (Selected("iri", "iri"), Selected("node", "node", below=(Selected("iri", "iri"),)))
            parts.append(Selected("edges", "edges", below=below))
        if self._chance.random() < 0.3:
            parts.append(Selected("totalCount", "totalCount"))
        if self._chance.random() < 0.3:
            parts.append(Selected("pageInfo", "pageInfo", below=(Selected("hasNextPage", "hasNextPage"),)))
        plain = [f for f, p, back in self._spec.fields(name) if not back and p.kind in ("word", "choice", "truth")]
        if self._chance.random() < 0.2:
            by = self._chance.choice([*plain, "class"])
            below = (Selected("value", "value"), Selected("count", "count"))
            parts.append(Selected("groups", "groups", arguments={"by": Bare(by)}, below=below))
        return tuple(parts)

    def _of(self, name: str, depth: int) -> tuple[Selected, ...]:
        found = [Selected("iri", "iri"), *([Selected("t", "__typename")] if self._chance.random() < 0.5 else [])]
        fields = self._spec.fields(name)
        for field_name, p, back in self._chance.sample(fields, min(len(fields), self._chance.randint(1, 4))):
            found.extend(self._field(field_name, p, back, depth))
        below = [other for other in self._spec.parents if other != name and name in self._spec.above(other)]
        if below and depth > 0 and self._chance.random() < 0.3:
            other = self._chance.choice(below)
            found.append(Selected("", other, below=self._of(other, depth - 1)))
        return tuple(found)

    def _field(self, name: str, p: Property, back: bool, depth: int) -> Iterator[Selected]:
        if p.kind != "link":
            wanted = {"language": self._chance.choice([["de"], ["en", "de"], ["fr"]])}
            given = wanted if p.kind == "text" and self._chance.random() < 0.5 else {}
            yield Selected(self._alias(), name, p, back, given)
        elif depth > 0:
            target = p.domain if back else p.target
            if p.single and not back:
                yield Selected(self._alias(), name, p, back, below=self._of(target, depth - 1))
            else:
                first = {"first": self._chance.choice([1, 3, 20])}
                yield Selected(self._alias(), name, p, back, first, self._page(target, depth))

    def _filter(self, name: str, depth: int) -> dict[str, Any]:
        choice = self._chance.random()
        if depth > 0 and choice < 0.25:
            word = self._chance.choice(["and", "or"])
            return {word: [self._filter(name, depth - 1) for _ in range(self._chance.randint(1, 2))]}
        if depth > 0 and choice < 0.35:
            return {"not": self._filter(name, depth - 1)}
        field_name, p, back = self._chance.choice(self._spec.fields(name))
        return {field_name: self._compared(p, back, depth)}

    def _compared(self, p: Property, back: bool, depth: int) -> dict[str, Any]:
        chance = self._chance
        if p.kind == "link":
            if depth == 0 or chance.random() < 0.3:
                return {"exists": chance.random() < 0.5}
            return {chance.choice(["some", "none", "every"]): self._filter(p.domain if back else p.target, depth - 1)}
        if chance.random() < 0.2:
            return {"exists": chance.random() < 0.5}
        if p.kind == "number":
            return {chance.choice(["eq", "ne", "lt", "lte", "gt", "gte"]): chance.choice([-3, 0, 7, 2**31])}
        if p.kind == "choice":
            return self._one_of([Bare(word) for word in WORDS])
        return self._one_of([True, False] if p.kind == "truth" else ["a", "b", "one", "odd"])

    def _one_of(self, values: Sequence[Any]) -> dict[str, Any]:
        word = self._chance.choice(["eq", "ne", "in"])
        return {word: [self._chance.choice(values)] if word == "in" else self._chance.choice(values)}
