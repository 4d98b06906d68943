"""From two states of some resources to what must be written: nodes, relationships, search rows and log entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry.domain.change import Entry
from registry.domain.resource import Resource
from registry.rdf.terms import Iri, Literal, Statement
from registry.rdf.vocabulary import (
    LATITUDE,
    LINK_SOURCE,
    LINK_TARGET,
    LINK_TYPE,
    LONGITUDE,
    RDF_TYPE,
    RELATIONSHIP,
)
from registry.stores.encoding import encode_entry
from registry.stores.index_entries import changed_predicates, has_texts, place_of
from registry.stores.neo4j import keys
from registry.stores.neo4j.naming import Names
from registry.stores.neo4j.nodes import OWN, Node, encoded, stub_name
from registry.stores.neo4j.reading import digest

Resources = Mapping[Iri, Resource]

LONGEST_WORDS = 30_000
"""In bytes: a text index takes no more. Longer texts are searched one by one."""

_LINKS_IN_AN_ENTRY = 1_000_000


def terms_of(entries: Iterable[Entry], after: Resources) -> list[Iri]:
    """Everything that needs a name: predicates, and classes of resources."""
    found: dict[Iri, None] = {}
    for entry in entries:
        found.update((predicate, None) for _, predicate, _ in (*entry.removed, *entry.added))
        found.update((t, None) for _, p, t in (*entry.removed, *entry.added) if p == RDF_TYPE and isinstance(t, str))
    for resource in after.values():
        found.update(dict.fromkeys(resource.classes))
        found.update(dict.fromkeys(resource.statements))
    return list(found)


@dataclass(frozen=True, slots=True)
class Step:
    """A resource before and after a group of writes, None where it says nothing, and the predicates that differ."""

    iri: Iri
    was: Node | None
    says: Node | None
    changed: Sequence[Iri]


def steps_of(before: Resources, after: Resources, names: Names, known: Mapping[Iri, Node]) -> list[Step]:
    """What becomes of each resource, in the order of IRIs, so that two writers never wait in a circle.

    ``known`` nodes need not be made again where they are of the very resources.
    """
    steps = []
    for iri, resource in sorted(after.items()):
        earlier, was = before.get(iri), known.get(iri)
        if earlier is None:
            was = None
        elif was is None or was.resource is not earlier:
            was = encoded(earlier, names)
        says = encoded(resource, names, was) if resource.statements else None
        steps.append(Step(iri, was, says, changed_predicates(earlier, resource)))
    return steps


def written(
    steps: Sequence[Step], after: Resources, entries: Sequence[Entry], names: Names, group: str
) -> dict[str, Any]:
    """The parameters of ``store-group``; everything is sorted by IRI."""
    there = {step.iri: step.says.resource for step in steps if step.says is not None}
    removed, added = _net(entries)
    return {
        "nodes": [_node(step) for step in steps],
        **_links(removed, added, there, names),
        "loose": _loose(removed, after),
        "described": _described(steps, names),
        "gone": [{"iri": step.iri, "revision": after[step.iri].revision} for step in steps if step.says is None],
        **_rows(steps, names),
        **_words(steps),
        "names": [],
        **_log(entries, group),
        "counts": {
            "entries": len(entries),
            "resources": len(there) - sum(1 for step in steps if step.was is not None),
            "links": sum(1 for s in added if isinstance(s[2], str)) - sum(1 for s in removed if isinstance(s[2], str)),
            "statements": len(added) - len(removed),
            "shadows": sum(_shadows(step.says) - _shadows(step.was) for step in steps),
        },
    }


def _net(entries: Iterable[Entry]) -> tuple[list[Statement], list[Statement]]:
    """What several entries come to: a statement that one adds and another removes is in neither list."""
    says: dict[Statement, int] = {}
    for entry in entries:
        for statement in entry.removed:
            says[statement] = says.get(statement, 0) - 1
        for statement in entry.added:
            says[statement] = says.get(statement, 0) + 1
    return [s for s, count in says.items() if count < 0], [s for s, count in says.items() if count > 0]


def _node(step: Step) -> dict[str, Any]:
    """What changes of properties and labels; a node without statements keeps its caption."""
    was, says = (set(node.labels) if node is not None else set() for node in (step.was, step.says))
    if step.says is not None:
        properties = step.says.since(step.was, step.changed)
    else:
        gone = dict.fromkeys(step.was.properties) if step.was is not None else {}
        properties = {**gone, "iri": step.iri, "name": stub_name(step.iri)}
    return {"iri": step.iri, "properties": properties, "add": sorted(says - was), "drop": sorted(was - says)}


def _shadows(node: Node | None) -> int:
    return 0 if node is None else node.shadows


def _links(removed: Iterable[Statement], added: Iterable[Statement], there: Resources, names: Names) -> dict[str, Any]:
    linked, unlinked, stubs = [], [], set()
    for number, (subject, predicate, target) in enumerate(added):
        if isinstance(target, str) and predicate != RDF_TYPE:
            kind = _type(names, predicate)
            says = there[subject].values(predicate) if subject in there else ()
            # Only where several links share a type their order has to be told.
            order = {"_order": _order(there, subject, number)} if len(says) > 1 else {}
            linked.append({"subject": subject, "type": kind, "object": target, "properties": order})
            stubs.add(target)
    for subject, predicate, target in removed:
        if isinstance(target, str) and predicate != RDF_TYPE:
            unlinked.append({"subject": subject, "type": _type(names, predicate), "object": target})

    def place(row: dict[str, Any]) -> tuple[str, str, str]:
        return row["subject"], row["type"], row["object"]

    return {
        "linked": sorted(linked, key=place),
        "unlinked": sorted(unlinked, key=place),
        "stubs": [{"iri": iri, "name": stub_name(iri)} for iri in sorted(stubs - there.keys())],
    }


def _loose(removed: Iterable[Statement], after: Resources) -> list[Iri]:
    """What may stand there with nothing to say and nobody pointing at it: such nodes go."""
    ends = {target for _, predicate, target in removed if isinstance(target, str) and predicate != RDF_TYPE}
    return sorted(ends | {iri for iri, resource in after.items() if not resource.statements})


def _order(there: Resources, subject: Iri, number: int) -> int:
    """A number that grows with every write of a resource, so that a new link stands behind the others."""
    return there[subject].revision * _LINKS_IN_AN_ENTRY + number


def _described(steps: Iterable[Step], names: Names) -> list[dict[str, Any]]:
    """What stands on a link because a relationship beside it says so: its values, for people to see and filter by."""
    rows = []
    for step in steps:
        was, says = _facts(step.was, names), _facts(step.says, names)
        for end in sorted({*was, *says}):
            subject, kind, target = end
            gone = dict.fromkeys(was.get(end, {}))
            row = {"subject": subject, "type": kind, "object": target, "properties": {**gone, **says.get(end, {})}}
            rows.append(row)
    return rows


def _facts(node: Node | None, names: Names) -> dict[tuple[Iri, str, Iri], dict[str, Any]]:
    if node is None or RELATIONSHIP not in node.resource.classes:
        return {}
    source, target, kind = (node.resource.value(end) for end in (LINK_SOURCE, LINK_TARGET, LINK_TYPE))
    if not isinstance(source, str) or not isinstance(target, str) or kind is None:
        return {}
    name = names.get(kind.lexical if isinstance(kind, Literal) else kind)
    if name is None:
        return {}
    type_name = names.get(LINK_TYPE)
    left_out = {*OWN, type_name.name if type_name is not None else ""}
    return {(source, name.type, target): {k: v for k, v in node.properties.items() if k not in left_out}}


def _rows(steps: Iterable[Step], names: Names) -> dict[str, Any]:
    gone: list[dict[str, Any]] = []
    new: list[dict[str, Any]] = []
    for step in steps:
        among = keys.concerned(step.changed)
        was, says = (keys.rows_of(_resource(node), names, among) for node in (step.was, step.says))
        gone.extend({"iri": step.iri, "key": row.key} for row in sorted(was - says))
        new.extend(
            {"iri": step.iri, "key": row.key, **({"more": True} if row.more else {})} for row in sorted(says - was)
        )
    return {"rows_gone": gone, "rows": new}


def _resource(node: Node | None) -> Resource | None:
    return None if node is None else node.resource


def _words(steps: Iterable[Step]) -> dict[str, Any]:
    unread, read, moved, placed = [], [], [], []
    for step in steps:
        was, says, changed = _resource(step.was), _resource(step.says), step.changed
        if says is None:
            unread.append(step.iri)
        elif was is None or has_texts(was, changed) or has_texts(says, changed):
            read.append({"iri": step.iri, **_searchable(keys.words(says))})
        if LATITUDE in changed or LONGITUDE in changed:
            place = place_of(says)
            if place is None:
                moved.append(step.iri)
            else:
                placed.append({"iri": step.iri, "latitude": place[0], "longitude": place[1]})
    return {"unread": unread, "read": read, "moved": moved, "placed": placed}


def _searchable(words: str) -> dict[str, Any]:
    return {"words": words} if len(words.encode()) <= LONGEST_WORDS else {"long": words, "is_long": True}


def _log(entries: Sequence[Entry], group: str) -> dict[str, Any]:
    rows = [
        {
            "position": e.position, "time": e.time, "actor": e.actor, "cause": e.cause, "release": e.release,
            "body": encode_entry(e).decode(), "key": e.idempotency_key, "fingerprint": e.fingerprint, "group": group,
            "key_digest": digest(e.idempotency_key) if e.idempotency_key is not None else None,
        }
        for e in entries
    ]  # fmt: skip
    touched = [{"iri": iri, "position": e.position} for e in entries for iri in sorted(e.revisions)]
    return {"entries": rows, "touched": touched}


def _type(names: Names, predicate: Iri) -> str:
    found = names.get(predicate)
    assert found is not None, predicate
    return found.type
