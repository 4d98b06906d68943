"""RealEstateCore over real buildings: published as it is, its faults those that pySHACL finds, and queried typed.

No building that is free to use speaks RealEstateCore. Brick 1.4 gave its classes of places up for those of
RealEstateCore and says which takes the place of which, so Brick's buildings are read with these words.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from registry.ontology.modules import Module, ModuleKind, read_module, standard_modules
from registry.rdf.syntax import Syntax, parse, serialise
from registry.rdf.terms import Iri, Statement, local_name
from registry.rdf.vocabulary import INTEGRITY, RDF_TYPE, SH
from registry.services.audit.pyshacl_engine import judged
from registry.services.transfer.importer import ImportOptions, OnFault, Transfer
from registry.shacl.reports.graph import Key, Violation
from tests.graphql.server import Server
from tests.places import shared
from tests.principals import LOCAL
from tests.releases.test_foreign import BRICK, brick

REC = "https://w3id.org/rec#"
SODA, MORTAR = ("brick-soda-hall", "soda_brick.ttl"), ("brick-mortar-bldg1", "bldg1.ttl")


@cache
def rec() -> Module:
    return read_module(shared("realestatecore-4", "rec.ttl"), ModuleKind.FOREIGN)


def building(parts: Sequence[str]) -> list[Statement]:
    """A building of Brick in the words of RealEstateCore: the classes that Brick names, and properties of one name."""
    classes = {s: o for s, p, o in brick().statements if p == BRICK + "isReplacedBy" and isinstance(o, str)}
    paths = {o for _, p, o in rec().statements if p == SH + "path"}
    said = parse(shared(*parts).read_bytes(), Syntax.TURTLE).statements
    found = []
    for subject, predicate, target in said:
        own = REC + local_name(predicate)
        is_shared = predicate.startswith(BRICK) and own in paths
        kind = predicate == RDF_TYPE and isinstance(target, str)
        found.append((subject, own if is_shared else predicate, classes.get(str(target), target) if kind else target))
    return found


def damaged(statements: list[Statement], seed: int) -> list[Statement]:
    """With links that lead elsewhere, and some twice."""
    chance = random.Random(seed)
    resources = sorted({subject for subject, _, _ in statements})
    places = [subject for subject, predicate, target in statements if str(target).startswith(REC)]

    def elsewhere(statement: Statement) -> Statement:
        is_moved = statement[1].startswith(REC) and chance.random() < 0.3
        return (statement[0], statement[1], chance.choice(resources)) if is_moved else statement

    more = [(subject, REC + "isPartOf", chance.choice(places)) for subject in chance.choices(places, k=200)]
    return [*map(elsewhere, statements), *more]


def imported(server: Server, folder: Path, statements: list[Statement]) -> list[Violation]:
    """What the shapes find in statements that are all kept."""
    file = folder / "building.nt"
    file.write_bytes(serialise(statements, Syntax.N_TRIPLES))
    transfer = Transfer(server.record, server.writer, server.ontologies.active, folder, server.open_to_read)
    result = transfer.import_files(LOCAL, [file], ImportOptions(on_fault=OnFault.OWE))
    assert result.stored == result.resources
    return [found for found in result.violations if not found.component.startswith(INTEGRITY)]


def by_pyshacl(server: Server, modules: Sequence[Module]) -> Counter[Key]:
    resources = server.record.view().resources(server.record.iris("", 10_000)).values()
    found = judged([statement for resource in resources for statement in resource.triples()], modules)
    return keys([violation for violation in found if violation.severity.refuses])


def keys(violations: Sequence[Violation]) -> Counter[Key]:
    return Counter(violation.key() for violation in violations)


@pytest.mark.parametrize(("parts", "seed"), [(SODA, 0), (MORTAR, 0), (SODA, 1), (MORTAR, 2)])
def test_the_faults_of_a_building_are_those_that_pyshacl_finds(parts: Sequence[str], seed: int, tmp_path: Path) -> None:
    statements, modules = building(parts), [*standard_modules(), rec()]
    with Server(tmp_path, modules=modules) as server:
        found = imported(server, tmp_path, damaged(statements, seed) if seed else statements)
        assert keys(found) == by_pyshacl(server, modules)
    assert len(found) > 100 if seed else len(found) == (2 if parts is SODA else 0)


@pytest.mark.soak
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize(("parts", "count"), [(SODA, 53), (MORTAR, 427)])
def test_they_are_the_same_with_brick_beside_it(parts: Sequence[str], count: int, tmp_path: Path) -> None:
    modules = [*standard_modules(), brick(), rec()]
    with Server(tmp_path, modules=modules) as server:
        found = imported(server, tmp_path, building(parts))
        assert len(found) == count
        # Brick brings some shapes of RealEstateCore along, under the same names: one fault, which pySHACL tells twice.
        assert keys(found).keys() == by_pyshacl(server, modules).keys()


@pytest.fixture(scope="module")
def soda_hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("rec")
    with Server(folder, modules=[*standard_modules(), rec()]) as server:
        imported(server, folder, building(SODA))
        yield server


def nodes(server: Server, query: str) -> list[dict[str, Any]]:
    answer = server.ask(query)
    assert "errors" not in answer, answer
    (page,) = answer["data"].values()
    assert not page["pageInfo"]["hasNextPage"]
    found: list[dict[str, Any]] = page["nodes"]
    return found


def iris(page: dict[str, Any]) -> set[Iri]:
    return {node["iri"] for node in page["nodes"]}


def of_class(said: list[Statement], name: str) -> set[Iri]:
    return {subject for subject, predicate, target in said if (predicate, target) == (RDF_TYPE, REC + name)}


def linked(said: list[Statement], name: str) -> dict[Iri, set[Iri]]:
    found: dict[Iri, set[Iri]] = defaultdict(set)
    for subject, predicate, target in said:
        if predicate == REC + name:
            found[subject].add(str(target))
    return found


def backwards(links: dict[Iri, set[Iri]]) -> dict[Iri, set[Iri]]:
    found: dict[Iri, set[Iri]] = defaultdict(set)
    for subject, targets in links.items():
        for target in targets:
            found[target].add(subject)
    return found


def test_a_building_is_asked_part_by_part(soda_hall: Server) -> None:
    said = building(SODA)
    parts, rooms = linked(said, "hasPart"), backwards(linked(said, "isPartOf"))
    zones = nodes(
        soda_hall,
        """{ hvacZones(first: 900) { pageInfo { hasNextPage }
               nodes { iri rec_hasPart(first: 9) { nodes { iri isPartOf { iri } } } } } }""",
    )
    assert {zone["iri"] for zone in zones} == of_class(said, "HVACZone")
    assert all(iris(zone["rec_hasPart"]) == parts[zone["iri"]] for zone in zones)
    levels = nodes(
        soda_hall,
        """{ levels(first: 9) { pageInfo { hasNextPage } nodes {
               iri isPartOf { iri ... on Building { name } }
               isPartOfInverse(first: 90) { nodes { iri ... on Room {
                 rec_hasPartInverse(first: 3) { nodes { iri } } } } }
             } } }""",
    )
    assert {level["iri"] for level in levels} == of_class(said, "Level")
    assert {level["isPartOf"]["name"] for level in levels} == {"Soda Hall"}
    zones_of = backwards(parts)
    for level in levels:
        assert iris(level["isPartOfInverse"]) == rooms[level["iri"]]
        for room in level["isPartOfInverse"]["nodes"]:
            assert iris(room["rec_hasPartInverse"]) == zones_of[room["iri"]]
    assert sum(len(level["isPartOfInverse"]["nodes"]) for level in levels) == 241


def test_rooms_are_counted_and_filtered_by_what_they_are_part_of(soda_hall: Server) -> None:
    said = building(SODA)
    level, rooms = max(backwards(linked(said, "isPartOf")).items(), key=lambda item: len(item[1]))
    found = nodes(
        soda_hall,
        f"""{{ rooms(first: 900, filter: {{ isPartOf: {{ some: {{ resource: {{ iri: "{level}" }} }} }} }}) {{
                 pageInfo {{ hasNextPage }} nodes {{ iri }} }} }}""",
    )
    assert {room["iri"] for room in found} == rooms & of_class(said, "Room")


def test_its_points_are_one_request_away_beside_brick(tmp_path: Path) -> None:
    said = building(SODA)
    points = {point for found in linked(said, "hasPoint").values() for point in found}
    with Server(tmp_path, modules=[*standard_modules(), brick(), rec()]) as server:
        imported(server, tmp_path, said)
        answer = server.ask(
            """{ rec_assets(filter: { rec_hasPoint: { some: {} } }, first: 400) { pageInfo { hasNextPage }
                   nodes { iri rec_hasPoint(first: 50) { nodes { iri } } } } }"""
        )
        page = answer["data"]["rec_assets"]
    assert not page["pageInfo"]["hasNextPage"]
    nodes = [point for node in page["nodes"] for point in node["rec_hasPoint"]["nodes"]]
    assert nodes.count(None) == len(answer["errors"]) == 21
    assert {point["iri"] for point in nodes if point is not None} < points
    assert len(nodes) == 926
