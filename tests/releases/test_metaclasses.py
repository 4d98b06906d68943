"""Foreign ontologies as they are: every shape runs or is listed, and finds what an engine finds that is none of ours.

ASHRAE 223P is the hard one: its classes are classes by a metaclass. No model of it is in the shared data, so buildings
are drawn at random, wrong in most ways that its shapes look at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from random import Random

import pytest
import rdflib
import shifty

from registry.domain.releases.release import Release, compile_release
from registry.domain.reports.audit import WholeRecord
from registry.ontology.modules import Module, ModuleKind, read_module, standard_modules
from registry.rdf.graph import MemoryGraph
from registry.rdf.syntax import Syntax, parse, serialise
from registry.rdf.terms import Iri, Literal, Statement, Term, is_blank
from registry.rdf.vocabulary import OWL_CLASS, RDF_TYPE, RDFS_CLASS, RDFS_LABEL, RDFS_SUB_CLASS_OF, SH, XSD
from tests.places import shared, shipped
from tests.shacl.reports import Result, told, without_paths, written

S223 = "http://data.ashrae.org/standard223#"
BRICK = "https://brickschema.org/schema/Brick#"
BUILDING = "urn:building#"
VALUES = (Literal("21.5", XSD + "decimal"), Literal("3", XSD + "integer"), Literal("x", XSD + "string"))
FILES = {
    "223P": lambda: shipped("brickschema", "brickschema/ontologies/1.5/extensions/223p.ttl"),
    "Brick": lambda: shared("brick-ontology", "Brick-1.4.4.ttl"),
    "RealEstateCore": lambda: shared("realestatecore-4", "rec.ttl"),
    "AAS": lambda: shared("aas-metamodel-examples", "rdf", "shacl-schema.ttl"),
    "Thing Description": lambda: shared("wot-td", "shapes", "td-validation.ttl"),
}


@cache
def foreign(name: str) -> Module:
    path: Path = FILES[name]()
    return read_module(path, ModuleKind.FOREIGN)


@cache
def released(name: str) -> Release:
    return compile_release([*standard_modules(), foreign(name)])


LEADING = [SH + word for word in ("property", "node", "not", "qualifiedValueShape", "and", "or", "xone")]
LISTS = {SH + word for word in ("and", "or", "xone")}
TARGETING = [SH + word for word in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")]
STATING = [*LEADING, *(SH + word for word in ("class", "datatype", "nodeKind", "minCount", "hasValue", "in", "sparql"))]


@pytest.mark.parametrize("name", FILES)
def test_every_shape_runs_or_is_listed(name: str) -> None:
    """Worked out anew: what no chain of statements leads to from a shape with a target must be listed."""
    graph = MemoryGraph(foreign(name).statements)
    below = closure([RDFS_CLASS, OWL_CLASS], lambda kind: graph.sources(kind, RDFS_SUB_CLASS_OF))
    classes = {node for kind in below for node in graph.sources(kind, RDF_TYPE)}
    typed = set(graph.sources(SH + "NodeShape", RDF_TYPE))
    targeted = {node for node in graph.subjects() if not graph.outgoing(node).keys().isdisjoint(TARGETING)}
    targeted |= classes & typed
    assert targeted
    reached = closure(targeted, lambda node: inner(graph, node))
    stating = {node for node in graph.subjects() if not graph.outgoing(node).keys().isdisjoint(STATING)}
    named = {node for node in (stating | typed) - reached if not is_blank(node)}
    dormant = released(name).shapes.unchecked.dormant
    never = {one.shape for one in dormant if not one.is_part and not one.reason.startswith("may never run")}
    assert named <= never, named - never
    assert not targeted & never


def inner(graph: MemoryGraph, node: Iri) -> Iterator[Iri]:
    for word in LEADING:
        for found in graph.objects(node, word):
            members: Sequence[Term] = graph.items(found) if word in LISTS else [found]
            yield from (member for member in members if isinstance(member, str))


def closure(start: Iterable[Iri], step: Callable[[Iri], Iterable[Iri]]) -> set[Iri]:
    found = dict.fromkeys(start)
    for node in (waiting := [*found]):
        more = [one for one in step(node) if one not in found]
        found.update(dict.fromkeys(more))
        waiting.extend(more)
    return set(found)


def building(seed: int, size: int, module: Module, model_classes: Sequence[Iri], namespace: Iri) -> list[Statement]:
    """Things of an ontology that are linked at random by the paths of its shapes."""
    random = Random(seed)
    classes = sorted(iri for iri in model_classes if iri.startswith(namespace))
    paths = {target for _, predicate, target in module.statements if predicate == SH + "path"}
    properties = sorted(path for path in paths if isinstance(path, str) and path.startswith(namespace))
    things = [f"{BUILDING}{number}" for number in range(size)]
    found: list[Statement] = [(thing, RDF_TYPE, random.choice(classes)) for thing in things]
    ends: list[Term] = [*VALUES, *classes]
    for thing in things:
        for _ in range(random.randrange(5)):
            value = random.choice(things) if random.random() < 0.7 else random.choice(ends)
            found.append((thing, random.choice(properties), value))
        if random.random() < 0.6:
            found.append((thing, RDFS_LABEL, VALUES[2]))
    return list(dict.fromkeys(found))


def of_building(results: Counter[Result]) -> Counter[Result]:
    return Counter({result: n for result, n in without_paths(results).items() if result[0].startswith(BUILDING)})


def of_registry(release: Release, data: Sequence[Statement]) -> Counter[Result]:
    found = release.shapes.validate(WholeRecord(data, release.model))
    return of_building(told(violation for violation in found if "semantic-twins" not in violation.shape))


@cache
def prepared(name: str) -> shifty.PreparedValidator:
    return shifty.PreparedValidator(serialise(foreign(name).statements, Syntax.N_TRIPLES))


def of_shifty(name: str, data: Sequence[Statement]) -> Counter[Result]:
    """What pyshifty finds, which knows metaclasses, with the ontology beside the data."""
    statements = serialise([*data, *foreign(name).statements], Syntax.N_TRIPLES)
    _, report, _ = prepared(name).validate(statements, graph_mode="data", infer=False)
    report.remove((None, rdflib.URIRef(SH + "resultPath"), None))
    graph = MemoryGraph(parse(report.serialize(format="nt").encode(), Syntax.N_TRIPLES).statements)
    return of_building(written(graph, graph.sources(SH + "ValidationReport", RDF_TYPE)[0]))


def compare(name: str, namespace: Iri, seed: int, size: int) -> int:
    release = released(name)
    data = building(seed, size, foreign(name), list(release.model.classes), namespace)
    own, theirs = of_registry(release, data), of_shifty(name, data)
    assert own == theirs, f"seed {seed}: only here {own - theirs}, only there {theirs - own}"
    return sum(own.values())


def test_223p_finds_what_an_engine_finds_that_knows_metaclasses() -> None:
    assert compare("223P", S223, seed=1_000, size=6) > 10


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize(("name", "namespace"), [("223P", S223), ("Brick", BRICK)])
def test_and_so_do_many_buildings(name: str, namespace: Iri) -> None:
    assert sum(compare(name, namespace, seed, size=30) for seed in range(20)) > 1_000
