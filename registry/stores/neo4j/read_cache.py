"""Reads that are remembered: what was foreseen is fetched in one round trip, and then costs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from registry.domain.change import Entry, Position
from registry.domain.resource import Resource
from registry.rdf.terms import Iri, Literal, Term
from registry.rdf.vocabulary import RDF_TYPE
from registry.stores.encoding import decode_entry
from registry.stores.neo4j import keys
from registry.stores.neo4j.nodes import Node
from registry.stores.neo4j.reading import Asking, NameSource, Reading, digest, possible
from registry.stores.ordering import sort_key
from registry.stores.port import Distance, Wanted

MOST_REMEMBERED = 10_000
"""How many resources are remembered from one group of writes to the next, before all is read anew."""

Target = tuple[Term, Iri | None]
"""What somebody points at, and with which predicate."""


class Recollection:
    """What was read, and is so while the log ends at ``position``; None where that is unknown.

    ``version`` is that of the names there, and ``nodes`` are what resources were written as.
    """

    def __init__(self) -> None:
        self.position: Position | None = None
        self.version = 0
        self.read: dict[Iri, Resource | None] = {}
        self.revisions: dict[Iri, int | None] = {}
        self.sources: dict[Target, tuple[int, Sequence[Iri]]] = {}
        self.entries: dict[str, Entry | None] = {}
        self.lonely: set[Iri] = set()
        self.nodes: dict[Iri, Node] = {}

    def forget(self) -> None:
        """Know nothing any more."""
        self.position = None
        for memory in (self.read, self.revisions, self.sources, self.entries, self.lonely, self.nodes):
            memory.clear()

    def follow(self, entries: Sequence[Entry], after: Mapping[Iri, Resource], nodes: Mapping[Iri, Node | None]) -> None:
        """Know what entries have made of it: resources as they are ``after`` them; who points where is read again."""
        if max(len(self.read), len(self.sources), len(self.entries)) > MOST_REMEMBERED:
            self.forget()
        for iri, resource in after.items():
            self.read[iri] = resource if resource.statements else None
            self.revisions[iri] = resource.revision
        self.nodes.update((iri, node) for iri, node in nodes.items() if node is not None)
        for entry in entries:
            for _, predicate, target in (*entry.removed, *entry.added):
                self.sources.pop((target, predicate), None)
                self.sources.pop((target, None), None)
            self.lonely.difference_update(target for _, _, target in entry.added if isinstance(target, str))
            if entry.idempotency_key is not None:
                self.entries[entry.idempotency_key] = entry
        self.position = entries[-1].position


class Memory(Reading):
    """A group of writes or a page of work, which reads nothing twice."""

    distance = Distance.FAR

    def __init__(self, ask: Asking, names: NameSource, recollection: Recollection | None = None) -> None:
        super().__init__(ask, names)
        self._recollection = recollection or Recollection()
        self._read = self._recollection.read
        self._revisions = self._recollection.revisions
        self._sources = self._recollection.sources
        self._entries = self._recollection.entries
        self._lonely = self._recollection.lonely

    def resources(self, iris: Iterable[Iri]) -> Mapping[Iri, Resource]:
        """The resources that exist, in the order they were asked for."""
        asked = list(dict.fromkeys(iris))
        unknown = [iri for iri in asked if iri not in self._read]
        if unknown:
            found = super().resources(unknown)
            self._read.update((iri, found.get(iri)) for iri in unknown)
        return {iri: known for iri in asked if (known := self._read[iri]) is not None}

    def revisions(self, iris: Iterable[Iri]) -> Mapping[Iri, int]:
        """The last revision of what is or once was a resource."""
        asked = list(iris)
        unknown = [iri for iri in asked if iri not in self._revisions]
        if unknown:
            found = super().revisions(unknown)
            self._revisions.update((iri, found.get(iri)) for iri in unknown)
        return {iri: known for iri in asked if (known := self._revisions[iri]) is not None}

    def sources(self, target: Term, predicate: Iri | None, limit: int) -> Sequence[Iri]:
        """Who points at a term."""
        if not self.remembers(target, predicate, limit):
            self._sources[target, predicate] = limit, super().sources(target, predicate, limit)
        return self._sources.get((target, predicate), (0, ()))[1][:limit]

    def recalls(self, iri: Iri) -> bool:
        """Whether a resource and its last revision are known without a round trip."""
        return iri in self._read and iri in self._revisions

    def remembers(self, target: Term, predicate: Iri | None, limit: int) -> bool:
        """Whether `sources` would answer this without a round trip."""
        asked, found = self._sources.get((target, predicate), (0, ()))
        if asked >= limit or len(found) < asked or (target in self._lonely and predicate != RDF_TYPE):
            return True
        term = target if predicate == RDF_TYPE else predicate
        # What has no name in the graph was never said there.
        return isinstance(term, str) and self.named(term) is None

    def entry_by_key(self, idempotency_key: str) -> Entry | None:
        """The entry of an earlier request with this key."""
        if idempotency_key not in self._entries:
            self._entries[idempotency_key] = super().entry_by_key(idempotency_key)
        return self._entries[idempotency_key]

    def prefetch(self, wanted: Wanted) -> None:
        """Read all of this in one round trip, or in none where it is known already, and remember it."""
        by_digest = {digest(key): key for key in wanted.keys if key not in self._entries}
        iris = [iri for iri in wanted.iris if not self.recalls(iri)]
        pointing = _Asked(self, wanted)
        asked_for = possible(iris)
        if not (by_digest or asked_for or pointing):
            return
        values = {"iris": asked_for, "keys": list(by_digest), **pointing.values}
        rows: list[Sequence[Any]] = []
        # What has no node at all is nobody's target; what has one that says nothing may be.
        lonely = set(asked_for)
        gone: dict[Iri, int] = {}
        entries: dict[str, Entry] = {}
        for kind, asked, found in self._ask("foresee", values):
            match kind:
                case "node":
                    rows.append(found)
                    lonely.discard(asked)
                case "stub":
                    lonely.discard(asked)
                case "gone":
                    gone[asked] = found
                case "entry":
                    entries[by_digest[asked]] = decode_entry(found)
                case _:
                    pointing.found(kind, asked, found)
        there = self.decoded(rows)
        for key in by_digest.values():
            self._entries[key] = entries.get(key)
        for iri in iris:
            resource = self._read[iri] = there.get(iri)
            self._revisions[iri] = resource.revision if resource is not None else gone.get(iri)
        self._lonely |= lonely
        self._sources.update(pointing.answers())


class _Asked:
    """Who points at the wanted terms: what is asked, and what the answers come to."""

    def __init__(self, memory: Memory, wanted: Wanted) -> None:
        self._memory = memory
        self._asked: list[Target] = []
        self._sources: dict[int, Sequence[Iri]] = {}
        self._holders: dict[int, list[Sequence[Any]]] = {}
        targets: list[Any] = []
        classes: list[Any] = []
        literals: list[Any] = []
        unknown = {at: limit for at, limit in wanted.sources.items() if not memory.remembers(*at, limit)}
        self.values: dict[str, Any] = {
            "targets": targets, "classes": classes, "literals": literals,
            "limit": max(unknown.values(), default=1),
            "most": max((n for (target, _), n in unknown.items() if isinstance(target, Literal)), default=1),
        }  # fmt: skip
        for target, predicate in unknown:
            number = len(self._asked)
            if isinstance(target, Literal):
                # Whoever has it with any predicate is read as it comes.
                if predicate is None:
                    continue
                if name := memory.named(predicate):
                    key = keys.of_property(name.number) + keys.written(sort_key(target))
                    literals.append({"number": number, "key": key})
            elif predicate is None:
                targets.append({"number": number, "iri": target, "type": None})
            elif name := memory.named(target if predicate == RDF_TYPE else predicate):
                if predicate == RDF_TYPE:
                    classes.append({"number": number, "start": keys.of_class(name.number)})
                else:
                    targets.append({"number": number, "iri": target, "type": name.type})
            self._asked.append((target, predicate))

    def __bool__(self) -> bool:
        return bool(self._asked)

    def found(self, kind: str, number: int, found: Any) -> None:
        """A row of the answer."""
        if kind == "source":
            self._sources[number] = found
        else:
            self._holders[number] = found

    def answers(self) -> dict[Target, tuple[int, Sequence[Iri]]]:
        """Who points at each. Where too many share a literal's key, its nodes are read as they come."""
        answers: dict[Target, tuple[int, Sequence[Iri]]] = {}
        holding = self._memory.decoded(row for rows in self._holders.values() for row in rows)
        limit, most = self.values["limit"], self.values["most"]
        for number, (target, predicate) in enumerate(self._asked):
            if not isinstance(target, Literal):
                answers[target, predicate] = limit, self._sources.get(number, ())
                continue
            assert predicate is not None
            rows = self._holders.get(number, ())
            if len(rows) < most:
                # Several literals share a key; these are all that have it.
                there = [holding[iri] for row in rows if (iri := row[1]["iri"]) in holding]
                held = [resource.iri for resource in there if target in resource.values(predicate)]
                answers[target, predicate] = limit, held
        return answers
