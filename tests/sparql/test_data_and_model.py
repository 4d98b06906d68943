"""Queries read the record and the active model as one graph, each statement once; whoever names graphs gets those."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from registry.domain.releases.release import Release, compile_release
from registry.ontology.modules import standard_modules
from registry.rdf.terms import Literal, Statement
from registry.rdf.vocabulary import BASE, IN_STATE, OWL_CLASS, RDF_TYPE, RDFS_LABEL, RDFS_SUB_CLASS_OF, STANDARD
from registry.share import query
from registry.sparql.projection import Projection
from registry.sparql.projection_update import MODEL_GRAPH
from tests.places import CHECKOUT
from tests.sparql.plant import commit, opened
from tests.sparql.served import Served, serving

PLANT = BASE + "plant#"
PUMP, TANK = "urn:x:pump", "urn:x:tank"
DATA: list[Statement] = [
    (PUMP, RDF_TYPE, PLANT + "CentrifugalPump"),
    (PUMP, RDFS_LABEL, Literal("Pump")),
    (TANK, RDF_TYPE, PLANT + "Tank"),
    ("urn:x:twin", IN_STATE, STANDARD + "Active"),
]
IN_BOTH = (PLANT + "Pump", RDF_TYPE, OWL_CLASS)


@pytest.fixture(scope="module")
def active() -> Release:
    return compile_release(standard_modules())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, active: Release) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), active) as running:
        commit(running.record, DATA)
        running.select("SELECT * { ?s ?p ?o } LIMIT 1", at_least=1)
        yield running


def asked(served: Served, text: str, **parameters: str) -> list[dict[str, str]]:
    answer = served.http.get("/sparql", params={"query": text, **parameters}, headers={"Registry-At-Least": "1"})
    assert answer.status_code == 200, answer.text
    return [{name: term["value"] for name, term in row.items()} for row in answer.json()["results"]["bindings"]]


COUNT = "SELECT (COUNT(*) AS ?n) {} {{ ?s ?p ?o }}"
DATA_ALONE = f"<{BASE}data>"
OF_BOTH = "SELECT ?s FROM {} FROM <{}plant> {{ ?s a/rdfs:subClassOf* <{}Pump> }}"
KINDS = "SELECT ?c {} {{ <{}> a ?c }}"


def test_with_subclasses(served: Served) -> None:
    assert asked(served, query("sparql", "with-subclasses")) == [{"pump": PUMP, "kind": PLANT + "CentrifugalPump"}]


def test_with_labels(served: Served) -> None:
    assert asked(served, query("sparql", "with-labels")) == [{"twin": "urn:x:twin", "state": "Active"}]


def test_the_data_alone_is_counted_by_its_name(served: Served) -> None:
    assert asked(served, query("sparql", "data-alone")) == [{"statements": str(len(DATA))}]
    assert asked(served, COUNT.format(""), **{"default-graph-uri": BASE + "data"}) == [{"n": str(len(DATA))}]
    assert int(asked(served, COUNT.format(""))[0]["n"]) > 1_000


def test_every_example_of_the_how_to_answers(served: Served) -> None:
    text = (CHECKOUT / "docs" / "how-to" / "sparql.md").read_text(encoding="utf-8")
    examples = re.findall(r"```sparql\n(.*?)```", text, re.DOTALL)
    assert len(examples) == 4
    assert all(asked(served, example) for example in examples)
    for name in ("with-subclasses", "with-labels", "data-alone"):
        example = "".join(line for line in query("sparql", name).splitlines(True) if not line.startswith("#"))
        assert example in examples


def test_graphs_are_the_modules_and_the_model_is_met_once(served: Served, active: Release) -> None:
    graphs = {row["g"] for row in asked(served, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")}
    assert {module.iri for module in active.modules} <= graphs
    assert MODEL_GRAPH.value not in graphs
    of_plant = f"SELECT ?c {{ GRAPH ?g {{ ?c rdfs:subClassOf <{PLANT}Pump> }} }}"
    rows = [row["c"] for row in asked(served, of_plant)]
    assert len(rows) == len(set(rows)) > 0


@pytest.mark.parametrize(
    ("clause", "least"),
    [
        (f"FROM {DATA_ALONE}", len(DATA)),
        (f"FROM {DATA_ALONE} FROM <{BASE}nothing>", len(DATA)),
        ("FROM twins:data", len(DATA)),
        (f"FROM NAMED <{BASE}plant>", 0),
        (f"FROM <{BASE}nothing>", 0),
    ],
)
def test_a_query_that_names_graphs_reads_those(served: Served, clause: str, least: int) -> None:
    assert asked(served, f"PREFIX twins: <{BASE}> " + COUNT.format(clause)) == [{"n": str(least)}]


def test_a_module_and_the_data_can_be_named_together(served: Served) -> None:
    assert asked(served, OF_BOTH.format(DATA_ALONE, BASE, PLANT)) == [{"s": PUMP}]


def test_describe_and_construct_see_both(served: Served) -> None:
    for text in (f"DESCRIBE <{PLANT}Pump>", f"CONSTRUCT WHERE {{ <{PLANT}Pump> rdfs:label ?label }}"):
        answer = served.http.get("/sparql", params={"query": text}, headers={"accept": "application/n-triples"})
        assert "Pump" in answer.text


def test_what_both_state_is_answered_once_whoever_states_it_first(tmp_path: Path, active: Release) -> None:
    text = KINDS.format("", IN_BOTH[0])
    with serving(tmp_path, active) as running:
        for step, change in enumerate([{"added": [IN_BOTH]}, {"removed": [IN_BOTH]}, {"added": [IN_BOTH]}], 1):
            commit(running.record, **change)
            assert running.select(text, at_least=step) == [{"c": OWL_CLASS}]
            of_data = KINDS.format(f"FROM {DATA_ALONE}", IN_BOTH[0])
            assert len(running.select(of_data, at_least=step)) == len(change.get("added", ()))
        running.projection.rebuild()
        assert running.projection.differing() == []
        assert running.select(text, at_least=3) == [{"c": OWL_CLASS}]


def test_a_projection_without_the_model_gets_it_at_the_next_start(tmp_path: Path, active: Release) -> None:
    record = opened(tmp_path)
    try:
        commit(record, DATA)
        first = Projection(tmp_path / "projection", record, lambda: active)
        first.catch_up()
        first.close()
        ox.Store(tmp_path / "projection" / "store").clear_graph(MODEL_GRAPH)
        again = Projection(tmp_path / "projection", record, lambda: active)
        again.catch_up()
        again.checkpoint(tmp_path / "seen")
        again.close()
    finally:
        record.close()
    store = ox.Store.read_only(str(tmp_path / "seen"))
    pumps = store.quads_for_pattern(None, ox.NamedNode(RDFS_SUB_CLASS_OF), ox.NamedNode(PLANT + "Pump"), MODEL_GRAPH)
    assert list(pumps)
