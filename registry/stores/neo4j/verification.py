"""Whether a graph agrees with its log, its names and its search rows: what somebody changed by hand is found here."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice

import orjson

from registry.domain.resource import Resource
from registry.rdf.terms import Iri, Statement
from registry.stores.neo4j import keys, nodes
from registry.stores.neo4j.connection import Connection
from registry.stores.neo4j.naming import Names
from registry.stores.neo4j.reading import Reading

_PAGE = 500
_MOST_TOLD = 20


class Verification:
    """Reads everything, while nobody writes: a write in between looks like a change by hand."""

    def __init__(self, connection: Connection, reading: Reading, names: Names) -> None:
        self._connection = connection
        self._reading = reading
        self._names = names
        self._expected: dict[Iri, int] = {}
        self._revisions: dict[Iri, int] = {}
        self._counts = Counter[str]()

    def faults(self) -> list[str]:
        """What is wrong, one line each, the first few."""
        return list(islice(self._all(), _MOST_TOLD))

    def _all(self) -> Iterator[str]:
        yield from (str(row[0]) for row in self._connection.ask("strangers", {"limit": _MOST_TOLD}))
        yield from self._of_log()
        yield from self._of_nodes()
        for iri, rest in self._expected.items():
            if rest:
                yield f"{iri} is gone, or says nothing any more, and the log says that it does"
        rows = self._connection.ask("count-rows", {})[0]
        worth = (self._counts["keys"], self._counts["resources"])
        for what, there, expected in zip(("_Key", "_Words"), rows, worth, strict=True):
            if there != expected:
                yield f"there are {there:,} rows {what} to search by, and the resources are worth {expected:,}"
        told = self._connection.ask("statistics", {})[0]
        for what, count in zip(("resources", "links", "statements", "entries"), told, strict=False):
            if count != self._counts[what]:
                yield f"the record counts {count:,} {what}, and has {self._counts[what]:,}"

    def _of_log(self) -> Iterator[str]:
        """The log has no gap; on the way, what it comes to is kept as a sum for each resource."""
        after = 0
        while entries := self._reading.entries(after, _PAGE):
            for entry in entries:
                if entry.position != after + 1:
                    yield f"the log goes on from position {after:,} with {entry.position:,}"
                after = entry.position
                for statement in entry.removed:
                    self._expected[statement[0]] = self._expected.get(statement[0], 0) - _weight(statement)
                for statement in entry.added:
                    self._expected[statement[0]] = self._expected.get(statement[0], 0) + _weight(statement)
                self._revisions.update(entry.revisions)
        self._counts["entries"] = after

    def _of_nodes(self) -> Iterator[str]:
        after = ""
        while rows := self._connection.ask("nodes", {"after": after, "limit": _PAGE}):
            found = self._reading.decoded(row[:3] for row in rows)
            for labels, properties, links, there in rows:
                after = properties["iri"]
                yield from self._of_strangers(after, labels, properties, links)
                if after in found:
                    known = {(key, bool(more)) for key, more in there}
                    yield from self._of_resource(found[after], properties, known)

    def _of_strangers(
        self, iri: Iri, labels: list[str], properties: dict[str, object], links: list[list[str]]
    ) -> Iterator[str]:
        for label in labels:
            if label != nodes.NODE and self._names.of_name(label) is None:
                yield f"{iri} has the label {label!r}, which is outside the name map"
        for key in properties:
            if key not in nodes.OWN and self._names.of_name(key) is None:
                yield f"{iri} has the property {key!r}, which is outside the name map"
        for kind in dict.fromkeys(link[0] for link in links):
            if self._names.of_type(kind) is None:
                yield f"{iri} has a relationship {kind!r}, which is outside the name map"

    def _of_resource(
        self, resource: Resource, properties: dict[str, object], there: set[tuple[str, bool]]
    ) -> Iterator[str]:
        iri, statements = resource.iri, list(resource.triples())
        self._counts["resources"] += 1
        self._counts["statements"] += len(statements)
        self._counts["links"] += sum(1 for _, _, target in statements if isinstance(target, str))
        if self._expected.pop(iri, 0) != sum(map(_weight, statements)):
            yield f"{iri} says something else than the log"
        elif self._revisions.get(iri) != resource.revision:
            yield f"{iri} is at revision {resource.revision}, and the log says {self._revisions.get(iri)}"
        else:
            expected = nodes.encoded(resource, self._names)
            own = {key: value for key, value in properties.items() if key in nodes.OWN or self._names.of_name(key)}
            if _comparable(own) != _comparable(expected.properties):
                yield f"{iri} has values that its shadow does not agree with"
        rows = {tuple(row) for row in keys.rows_of(resource, self._names)}
        self._counts["keys"] += len(rows)
        if rows != there:
            yield f"{iri} is listed and searched by other values than it has"


def _comparable(properties: Mapping[str, object]) -> str:
    """Properties as text, because NaN equals nothing and a time zone has many names; a shadow's keys have no order."""
    shadow = orjson.loads(str(properties.get("_rdf", "{}")))
    return repr(sorted((key, _plain(value)) for key, value in {**properties, "_rdf": sorted(shadow.items())}.items()))


def _plain(value: object) -> object:
    if isinstance(value, list):
        return [_plain(single) for single in value]
    iso_format = getattr(value, "iso_format", None)
    return value if iso_format is None else iso_format()


def _weight(statement: Statement) -> int:
    """A number that a statement shares with no other, so that sums tell sets of statements apart."""
    return int.from_bytes(hashlib.sha256(repr(statement).encode("utf-8", "surrogatepass")).digest()[:16])
