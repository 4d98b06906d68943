"""Reads that the record and an open transaction share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol, TypeVar

from registry.domain.change import Entry, Position
from registry.domain.integrity.wellformed import LONGEST_IRI
from registry.domain.resource import Resource
from registry.errors import BadInput, StoreUnavailable
from registry.rdf.terms import Iri, Literal, Term
from registry.rdf.vocabulary import RDF_TYPE
from registry.stores.encoding import decode_entry
from registry.stores.neo4j import keys, nodes
from registry.stores.neo4j.connection import Answer, Values
from registry.stores.neo4j.naming import Name, Names
from registry.stores.ordering import sort_key

_BATCH = 200
_END = 2**62
_ATTEMPTS = 5
_Found = TypeVar("_Found")


class Asking(Protocol):
    """Where the answers come from: a session, or an open transaction."""

    def __call__(self, name: str, values: Values) -> Answer:
        """All rows of a named query."""


class NameSource(Protocol):
    """The names of the graph as they are known, and as they are now."""

    def known(self) -> Names:
        """What this process knows of the names."""

    def renewed(self) -> Names:
        """The names, read again: another process may have issued some."""


def settled(source: NameSource, ask: Callable[[Names], _Found | None]) -> _Found:
    """The answer to a question that is put in names: None where, by the version that came with it, there are others.

    Then a process has named something that the question may be about, and it is asked again; so what this process
    knows is used without asking for it first. Raises StoreUnavailable where the names do not come to rest.
    """
    for _ in range(_ATTEMPTS):
        found = ask(source.known())
        if found is not None:
            return found
        source.renewed()
    raise StoreUnavailable("the names of the graph change faster than they can be read: try again later")


class Reading:
    """The answers of one session or transaction."""

    def __init__(self, ask: Asking, names: NameSource) -> None:
        self._ask = ask
        self._names = names

    def resources(self, iris: Iterable[Iri]) -> Mapping[Iri, Resource]:
        """The resources that exist, in the order they were asked for."""
        asked = possible(iris)
        found = self.decoded(self._ask("resources", {"iris": asked})) if asked else {}
        return {iri: found[iri] for iri in asked if iri in found}

    def decoded(self, rows: Iterable[Sequence[Any]]) -> dict[Iri, Resource]:
        """Resources from rows of labels, properties and links."""
        found: dict[Iri, Resource] = {}
        names = self._names.known()
        is_renewed = False
        for labels, properties, links in rows:
            if not is_renewed and not nodes.knows(labels, properties, links, names):
                names, is_renewed = self._names.renewed(), True
            resource = nodes.decoded(labels, properties, [tuple(link) for link in links], names)
            # A node that somebody has emptied by hand says nothing, and so is no resource.
            if resource.statements:
                found[resource.iri] = resource
        return found

    def sources(self, target: Term, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        """Who points at a term; for a literal the nodes decide, because several share a sort key."""
        if isinstance(target, Literal):
            return list(islice(self._holders(target, predicate), limit))
        if predicate == RDF_TYPE:
            name = self.named(target)
            return self._column("members", start=keys.of_class(name.number), limit=limit) if name else []
        kind = None
        if predicate is not None:
            name = self.named(predicate)
            if name is None:
                return []
            kind = name.type
        found = possible([target])
        return self._column("sources", target=found[0], type=kind, limit=limit) if found else []

    def holders(self, targets: Iterable[Literal], predicate: Iri, most: int) -> Mapping[Term, Sequence[Iri]] | None:
        """Who has each of these literals as a value of a predicate; None where there are more than so many."""
        targets = list(dict.fromkeys(targets))
        found: dict[Term, list[Iri]] = {target: [] for target in targets}
        name = self.named(predicate)
        rows = self._with_keys(targets, [name.number] if name else [])
        for count, (iri, resource) in enumerate(rows):
            if count == most:
                return None
            for value in resource.values(predicate):
                if value in found:
                    found[value].append(iri)
        return found

    def revisions(self, iris: Iterable[Iri]) -> Mapping[Iri, int]:
        """The last revision of what is or once was a resource."""
        asked = possible(iris)
        rows = self._ask("revisions", {"iris": asked}) if asked else ()
        return {str(iri): int(revision) for iri, revision in rows}

    def head(self) -> Position:
        """The position of the last entry."""
        rows = self._ask("head", {})
        return int(rows[0][0]) if rows else 0

    def entries(self, after: Position, limit: int) -> Sequence[Entry]:
        """Entries behind a position, in order."""
        return [decode_entry(row) for row in self._ask("entries", {"after": after, "limit": limit})]

    def entry_by_key(self, idempotency_key: str) -> Entry | None:
        """The entry of an earlier request with this key."""
        rows = self._ask("entry-by-key", {"digest": digest(idempotency_key)})
        return decode_entry(rows[0]) if rows else None

    def history(self, iri: Iri, before: Position | None, limit: int) -> Sequence[Entry]:
        """The entries that touched a resource, the latest first."""
        values = {"iri": iri, "before": _END if before is None else before, "limit": limit}
        return [decode_entry(row) for row in self._ask("history", values)] if possible([iri]) else []

    def iris(self, after: Iri, limit: int) -> Sequence[Iri]:
        """The IRIs of all resources behind one, in code point order."""
        return self._column("iris", after=after, limit=limit)

    def kept(self, kind: str) -> Mapping[str, str]:
        """Everything archived of a kind, in the order it was first kept."""
        return dict(self._ask("kept", {"kind": kind}))

    def named(self, iri: Iri) -> Name | None:
        """The name of a term; the names are read again before one is missing."""
        return self._names.known().get(iri) or self._names.renewed().get(iri)

    def _holders(self, target: Literal, predicate: Iri | None) -> Iterator[Iri]:
        if predicate is None:
            numbers = [name.number for _, name in self._names.renewed().items()]
        else:
            name = self.named(predicate)
            numbers = [name.number] if name else []
        for iri, found in self._with_keys([target], numbers):
            stated = found.statements.values() if predicate is None else (found.values(predicate),)
            if any(target in values for values in stated):
                yield iri

    def _with_keys(self, targets: Iterable[Literal], predicates: Sequence[int]) -> Iterator[tuple[Iri, Resource]]:
        """Every resource that has a value with the sort key of one of these literals for one of some predicates."""
        places = dict.fromkeys(keys.written(sort_key(target)) for target in targets)
        wanted = [keys.of_property(number) + place for number in predicates for place in places]
        after = ""
        while iris := self._column("holders", keys=wanted, after=after, limit=_BATCH) if wanted else []:
            yield from self.resources(iris).items()
            after = iris[-1]

    def _column(self, name: str, **values: Any) -> list[Any]:
        return [row[0] for row in self._ask(name, values)]


def digest(idempotency_key: str) -> str:
    """What an entry is found by: a key may be longer than an index takes."""
    return hashlib.sha256(idempotency_key.encode("utf-8", "surrogatepass")).hexdigest()


def possible(iris: Iterable[Iri]) -> list[Iri]:
    """Those IRIs that could be in the record; an index takes no text of any length.

    Raises BadInput for half of a surrogate pair.
    """
    try:
        return [iri for iri in dict.fromkeys(iris) if len(iri.encode()) <= LONGEST_IRI]
    except UnicodeEncodeError as error:
        raise BadInput("an IRI has characters that are none: half of a surrogate pair") from error
