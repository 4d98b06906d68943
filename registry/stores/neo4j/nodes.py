"""A resource as a node and its relationships, and back: readable first, and never less than what was said.

Classes are labels, links are relationships, literals are native properties. Where reading these back would not give
the very terms in their order, the property ``_rdf`` holds them: a JSON object of the property keys concerned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from registry.domain.resource import NOTHING, Resource
from registry.rdf.terms import Iri, Literal, Term, local_name
from registry.rdf.vocabulary import RDF_TYPE
from registry.stores.index_entries import name_key
from registry.stores.neo4j.naming import Names
from registry.stores.neo4j.natives import as_literal, kind_of, native, reading_of, usual
from registry.stores.ordering import text_key

NODE = "_Node"
"""The label of everything that has an IRI."""

OWN = ("iri", "name", "_revision", "_created", "_updated", "_rdf", "_types")
"""Properties that are the registry's own; all others are named by the name map."""

Link = tuple[str, Iri, int]
"""Type, target, and a number that grows with time, by which several links of a type are ordered."""


class Part(NamedTuple):
    """The property that the literals of a predicate make, and its share of the shadow: terms, and how many differ."""

    key: str
    value: Any
    shadow: Sequence[Term] | None
    shadows: int


@dataclass(frozen=True, slots=True)
class Node:
    """What a node holds: ``own`` are the registry's properties, ``parts`` those that are named by the name map."""

    resource: Resource
    labels: Sequence[str]
    own: Mapping[str, Any]
    parts: Mapping[Iri, Part]

    @property
    def properties(self) -> dict[str, Any]:
        """All of them."""
        return {**self.own, **{part.key: part.value for part in self.parts.values()}}

    @property
    def shadows(self) -> int:
        """How many values only ``_rdf`` tells exactly."""
        return sum(part.shadows for part in self.parts.values())

    def since(self, earlier: Node | None, changed: Iterable[Iri]) -> dict[str, Any]:
        """The properties to set, None to remove, where a node was like an earlier one but for some predicates."""
        if earlier is None:
            return self.properties
        news = {key: self.own.get(key) for key in OWN if self.own.get(key) != earlier.own.get(key)}
        for predicate in changed:
            if was := earlier.parts.get(predicate):
                news[was.key] = None
            if says := self.parts.get(predicate):
                news[says.key] = says.value
        return news


def encoded(resource: Resource, names: Names, earlier: Node | None = None) -> Node:
    """The node of a resource; all its predicates and classes have names. What an earlier node said alike is taken."""
    parts: dict[Iri, Part] = {}
    known = NOTHING if earlier is None else earlier.resource.statements
    for predicate, values in resource.statements.items():
        if earlier is not None and known.get(predicate) == values:
            part = earlier.parts.get(predicate)
        else:
            part = _part(predicate, values, names)
        if part is not None:
            parts[predicate] = part
    labels = [_name(names, found) for found in resource.classes]
    own = {
        "iri": resource.iri, "name": name_key(resource), "_revision": resource.revision,
        "_created": resource.created_at, "_updated": resource.updated_at,
    }  # fmt: skip
    if list(resource.classes) != sorted(resource.classes):
        own["_types"] = labels
    shadow = {part.key: part.shadow for part in parts.values() if part.shadow is not None}
    if shadow:
        own["_rdf"] = orjson.dumps(shadow, default=list).decode()
    return Node(resource, labels, own, parts)


def decoded(labels: Sequence[str], properties: Mapping[str, Any], links: Sequence[Link], names: Names) -> Resource:
    """The resource of a node. What the name map does not know is no statement, and left to `Store.verify`."""
    says: dict[Iri, list[Term]] = {}
    classes = [iri for label in labels if label != NODE and (iri := names.of_name(label)) is not None]
    if classes:
        order = list(properties.get("_types", ()))
        place = {iri: order.index(label) for label in order if (iri := names.of_name(label)) is not None}
        classes.sort(key=lambda iri: (place.get(iri, len(order)), iri))
        says[RDF_TYPE] = [*classes]
    for key, value in properties.items():
        predicate = None if key in OWN else names.of_name(key)
        if predicate is not None:
            says.setdefault(predicate, []).extend(_literals(predicate, value, names))
    for kind, target, _ in sorted(links, key=lambda link: link[2]):
        predicate = names.of_type(kind)
        if predicate is not None:
            says.setdefault(predicate, []).append(target)
    for key, values in orjson.loads(properties.get("_rdf", "{}")).items():
        predicate = names.of_name(key)
        if predicate is not None and key in properties:
            exact = [value if isinstance(value, str) else Literal(*value) for value in values]
            if predicate == RDF_TYPE:
                exact = [*classes, *(value for value in exact if isinstance(value, Literal))]
            says[predicate] = exact
    return Resource(
        properties["iri"], says, properties["_revision"], properties["_created"], properties["_updated"]
    )  # fmt: skip


def stub_name(iri: Iri) -> str:
    """What a node is called that links lead to and that says nothing itself."""
    return text_key(local_name(iri))


def knows(labels: Sequence[str], properties: Mapping[str, Any], links: Sequence[Link], names: Names) -> bool:
    """Whether the name map has everything that a node uses: where not, another process may have added to it."""
    if any(label != NODE and names.of_name(label) is None for label in labels):
        return False
    if any(names.of_type(kind) is None for kind, _, _ in links):
        return False
    for key, value in properties.items():
        if key in OWN:
            continue
        iri = names.of_name(key)
        name = names.get(iri) if iri is not None else None
        single = value[0] if isinstance(value, list) and value else value
        if name is None or kind_of(single) not in name.readings:
            return False
    return True


def _part(predicate: Iri, values: Sequence[Term], names: Names) -> Part | None:
    """The property of a predicate; None where it has links only."""
    literals = [value for value in values if isinstance(value, Literal)]
    if not literals:
        return None
    value, read_back = _native(predicate, literals, names)
    if read_back == (literals if predicate == RDF_TYPE else list(values)):
        return Part(_name(names, predicate), value, None, 0)
    differ = sum(1 for literal, read in zip(literals, read_back, strict=True) if literal != read)
    return Part(_name(names, predicate), value, list(values), differ)


def _native(predicate: Iri, literals: Sequence[Literal], names: Names) -> tuple[Any, list[Literal]]:
    """The property of some literals, and what it reads as. A list holds values of one kind only."""
    found = [native(literal) for literal in literals]
    kinds = {kind for kind, _ in found}
    if len(kinds) > 1:
        found = [native(Literal(literal.lexical)) for literal in literals]
    read: list[Literal] = []
    for literal, (kind, value) in zip(literals, found, strict=True):
        reading = names.reading(predicate, kind)
        if reading is None:
            reading = names.learn(predicate, kind, reading_of(literal, kind, value))
        read.append(as_literal(kind, value, reading))
    values = [value for _, value in found]
    return (values[0] if len(values) == 1 else values), read


def _literals(predicate: Iri, value: Any, names: Names) -> list[Literal]:
    name = names.get(predicate)
    readings = {} if name is None else name.readings
    found = []
    for single in value if isinstance(value, list) else [value]:
        kind = kind_of(single)
        if kind is not None:
            found.append(as_literal(kind, single, readings.get(kind) or usual(kind)))
    return found


def _name(names: Names, iri: Iri) -> str:
    found = names.get(iri)
    assert found is not None, iri
    return found.name
