"""What somebody changes by hand in Neo4j Browser, and what the doctor says of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from neo4j import GraphDatabase

from registry.errors import StoreUnavailable
from registry.rdf.terms import Literal, text
from registry.rdf.vocabulary import RDF_TYPE, RDFS_LABEL, XSD_INTEGER
from registry.stores.neo4j.record import Neo4jRecord, open_neo4j
from registry.stores.open_mode import Access
from tests.endtoend.serving import run_cli
from tests.neo4j.session import emptied
from tests.stores.plant import EX, FEEDS, FLOW, NOTE, PUMP, integer, put

A, B = EX + "a", EX + "b"


@pytest.fixture
def url() -> str:
    return emptied()


@pytest.fixture
def record(url: str) -> Iterator[Neo4jRecord]:
    with closing(open_neo4j(url, Access.WRITE)) as opened:
        odd = Literal("01", XSD_INTEGER)
        put(
            opened, (A, RDF_TYPE, PUMP), (A, FLOW, integer(1)), (A, FEEDS, B), (A, NOTE, odd), (B, RDF_TYPE, PUMP),
            (B, RDFS_LABEL, text("B")), (B, FEEDS, EX + "nowhere"),
        )  # fmt: skip
        yield opened


def by_hand(url: str, query: str) -> None:
    with GraphDatabase.driver(url) as driver, driver.session(database="neo4j") as session:
        session.run(query, a=A, b=B).consume()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("MATCH (n {iri: $a}) SET n.flow = 2", f"{A} says something else than the log"),
        ("MATCH (n {iri: $a}) REMOVE n.flow", f"{A} says something else than the log"),
        ("MATCH (n {iri: $a})-[r:FEEDS]->() DELETE r", f"{A} says something else than the log"),
        ("MATCH (n {iri: $b}), (m {iri: $a}) CREATE (n)-[:FEEDS]->(m)", f"{B} says something else than the log"),
        ("MATCH (n {iri: $a}) REMOVE n:Pump", f"{A} says something else than the log"),
        ("MATCH (n {iri: $a}) SET n.note = 7", f"{A} has values that its shadow does not agree with"),
        ("MATCH (n {iri: $a}) SET n._revision = 7", f"{A} is at revision 7, and the log says 1"),
        ("MATCH (n {iri: $a}) SET n:Machine", "the label 'Machine', which is outside the name map"),
        ("MATCH (n {iri: $a}) SET n.colour = 'red'", "the property 'colour', which is outside the name map"),
        ("MATCH (n {iri: $a}) CREATE (n)-[:KNOWS]->(n)", "a relationship 'KNOWS', which is outside the name map"),
        ("CREATE (:Pump {name: 'P-1'})", "a node with the labels :Pump is no part of the record"),
        ("CREATE (:_Node:Pump {name: 'P-2'})", "a node P-2 has no IRI"),
        ("CREATE (:_Node:Pump {iri: 'urn:x:by-hand'})", "urn:x:by-hand is no resource of the log"),
        ("MATCH (n {iri: $b}) WHERE n._revision > 0 DETACH DELETE n", f"{B} is gone"),
        ("MATCH (k:_Key {iri: $a}) WITH k LIMIT 1 DELETE k", f"{A} is listed and searched by other values"),
        ("MATCH (e:_Entry) DELETE e", "the record counts 1 entries, and has 0"),
    ],
)
def test_a_change_by_hand_is_found(url: str, record: Neo4jRecord, query: str, said: str) -> None:
    assert not record.verify()
    by_hand(url, query)
    assert any(said in fault for fault in record.verify()), record.verify()


def test_the_doctor_tells_it_with_the_share_of_shadows(url: str, record: Neo4jRecord, tmp_path: Path) -> None:
    ask = ("doctor", "--store", url, "--data", tmp_path, "--json")
    found = {finding["part"]: finding for finding in json.loads(run_cli(*ask).stdout)}
    assert found["record"]["verdict"] == found["log"]["verdict"] == "good"
    assert "1 values with a shadow" in found["record"]["found"]
    by_hand(url, "MATCH (n {iri: $a}) SET n.flow = 2")
    told = {finding["part"]: finding for finding in json.loads(run_cli(*ask, check=1).stdout)}
    assert told["record"]["verdict"] == "fault"
    assert f"{A} says something else than the log" in told["record"]["found"]


def test_a_database_of_somebody_else_is_left_alone(url: str) -> None:
    by_hand(url, "CREATE (:Movie {title: 'A'})")
    with pytest.raises(StoreUnavailable, match="another program"):
        open_neo4j(url, Access.WRITE)


def test_what_is_not_there_yet_cannot_be_read(url: str) -> None:
    with pytest.raises(StoreUnavailable, match="no record"):
        open_neo4j(url, Access.READ)
    open_neo4j(url, Access.WRITE).close()
    reader = open_neo4j(url, Access.READ)
    with closing(reader), pytest.raises(StoreUnavailable, match="reading only"):
        reader.begin()
