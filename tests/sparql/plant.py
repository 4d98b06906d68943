"""A small record to project: real SQLite, entries written as the writer would, and a release of a few modules."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

from registry.domain.change import Entry, Position
from registry.domain.releases.release import Release, compile_release
from registry.ontology.modules import Module, ModuleKind, module_of
from registry.rdf.terms import Iri, Literal, Statement
from registry.rdf.vocabulary import RDF_TYPE, RDFS_LABEL, XSD_DATE_TIME, XSD_DECIMAL, XSD_INTEGER
from registry.stores.open_mode import Access
from registry.stores.port import Record
from registry.stores.sqlite.record import open_sqlite

EX = "https://plant.example/"
TIME = "2026-01-01T00:00:{:02d}.000000Z"

ONTOLOGY = f"""
@prefix : <{EX}model#> .
@prefix plant: <{EX}model#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<{EX}model> a owl:Ontology ; owl:versionInfo "1" .
:Pump a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :feeds ; owl:someValuesFrom :Tank ] .
:Tank a owl:Class .
:feeds a owl:ObjectProperty .
"""


def release(*modules: Module, text: str = ONTOLOGY) -> Release:
    """A release of one little ontology, or of the modules given."""
    return compile_release(modules or (module_of("plant", text.encode(), ModuleKind.ONTOLOGY),))


def opened(folder: Path) -> Record:
    """The record of a folder."""
    return open_sqlite(folder / "registry.db", Access.WRITE)


def commit(record: Record, added: Iterable[Statement] = (), removed: Iterable[Statement] = ()) -> Position:
    """One change, durable, with its entry in the log. The caller keeps it net, as the writer does."""
    added, removed = tuple(added), tuple(removed)
    transaction = record.begin()
    position = transaction.head() + 1
    touched = list(dict.fromkeys(statement[0] for statement in (*removed, *added)))
    before = transaction.resources(touched)
    left = {iri: sum(1 for _ in found.triples()) for iri, found in before.items()}
    for change, statements in ((-1, removed), (1, added)):
        for subject, _, _ in statements:
            left[subject] = left.get(subject, 0) + change
    revisions = {iri: (before[iri].revision + 1 if iri in before else 1) if left[iri] else 0 for iri in touched}
    entry = Entry(
        position, TIME.format(position % 60), "tester", "test", "release", removed, added, revisions
    )  # fmt: skip
    transaction.apply([entry])
    transaction.commit()
    return position


def pump(number: int, flow: str = "1.50") -> list[Statement]:
    """A pump and what it says: a label, a type, a link, and values whose spelling Oxigraph changes."""
    iri = f"{EX}pump/{number}"
    return [
        (iri, RDF_TYPE, EX + "model#Pump"),
        (iri, RDFS_LABEL, Literal(f'Pump {number} "é\n\\', language="en", datatype=LANG)),
        (iri, EX + "model#feeds", f"{EX}tank/{number % 7}"),
        (iri, EX + "model#flow", Literal(flow, XSD_DECIMAL)),
        (iri, EX + "model#stages", Literal("0" + str(number), XSD_INTEGER)),
        (iri, EX + "model#since", Literal("2026-01-01T00:00:00.000000Z", XSD_DATE_TIME)),
    ]


LANG = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"


def work_once(record: Record, chance: random.Random) -> Position:
    """One random change of one of thirty pumps, at times several in one entry."""
    added: list[Statement] = []
    removed: list[Statement] = []
    for number in chance.sample(range(30), chance.choice([1, 1, 1, 5])):
        found = record.view().resources([f"{EX}pump/{number}"])
        now = [triple for resource in found.values() for triple in resource.triples()]
        if now and chance.random() < 0.3:
            removed += now
            continue
        values = ["1", "01", "1.0", "1.00", "2.5", "2.50"]
        wanted = pump(number, chance.choice(values))
        wanted += [
            (wanted[0][0], EX + "model#reading", Literal(v, XSD_DECIMAL)) for v in values if chance.random() < 0.4
        ]
        removed += [statement for statement in now if statement not in wanted]
        added += [statement for statement in wanted if statement not in now]
    return commit(record, added, removed) if added or removed else record.head()


def everything(record: Record) -> list[Statement]:
    """All statements of a record."""
    found: list[Statement] = []
    after: Iri = ""
    while iris := record.iris(after, 1000):
        for resource in record.view().resources(iris).values():
            found += resource.triples()
        after = iris[-1]
    return found
