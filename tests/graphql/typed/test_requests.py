"""Typed requests as clients make them: writes, faulty values, levels, limits, languages, counts, subscriptions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from registry.domain.releases.release import compile_release
from registry.ontology.modules import ModuleKind, module_of, standard_modules
from registry.rdf.terms import Iri, Literal, Statement, text
from registry.rdf.vocabulary import CORE, RDF_TYPE, XSD_DECIMAL
from registry.stores.neo4j import finding as neo4j_finding
from registry.stores.sqlite import finding as sqlite_finding
from tests.graphql.server import Server
from tests.stores.conftest import STORES, opener_of
from tests.stores.plant import put

PLANT = "https://w3id.org/semantic-twins/plant#"
FLOW, FEEDS, CRITICALITY = PLANT + "ratedFlow", CORE + "feeds", PLANT + "criticality"
_MODEL = """
@prefix : <https://more.example/model#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix plant: <https://w3id.org/semantic-twins/plant#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://more.example/model> a owl:Ontology .
:note a owl:DatatypeProperty ; rdfs:domain plant:Pump ; rdfs:range rdf:langString .
"""


@pytest.fixture(scope="module", params=STORES)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    modules = [*standard_modules(), module_of("more", _MODEL.encode(), ModuleKind.ONTOLOGY)]
    folder = tmp_path_factory.mktemp("typed")
    with Server(folder, modules=modules, opener=opener_of(request.param, folder)) as running:
        yield running


def create(server: Server, iri: str, kind: str = "Pump", **more: Any) -> dict[str, Any]:
    query = f"""mutation ($input: {kind}Input!) {{ create{kind}(input: $input) {{
        revision position resource {{ iri }} warnings {{ message }} {kind[0].lower() + kind[1:]} {{ iri name }} }} }}"""
    made: dict[str, Any] = server.data(query, input={"iri": iri, "name": iri[-3:], **more})[f"create{kind}"]
    return made


def store(server: Server, *statements: Statement) -> None:
    """Put something into the record that no shape has seen, as an older model may have left it."""
    server.writer.close()
    put(server.record, *statements)
    server.restart()


def test_what_is_made_is_answered_as_its_type(server: Server) -> None:
    made = create(server, "urn:made:001", ratedFlow=12.5, criticality="low", twin={"iri": "urn:made:twin"})
    assert made["resource"] == {"iri": "urn:made:001"}
    assert (made["revision"], made["pump"]["name"]) == (1, "001")
    assert "serial number" in made["warnings"][0]["message"]
    told = server.data("""{ pump(iri: "urn:made:001") { __typename ratedFlow criticality twin { iri state { name } } }
        twin(iri: "urn:made:twin") { entity { __typename ... on Pump { ratedFlow } } }
        other: twin(iri: "urn:made:twin") { entity { __typename } } none: hall(iri: "urn:made:001") { iri } }""")
    twin = {"iri": "urn:made:twin", "state": {"name": "Draft"}}
    assert told["pump"] == {"__typename": "PlainPump", "ratedFlow": 12.5, "criticality": "low", "twin": twin}
    assert told["twin"]["entity"] == {"__typename": "PlainPump", "ratedFlow": 12.5}
    assert told["other"]["entity"] == {"__typename": "Entity"}, "who asks for nothing typed gets what there always was"
    assert told["none"] is None


def test_patches_and_links_are_the_generic_commands(server: Server) -> None:
    for name in ("a", "b"):
        create(server, f"urn:patch:{name}", ratedFlow=1)
    patch = """mutation ($set: PumpPatch!, $dry: Boolean!) { patchPump(iri: "urn:patch:a", set: $set, dryRun: $dry) {
        revision position pump { name ratedFlow ratedHead } } }"""
    changed = server.data(patch, set={"ratedHead": 3, "name": "new"}, dry=False)["patchPump"]
    assert changed["pump"] == {"name": "new", "ratedFlow": 1.0, "ratedHead": 3.0}
    dry = server.data(patch, set={"ratedHead": None}, dry=True)["patchPump"]
    assert (dry["position"], dry["pump"]["ratedHead"]) == (None, None)
    assert server.data('{ pump(iri: "urn:patch:a") { ratedHead } }') == {"pump": {"ratedHead": 3.0}}
    assert server.refused(patch, set={"ratedFlow": -1}, dry=False)["code"] == "SHAPES_VIOLATED"
    assert server.refused(patch, set={}, dry=False)["code"] == "BAD_INPUT"
    link = """mutation { %sPump(iri: "urn:patch:a", %s: {feeds: "urn:patch:b"}) {
        pump { feeds { nodes { iri } totalCount } } } }"""
    told = server.data(link % ("link", "to"))["linkPump"]["pump"]["feeds"]
    assert told == {"nodes": [{"iri": "urn:patch:b"}], "totalCount": 1}
    back = server.data('{ pump(iri: "urn:patch:b") { isFedBy { nodes { iri name } } } }')["pump"]["isFedBy"]["nodes"]
    assert back == [{"iri": "urn:patch:a", "name": "new"}]
    assert server.data(link % ("unlink", "from"))["unlinkPump"]["pump"]["feeds"]["totalCount"] == 0
    wrong = server.refused('mutation { patchPump(iri: "urn:patch:none", set: {ratedHead: 1}) { revision } }')
    assert (wrong["code"], wrong["iri"]) == ("NOT_FOUND", "urn:patch:none")
    missing = server.refused('mutation { createPump(input: {name: "no flow"}) { revision } }')
    assert "ratedFlow" in missing["message"]


def test_a_repeated_request_answers_the_same(server: Server) -> None:
    query = """mutation { createPump(input: {name: "once", ratedFlow: 2}, idempotencyKey: "once") {
        position resource { iri } pump { iri } } }"""
    first, second = server.data(query), server.data(query)
    assert first == second
    assert first["createPump"]["pump"] == first["createPump"]["resource"]


def test_a_stored_value_that_breaks_the_type_is_an_error_of_its_own(server: Server) -> None:
    def pump(iri: Iri, *more: Statement) -> tuple[Statement, ...]:
        return ((iri, RDF_TYPE, PLANT + "Pump"), *more)

    store(
        server,
        *pump("urn:old:1", ("urn:old:1", FLOW, text("fast")), ("urn:old:1", CRITICALITY, text("utmost"))),
        *pump("urn:old:2", ("urn:old:2", FEEDS, "urn:old:id"), ("urn:old:2", FEEDS, "urn:old:1")),
        *pump("urn:old:3", *(("urn:old:3", FLOW, Literal(n, XSD_DECIMAL)) for n in ("1", "2"))),
        ("urn:old:id", RDF_TYPE, CORE + "Identifier"),
    )  # fmt: skip
    answer = server.ask(
        """query ($iris: [Iri!]) { pumps(filter: {resource: {iri: $iris}}, orderBy: {iri: ASC}) {
             nodes { iri ratedFlow criticality feeds { nodes { iri } } } } }""",
        iris=["urn:old:1", "urn:old:2", "urn:old:3"],
    )
    assert answer["data"]["pumps"]["nodes"] == [
        {"iri": "urn:old:1", "ratedFlow": None, "criticality": None, "feeds": {"nodes": []}},
        {"iri": "urn:old:2", "ratedFlow": None, "criticality": None, "feeds": {"nodes": [{"iri": "urn:old:1"}, None]}},
        {"iri": "urn:old:3", "ratedFlow": None, "criticality": None, "feeds": {"nodes": []}},
    ]
    told = {tuple(error["path"][2:]): error for error in answer["errors"]}
    assert set(told) == {
        (0, "ratedFlow"), (0, "criticality"), (1, "ratedFlow"), (1, "feeds", "nodes", 1), (2, "ratedFlow")
    }  # fmt: skip
    for path, iri, word in (((0, "ratedFlow"), "urn:old:1", "Datatype"), ((1, "ratedFlow"), "urn:old:2", "MinCount"),
                            ((2, "ratedFlow"), "urn:old:3", "MaxCount"),
                            ((1, "feeds", "nodes", 1), "urn:old:2", "Class")):  # fmt: skip
        extensions = told[path]["extensions"]
        (violation,) = extensions["violations"]
        assert f"<{iri}>" in told[path]["message"]
        assert (extensions["code"], violation["focus"]) == ("SHAPES_VIOLATED", iri)
        assert word in violation["component"]


def test_a_page_of_any_size_costs_two_questions_for_each_level(server: Server) -> None:
    iris = [f"urn:level:{number:02}" for number in range(40)]
    create(server, "urn:level:hall", "Hall")
    for number, iri in enumerate(iris):
        create(server, iri, ratedFlow=number + 1, locatedIn=["urn:level:hall"], feeds=iris[max(0, number - 2) : number])
    query = """query ($n: Int!, $iris: [Iri!]) { pumps(filter: {resource: {iri: $iris}}, first: $n) { nodes {
        iri twin { state { name } } locatedIn(first: 2) { nodes { name locatedInInverse(first: 3) { nodes { iri } } } }
        isFedBy(first: 3) { nodes { iri dependsOnInverse(first: 2) { nodes { iri } }
          feeds(first: 3) { nodes { twin { iri } } totalCount } } }
        feeds(first: 3) { nodes { iri } } connectedTo(first: 1) { nodes { iri } } } } }"""
    for size in (1, 10, 40):
        server.counting.calls.clear()
        server.data(query, n=size, iris=iris)
        assert sum(server.counting.calls.values()) <= 1 + 2 * 3, server.counting.calls
        assert server.counting.calls["find"] == 1


def test_a_request_that_asks_for_too_much_is_refused_with_the_number(server: Server) -> None:
    deep = "{ pumps(first: 100) { nodes { feeds(first: 100) { nodes { isFedBy(first: 100) { nodes { iri } } } } } } }"
    refused = server.refused(deep)
    assert (refused["code"], refused["limit"]) == ("QUERY_TOO_LARGE", 50_000)
    assert refused["actual"] > 1_000_000
    filtered = "{ pumps(filter: %s) { totalCount } }"
    assert server.refused(filtered % ("{not: " * 9 + "{}" + "}" * 9))["code"] == "QUERY_TOO_LARGE"
    assert server.refused("{ pumps(first: 1001) { totalCount } }")["code"] == "QUERY_TOO_LARGE"


def test_texts_come_in_the_language_that_is_asked_for(server: Server) -> None:
    notes = [{"value": "hot", "language": "en"}, {"value": "heiß", "language": "de-AT"}, {"value": "??"}]
    create(server, "urn:text:1", ratedFlow=1, note=notes)
    query = """{ pump(iri: "urn:text:1") { all: note de: note(language: ["fr", "de"]) fr: note(language: ["fr"]) } }"""
    told = server.data(query)["pump"]
    assert sorted(told["all"]) == ["??", "heiß", "hot"]
    assert (told["de"], told["fr"]) == (["heiß"], ["??"])


def test_counts_by_value_state_and_class_agree_with_lists(server: Server) -> None:
    for number in range(6):
        kind = ["Pump", "DosingPump"][number % 2]
        create(server, f"urn:count:{number}", kind, ratedFlow=number + 1, criticality=["low", "high"][number % 2],
               twin={"iri": f"urn:count:t{number}"}, tag="counted")  # fmt: skip
    server.data('mutation { transition(twin: "urn:count:t0", trigger: "discard") { revision } }')
    told = server.data("""{ pumps(filter: {tag: {eq: "counted"}}) { totalCount
        state: groups(by: state) { name count } class: groups(by: class) { name count }
        criticality: groups(by: criticality) { value count } head: groups(by: ratedHead) { value count } } }""")[
        "pumps"
    ]
    assert told["totalCount"] == 6
    assert told["state"] == [{"name": "Draft", "count": 5}, {"name": "Discarded", "count": 1}]
    assert told["class"] == [{"name": "DosingPump", "count": 3}, {"name": "Pump", "count": 3}]
    assert told["criticality"] == [{"value": "high", "count": 3}, {"value": "low", "count": 3}]
    assert told["head"] == [{"value": None, "count": 6}]


def test_links_come_page_by_page(server: Server) -> None:
    create(server, "urn:page:hub", ratedFlow=1)
    ends = [f"urn:page:{number}" for number in range(7)]
    for iri in ends:
        create(server, iri, ratedFlow=1, feeds=["urn:page:hub"])
    query = """query ($after: String) { pump(iri: "urn:page:hub") { isFedBy(first: 3, after: $after) {
        totalCount edges { cursor iri } pageInfo { hasNextPage endCursor } } } }"""
    seen: list[str] = []
    after, more = None, True
    while more:
        page = server.data(query, after=after)["pump"]["isFedBy"]
        assert page["totalCount"] == 7
        seen += [edge["iri"] for edge in page["edges"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert seen == ends


async def streamed(server: Server, query: str, until: str, **variables: Any) -> list[dict[str, Any]]:
    """What a subscription says, up to the event in which a word occurs, or to its end."""
    found: list[dict[str, Any]] = []
    content = {"query": query, "variables": variables}
    async with (
        asyncio.timeout(20),
        httpx.AsyncClient() as client,
        client.stream("POST", f"{server.address}/graphql/stream", json=content) as answer,
    ):
        async for line in answer.aiter_lines():
            if line.startswith("data: {"):
                found.append(json.loads(line.removeprefix("data: ")))
                if until in line:
                    break
    return found


PUMPS = """subscription ($filter: PumpFilter, $after: Position) { pumpChanged(filter: $filter, after: $after) {
    iri pump { ratedFlow } change { position cause } } }"""


async def test_the_members_of_a_class_are_watched(server: Server) -> None:
    start = server.record.head()
    for number, kind in enumerate(("Pump", "DosingPump")):
        create(server, f"urn:watch:{number}", kind, ratedFlow=number + 1)
    create(server, "urn:watch:hall", "Hall")
    server.data('mutation { patchPump(iri: "urn:watch:1", set: {ratedFlow: 5}) { revision } }')
    told = [one["data"]["pumpChanged"] for one in await streamed(server, PUMPS, "patchResource", after=start)]
    assert [(one["iri"], one["pump"]["ratedFlow"]) for one in told] == [
        ("urn:watch:0", 1.0), ("urn:watch:1", 2.0), ("urn:watch:1", 5.0)
    ]  # fmt: skip
    meant = await streamed(server, PUMPS, "patchResource", after=start, filter={"ratedFlow": {"gt": 4}})
    assert {one["data"]["pumpChanged"]["iri"] for one in meant} == {"urn:watch:1"}


async def test_a_release_is_swapped_whole_and_who_watches_is_told(server: Server) -> None:
    old = server.ontologies.active()
    more = module_of("next", _MODEL.replace("model", "next").replace(":note", ":grade").encode(), ModuleKind.ONTOLOGY)
    new = compile_release([*old.modules, more], old.names)
    start = server.record.head()
    typed = asyncio.create_task(streamed(server, PUMPS, "no such word", after=start))
    changes = "subscription ($after: Position) { changes(after: $after) { release } }"
    generic = asyncio.create_task(streamed(server, changes, new.digest, after=start))
    asked = "{ pumps(first: 1) { nodes { grade } } }"
    assert "grade" in server.refused(asked)["message"]
    await asyncio.to_thread(create, server, "urn:swap:1", ratedFlow=1)
    await asyncio.sleep(0.3)
    server.activate(new)
    try:
        assert "errors" not in server.ask(asked)
        await asyncio.to_thread(create, server, "urn:swap:2", ratedFlow=2)
        *seen, last = await typed
        assert [one["data"]["pumpChanged"]["iri"] for one in seen] == ["urn:swap:1"]
        (error,) = last["errors"]
        assert error["extensions"] == {"code": "RELEASE_CHANGED", "release": new.digest, "position": start + 1}
        rest = await streamed(server, PUMPS, "urn:swap:2", after=error["extensions"]["position"])
        assert [one["data"]["pumpChanged"]["iri"] for one in rest] == ["urn:swap:2"], "nothing is lost over the change"
        assert (await generic)[-1]["data"]["changes"]["release"] == new.digest, "who needs no type of it goes on"
        silent = asyncio.create_task(streamed(server, PUMPS, "no such word"))
        await asyncio.sleep(0.5)
        server.activate(old)
        assert (await silent)[-1]["errors"][0]["extensions"]["code"] == "RELEASE_CHANGED"
    finally:
        server.activate(old)


@pytest.mark.parametrize("listed", ["pumps(filter: {tag: {ne: %s}})", "twins(filter: {not: {text: %s}})"])
def test_a_count_that_stops_says_so(server: Server, monkeypatch: pytest.MonkeyPatch, listed: str) -> None:
    for number in range(3):
        create(server, f"urn:stop:{listed[0]}{number}", tag="stopping", ratedFlow=1)
    query = f"{{ found: {listed % json.dumps('nothing')} {{ totalCount totalCountIsExact }} }}"
    whole = server.data(query)["found"]
    assert whole["totalCount"] >= 3
    assert whole["totalCountIsExact"] is True
    for store in (sqlite_finding, neo4j_finding):
        monkeypatch.setattr(store, "FEW", 0)
        monkeypatch.setattr(store, "COUNTED_UP_TO", 2)
    monkeypatch.setattr(sqlite_finding, "FEW_WITHOUT", 0)
    monkeypatch.setattr(sqlite_finding, "_BOUNDS", (1, 2))
    server.counting.calls.clear()
    assert server.data(query)["found"] == {"totalCount": 2, "totalCountIsExact": False}
    # One for the page, one for both numbers.
    assert server.counting.calls["find"] == 2
    every = server.data("{ pumps { totalCount totalCountIsExact nodes { iri } } }")["pumps"]
    assert every["totalCountIsExact"] is True
    link = "query ($iri: Iri!) { pump(iri: $iri) { feeds { totalCount totalCountIsExact } } }"
    assert server.data(link, iri=f"urn:stop:{listed[0]}0")["pump"]["feeds"] == {
        "totalCount": 0,
        "totalCountIsExact": True,
    }
