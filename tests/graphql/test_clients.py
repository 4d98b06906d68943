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
