"""The process that checks pages of resources for an audit, beside others of its kind.

A process imports the registry and compiles the shapes once, about half a second, and has about 90 MB. It reads over
connections of its own, and ends with the process that started it, however that one ends.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Callable, Sequence
from multiprocessing import parent_process
from typing import NamedTuple, TypeAlias

from registry.domain.audit import Rules, audited
from registry.ontology.modules import Module
from registry.rdf.terms import Iri
from registry.shacl.report import Violation
from registry.stores.port import Record

Opener: TypeAlias = Callable[[], Record]
"""Opens the record for reading; it can be pickled."""
Found: TypeAlias = list[tuple[Iri, list[Violation]]]


class Weighed(NamedTuple):
    """A resource that has a fault under one release, with all that stands against it under that and another one."""

    iri: Iri
    under_new: list[Violation]
    under_old: list[Violation]


_ready: list[tuple[Record, Sequence[Rules]]] = []


def prepare(opener: Opener, models: Sequence[Sequence[Module]]) -> None:
    """Called once in each process, before the first page, with the modules of each release that pages are held to."""
    # The keys that end a command reach the whole group of processes; the one that was started by hand decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _ready.append((opener(), [Rules.of(modules) for modules in models]))
    # Model and shapes stay until the end, so that looking through them for garbage is time lost.
    gc.freeze()


def check(iris: Sequence[Iri]) -> Found:
    """What stands against a page of resources."""
    ((record, (rules,)),) = _ready
    return page(record, rules, iris)


def weigh(iris: Sequence[Iri]) -> list[Weighed]:
    """What stands against a page of resources under the first release, and of those that have a fault, the second."""
    ((record, (new, old)),) = _ready
    return weighed(record, new, old, iris)


def weighed(record: Record, new: Rules, old: Rules, iris: Sequence[Iri]) -> list[Weighed]:
    """The resources of a page that have a fault under one release, with what they had under another in that state."""
    with record.snapshot() as snapshot:
        found = list(audited(new, snapshot, iris))
        earlier = dict(audited(old, snapshot, [iri for iri, _ in found])) if found else {}
    return [Weighed(iri, violations, earlier.get(iri, [])) for iri, violations in found]


def page(record: Record, rules: Rules, iris: Sequence[Iri]) -> Found:
    """What stands against a page of resources, all of it seen in one committed state."""
    with record.snapshot() as snapshot:
        return list(audited(rules, snapshot, iris))


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
