"""From two states of some resources to what must be written: nodes, relationships, search rows and log entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
from registry.stores.documents import encode_entry
from registry.stores.facets import changed_predicates, has_texts, place_of
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


def written(before: Resources, after: Resources, entries: Sequence[Entry], names: Names, group: str) -> dict[str, Any]:
    """The parameters of ``store-group``; everything is sorted by IRI, so that two writers never wait in a circle."""
    old = {iri: encoded(resource, names) for iri, resource in before.items()}
    new = {iri: encoded(resource, names) for iri, resource in after.items() if resource.statements}
    there = {iri: resource for iri, resource in after.items() if resource.statements}
    removed, added = _net(entries)
    return {
        "nodes": [_node(iri, old.get(iri), new.get(iri)) for iri in sorted(after)],
        **_links(removed, added, there, names),
        "loose": _loose(removed, after),
        "described": _described(before, there, names),
        "gone": [
            {"iri": iri, "revision": resource.revision}
            for iri, resource in sorted(after.items()) if not resource.statements
        ],
        **_rows(before, there, after, names),
        **_words(before, there, after),
        "names": [],
        **_log(entries, group),
        "counts": {
            "entries": len(entries),
            "resources": len(there) - len(before),
            "links": sum(1 for s in added if isinstance(s[2], str)) - sum(1 for s in removed if isinstance(s[2], str)),
            "statements": len(added) - len(removed),
            "shadows": sum(node.shadows for node in new.values()) - sum(node.shadows for node in old.values()),
        },
    }  # fmt: skip


def _net(entries: Iterable[Entry]) -> tuple[list[Statement], list[Statement]]:
    """What several entries come to: a statement that one adds and another removes is in neither list."""
    says: dict[Statement, int] = {}
    for entry in entries:
        for statement in entry.removed:
            says[statement] = says.get(statement, 0) - 1
        for statement in entry.added:
            says[statement] = says.get(statement, 0) + 1
    return [s for s, count in says.items() if count < 0], [s for s, count in says.items() if count > 0]


def _node(iri: Iri, old: Node | None, new: Node | None) -> dict[str, Any]:
    """A node's new properties, and the labels to put on and take off; a node without statements keeps its caption."""
    was, says = (set(node.labels) if node is not None else set() for node in (old, new))
    properties = new.properties if new is not None else {"iri": iri, "name": stub_name(iri)}
    return {"iri": iri, "properties": properties, "add": sorted(says), "drop": sorted(was - says)}


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


def _described(before: Resources, there: Resources, names: Names) -> list[dict[str, Any]]:
    """What stands on a link because a relationship beside it says so: its values, for people to see and filter by."""
    rows = []
    for iri in sorted({*before, *there}):
        was, says = _facts(before.get(iri), names), _facts(there.get(iri), names)
        for end in sorted({*was, *says}):
            subject, kind, target = end
            gone = dict.fromkeys(was.get(end, {}))
            row = {"subject": subject, "type": kind, "object": target, "properties": {**gone, **says.get(end, {})}}
            rows.append(row)
    return rows


def _facts(resource: Resource | None, names: Names) -> dict[tuple[Iri, str, Iri], dict[str, Any]]:
    if resource is None or RELATIONSHIP not in resource.classes:
        return {}
    source, target, kind = (resource.value(end) for end in (LINK_SOURCE, LINK_TARGET, LINK_TYPE))
    if not isinstance(source, str) or not isinstance(target, str) or kind is None:
        return {}
    name = names.get(kind.lexical if isinstance(kind, Literal) else kind)
    if name is None:
        return {}
    type_name = names.get(LINK_TYPE)
    left_out = {*OWN, type_name.name if type_name is not None else ""}
    properties = encoded(resource, names).properties
    return {(source, name.type, target): {k: v for k, v in properties.items() if k not in left_out}}


def _rows(before: Resources, there: Resources, after: Resources, names: Names) -> dict[str, Any]:
    gone: list[dict[str, Any]] = []
    new: list[dict[str, Any]] = []
    for iri in sorted(after):
        was, says = keys.rows_of(before.get(iri), names), keys.rows_of(there.get(iri), names)
        gone.extend({"iri": iri, "key": row.key} for row in sorted(was - says))
        new.extend({"iri": iri, "key": row.key, **({"more": True} if row.more else {})} for row in sorted(says - was))
    return {"rows_gone": gone, "rows": new}


def _words(before: Resources, there: Resources, after: Resources) -> dict[str, Any]:
    unread, read, moved, placed = [], [], [], []
    for iri in sorted(after):
        was, says = before.get(iri), there.get(iri)
        changed = changed_predicates(was, says)
        if says is None:
            unread.append(iri)
        elif was is None or has_texts(was, changed) or has_texts(says, changed):
            read.append({"iri": iri, **_searchable(keys.words(says))})
        if LATITUDE in changed or LONGITUDE in changed:
            place = place_of(says)
            if place is None:
                moved.append(iri)
            else:
                placed.append({"iri": iri, "latitude": place[0], "longitude": place[1]})
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
