"""Reading: types, values, links, history, lists with filters and orders, pages that neither skip nor repeat."""

from __future__ import annotations

from collections.abc import Callable
from operator import eq, ge, gt, le, lt, ne
from typing import Any

import pytest

from tests.graphql.conftest import REGISTER, Pump
from tests.graphql.server import Server

Fresh = Callable[[str], str]
PATCH = "mutation ($iri: Iri!, $set: [PropertyInput!]) { patchResource(iri: $iri, set: $set) { revision } }"
RESOURCE = "query ($iri: Iri!) { resource(iri: $iri) { __typename iri name classes revision createdAt updatedAt } }"


def test_a_resource_is_of_the_type_that_its_classes_stand_for(server: Server, pump: Pump, fresh: Fresh) -> None:
    twin = pump(points=[{"name": "flow"}])
    entity = fresh("pump")
    kinds = {iri: server.data(RESOURCE, iri=iri)["resource"]["__typename"] for iri in (twin, entity, twin + ":flow")}
    assert list(kinds.values()) == ["Twin", "Entity", "Thing"]
    assert server.data(RESOURCE, iri=fresh("nobody")) == {"resource": None}
    query = "query ($iri: Iri!) { twin(iri: $iri) { entity { iri } } entity(iri: $iri) { twin { iri } } }"
    assert server.data(query, iri=twin) == {"twin": {"entity": {"iri": entity}}, "entity": None}
    assert server.data(query, iri=entity) == {"twin": None, "entity": {"twin": {"iri": twin}}}


def test_a_resource_says_what_it_is_called_and_when_it_changed(server: Server, pump: Pump, fresh: Fresh) -> None:
    pump("main-pump")
    said = server.data(RESOURCE, iri=fresh("main-pump"))["resource"]
    assert said["name"] == "Main-Pump"
    assert said["classes"] == ["https://w3id.org/semantic-twins/plant#Pump"]
    assert said["revision"] == 1
    assert said["createdAt"] == said["updatedAt"]
    assert said["createdAt"].endswith("Z")


def test_values_are_json_where_json_is_exact(server: Server, pump: Pump, fresh: Fresh) -> None:
    given = [
        {"property": "ratedFlow", "value": 12.50},
        {"property": "plant:ratedPower", "value": "7.50"},
        {"property": "https://w3id.org/semantic-twins/plant#installedOn", "value": "2026-01-31T00:00:00Z"},
        {"property": "rdfs:comment", "values": ["plain", 2**53 + 1, 7, True, 1e300]},
        {"property": "rdfs:comment", "value": "deutsch", "language": "de-AT"},
        {"property": "rdfs:comment", "value": "2026", "datatype": "xsd:gYear"},
    ]
    twin = pump(properties=given)
    query = """query ($iri: Iri!, $names: [Name!]) { resource(iri: $iri) { properties(names: $names) {
               name value lexical datatype language } } }"""
    entity = fresh("pump")
    said = server.data(query, iri=entity)["resource"]["properties"]
    flow, power, installed = (
        next(p for p in said if p["name"] == n) for n in ("ratedFlow", "ratedPower", "installedOn")
    )
    assert (flow["value"], flow["lexical"], flow["datatype"][-7:]) == (12.5, "12.5", "decimal")
    assert (power["value"], power["lexical"]) == (7.5, "7.50")
    assert installed["datatype"].endswith("#dateTime")
    comments = server.data(query, iri=entity, names=["rdfs:comment"])["resource"]["properties"]
    values = {p["lexical"]: (p["value"], p["datatype"].rpartition("#")[2], p["language"]) for p in comments}
    assert values == {
        "plain": ("plain", "string", None),
        str(2**53 + 1): (str(2**53 + 1), "integer", None),
        "7": (7, "integer", None),
        "true": (True, "boolean", None),
        "1e+300": (1e300, "double", None),
        "deutsch": ("deutsch", "langString", "de-AT"),
        "2026": ("2026", "gYear", None),
    }
    assert server.refused(query, iri=twin, names=["ratedFlw"])["message"].endswith("did you mean 'ratedFlow'?")


def test_links_go_both_ways_page_by_page(server: Server, pump: Pump, fresh: Fresh) -> None:
    pump("hub")
    for number in range(7):
        pump(f"spoke{number}", links=[{"predicate": "feeds", "object": fresh("hub")}])
    hub, spokes = fresh("hub"), [fresh(f"spoke{number}") for number in range(7)]
    server.data(PATCH, iri=hub, set=[{"property": "dependsOn", "values": spokes}])
    query = """query ($iri: Iri!, $p: Name, $d: LinkDirection!, $after: String) { resource(iri: $iri) {
        linksCount(predicate: $p, direction: $d)
        links(predicate: $p, direction: $d, first: 3, after: $after) {
          edges { cursor name predicate subject object node { iri } }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        } } }"""
    for direction, predicate in (("IN", "feeds"), ("OUT", "dependsOn"), ("IN", None), ("OUT", None)):
        seen: list[str] = []
        after = None
        while True:
            page = server.data(query, iri=hub, p=predicate, d=direction, after=after)["resource"]
            links, info = page["links"], page["links"]["pageInfo"]
            assert info["hasPreviousPage"] == (after is not None)
            assert info["endCursor"] == links["edges"][-1]["cursor"]
            seen += [edge["subject" if direction == "IN" else "object"] for edge in links["edges"]]
            after = info["endCursor"]
            if not info["hasNextPage"]:
                break
        assert len(seen) == page["linksCount"]
        assert [iri for iri in seen if iri in spokes] == spokes
    assert server.refused(query, iri=hub, d="OUT", after="nonsense")["code"] == "BAD_INPUT"
    assert server.refused(query, iri=hub, d="OUT", p="feds")["code"] == "BAD_INPUT"


def test_a_link_that_leads_out_of_the_registry_has_no_node(server: Server, pump: Pump) -> None:
    query = 'query ($iri: Iri!) { twin(iri: $iri) { links(predicate: "inState") { edges { object node { iri } } } } }'
    (edge,) = server.data(query, iri=pump())["twin"]["links"]["edges"]
    assert edge == {"object": "https://w3id.org/semantic-twins/lifecycle-standard#Draft", "node": None}


def test_history_lists_the_changes_the_latest_first(server: Server, pump: Pump, fresh: Fresh) -> None:
    pump()
    for flow in (1, 2, 3):
        server.data(PATCH, iri=fresh("pump"), set={"property": "ratedFlow", "value": flow})
    query = """query ($iri: Iri!, $after: String) { resource(iri: $iri) { history(first: 3, after: $after) {
        edges { node { position actor cause release time touched { iri revision } removed { object datatype }
                       added { subject predicate name object datatype } events { kind subject } } }
        pageInfo { hasNextPage endCursor } } } }"""
    first = server.data(query, iri=fresh("pump"))["resource"]["history"]
    changes = [edge["node"] for edge in first["edges"]]
    assert [change["touched"] for change in changes] == [[{"iri": fresh("pump"), "revision": n}] for n in (4, 3, 2)]
    assert [change["added"][0]["object"] for change in changes] == ["3", "2", "1"]
    assert (changes[0]["actor"], changes[0]["cause"], changes[0]["removed"][0]["object"]) == (
        "tester", "patchResource", "2",
    )  # fmt: skip
    rest = server.data(query, iri=fresh("pump"), after=first["pageInfo"]["endCursor"])["resource"]["history"]
    assert [edge["node"]["cause"] for edge in rest["edges"]] == ["registerTwin"]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)


def test_turtle_holds_what_the_resource_says(server: Server, pump: Pump, fresh: Fresh) -> None:
    from registry.rdf.syntax import Syntax, parse

    pump()
    turtle = server.data("query ($i: Iri!) { resource(iri: $i) { turtle } }", i=fresh("pump"))["resource"]["turtle"]
    stored = server.record.view().resources([fresh("pump")])[fresh("pump")]
    assert set(parse(turtle.encode(), Syntax.TURTLE).statements) == set(stored.triples())
    assert "@prefix owl:" not in turtle


@pytest.fixture
def hall(server: Server, fresh: Fresh) -> list[str]:
    """Nine pumps and a tank in a hall, by their IRIs."""
    hall = fresh("hall")
    server.data(REGISTER, twin=fresh("hall-twin"), entity=hall, **{"class": ["Hall"]}, name="Hall")
    pumps = []
    for number in range(9):
        entity = fresh(f"p{number}")
        properties = [
            {"property": "ratedFlow", "value": [5, 40, 300][number % 3] + number},
            {"property": "criticality", "value": ["low", "high"][number % 2]},
            {"property": "latitude", "value": 48.0 + number / 10},
            {"property": "longitude", "value": 16.5},
        ]
        kind = "DosingPump" if number == 8 else "Pump"
        server.data(REGISTER, twin=entity + ":twin", entity=entity, **{"class": [kind]}, name=f"Unit {9 - number}",
                    properties=properties, links=[{"predicate": "locatedIn", "object": hall}])  # fmt: skip
        pumps.append(entity)
    tank = {"name": "Unit T", "properties": [{"property": "capacity", "value": 3}], "class": ["Tank"]}
    server.data(REGISTER, twin=fresh("tank:twin"), entity=fresh("tank"), **tank,
                links=[{"predicate": "locatedIn", "object": hall}])  # fmt: skip
    return pumps


def test_a_filter_picks_what_it_says(server: Server, hall: list[str], fresh: Fresh) -> None:
    here = {"linked": [{"predicate": "locatedIn", "where": {"iri": [fresh("hall")]}}]}

    def numbers(**given: Any) -> list[int]:
        query = (
            'query ($f: ResourceFilter) { resources(class: "Pump", filter: $f, first: 50) { edges { node { iri } } } }'
        )
        found = server.data(query, f={"and": [here, *([given] if given else [])]})["resources"]["edges"]
        return sorted(int(edge["node"]["iri"][-1]) for edge in found)

    everyone = list(range(9))
    assert numbers() == everyone
    assert numbers(**{"class": ["DosingPump"]}) == [8]
    assert numbers(iri=[hall[2], hall[4]]) == [2, 4]
    flows = {number: [5, 40, 300][number % 3] + number for number in everyone}
    for name, holds in {"eq": eq, "ne": ne, "lt": lt, "lte": le, "gt": gt, "gte": ge}.items():
        assert numbers(property=[{"property": "ratedFlow", name: 41}]) == [n for n in everyone if holds(flows[n], 41)]
    between = [{"property": "ratedFlow", "gt": 10, "lt": 50}]
    assert numbers(property=between) == [n for n in everyone if 10 < flows[n] < 50]
    assert numbers(property=[{"property": "criticality", "in": ["low"]}]) == [0, 2, 4, 6, 8]
    assert numbers(property=[{"property": "criticality", "prefix": "hi"}]) == [1, 3, 5, 7]
    assert numbers(property=[{"property": "ratedPower", "exists": True}]) == []
    assert numbers(property=[{"property": "ratedPower", "exists": False}]) == everyone
    assert numbers(name={"prefix": "Unit 9"}) == [0]
    assert numbers(name={"in": ["Unit 1", "Unit 2"]}) == [7, 8]
    assert numbers(text="unit 4") == [5]
    assert numbers(within={"south": 48.25, "north": 48.45, "west": 16, "east": 17}) == [3, 4]
    assert numbers(**{"or": [{"iri": [hall[0]]}, {"iri": [hall[1]]}]}) == [0, 1]
    assert numbers(**{"not": {"property": [{"property": "criticality", "eq": "low"}]}}) == [1, 3, 5, 7]


def test_twins_are_found_by_what_their_entities_are(server: Server, hall: list[str], fresh: Fresh) -> None:
    here = {"linked": [{"predicate": "locatedIn", "where": {"iri": [fresh("hall")]}}]}

    def twins(order: dict[str, str] | None = None, /, **given: Any) -> list[str]:
        query = """query ($f: ResourceFilter, $o: OrderBy) {
            twins(filter: $f, orderBy: $o, first: 50) { totalCount edges { node { entity { iri } } } } }"""
        found = server.data(query, f={"entity": here, **given}, o=order)["twins"]
        assert found["totalCount"] == len(found["edges"])
        return [edge["node"]["entity"]["iri"] for edge in found["edges"]]

    assert sorted(twins()) == sorted([*hall, fresh("tank")])
    assert twins(**{"class": ["Tank"]}) == [fresh("tank")]
    assert sorted(twins(**{"class": ["Tank", "DosingPump"]})) == sorted([fresh("tank"), hall[8]])
    assert len(twins(**{"class": ["Twin"]})) == 10
    assert twins(text="Unit 3") == [hall[6]]
    assert twins(within={"south": 47.9, "north": 48.05, "west": 16, "east": 17}) == [hall[0]]
    assert twins(state=["Active"]) == []
    assert len(twins(state=["Draft", "Active"])) == 10
    assert twins({"key": "NAME", "direction": "DESC"}, **{"class": ["Pump"]}) == hall
    server.data('mutation ($t: Iri!) { transition(twin: $t, trigger: "discard") { revision } }', t=hall[3] + ":twin")
    assert twins(state=["Discarded"]) == [hall[3]]
    for wrong in ({"class": ["Pmp"]}, {"state": ["Actve"]}, {"property": [{"property": "flw", "eq": 1}]}):
        assert (
            server.refused("query ($f: ResourceFilter) { twins(filter: $f) { totalCount } }", f=wrong)["code"]
            == "BAD_INPUT"
        )


@pytest.mark.parametrize(
    "order",
    [
        {"property": "ratedFlow"},
        {"property": "ratedFlow", "direction": "DESC"},
        {"key": "NAME"},
        {"key": "CREATED", "direction": "DESC"},
        {"key": "IRI"},
    ],
)
def test_pages_neither_skip_nor_repeat(server: Server, hall: list[str], fresh: Fresh, order: dict[str, str]) -> None:
    query = """query ($f: ResourceFilter, $o: OrderBy, $n: Int!, $after: String) {
        resources(filter: $f, orderBy: $o, first: $n, after: $after) {
          edges { cursor node { iri } } pageInfo { hasNextPage endCursor } } }"""
    here = {"linked": [{"predicate": "locatedIn", "where": {"iri": [fresh("hall")]}}]}

    def page(first: int, after: str | None = None) -> dict[str, Any]:
        found: dict[str, Any] = server.data(query, f=here, o=order, n=first, after=after)["resources"]
        return found

    whole = [edge["node"]["iri"] for edge in page(50)["edges"]]
    assert sorted(whole) == sorted([*hall, fresh("tank")])
    seen: list[str] = []
    after = None
    while True:
        part = page(3, after)
        seen += [edge["node"]["iri"] for edge in part["edges"]]
        after = part["pageInfo"]["endCursor"]
        if not part["pageInfo"]["hasNextPage"]:
            break
    assert seen == whole
    if order.get("property"):
        assert whole[-1] == fresh("tank"), "what has no such property comes last"
    assert page(0)["edges"] == []
    other = {"key": "UPDATED"}
    assert server.refused(query, f=here, o=other, n=3, after=after)["code"] == "BAD_INPUT"


def test_lists_refuse_what_cannot_be_meant(server: Server) -> None:
    query = """query ($o: OrderBy, $n: Int = 3, $f: ResourceFilter) {
        twins(orderBy: $o, first: $n, filter: $f) { edges { cursor } } }"""
    assert server.refused(query, o={"key": "NAME", "property": "ratedFlow"})["argument"] == "orderBy"
    assert server.refused(query, n=-1)["argument"] == "first"
    assert server.refused(query, n=1001)["code"] == "QUERY_TOO_LARGE"
    assert server.refused(query, f={"within": {"south": 9, "north": 1, "west": 0, "east": 1}})["code"] == "BAD_INPUT"


def test_lifecycles_and_releases_are_data(server: Server) -> None:
    query = """{ lifecycle(name: "twinLifecycle") { name governs states { name initial terminal live }
                   transitions { name from { name } to { name } guarded guard requires cascade } }
                 lifecycles { name } none: lifecycle(name: "Pump") { name }
                 release { version digest active modules activatedAt } releases { digest active activatedAt } }"""
    told = server.data(query)
    machine = told["lifecycle"]
    assert [state["name"] for state in machine["states"] if state["initial"]] == ["Draft"]
    commission = next(t for t in machine["transitions"] if t["name"] == "commission")
    assert (commission["from"], commission["to"]) == ([{"name": "Validated"}], {"name": "Active"})
    assert commission["guarded"] == (commission["guard"] is not None)
    assert len(told["lifecycles"]) == 3
    assert told["none"] is None
    active = {name: told["release"][name] for name in ("digest", "active", "activatedAt")}
    assert told["releases"] == [active]
    assert "https://w3id.org/semantic-twins/core" in told["release"]["modules"]


def test_rdf_is_validated_and_not_stored(server: Server) -> None:
    query = "query ($t: String!) { validate(turtle: $t) { focus path value message severity component shape } }"
    turtle = """@prefix plant: <https://w3id.org/semantic-twins/plant#> .
                @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
                <urn:unstored> a plant:Pump ; rdfs:label "P" ; plant:serialNumber "1" ; plant:ratedFlow %s ."""
    before = server.record.head()
    (violation,) = server.data(query, t=turtle % "-1.0")["validate"]
    assert (violation["focus"], violation["value"], violation["severity"]) == ("urn:unstored", "-1.0", "VIOLATION")
    assert server.data(query, t=turtle % "1.0") == {"validate": []}
    fault = server.refused(query, t=turtle % "¦")
    assert (fault["code"], fault["line"]) == ("BAD_INPUT", 3)
    assert server.record.head() == before
