"""As clients expect: revisions of links, what goes with a deletion, exact decimals, history of what is gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from registry.api.graphql.typed.naming import article
from tests.graphql.server import Server

Fresh = Callable[[str], str]
Pump = Callable[..., str]
REVISION = "query ($i: Iri!) { resource(iri: $i) { revision } }"


def revision(server: Server, iri: str) -> int:
    return int(server.data(REVISION, i=iri)["resource"]["revision"])


@pytest.mark.parametrize("way", ["generic", "typed", "apply"])
def test_links_keep_to_an_expected_revision(server: Server, pump: Pump, fresh: Fresh, way: str) -> None:
    pump("pump")
    pump("other")
    one, other = fresh("pump"), fresh("other")
    link, unlink = {
        "generic": (
            'link(subject: $s, predicate: "feeds", object: $o, expectedRevision: $r)',
            'unlink(subject: $s, predicate: "feeds", object: $o, expectedRevision: $r)',
        ),
        "typed": (
            "linkPump(iri: $s, to: {feeds: $o}, expectedRevision: $r)",
            "unlinkPump(iri: $s, from: {feeds: $o}, expectedRevision: $r)",
        ),
        "apply": (
            'apply(commands: [{link: {subject: $s, predicate: "feeds", object: $o, expectedRevision: $r}}])',
            'apply(commands: [{unlink: {subject: $s, predicate: "feeds", object: $o, expectedRevision: $r}}])',
        ),
    }[way]
    for mutation in (link, unlink):
        query = f"mutation ($s: Iri!, $o: Iri!, $r: Revision) {{ {mutation} {{ revision }} }}"
        before = revision(server, one)
        refused = server.refused(query, s=one, o=other, r=before + 1)
        assert (refused["code"], refused["actual"]) == ("REVISION_MOVED", before)
        assert revision(server, one) == before
        server.data(query, s=one, o=other, r=before)
        assert revision(server, one) == before + 1


@pytest.mark.parametrize("way", ["generic", "typed", "apply"])
def test_deleting_an_entity_says_what_to_do_about_its_twin(server: Server, pump: Pump, fresh: Fresh, way: str) -> None:
    twin = pump(points=[{"name": "flow"}])
    entity = fresh("pump")
    server.data('mutation ($t: Iri!) { transition(twin: $t, trigger: "discard") { revision } }', t=twin)
    mutation = {
        "generic": "deleteResource(iri: $i, cascade: $c, dryRun: $d) { revision touched { iri revision } }",
        "typed": "deletePump(iri: $i, cascade: $c, dryRun: $d) { revision pump { iri } touched { iri revision } }",
        "apply": """apply(commands: [{deleteResource: {iri: $i, cascade: $c}}], dryRun: $d) {
            revision touched { iri revision } }""",
    }[way]
    query = f"mutation ($i: Iri!, $c: DeleteCascade, $d: Boolean! = false) {{ {mutation} }}"
    refused = server.ask(query, i=entity)["errors"][0]
    assert refused["extensions"]["code"] == "SHAPES_VIOLATED"
    assert "cascade: TWIN" in refused["message"]
    assert twin in str(refused)
    for dry in (True, False):
        (payload,) = server.data(query, i=entity, c="TWIN", d=dry).values()
        assert payload["revision"] == 0
        assert all(one["revision"] == 0 for one in payload["touched"])
        assert {entity, twin} < {one["iri"] for one in payload["touched"]}
        assert len(payload["touched"]) == 4, "the data point and the record of the transition go with the twin"
        there = server.data(REVISION, i=entity)["resource"]
        assert (there is None) is not dry
    assert server.refused(query, i=entity)["code"] == "NOT_FOUND"
    query = """query ($i: Iri!) { resource(iri: $i) { iri }
        history(iri: $i, first: 9) { edges { node { cause events { kind } touched { iri revision } } } } }"""
    for gone in (entity, twin):
        found = server.data(query, i=gone)
        assert found["resource"] is None
        changes = [edge["node"] for edge in found["history"]["edges"]]
        assert {"iri": gone, "revision": 0} in changes[0]["touched"]
        assert [event["kind"] for event in changes[-1]["events"]] == ["TwinRegistered"]
        assert {"iri": gone, "revision": 1} in changes[-1]["touched"]


def test_a_typed_deletion_is_of_its_class_and_repeats_by_its_key(server: Server, pump: Pump, fresh: Fresh) -> None:
    pump()
    iri = fresh("pump")
    query = "mutation ($i: Iri!, $k: String) { %s(iri: $i, cascade: TWIN, idempotencyKey: $k) { position revision } }"
    assert server.refused(query % "deleteTank", i=iri)["code"] == "NOT_FOUND"
    assert server.refused(query % "deleteTank", i=iri, k=fresh("key"))["code"] == "NOT_FOUND"
    first = server.data(query % "deletePump", i=iri, k=fresh("key"))
    assert server.data(query % "deletePump", i=iri, k=fresh("key")) == first
    assert server.refused(query % "deletePump", i=iri)["code"] == "NOT_FOUND"


DECIMALS: list[tuple[Any, str, Any]] = [
    (12.5, "12.5", 12.5),
    (3, "3", 3),
    ("0.1", "0.1", 0.1),
    ("0.10", "0.10", 0.1),
    ("123456789.123456", "123456789.123456", 123456789.123456),
    ("12345678901234567890.12345", "12345678901234567890.12345", "12345678901234567890.12345"),
    ("0.30000000000000004", "0.30000000000000004", "0.30000000000000004"),
    (9007199254740993, "9007199254740993", "9007199254740993"),
    ("1e3", "1000", 1000),
    (".5", ".5", 0.5),
]


def test_decimals_come_and_go_without_loss(server: Server, pump: Pump, fresh: Fresh) -> None:
    pump()
    iri = fresh("pump")
    typed = "mutation ($i: Iri!, $v: Decimal) { patchPump(iri: $i, set: {ratedPower: $v}) { pump { ratedPower } } }"
    read = """query ($i: Iri!) { pump(iri: $i) { ratedPower properties(names: ["ratedPower"]) { lexical value } } }"""
    for given, lexical, shown in DECIMALS:
        assert server.data(typed, i=iri, v=given)["patchPump"]["pump"]["ratedPower"] == shown
        found = server.data(read, i=iri)["pump"]
        assert found == {"ratedPower": shown, "properties": [{"lexical": lexical, "value": shown}]}
        again = found["ratedPower"]
        server.data(typed, i=iri, v=again)
        assert server.data(read, i=iri)["pump"]["ratedPower"] == shown, "what was read can be handed back"
        where = """query ($i: Iri!, $v: Decimal) {
            pumps(filter: {resource: {iri: [$i]}, ratedPower: {eq: $v}}) { totalCount } }"""
        assert server.data(where, i=iri, v=shown)["pumps"]["totalCount"] == 1
    for wrong in ("NaN", "INF", "x", "1e999", True, [1], "1" * 500, ""):
        assert server.refused(typed, i=iri, v=wrong)["code"] == "BAD_INPUT", wrong


def test_an_iri_may_stand_in_angle_brackets(server: Server, pump: Pump, fresh: Fresh) -> None:
    twin = pump()
    assert server.data("query ($i: Iri!) { twin(iri: $i) { iri } }", i=f"<{twin}>")["twin"]["iri"] == twin
    assert server.data(f'{{ twin(iri: "<{twin}>") {{ iri }} }}')["twin"]["iri"] == twin
    assert server.refused("query ($i: Iri!) { twin(iri: $i) { iri } }", i="<<urn:x>>")["code"] == "BAD_INPUT"


def test_articles_follow_how_a_word_is_spoken() -> None:
    for label, wanted in (
        ("pump", "a pump"), ("asset", "an asset"), ("unit", "a unit"), ("hour counter", "an hour counter"),
        ("HVAC zone", "an HVAC zone"), ("PLC", "a PLC"), ("uninterruptible supply", "an uninterruptible supply"),
        ("user", "a user"), ("utility", "a utility"), ("Equipment", "an Equipment"),
    ):  # fmt: skip
        assert article(label) == wanted


UPSERTS = {
    "generic": """registerTwin(ifExists: $x, dryRun: $d, idempotencyKey: $k, input: {iri: $t, points: $p,
        entity: {iri: $e, class: ["Pump"], name: $n, properties: [{property: "ratedFlow", value: $v}]}}) {
        resource { iri } touched { iri revision } }""",
    "apply": """apply(dryRun: $d, idempotencyKey: $k, commands: [{registerTwin: {ifExists: $x, iri: $t, points: $p,
        entity: {iri: $e, class: ["Pump"], name: $n, properties: [{property: "ratedFlow", value: $v}]}}}]) {
        resource { iri } touched { iri revision } }""",
    "typed": """createPump(ifExists: $x, dryRun: $d, idempotencyKey: $k,
        input: {iri: $e, name: $n, ratedFlow: $w, twin: {iri: $t, points: $p}}) {
        resource { iri } touched { iri revision } }""",
}


@pytest.mark.parametrize("way", list(UPSERTS))
@pytest.mark.parametrize("named", [True, False])
def test_registering_again_patches_where_that_is_asked_for(server: Server, fresh: Fresh, way: str, named: bool) -> None:
    entity, twin = fresh("pump"), fresh("twin") if named else None
    value = "$w: Decimal!" if way == "typed" else "$v: Value"
    query = f"""mutation ($e: Iri!, $t: Iri, $n: String, $x: IfExists, $p: [PointInput!], $d: Boolean! = false,
        $k: String, {value}) {{ {UPSERTS[way]} }}"""
    number = "w" if way == "typed" else "v"

    def ask(flow: float, **more: Any) -> dict[str, Any]:
        given: dict[str, Any] = {"e": entity, "t": twin, "x": "PATCH", "n": "Pump", number: flow, **more}
        ((payload),) = server.data(query, **given).values()
        found: dict[str, Any] = payload
        return found

    def now() -> tuple[str, float, str, set[str]]:
        found = server.data("""query ($e: Iri!) { pump(iri: $e) { name ratedFlow
            twin { iri links(predicate: "hasDataPoint") { edges { object } } } } }""", e=entity)["pump"]  # fmt: skip
        points = {edge["object"] for edge in found["twin"]["links"]["edges"]}
        return found["name"], found["ratedFlow"], found["twin"]["iri"], points

    ask(1.5, p=[{"name": "flow"}], k=fresh("first"))
    name, flow, registered, points = now()
    assert (name, flow, len(points)) == ("Pump", 1.5, 1)
    label = {"property": "rdfs:label", "value": "Pumpe", "language": "de"}
    server.data(
        "mutation ($e: Iri!, $s: [PropertyInput!]) { patchResource(iri: $e, set: $s) { revision } }",
        e=entity, s=[label],
    )  # fmt: skip
    head = server.record.head()
    ask(2.5, d=True)
    assert (server.record.head(), now()[1]) == (head, 1.5), "a dry run stores nothing"
    payload = ask(2.5, n="Feed pump", p=[{"name": "flow"}, {"name": "head"}], k=fresh("second"))
    assert payload["resource"]["iri"] == (entity if way == "typed" else registered)
    assert ask(2.5, n="Feed pump", p=[{"name": "flow"}, {"name": "head"}], k=fresh("second")) == payload
    name, flow, again, more = now()
    assert (name, flow, again, len(more)) == ("Feed pump", 2.5, registered, 2)
    assert points < more
    german = 'query ($e: Iri!) { resource(iri: $e) { properties(names: ["rdfs:label"]) { language } } }'
    assert {"language": "de"} in server.data(german, e=entity)["resource"]["properties"]
    position = server.record.head()
    ask(2.5, n="Feed pump")
    assert server.record.head() == position, "what says nothing new is not written"
    given: dict[str, Any] = {"e": entity, "t": twin, "n": "Pump", number: 1.5}
    for refuse in (None, "REFUSE"):
        assert server.refused(query, **given, x=refuse)["code"] == "ALREADY_EXISTS"
    other = {**given, "t": fresh("another"), "x": "PATCH"}
    assert server.refused(query, **other)["iri"] == registered


def test_a_trigger_that_is_mistyped_is_recognised(server: Server, pump: Pump) -> None:
    twin = pump()
    query = 'mutation ($t: Iri!) { transition(twin: $t, trigger: "discrad") { revision } }'
    assert "did you mean 'discard'?" in server.ask(query, t=twin)["errors"][0]["message"]


def test_a_managed_resource_is_made_moved_and_deleted_by_its_type(server: Server, fresh: Fresh) -> None:
    template, name = fresh("template"), "Pump station"
    create = """mutation ($i: Iri, $n: String, $d: Boolean! = false, $k: String) {
        createTwinTemplate(input: {iri: $i, name: $n}, dryRun: $d, idempotencyKey: $k) {
            twinTemplate { iri name classes } revision } }"""
    head = server.record.head()
    server.data(create, i=template, n=name, d=True)
    assert server.record.head() == head
    made = server.data(create, i=template, n=name, k=fresh("key"))["createTwinTemplate"]
    assert (made["twinTemplate"]["iri"], made["twinTemplate"]["name"], made["revision"]) == (template, name, 1)
    assert server.data(create, i=template, n=name, k=fresh("key"))["createTwinTemplate"] == made
    assert server.refused(create, i=template, n=name)["code"] == "ALREADY_EXISTS"
    minted = server.data(create, n=name)["createTwinTemplate"]["twinTemplate"]["iri"]
    assert minted.startswith("urn:uuid:")
    patch = """mutation ($i: Iri!) { patchTwinTemplate(iri: $i, set: {name: "Other"}) { twinTemplate { name } } }"""
    assert server.data(patch, i=template)["patchTwinTemplate"]["twinTemplate"]["name"] == "Other"
    delete = "mutation ($i: Iri!) { deleteTwinTemplate(iri: $i) { revision twinTemplate { iri } } }"
    assert server.data(delete, i=template)["deleteTwinTemplate"] == {"revision": 0, "twinTemplate": None}
    kinds = """query ($i: Iri!) { history(iri: $i) { edges { node { events { kind } } } } }"""
    changes = server.data(kinds, i=template)["history"]["edges"]
    assert [event["kind"] for edge in changes for event in edge["node"]["events"]] == [
        "ResourceDeleted", "ResourceChanged", "ResourceCreated",
    ]  # fmt: skip


def test_what_a_machine_governs_begins_and_moves_as_that_says(server: Server, fresh: Fresh) -> None:
    model, version = fresh("model"), fresh("version")
    server.data('mutation ($i: Iri!) { createSimulationModel(input: {iri: $i, name: "M"}) { revision } }', i=model)
    create = """mutation ($i: Iri!, $m: Iri!) { createModelVersion(
        input: {iri: $i, name: "M 1.0.0", versionOf: $m, versionNumber: "1.0.0"}) { modelVersion { inState } } }"""
    began = server.data(create, i=version, m=model)["createModelVersion"]["modelVersion"]["inState"]
    machine = next(
        one
        for one in server.data("{ lifecycles { governs states { name initial } transitions { name from { name } } } }")[
            "lifecycles"
        ]
        if (one["governs"] or "").endswith("ModelVersion")
    )
    initial = next(state["name"] for state in machine["states"] if state["initial"])
    assert began == initial
    triggers = [one["name"] for one in machine["transitions"] if initial in {state["name"] for state in one["from"]}]
    move = """mutation ($i: Iri!, $t: String!) { transition(twin: $i, trigger: $t) {
        resource { iri ... on ModelVersion { inState } } twin { iri } revision } }"""
    answers = [server.ask(move, i=version, t=trigger) for trigger in triggers]
    moved = next(answer["data"]["transition"] for answer in answers if "errors" not in answer)
    assert moved["twin"] is None
    assert moved["resource"]["iri"] == version
    assert moved["resource"]["inState"] != initial
