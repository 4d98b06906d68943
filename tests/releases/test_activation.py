"""A release in force: weighed against all that is stored, taken in the moment of one entry, kept over a restart."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import httpx
import pytest

from registry.api.graphql.fixed import schema
from registry.api.graphql.fixed.schema import ReleaseSchema, Roots
from registry.api.graphql.serve.limits import Limits
from registry.app.application import create_app
from registry.app.core import Registry
from registry.domain.judgement import owed
from registry.domain.releases.impact import Impact, Waiver
from registry.domain.releases.release import Release
from registry.errors import BadInput, ImpactUnanswered, ShapesViolated
from registry.ontology.modules import Module, module_of
from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Literal
from registry.rdf.vocabulary import GOVERNED_BY, IN_STATE, RDF_TYPE, STANDARD, TWIN, TWIN_OF, XSD_INTEGER
from registry.services.releases.migration import Migration
from registry.stores.submission import Receipt
from tests.principals import LOCAL
from tests.releases.models import (
    ACTOR,
    NS,
    SHAPES,
    class_,
    model,
    opened,
    press,
    property_,
    put,
    shape,
    shapes,
    silent,
    started,
    store,
    writing,
)

STRICTER = [model("2.0.0", class_("Press"), property_("force")), shapes(shape("Press", "force", "sh:minCount 1"))]
RENAMED = [model("2.0.0", class_("Stamp"), property_("load")), shapes(shape("Stamp", "load", "sh:maxInclusive 100"))]


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with opened(tmp_path) as found:
        yield started(found)


def draft(registry: Registry, modules: list) -> str:  # type: ignore[type-arg]
    return registry.releases.publish(LOCAL, modules).note.digest


def machine_without(registry: Registry, state: str) -> Module:
    """The standard lifecycle with a state renamed, as an expert would who finds a better word."""
    module = next(m for m in registry.ontologies.active().modules if m.name == "lifecycle-standard")
    content = module.text.decode().replace(f":{state} ", f":{state}Now ").replace(f"#{state}\n", f"#{state}Now\n")
    content = re.sub(rf":{state}\b(?!Now)", f":{state}Now", content)
    return module_of(module.name, content.replace(module.version, "9.0.0").encode(), module.kind)


def impact(registry: Registry, digest: str, migration: Migration | None = None) -> Impact:
    return registry.releases.impact(LOCAL, digest, silent, migration or Migration())


def test_every_write_is_checked_under_the_release_that_its_entry_names(registry: Registry) -> None:
    store(registry, *press(1, 5))
    digest = put(registry, STRICTER)
    with pytest.raises(ShapesViolated, match="Mend the value"):
        store(registry, *press(2))
    store(registry, *press(3, 5))
    entries = registry.record.entries(0, 100)
    assert [entry.release == digest for entry in entries[-2:]] == [True, True]
    assert entries[-2].events[0].kind == "ReleaseActivated"
    assert entries[-3].release != digest


def test_the_impact_names_the_resources_that_would_start_to_fail(registry: Registry) -> None:
    store(registry, *press(1, 5), *press(2), *press(3))
    found = impact(registry, draft(registry, STRICTER))
    assert found.starting == found.failing == {NS + "press2", NS + "press3"}
    shape_impact = found.shapes[0]
    assert (shape_impact.shape, shape_impact.count) == (SHAPES + "Press-force", 2)
    assert not impact(registry, registry.ontologies.active().digest).shapes


def test_a_release_that_breaks_what_is_stored_needs_an_answer(registry: Registry) -> None:
    store(registry, *press(1, 5), *press(2))
    digest = draft(registry, STRICTER)
    before = registry.record.head()
    with pytest.raises(ImpactUnanswered, match="1 violations would begin") as refused:
        registry.releases.activate(ACTOR, digest)
    assert refused.value.details["shapes"][0]["examples"] == [NS + "press2"]
    assert registry.record.head() == before
    assert registry.ontologies.active().digest != digest
    registry.releases.activate(ACTOR, digest, [Waiver("Press-force", "the vendor sends it in May")])
    assert registry.ontologies.active().digest == digest
    release = registry.ontologies.active()
    assert [violation.shape for violation in owed(release, registry.record.view(), NS + "press2")] == [
        SHAPES + "Press-force"
    ]


async def test_the_schema_is_there_before_the_release_is(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    app, first, built = create_app(registry), registry.ontologies.active().digest, []

    class Watched(ReleaseSchema):
        def __init__(self, release: Release, limits: Limits, roots: Roots) -> None:
            built.append((release.digest, registry.ontologies.active().digest))
            super().__init__(release, limits, roots)

    monkeypatch.setattr(schema, "ReleaseSchema", Watched)
    digest = await asyncio.to_thread(put, registry, STRICTER)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        answer = await client.post("/graphql", json={"query": "{ release { digest } presses { nodes { force } } }"})
    assert answer.json()["data"]["release"]["digest"] == digest
    assert built == [(digest, first)]


def test_a_release_that_cannot_be_made_ready_does_not_come_into_force(registry: Registry) -> None:
    first, position = registry.ontologies.active().digest, registry.record.head()

    def fail(release: Release) -> None:
        raise RuntimeError("no room")

    registry.releases.ready(fail)
    with pytest.raises(RuntimeError, match="no room"):
        put(registry, STRICTER)
    assert (registry.ontologies.active().digest, registry.record.head()) == (first, position)


def test_a_restart_keeps_the_release_and_its_names(tmp_path: Path) -> None:
    with opened(tmp_path) as registry:
        digest = put(started(registry), STRICTER)
        name = registry.ontologies.active().names.name(NS + "Press")
    with opened(tmp_path) as registry:
        assert registry.ontologies.active().digest == digest
        assert registry.ontologies.active().names.name(NS + "Press") == name
        assert registry.ontologies.has_other_files
        with pytest.raises(ShapesViolated):
            store(registry, *press(2))


def test_rolling_back_is_one_more_entry(registry: Registry) -> None:
    first = registry.ontologies.active().digest
    put(registry, STRICTER)
    assert registry.releases.previous() == first
    registry.releases.activate(ACTOR, registry.releases.previous())
    assert registry.ontologies.active().digest == first
    store(registry, *press(2))
    with pytest.raises(BadInput, match="active already"):
        registry.releases.activate(ACTOR, first)


def test_what_falls_away_is_found_where_it_is_used_and_renaming_mends_it(registry: Registry) -> None:
    store(registry, *press(1, 5), *press(2))
    digest = draft(registry, RENAMED)
    assert impact(registry, digest).starting == {NS + "press1", NS + "press2"}
    migration = Migration({"Press": "Stamp", "force": "load"})
    assert not impact(registry, digest, migration).starting
    with pytest.raises(ImpactUnanswered):
        registry.releases.activate(ACTOR, digest)
    receipt = registry.releases.activate(ACTOR, digest, migration=migration)
    stamp = registry.record.view().resources([NS + "press1"])[NS + "press1"]
    assert stamp.classes == [NS + "Stamp"]
    assert stamp.values(NS + "load") == [Literal("5", XSD_INTEGER)]
    assert registry.record.entries(receipt.position - 1, 1)[0].release == digest


def test_a_sparql_update_migrates_and_keeps_every_other_spelling(registry: Registry) -> None:
    odd = (NS + "press1", NS + "force", Literal("007", XSD_INTEGER))
    store(registry, *press(1), odd, *press(2, 400))
    digest = draft(registry, RENAMED)
    update = """DELETE { ?p site:force ?f } INSERT { ?p site:load ?less }
                WHERE { ?p site:force ?f BIND(IF(?f > 100, 100, ?f) AS ?less) }"""
    migration = Migration({"Press": "Stamp"}, update)
    registry.releases.activate(ACTOR, digest, migration=migration)
    resources = registry.record.view().resources([NS + "press1", NS + "press2"])
    assert resources[NS + "press2"].values(NS + "load") == [Literal("100", XSD_INTEGER)]
    graph = MemoryGraph(s for resource in resources.values() for s in resource.triples())
    assert not [s for s in graph if s[1] == NS + "force"]


@pytest.mark.parametrize(
    "update", ["LOAD <file:///etc/passwd>", "DROP ALL", "INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> <urn:c> } }",
               "DELETE WHERE { ?s nobody:p ?o }", "INSERT { ?s ?p ?o"],
)  # fmt: skip
def test_an_update_that_reaches_beyond_what_is_stored_is_refused(registry: Registry, update: str) -> None:
    with pytest.raises(BadInput):
        impact(registry, draft(registry, RENAMED), Migration(update=update))


def test_a_state_that_falls_away_is_told_with_those_in_it(registry: Registry) -> None:
    twin = NS + "twin"
    store(
        registry, *press(1, 5), (twin, RDF_TYPE, TWIN), (twin, GOVERNED_BY, STANDARD + "twinLifecycle"),
        (twin, IN_STATE, STANDARD + "Suspended"), (twin, TWIN_OF, NS + "press1"),
    )  # fmt: skip
    digest = draft(registry, [machine_without(registry, "Suspended")])
    assert impact(registry, digest).orphaned == {STANDARD + "Suspended": {twin}}


def test_no_write_slips_between_the_weighing_and_the_release(registry: Registry) -> None:
    """Clients go on writing what the draft refuses; whatever is stored in the end was answered for or refused."""
    digest, stop = draft(registry, STRICTER), threading.Event()
    written: list[Future[Receipt]] = []

    def write() -> None:
        number = 10
        while not stop.is_set():
            number += 1
            assert registry.writer is not None
            future = registry.writer.submit(writing(*press(number, *([] if number % 2 else [1]))))
            written.append(future)
            future.exception(60)

    client = threading.Thread(target=write)
    client.start()
    outcomes = set()
    for _ in range(5):
        try:
            registry.releases.activate(ACTOR, digest)
            outcomes.add("activated")
            break
        except ImpactUnanswered:
            outcomes.add("unanswered")
    stop.set()
    client.join()
    release, view = registry.ontologies.active(), registry.record.view()
    faulty = [iri for iri in registry.record.iris("", 100_000) if owed(release, view, iri)]
    assert faulty == [], outcomes
