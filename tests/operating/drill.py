"""What a restored record is held to: the log of the one it came from, and the graph that this log adds up to."""

from __future__ import annotations

from registry.domain.change import Entry
from registry.rdf.canonical import canonical_hash
from registry.rdf.terms import Statement
from registry.stores.port import Record


def whole_log(record: Record, until: int) -> list[Entry]:
    """The entries up to a position."""
    found: list[Entry] = []
    while len(found) < until and (entries := record.entries(len(found), min(500, until - len(found)))):
        found.extend(entries)
    return found


def added_up(log: list[Entry]) -> str:
    """The canonical hash of what a log leads to."""
    stated: set[Statement] = set()
    for entry in log:
        stated.difference_update(entry.removed)
        stated.update(entry.added)
    return canonical_hash(stated)


def stated(record: Record) -> str:
    """The canonical hash of what a record states."""
    found: list[Statement] = []
    after = ""
    while iris := record.iris(after, 500):
        for resource in record.view().resources(iris).values():
            found.extend(resource.triples())
        after = iris[-1]
    return canonical_hash(found)
