"""Writing: each mutation, what it answers, and how what is wrong is refused with nothing done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.graphql.conftest import REGISTER, Pump
from tests.graphql.server import Server

Fresh = Callable[[str], str]
PLANT = "https://w3id.org/semantic-twins/plant#"
PAYLOAD = """{ resource { __typename iri } revision position warnings { message } touched { iri revision }
               removed { subject name object } added { subject name object } }"""
PATCH = f"""mutation ($iri: Iri!, $set: [PropertyInput!], $unset: [Name!], $expected: Revision, $dry: Boolean! = false,
                      $key: String) {{ patchResource(iri: $iri, set: $set, unset: $unset, expectedRevision: $expected,
                                                     dryRun: $dry, idempotencyKey: $key) {PAYLOAD} }}"""
LINK = f"""mutation ($s: Iri!, $p: Name!, $o: Iri!, $properties: [PropertyInput!]) {{
    link(subject: $s, predicate: $p, object: $o, properties: $properties) {PAYLOAD} }}"""
UNLINK = f"mutation ($s: Iri!, $p: Name!, $o: Iri!) {{ unlink(subject: $s, predicate: $p, object: $o) {PAYLOAD} }}"
DELETE = (
    f"mutation ($iri: Iri!, $expected: Revision) {{ deleteResource(iri: $iri, expectedRevision: $expected) {PAYLOAD} }}"
)
TRANSITION = """mutation ($twin: Iri!, $trigger: String!, $reason: String, $cascade: Cascade, $expected: Revision) {
    transition(twin: $twin, trigger: $trigger, reason: $reason, cascade: $cascade, expectedRevision: $expected) {
      twin { state { name } allowedTransitions { name } } revision position } }"""
APPLY = """mutation ($commands: [CommandInput!]!, $dry: Boolean! = false, $key: String) {
    apply(commands: $commands, dryRun: $dry, idempotencyKey: $key) {
      resources { iri __typename ... on Twin { state { name } } } position revision touched { iri } } }"""


def flow(value: object) -> dict[str, object]:
    return {"property": "ratedFlow", "value": value}


def value_of(server: Server, iri: str, name: str) -> list[Any]:
    query = "query ($iri: Iri!, $n: [Name!]) { resource(iri: $iri) { properties(names: $n) { value } } }"
    return [said["value"] for said in server.data(query, iri=iri, n=[name])["resource"]["properties"]]


def test_registering_makes_twin_entity_links_and_points_in_one_write(server: Server, fresh: Fresh) -> None:
    server.data(REGISTER, twin=fresh("hall-twin"), entity=fresh("hall"), **{"class": ["Hall"]}, name="Hall")
    before = server.record.head()
    told = server.data(
        REGISTER, twin=fresh("t"), entity=fresh("e"), **{"class": "Pump"}, name="Pump", template="PumpTemplate",
        properties=[flow(3)], links=[{"predicate": "locatedIn", "object": fresh("hall")}],
        points=[{"name": "flow", "properties": [{"property": "unitSymbol", "value": "m³/h"}]}],
    )["registerTwin"]  # fmt: skip
    assert told["twin"]["state"] == {"name": "Draft"}
    assert told["twin"]["entity"] == {"iri": fresh("e"), "name": "Pump"}
    assert told["position"] == server.record.head() == before + 1
    assert {touched["iri"] for touched in told["touched"]} == {fresh("t"), fresh("e"), fresh("t") + ":flow"}
    assert [warning["severity"] for warning in told["warnings"]] == ["WARNING"]


def test_identifiers_are_made_where_none_are_given(server: Server) -> None:
    query = """mutation { registerTwin(input: {entity: {class: "Pump", name: "P", properties: {property: "ratedFlow",
               value: 1}}}) { twin { iri name entity { iri } } } }"""
    one, other = (server.data(query)["registerTwin"]["twin"] for _ in range(2))
    assert len({one["iri"], one["entity"]["iri"], other["iri"], other["entity"]["iri"]}) == 4
    assert one["name"] == "P"


def test_a_twin_of_an_entity_that_is_there_takes_it_as_it_is(server: Server, pump: Pump, fresh: Fresh) -> None:
    pump()
    again = "mutation ($t: Iri!, $e: Iri!) { registerTwin(input: {iri: $t, entity: {iri: $e}}) { revision } }"
    second = server.refused(again, t=fresh("second"), e=fresh("pump"))
    assert second["code"] == "SHAPES_VIOLATED", "an entity has one twin"
    assert server.refused(again, t=fresh("x"), e=fresh("nobody"))["code"] == "NOT_FOUND"
    assert server.refused(again, t=fresh("pump-twin"), e=fresh("pump"))["code"] == "ALREADY_EXISTS"


def test_a_patch_replaces_removes_and_tells(server: Server, pump: Pump, fresh: Fresh) -> None:
    pump()
    told = server.data(PATCH, iri=fresh("pump"), set=[flow(20), {"property": "criticality", "value": "high"}])
    payload = told["patchResource"]
    assert (payload["revision"], payload["position"]) == (2, server.record.head())
    assert payload["removed"] == [{"subject": fresh("pump"), "name": "ratedFlow", "object": "12.5"}]
    assert payload["touched"] == [{"iri": fresh("pump"), "revision": 2}]
    server.data(PATCH, iri=fresh("pump"), unset=["criticality"], set={"property": "rdfs:comment", "values": ["a", "b"]})
    assert value_of(server, fresh("pump"), "criticality") == []
    assert value_of(server, fresh("pump"), "rdfs:comment") == ["a", "b"]


def test_each_mutation_of_a_document_sees_what_the_one_before_did(server: Server, pump: Pump, fresh: Fresh) -> None:
    twin = pump(points=POINTS)
    report = 'reportState(twin: $twin, values: {point: "flow", value: 1}) { twin { entity { name } } }'
    rename = 'patchResource(iri: $entity, set: {property: "rdfs:label", value: "Renamed"}) { revision }'
    query = f"mutation ($twin: Iri!, $entity: Iri!) {{ before: {report} {rename} after: {report} }}"
    told = server.data(query, twin=twin, entity=fresh("pump"))
    names = [told[when]["twin"]["entity"]["name"] for when in ("before", "after")]
    assert names == ["Pump", "Renamed"]


def test_a_patch_may_change_the_class(server: Server, pump: Pump, fresh: Fresh) -> None:
    pump()
    kind = {"property": "rdf:type", "value": "DosingPump"}
    told = server.data(PATCH, iri=fresh("pump"), set=kind)["patchResource"]
    assert [added["object"] for added in told["added"]] == [PLANT + "DosingPump"]
    assert server.refused(PATCH, iri=fresh("pump"), set={**kind, "value": "DosngPump"})["code"] == "BAD_INPUT"


def test_a_dry_run_checks_everything_and_stores_nothing(server: Server, pump: Pump, fresh: Fresh) -> None:
    pump()
    before = server.record.head()
    told = server.data(PATCH, iri=fresh("pump"), set=[flow(99)], dry=True)["patchResource"]
    assert (told["revision"], told["position"]) == (2, None)
    assert [added["object"] for added in told["added"]] == ["99"]
    assert server.refused(PATCH, iri=fresh("pump"), set=[flow(-99)], dry=True)["code"] == "SHAPES_VIOLATED"
    would = server.data(
        REGISTER, twin=fresh("t"), entity=fresh("e"), **{"class": "Pump"}, properties=[flow(1)], dryRun=True
    )
    assert would["registerTwin"]["resource"] == {"__typename": "Twin", "iri": fresh("t")}
    assert server.record.head() == before
    assert value_of(server, fresh("pump"), "ratedFlow") == [12.5]


def test_an_idempotency_key_makes_a_repeat_harmless(server: Server, pump: Pump, fresh: Fresh) -> None:
    pump()
    first = server.data(PATCH, iri=fresh("pump"), set=[flow(7)], key=fresh("key"))["patchResource"]
    server.data(PATCH, iri=fresh("pump"), set=[flow(8)])
    again = server.data(PATCH, iri=fresh("pump"), set=[flow(7)], key=fresh("key"))["patchResource"]
    assert again["position"] == first["position"]
    assert value_of(server, fresh("pump"), "ratedFlow") == [8]
    assert server.refused(PATCH, iri=fresh("pump"), set=[flow(9)], key=fresh("key"))["argument"] == "idempotencyKey"
    assert server.refused(PATCH, iri=fresh("pump"), set=[flow(9)], key="")["argument"] == "idempotencyKey"
    minted = """mutation ($key: String!) { registerTwin(idempotencyKey: $key, input: {entity: {class: "Pump", name: "P",
                properties: {property: "ratedFlow", value: 1}}}) { twin { iri } position } }"""
    assert server.data(minted, key=fresh("mint")) == server.data(minted, key=fresh("mint"))


def test_links_come_and_go_with_what_they_say(server: Server, pump: Pump, fresh: Fresh) -> None:
    pump("a")
    pump("b")
    ends = {"s": fresh("a"), "p": "feeds", "o": fresh("b")}
    properties = [{"property": "validFrom", "value": "2026-01-01T00:00:00Z"}]
    told = server.data(LINK, **ends, properties=properties)["link"]
    assert {"subject": fresh("a"), "name": "feeds", "object": fresh("b")} in told["added"]
    query = """query ($iri: Iri!) { resource(iri: $iri) { links(predicate: "feeds") {
               edges { object properties(names: ["validFrom"]) { name value } } } } }"""
    (edge,) = server.data(query, iri=fresh("a"))["resource"]["links"]["edges"]
    assert edge == {"object": fresh("b"), "properties": [{"name": "validFrom", "value": "2026-01-01T00:00:00Z"}]}
    gone = server.data(UNLINK, **ends)["unlink"]
    assert len(gone["removed"]) == len(told["added"]), "what the link said went with it"
    assert server.data(query, iri=fresh("a"))["resource"]["links"]["edges"] == []
    assert server.refused(UNLINK, **ends)["code"] == "NOT_FOUND"


POINTS = [
    {"name": "flow", "properties": [{"property": "unitSymbol", "value": "m³/h"}, {"property": "unit", "value": "u:1"}]}
]


def test_a_twin_goes_through_its_lifecycle(server: Server, pump: Pump, fresh: Fresh) -> None:
    twin = pump(points=POINTS)
    states = []
    for trigger in ("configure", "validate"):
        told = server.data(TRANSITION, twin=twin, trigger=trigger, reason="because")["transition"]
        states.append(told["twin"]["state"]["name"])
    assert states == ["Configured", "Validated"]
    refused = server.refused(TRANSITION, twin=twin, trigger="resume")
    assert refused["code"] == "TRANSITION_REFUSED"
    assert refused["allowed"] == sorted(t["name"] for t in told["twin"]["allowedTransitions"])
    assert server.refused(TRANSITION, twin=fresh("nobody"), trigger="retire")["code"] == "NOT_FOUND"
    assert server.refused(TRANSITION, twin=fresh("pump"), trigger="retire")["code"] == "TRANSITION_REFUSED"
    query = """query ($iri: Iri!) { twin(iri: $iri) { history(first: 1) { edges { node {
        cause events { data { name value } } } } } } }"""
    (edge,) = server.data(query, iri=twin)["twin"]["history"]["edges"]
    facts = {fact["name"]: fact["value"] for fact in edge["node"]["events"][0]["data"]}
    assert (edge["node"]["cause"], facts["reason"], facts["to"]) == ("transition validate", "because", "Validated")


def test_a_guard_refuses_with_its_violations(server: Server, pump: Pump) -> None:
    refused = server.refused(TRANSITION, twin=pump(), trigger="configure")
    assert refused["code"] == "SHAPES_VIOLATED"
    assert refused["violations"][0]["shape"].endswith("#ConfiguredTwin-point")


def test_points_take_what_the_world_says_and_is_asked_to_be(server: Server, pump: Pump) -> None:
    twin = pump(points=POINTS)
    report = """mutation ($twin: Iri!, $values: [ReadingInput!]!) { reportState(twin: $twin, values: $values) {
                twin { iri } touched { iri revision } position } }"""
    early, late = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
    told = server.data(report, twin=twin, values=[{"point": "flow", "value": 4.5, "observedAt": late}])["reportState"]
    assert told["twin"] == {"iri": twin}
    assert told["touched"] == [{"iri": f"{twin}:flow", "revision": 2}]
    server.data(report, twin=twin, values=[{"point": "flow", "value": 9.9, "observedAt": early}])
    assert value_of(server, f"{twin}:flow", "reportedValue") == [4.5], "an older reading changes nothing"
    server.data(
        report.replace("reportState", "requestState"), twin=twin, values=[{"point": f"{twin}:flow", "value": 5}]
    )
    assert value_of(server, f"{twin}:flow", "desiredValue") == [5]
    assert "did you mean 'flow'" in server.refused(report, twin=twin, values=[{"point": "flw", "value": 1}])["message"]


def test_several_commands_are_one_write_or_none(server: Server, fresh: Fresh) -> None:
    entity = {"iri": fresh("e"), "class": "Pump", "properties": [flow(1)]}
    register = {"registerTwin": {"iri": fresh("t"), "entity": entity, "points": POINTS}}
    configure = {"transition": {"twin": fresh("t"), "trigger": "configure"}}
    patch = {"patchResource": {"iri": fresh("e"), "set": [flow(2)]}}
    before = server.record.head()
    broken = {"patchResource": {"iri": fresh("e"), "set": [flow(-2)]}}
    assert server.refused(APPLY, commands=[register, configure, broken])["code"] == "SHAPES_VIOLATED"
    assert server.refused(APPLY, commands=[register, {"deleteResource": {"iri": fresh("no")}}])["code"] == "NOT_FOUND"
    assert server.record.head() == before
    assert server.data(APPLY, commands=[register, configure], dry=True)["apply"]["position"] is None
    told = server.data(APPLY, commands=[register, configure, patch])["apply"]
    assert told["position"] == server.record.head() == before + 1
    assert [resource["iri"] for resource in told["resources"]] == [fresh("t"), fresh("t"), fresh("e")]
    assert told["resources"][1]["state"] == {"name": "Configured"}
    assert value_of(server, fresh("e"), "ratedFlow") == [2]


def test_identifiers_made_in_one_write_never_meet(server: Server) -> None:
    entity = {"class": "Pump", "properties": [flow(1)]}
    command = {"registerTwin": {"entity": entity, "points": POINTS}}
    told = server.data(APPLY, commands=[command] * 20)["apply"]
    assert len({resource["iri"] for resource in told["resources"]}) == 20
    assert len(told["touched"]) == 60
    configure = {"transition": {"twin": told["resources"][0]["iri"], "trigger": "configure"}}
    made, moved = server.data(APPLY, commands=[command, configure])["apply"]["resources"]
    assert (made["state"], moved["state"]) == ({"name": "Draft"}, {"name": "Configured"})


@pytest.mark.parametrize("command", [{}, {"deleteResource": None}, {"deleteResource": {"iri": "u:x"}, "link": None}])
def test_a_command_is_exactly_one(server: Server, command: dict[str, Any]) -> None:
    assert server.refused(APPLY, commands=[command])["code"] == "BAD_INPUT"


def test_nothing_to_apply_is_refused(server: Server, pump: Pump, fresh: Fresh) -> None:
    assert server.refused(APPLY, commands=[])["argument"] == "commands"
    assert server.refused(PATCH, iri=fresh("x"))["argument"] == "set"


def test_what_is_deleted_is_gone_for_good(server: Server, fresh: Fresh) -> None:
    server.data(REGISTER, twin=fresh("t"), entity=fresh("e"), **{"class": "Pump"}, properties=[flow(1)])
    told = server.data(DELETE, iri=fresh("t"), expected=1)["deleteResource"]
    assert (told["resource"], told["revision"]) == (None, 0)
    assert server.data("query ($i: Iri!) { twin(iri: $i) { iri } }", i=fresh("t")) == {"twin": None}
    assert server.refused(DELETE, iri=fresh("t"))["code"] == "NOT_FOUND"
    again = server.refused(REGISTER, twin=fresh("t"), entity=fresh("e2"), **{"class": "Pump"}, properties=[flow(1)])
    assert again["code"] == "ALREADY_EXISTS"


def setting(name: str, value: object) -> dict[str, object]:
    return {"set": [{"property": name, "value": value}]}


TO_NOTHING = [{"predicate": "feeds", "object": "urn:nothing"}]
TWICE = {"property": "ratedFlow", "values": [1, 2]}
BOTH = {"property": "ratedFlow", "value": 1, "iri": "u:x"}
BAD = {
    # What is wrong: the mutation, its variables, the code, and the path and value where shapes refuse it.
    "wrong type at create": ("register", {"properties": [flow("much")]}, "SHAPES_VIOLATED", "ratedFlow", "much"),
    "wrong type in a patch": ("patch", setting("ratedFlow", "much"), "SHAPES_VIOLATED", "ratedFlow", "much"),
    "wrong kind in a patch": ("patch", setting("ratedFlow", True), "SHAPES_VIOLATED", "ratedFlow", "true"),
    "out of range": ("patch", setting("ratedFlow", 20001), "SHAPES_VIOLATED", "ratedFlow", "20001"),
    "mandatory missing at create": ("register", {"properties": []}, "SHAPES_VIOLATED", "ratedFlow", None),
    "mandatory removed in a patch": ("patch", {"unset": ["ratedFlow"]}, "SHAPES_VIOLATED", "ratedFlow", None),
    "two values where one is allowed": ("patch", {"set": [TWICE]}, "SHAPES_VIOLATED", "ratedFlow", None),
    "a name nobody knows": ("patch", setting("ratedFlw", 1), "BAD_INPUT", None, None),
    "an unknown property of ours": ("patch", setting(PLANT + "ratedFlw", 1), "SHAPES_VIOLATED", "ratedFlw", "1"),
    "an unknown class of ours": ("register", {"class": [PLANT + "Pmp"]}, "SHAPES_VIOLATED", "type", PLANT + "Pmp"),
    "a class nobody knows": ("register", {"class": ["Pmp"]}, "BAD_INPUT", None, None),
    "a link to nothing at create": ("register", {"links": TO_NOTHING}, "SHAPES_VIOLATED", "feeds", "urn:nothing"),
    "a link to nothing in a patch": (
        "patch", setting("feeds", "urn:nothing"), "SHAPES_VIOLATED", "feeds", "urn:nothing",
    ),
    "a link to nothing": ("link", {"p": "feeds", "o": "urn:nothing"}, "NOT_FOUND", None, None),
    "a broken template": ("register", {"template": "PumpTemplate"}, "SHAPES_VIOLATED", "pointName", None),
    "a stale revision": ("patch", {**setting("ratedFlow", 1), "expected": 7}, "REVISION_MOVED", None, None),
    "a delete of what others point to": ("delete", {}, "SHAPES_VIOLATED", "twinOf", None),
    "a property without value": ("patch", {"set": [{"property": "ratedFlow"}]}, "BAD_INPUT", None, None),
    "a value and an iri": ("patch", {"set": [BOTH]}, "BAD_INPUT", None, None),
    "a language that is none": ("patch", {"set": [{"property": "rdfs:comment", "value": "x", "language": "de_AT"}]},
                                "BAD_INPUT", None, None),
    "a property that is no IRI": ("patch", setting("rdfs:a b", 1), "BAD_INPUT", None, None),
    "a datatype that is no IRI": ("patch", {"set": [{"property": "rdfs:comment", "value": 1, "datatype": "xsd:<x>"}]},
                                  "BAD_INPUT", None, None),
    "a link to what is no IRI": ("patch", {"set": [{"property": "rdfs:seeAlso", "iri": "urn:x#a#b"}]}, "BAD_INPUT",
                                 None, None),
    "an identifier that is no IRI": ("register", {"entity": "http://x#a#b"}, "BAD_INPUT", None, None),
    "a state by a patch": ("patch-twin", setting("inState", "Active"), "BAD_INPUT", None, None),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "given", "code", "path", "value"), BAD.values(), ids=BAD.keys())
def test_what_is_wrong_is_refused_and_nothing_is_done(
    server: Server, pump: Pump, fresh: Fresh, kind: str, given: dict[str, Any], code: str, path: str | None, value: Any
) -> None:
    pump()
    before = server.record.head()
    entity = fresh("pump")
    new = {"twin": fresh("t"), "entity": fresh("e"), "class": ["Pump"], "properties": [flow(1)]}
    query, variables = {
        "register": (REGISTER, {**new, **given}),
        "patch": (PATCH, {"iri": entity, **given}),
        "patch-twin": (PATCH, {"iri": fresh("pump-twin"), **given}),
        "link": (LINK, {"s": entity, **given}),
        "delete": (DELETE, {"iri": entity, **given}),
    }[kind]
    refused = server.refused(query, **variables)
    assert refused["code"] == code, refused
    if path is not None:
        assert any(path in v["path"] and value in (None, v["value"]) for v in refused["violations"]), refused
    assert server.record.head() == before


async def test_many_clients_of_one_twin_lose_no_update(server: Server, pump: Pump, fresh: Fresh) -> None:
    pump()
    read = 'query ($iri: Iri!) { resource(iri: $iri) { revision properties(names: ["ratedFlow"]) { value } } }'

    async def increment(client: httpx.AsyncClient) -> None:
        while True:
            answer = await client.post("/graphql", json={"query": read, "variables": {"iri": fresh("pump")}})
            said = answer.json()["data"]["resource"]
            news = [flow(said["properties"][0]["value"] + 1)]
            variables = {"iri": fresh("pump"), "set": news, "expected": said["revision"]}
            answer = await client.post("/graphql", json={"query": PATCH, "variables": variables})
            if "errors" not in answer.json():
                return
            assert answer.json()["errors"][0]["extensions"]["code"] == "REVISION_MOVED"

    async with httpx.AsyncClient(base_url=server.address, timeout=60) as client:
        await asyncio.gather(*(increment(client) for _ in range(40)))
    assert value_of(server, fresh("pump"), "ratedFlow") == [52.5]


def test_another_iri_takes_links_along(server: Server, pump: Pump, fresh: Fresh) -> None:
    pump("pump")
    pump("pmup")
    server.data(LINK, s=fresh("pump"), p="feeds", o=fresh("pmup"))
    replace = "mutation ($from: Iri!, $to: Iri!) { replaceIri(from: $from, to: $to) { touched { iri revision } } }"
    ends = {"from": fresh("pmup"), "to": fresh("second-pump")}
    touched = server.data(replace, **ends)["replaceIri"]["touched"]
    assert {"iri": fresh("pmup"), "revision": 0} in touched
    links = "query ($iri: Iri!) { resource(iri: $iri) { links { edges { name node { iri } } } } }"
    found = server.data(links, iri=fresh("pump"))["resource"]["links"]["edges"]
    assert {"name": "feeds", "node": {"iri": fresh("second-pump")}} in found
    twin = server.data("query ($iri: Iri!) { twin(iri: $iri) { entity { iri } } }", iri=fresh("pmup-twin"))
    assert twin["twin"]["entity"] == {"iri": fresh("second-pump")}
    assert server.refused(replace, **{"from": fresh("second-pump"), "to": fresh("pmup")})["code"] == "ALREADY_EXISTS"
