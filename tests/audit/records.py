"""Records with random data in them, and what an audit of them needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from registry.domain.change import Entry
from registry.domain.releases.release import Release, compile_release
from registry.ontology.modules import Module, ModuleKind, module_of
from registry.rdf.terms import Statement
from registry.services.audit.audit import Audit
from registry.stores.clock import now
from registry.stores.open_mode import Access
from registry.stores.port import Record
from registry.stores.sqlite.record import open_sqlite
from tests.shacl.whole import PREFIXES

CLASSES = module_of(
    "cases",
    (PREFIXES + "<urn:cases> a owl:Ontology . :A a owl:Class . :B a owl:Class ; rdfs:subClassOf :A . :C a owl:Class .")
    .encode(),
    ModuleKind.ONTOLOGY,
)  # fmt: skip


def release_of(*shapes: Module) -> Release:
    return compile_release([CLASSES, *shapes])


def shapes_module(statements: Sequence[Statement]) -> Module:
    """Random shapes as a module; they have no text, so errors name no line."""
    return Module("random", "urn:random", "", ModuleKind.SHAPES, b"", tuple(statements), {})


def fill(record: Record, statements: Iterable[Statement]) -> None:
    """Store statements that nobody checked."""
    added = tuple(dict.fromkeys(statements))
    transaction = record.begin()
    revisions = dict.fromkeys((subject for subject, _, _ in added), 1)
    transaction.apply([Entry(record.head() + 1, now(), "test", "import", "", (), added, revisions)])
    transaction.commit()


def audit_of(record: Record, file: Path, release: Release) -> Audit:
    return Audit(record, lambda: release, partial(open_sqlite, file, Access.READ))
