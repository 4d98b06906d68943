"""A site of twins, presses and sheds with random data, and a release that tightens its shapes; an engine beside it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import shacl

from registry.app.core import Registry
from registry.domain.lifecycle import Machine
from registry.domain.registration import machine_for, twin_statements
from registry.domain.releases.release import Release
from registry.ontology.modules import Module, ModuleKind
from registry.rdf.syntax import Syntax, serialise
from registry.rdf.terms import Iri, Literal, Statement, text
from registry.rdf.vocabulary import RDF_TYPE, RDFS_LABEL, XSD_DECIMAL, XSD_INTEGER
from registry.stores.port import Record
from registry.stores.submission import Faults, Submission
from tests.principals import LOCAL
from tests.releases.models import ACTOR, NS, class_, model, property_, put, shape, shapes, writing

PER_SHED = 10
BATCH = 200
_TERMS = (
    class_("Press"), class_("Stamp", ":Press"), class_("Shed", "core:Facility"), class_("Yard", "core:Facility"),
    property_("force"), property_("stroke"), property_("mode"),
    property_("standsIn").replace("owl:DatatypeProperty", "owl:ObjectProperty"),
)  # fmt: skip
_KEPT = shape("Press", "force", "sh:maxCount 1")
LAX = [model("1.0.0", *_TERMS, property_("note")), shapes(_KEPT)]
STRICT = [
    model("2.0.0", *_TERMS),
    shapes(
        _KEPT.replace("sh:maxCount 1", "sh:maxCount 1 ; sh:minInclusive 10 ; sh:maxInclusive 900"),
        shape("Press", "stroke", "sh:minCount 1 ; sh:datatype xsd:decimal"),
        shape("Press", "mode", 'sh:in ( "manual" "automatic" )'),
        shape("Press", "standsIn", "sh:class site:Shed"),
        shape("Stamp", "stroke", "sh:minCount 3", "Warning"),
        # Somebody else's statements can break these two: who stands in a shed, and what a twin stands for.
        shape("Shed", "standsIn", "sh:maxCount 12").replace("site:standsIn", "[ sh:inversePath site:standsIn ]"),
        """:Twin a sh:NodeShape ; sh:targetClass <https://w3id.org/semantic-twins/core#Twin> ; sh:property :Twin-force ;
               sh:message "Mend it."@en .
           :Twin-force a sh:PropertyShape ; sh:maxInclusive 950 ; sh:severity sh:Violation ;
               sh:path ( <https://w3id.org/semantic-twins/core#twinOf> site:force ) ; sh:message "Mend it."@en .
        """,
    ),
]
"""A range, a count, a list, a class of links, what others say, and a property that falls away."""


def statements(machine: Machine, twins: int, seed: int = 1) -> Iterator[list[Statement]]:
    """So many twins with their presses and the sheds they stand in, in batches; some break either release."""
    chance = random.Random(seed)
    places = max(1, twins // PER_SHED)
    yield [said for place in range(places) for said in _place(place)]
    for first in range(0, twins, BATCH):
        numbers = range(first, min(first + BATCH, twins))
        yield [said for number in numbers for said in _press(machine, chance, number, places)]


def _place(number: int) -> list[Statement]:
    kind = "Yard" if number % 40 == 7 else "Shed"
    return [(_shed(number), RDF_TYPE, NS + kind), (_shed(number), RDFS_LABEL, text(f"{kind} {number}"))]


def _shed(number: int) -> Iri:
    return f"{NS}h{number:06}"


def _press(machine: Machine, chance: random.Random, number: int, places: int) -> list[Statement]:
    twin, press = f"{NS}t{number:06}", f"{NS}p{number:06}"
    forces = {chance.randint(1, 1_000) for _ in range(1 + (chance.random() < 0.02))}
    strokes = [] if chance.random() < 0.04 else [f"{chance.randint(1, 40)}.5"]
    mode = chance.choices(("manual", "automatic", "both"), (48, 48, 4))[0]
    return [
        *twin_statements(machine, twin, press),
        (press, RDF_TYPE, NS + chance.choice(("Press", "Stamp"))),
        (press, RDFS_LABEL, text(f"press {number}")),
        *((press, NS + "force", Literal(str(force), XSD_INTEGER)) for force in sorted(forces)),
        *((press, NS + "stroke", Literal(stroke, XSD_DECIMAL)) for stroke in strokes),
        (press, NS + "mode", text(mode)),
        (press, NS + "standsIn", _shed(chance.randrange(places))),
        *([(press, NS + "note", text("oiled"))] if chance.random() < 0.01 else []),
    ]


def filled(registry: Registry, twins: int) -> str:
    """A registry under the lax release with so many twins, and the strict one as a draft: returns its digest."""
    put(registry, LAX)
    assert registry.writer is not None
    machine = machine_for(registry.ontologies.active(), None)
    waiting = [
        registry.writer.submit(Submission(writing(*batch).work, ACTOR, "test", faults=Faults.JUDGED))
        for batch in statements(machine, twins)
    ]
    for written in waiting:
        written.result()
    return registry.releases.publish(LOCAL, STRICT).note.digest


Result = tuple[str, ...]


class Engine:
    """The Rust engine on the whole graph, with the shapes of one release."""

    def __init__(self, release: Release) -> None:
        modules = release.modules
        self._shapes = shacl.Shapes.from_text(_text(_said_by(modules, ModuleKind.SHAPES)), "ntriples")
        self._model = _text(_said_by(modules, ModuleKind.ONTOLOGY))

    def results(self, data: str) -> frozenset[Result]:
        """Every result that refuses, in data as N-Triples: the focus node, then what makes it another one."""
        return frozenset(
            (_iri(found.focus_node), str(found.path), str(found.value), found.component, str(found.source_shape))
            for found in self._shapes.validate_text(data + self._model, "ntriples").results
            if found.severity == "Violation"
        )


@dataclass(frozen=True)
class Refused:
    """The resources that a whole validation under the new release refuses, and those it did not under the old one."""

    failing: frozenset[Iri]
    starting: frozenset[Iri]


def refused(data: str, before: Release, after: Release) -> Refused:
    """What the engine refuses, and what says something with the property that falls away, which no shape forbids."""
    earlier, later = Engine(before).results(data), Engine(after).results(data)
    noted = frozenset(line.partition(" ")[0][1:-1] for line in data.splitlines() if f" <{NS}note> " in line)
    return Refused(_focuses(later) | noted, _focuses(later - earlier) | noted)


def recorded(record: Record) -> str:
    """All that is stored, as N-Triples."""
    texts, view, after = list[str](), record.view(), ""
    while iris := record.iris(after, 2_000):
        resources = view.resources(iris).values()
        texts.append(_text(statement for resource in resources for statement in resource.triples()))
        after = iris[-1]
    return "".join(texts)


def _focuses(results: Iterable[Result]) -> frozenset[Iri]:
    return frozenset(result[0] for result in results)


def _iri(written: str) -> Iri:
    return written.removeprefix("<").removesuffix(">")


def _said_by(modules: Sequence[Module], kind: ModuleKind) -> Iterator[Statement]:
    return (statement for module in modules if module.kind is kind for statement in module.statements)


def _text(statements: Iterable[Statement]) -> str:
    return serialise(statements, Syntax.N_TRIPLES).decode()
