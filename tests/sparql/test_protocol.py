"""``/sparql`` as SPARQL 1.1 Protocol has it: the W3C tests that a query-only endpoint can meet, and foreign clients."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import httpx
import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from registry.ontology.modules import Module, ModuleKind
from registry.rdf.canonical import canonical_hash
from registry.rdf.graph import MemoryGraph
from registry.rdf.syntax import Syntax, parse, syntax_of
from registry.rdf.terms import Iri, Literal
from registry.rdf.vocabulary import BASE, RDF_TYPE
from tests.places import SHARED_DATA, shared
from tests.sparql.plant import EX, commit, pump, release
from tests.sparql.served import Served, serving

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"
SD = "http://www.w3.org/ns/sparql-service-description#"
MANIFEST = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/protocol/manifest#"
GRAPHS = "http://kasei.us/2009/09/sparql/data/"

UPDATES = {
    "update_dataset_default_graph", "update_dataset_default_graphs", "update_dataset_named_graphs",
    "update_dataset_full", "update_post_form", "update_post_direct", "update_base_uri",
}  # fmt: skip
"""Tests of an endpoint that takes updates. This one refuses them, which is tested as well."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    active = release()
    if SHARED_DATA.exists():
        active = replace(active, modules=(*active.modules, *w3c_modules()))
    with serving(folder, active) as served:
        commit(served.record, [triple for number in range(1, 4) for triple in pump(number)])
        served.select("SELECT * {}", at_least=1)
        yield served


def w3c_modules() -> list[Module]:
    """The graphs that the W3C tests expect, in the place of modules: named graphs are what modules become."""
    modules = []
    for file in sorted((SHARED_DATA / "sparql11-protocol" / "protocol").glob("*.nt")):
        statements = tuple(parse(file.read_bytes(), Syntax.N_TRIPLES).statements)
        iri = GRAPHS + file.with_suffix(".rdf").name
        modules.append(Module(file.stem, iri, "", ModuleKind.ONTOLOGY, b"", statements, {}))
    return modules


@dataclass(frozen=True)
class Exchange:
    """One request of a W3C test and what it expects."""

    request: httpx.Request
    statuses: frozenset[str]
    boolean: bool | None
    format: str | None


def manifest() -> MemoryGraph:
    path = shared("sparql11-protocol") / "protocol" / "manifest.ttl"
    return MemoryGraph(parse(path.read_bytes(), Syntax.TURTLE, base="http://w3c.example/").statements)


def words(graph: MemoryGraph, node: Iri, predicate: Iri) -> list[str]:
    return [term.lexical if isinstance(term, Literal) else term for term in graph.objects(node, predicate)]


def one(graph: MemoryGraph, node: Iri, *path: Iri) -> Iri:
    for predicate in path:
        found = graph.value(node, predicate)
        assert isinstance(found, str)
        node = found
    return node


def exchanges(graph: MemoryGraph, test: Iri, address: str) -> list[Exchange]:
    found = []
    for node in graph.items(one(graph, test, MF + "action", HT + "requests")):
        assert isinstance(node, str)
        (method,) = words(graph, node, HT + "methodName")
        (path,) = words(graph, node, HT + "absolutePath")
        headers = {}
        for field in graph.items(graph.value(node, HT + "headers") or "http://www.w3.org/1999/02/22-rdf-syntax-ns#nil"):
            assert isinstance(field, str)
            headers[words(graph, field, HT + "fieldName")[0]] = words(graph, field, HT + "fieldValue")[0]
        content = None
        if graph.value(node, HT + "body") is not None:
            body = one(graph, node, HT + "body")
            content = words(graph, body, CNT + "chars")[0].encode(words(graph, body, CNT + "characterEncoding")[0])
        response = one(graph, node, HT + "resp")
        booleans, formats = (
            words(graph, response, MF + "expectedBoolean"),
            words(graph, response, MF + "expectedFormat"),
        )
        statuses = frozenset(
            word.rpartition("StatusCode")[2][0] for word in words(graph, response, MF + "expectedStatus")
        )
        url = address + path.replace("/sparql/", "/sparql", 1)
        found.append(
            Exchange(
                httpx.Request(method, url, headers=headers, content=content), statuses,
                booleans[0] == "true" if booleans else None, formats[0] if formats else None,
            )
        )  # fmt: skip
    return found


FORMATS = {
    "boolean": {"application/sparql-results+json", "application/sparql-results+xml"},
    "tabular": {"application/sparql-results+json", "application/sparql-results+xml", "text/csv"},
    "RDF": {"text/turtle", "application/rdf+xml", "application/n-triples"},
}


def test_the_w3c_protocol_tests_hold_where_they_ask_for_queries(served: Served) -> None:
    graph = manifest()
    tests = {iri.removeprefix(MANIFEST): iri for iri in graph.instances(MF + "ProtocolTest")}
    assert tests.keys() >= UPDATES
    assert len(tests) == 34
    for name in tests.keys() - UPDATES:
        for exchange in exchanges(graph, tests[name], served.address):
            answer = served.http.send(exchange.request)
            assert str(answer.status_code)[0] in exchange.statuses, f"{name}: {answer.status_code} {answer.text}"
            if exchange.format is not None:
                assert answer.headers["content-type"].partition(";")[0] in FORMATS[exchange.format], name
            if exchange.boolean is not None:
                assert answer.json()["boolean"] is exchange.boolean, f"{name}: {answer.text}"


def test_the_w3c_updates_are_refused(served: Served) -> None:
    graph = manifest()
    for name in sorted(UPDATES):
        answer = served.http.send(exchanges(graph, MANIFEST + name, served.address)[0].request)
        assert answer.status_code == 400, name
        assert answer.json()["code"] == "BAD_INPUT"
        assert "only reads" in answer.json()["detail"]


def test_the_service_describes_itself(served: Served) -> None:
    for accept in ("text/turtle", "application/rdf+xml", "application/ld+json"):
        answer = served.http.get("/sparql", headers={"accept": accept})
        assert answer.headers["content-type"].partition(";")[0] == accept
        graph = MemoryGraph(parse(answer.content, syntax_of(accept)).statements)
        (service,) = graph.instances(SD + "Service")
        assert graph.objects(service, SD + "endpoint") == (f"{served.address}/sparql",)
        dataset = one(graph, service, SD + "defaultDataset")
        names = {one(graph, str(named), SD + "name") for named in graph.objects(dataset, SD + "namedGraph")}
        assert f"{EX}model" in names


SOLUTION_TYPES = [
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
]


@pytest.mark.parametrize("accept", [*SOLUTION_TYPES, "application/json", "application/xml", "text/html, */*;q=0.1"])
@pytest.mark.parametrize("query", ["SELECT ?pump { ?pump a plant:Pump } ORDER BY ?pump", "ASK { ?pump a plant:Pump }"])
def test_results_come_in_the_form_that_was_asked_for(served: Served, accept: str, query: str) -> None:
    answer = served.http.get("/sparql", params={"query": query}, headers={"accept": accept})
    assert answer.status_code == 200, answer.text
    expected = accept if "," not in accept else "application/sparql-results+json"
    assert answer.headers["content-type"].partition(";")[0] == expected
    assert answer.headers["registry-position"] == "1"
    if query.startswith("SELECT"):
        assert [f"{EX}pump/{number}" in answer.text for number in range(1, 4)] == [True] * 3
    else:
        assert "true" in answer.text
    if accept == "text/csv" and query.startswith("SELECT"):
        assert list(csv.reader(io.StringIO(answer.text)))[1:] == [[f"{EX}pump/{number}"] for number in range(1, 4)]


RDF_TYPES = ["text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json", "application/trig"]


@pytest.mark.parametrize("accept", [*RDF_TYPES, "application/n-quads", "*/*"])
@pytest.mark.parametrize("query", ["CONSTRUCT { ?s a plant:Pump } WHERE { ?s a plant:Pump }", f"DESCRIBE <{EX}pump/1>"])
def test_graphs_come_in_the_form_that_was_asked_for(served: Served, accept: str, query: str) -> None:
    answer = served.http.post("/sparql", data={"query": query}, headers={"accept": accept})
    assert answer.status_code == 200, answer.text
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type == (accept if accept != "*/*" else "text/turtle")
    statements = list(parse(answer.content, syntax_of(media_type)).statements)
    if query.startswith("CONSTRUCT"):
        expected = [(f"{EX}pump/{number}", RDF_TYPE, f"{EX}model#Pump") for number in range(1, 4)]
        assert canonical_hash(statements) == canonical_hash(expected)
    else:
        assert len(statements) == len(pump(1))


@pytest.mark.parametrize(
    ("method", "parameters", "status", "reason"),
    [
        ("GET", {"query": "SELECT * { ?s ?p"}, 400, "line 1, column 17: the query ends too early"),
        ("GET", {"query": "SELECT * { ?s plnt:x ?o }"}, 400, "did you mean plant:?"),
        ("GET", {"query": "SELECT ?s (COUNT(?p) AS ?n) { ?s ?p ?o }"}, 400, "unbound"),
        ("GET", {"query": "SELECT * { SERVICE <http://127.0.0.1:9/> {} }"}, 400, "SERVICE is refused"),
        ("GET", {"query": "LOAD <http://127.0.0.1:9/>"}, 400, "LOAD is refused"),
        ("GET", {"query": "DROP ALL"}, 400, "DROP is refused"),
        ("GET", {"update": "DROP ALL"}, 400, "only reads"),
        ("GET", {"query": "ASK {}", "default-graph-uri": "no iri"}, 400, "IRI"),
        ("GET", {"query": ""}, 400, "there is no query"),
        ("POST", {"quarry": "ASK {}"}, 400, "this one has none"),
        ("PUT", {"query": "ASK {}"}, 405, "Method Not Allowed"),
    ],
)
def test_what_is_wrong_is_a_problem_document(
    served: Served, method: str, parameters: dict[str, str], status: int, reason: str
) -> None:
    where = {"data": parameters} if method == "POST" else {"params": parameters}
    answer = served.http.request(method, "/sparql", **where)  # type: ignore[arg-type]
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert reason in answer.json()["detail"]
    assert (answer.json()["code"], answer.json()["status"]) == ("BAD_INPUT", status)


@pytest.mark.parametrize(
    ("request_parts", "status"),
    [
        ({"params": {"query": "ASK {}"}, "headers": {"accept": "image/png"}}, 406),
        ({"params": {"query": "ASK {}"}, "headers": {"registry-at-least": "soon"}}, 400),
        ({"params": {"query": "ASK {}"}, "headers": {"registry-at-least": "999"}}, 400),
        ({"params": "query=%ff"}, 400),
        ({"params": "query=ASK%20%7B%7D&query=ASK%20%7B%7D"}, 400),
        ({"method": "POST", "content": b"\xff", "headers": {"content-type": "application/sparql-query"}}, 400),
        ({"method": "POST", "content": b"ASK {}", "headers": {"content-type": "application/json"}}, 415),
        ({"method": "POST", "content": b"ASK {}"}, 415),
    ],
)
def test_requests_outside_the_protocol_are_refused(served: Served, request_parts: dict[str, str], status: int) -> None:
    method = request_parts.pop("method", "GET")
    answer = served.http.request(method, "/sparql", **request_parts)  # type: ignore[arg-type]
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_default_graph_is_data_and_model_and_modules_are_named(served: Served) -> None:
    classes = "SELECT ?class {} {{ ?class a owl:Class }}"
    assert len(served.select(classes.format(""))) == 2
    assert served.select(classes.format(f"FROM <{BASE}data>")) == []
    assert len(served.select(f"SELECT ?class {{ GRAPH <{EX}model> {{ ?class a owl:Class }} }}")) == 2
    parameters = urlencode({"query": classes.format(""), "default-graph-uri": f"{EX}model"})
    assert len(served.http.get(f"/sparql?{parameters}").json()["results"]["bindings"]) == 2


def test_rdflib_asks_it_like_any_other_endpoint(served: Served) -> None:
    store = SPARQLStore(f"{served.address}/sparql", returnFormat="json")
    graph = rdflib.Graph(store)
    pumps = list(graph.query(f"SELECT ?pump {{ ?pump a <{EX}model#Pump> }}"))
    assert len(pumps) == 3
    assert (rdflib.URIRef(f"{EX}pump/1"), None, None) in graph
    of_data = f"CONSTRUCT FROM <{BASE}data> WHERE {{ ?s a ?o }}"
    constructed = rdflib.Graph(SPARQLStore(f"{served.address}/sparql")).query(of_data).graph
    assert constructed is not None
    assert len(constructed) == 3


def test_who_wants_parquet_is_told_where_it_is_written(served: Served) -> None:
    accept = {"accept": "application/vnd.apache.parquet"}
    answer = served.http.get("/sparql", params={"query": "SELECT * {}"}, headers=accept)
    assert answer.status_code == 406
    assert "registry query QUERY -o rows.parquet" in answer.json()["detail"]
