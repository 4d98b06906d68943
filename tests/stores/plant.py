"""A small world to store: a release with one shape, works, and a writer whose groups a test decides."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager

from registry.access.principal import Principal
from registry.domain.change import Change, Entry, Position
from registry.domain.releases.release import Release, compile_release
from registry.domain.view import View
from registry.ontology.modules import ModuleKind, module_of
from registry.rdf.terms import Iri, Literal, Statement, Term
from registry.rdf.vocabulary import XSD_INTEGER
from registry.stores.port import Record
from registry.stores.submission import Faults, Receipt, Submission
from registry.stores.writer import Writer

EX = "https://plant.example/"
PUMP, TANK = EX + "model#Pump", EX + "model#Tank"
FLOW, FEEDS, NOTE = EX + "model#flow", EX + "model#feeds", EX + "model#note"
ACTOR = Principal("tester")

_ONTOLOGY = f"""
@prefix : <{EX}model#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
<{EX}model> a owl:Ontology ; owl:versionInfo "1" .
:Pump a owl:Class . :Tank a owl:Class .
:feeds a owl:ObjectProperty . :flow a owl:DatatypeProperty . :note a owl:DatatypeProperty .
"""
_SHAPES = f"""
@prefix : <{EX}model#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<{EX}shapes#Pump> a sh:NodeShape ; sh:targetClass :Pump ; sh:property <{EX}shapes#flow> .
<{EX}shapes#flow> a sh:PropertyShape ; sh:path :flow ; sh:maxCount 1 ; sh:maxInclusive 100 ;
    sh:message "flow is at most 100" .
"""


def release() -> Release:
    """A release of which one shape can be broken: a pump's flow is at most 100."""
    return compile_release(
        [
            module_of("plant", _ONTOLOGY.encode(), ModuleKind.ONTOLOGY),
            module_of("plant", _SHAPES.encode(), ModuleKind.SHAPES),
        ]
    )


def integer(number: int) -> Literal:
    """An xsd:integer."""
    return Literal(str(number), XSD_INTEGER)


def adding(*statements: Statement, **more: object) -> Submission:
    """A work that adds statements, not judged unless asked for."""
    return submission(Change(added=statements), **more)


def removing(*statements: Statement, **more: object) -> Submission:
    """A work that removes statements."""
    return submission(Change(removed=statements), **more)


def submission(change: Change, **more: object) -> Submission:
    """A work that asks for a change, whatever it sees."""
    options: dict[str, object] = {"faults": Faults.JUDGED, **more}
    return Submission(lambda view: change, ACTOR, "test", **options)  # type: ignore[arg-type]


def setting(iri: Iri, predicate: Iri, value: Term) -> Submission:
    """A work that replaces all values of a property by one."""

    def work(view: View) -> Change:
        found = view.resources([iri]).get(iri)
        was = found.values(predicate) if found else ()
        return Change(tuple((iri, predicate, old) for old in was), ((iri, predicate, value),))

    return Submission(work, ACTOR, "test", faults=Faults.JUDGED)


@contextmanager
def writing(record: Record, **more: object) -> Iterator[Writer]:
    """A writer on a record."""
    compiled = release()
    writer = Writer(record, lambda: compiled, **more)  # type: ignore[arg-type]
    try:
        yield writer
    finally:
        writer.close()


def together(writer: Writer, works: Iterable[Submission]) -> Sequence[Future[Receipt]]:
    """Submit works so that the writer finds all of them queued, and takes them as one group."""
    go = threading.Event()

    def hold(view: View) -> Change:
        go.wait()
        return Change()

    writer.submit(Submission(hold, ACTOR, "hold", faults=Faults.JUDGED))
    futures = [writer.submit(work) for work in works]
    go.set()
    return futures


def put(record: Record, *statements: Statement) -> Position:
    """Store statements through a writer of their own, as one change."""
    with writing(record) as writer:
        return writer.submit(adding(*statements)).result().position


def everything(record: Record) -> dict[Iri, dict[Iri, list[Term]]]:
    """All resources with what they say."""
    found: dict[Iri, dict[Iri, list[Term]]] = {}
    after = ""
    while iris := record.iris(after, 7):
        for iri, resource in record.view().resources(iris).items():
            found[iri] = {predicate: list(values) for predicate, values in resource.statements.items()}
        after = iris[-1]
    return found


def whole_log(record: Record) -> Sequence[Entry]:
    """Every entry, read in pages."""
    entries: list[Entry] = []
    while batch := record.entries(len(entries), 11):
        entries.extend(batch)
    return entries


def replayed(entries: Iterable[Entry]) -> dict[Iri, dict[Iri, list[Term]]]:
    """What the log says that there is."""
    says: dict[Iri, dict[Iri, list[Term]]] = {}
    for entry in entries:
        for subject, predicate, target in entry.removed:
            says[subject][predicate].remove(target)
        for subject, predicate, target in entry.added:
            says.setdefault(subject, {}).setdefault(predicate, []).append(target)
    kept = {iri: {p: values for p, values in stated.items() if values} for iri, stated in says.items()}
    return {iri: stated for iri, stated in kept.items() if stated}


def unordered(says: Mapping[Iri, Mapping[Iri, Sequence[Term]]]) -> dict[Iri, dict[Iri, set[Term]]]:
    """The same without the order of values, which the log keeps and a model need not."""
    return {iri: {predicate: set(values) for predicate, values in stated.items()} for iri, stated in says.items()}
