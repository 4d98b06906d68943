"""The command line: exit codes, one readable line for an error, and data on stdout only."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from registry.rdf.canonical import canonical_hash
from registry.rdf.graph import MemoryGraph
from registry.rdf.syntax import parse, syntax_of
from registry.rdf.terms import Literal
from registry.rdf.vocabulary import DASH, SH
from tests.endtoend.serving import run_cli
from tests.places import CHECKOUT

PLANT = CHECKOUT / "registry" / "demo" / "plant.ttl"
BROKEN = CHECKOUT / "tests" / "audit" / "not-understood.ttl"
ASK_STATES = "SELECT ?twin ?state { ?twin lifecycle:inState ?state } ORDER BY ?twin"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demo plant in it."""
    folder = tmp_path_factory.mktemp("plant")
    run_cli("import", PLANT, "--data", folder)
    return folder


def test_query_is_csv_when_piped_and_json_when_asked(data: Path, tmp_path: Path) -> None:
    rows = list(csv.reader(io.StringIO(run_cli("query", ASK_STATES, "--data", data).stdout)))
    assert rows[0] == ["twin", "state"]
    assert len(rows) == 11
    found = json.loads(run_cli("query", ASK_STATES, "--json", "--data", data).stdout)
    assert len(found["results"]["bindings"]) == 10
    file = tmp_path / "states.rq"
    file.write_text(ASK_STATES)
    assert run_cli("query", file, "--data", data).stdout.count("\n") == 11


def test_a_table_goes_to_parquet_with_its_types(data: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    out = tmp_path / "pumps.parquet"
    query = "SELECT ?tag ?flow { ?pump plant:tag ?tag ; plant:ratedFlow ?flow } ORDER BY ?tag"
    run_cli("query", query, "--data", data, "-o", out)
    table = parquet.read_table(out)
    assert table.column("tag").to_pylist() == ["P-101", "P-102", "P-201", "P-301", "P-302"]
    assert [float(value) for value in table.column("flow").to_pylist()] == [120.0, 120.0, 0.4, 110.0, 110.0]


@pytest.mark.parametrize("name", ["plant.ttl", "plant.nt", "plant.nq", "plant.trig", "plant.jsonld", "plant.rdf"])
def test_export_gives_back_what_was_imported_in_every_syntax(name: str, data: Path, tmp_path: Path) -> None:
    out = tmp_path / name
    run_cli("export", "-o", out, "--data", data)
    expected = canonical_hash(parse(PLANT.read_bytes(), syntax_of("ttl")).statements)
    assert canonical_hash(parse(out.read_bytes(), syntax_of(name)).statements) == expected
    assert [found.name for found in tmp_path.iterdir()] == [name]


def test_export_of_a_class_takes_those_below_it(data: Path) -> None:
    exported = run_cli("export", "--class", "Pump", "--format", "ntriples", "--data", data).stdout
    assert exported.count("#type>") == 5


def test_check_says_what_is_wrong_and_stores_nothing(data: Path, tmp_path: Path) -> None:
    assert run_cli("check", PLANT, "--data", data).stdout == ""
    bad = tmp_path / "bad.ttl"
    bad.write_text("<urn:x> a <https://w3id.org/semantic-twins/plant#Tank> .")
    found = json.loads(run_cli("check", bad, "--json", "--data", data, check=1).stdout)
    assert found["violations"][0]["path"] == "<https://w3id.org/semantic-twins/plant#capacity>"
    assert "urn:x" not in run_cli("export", "--data", data, "--format", "ntriples").stdout


def test_doctor_looks_at_every_part(data: Path) -> None:
    found = json.loads(run_cli("doctor", "--json", "--data", data).stdout)
    assert [part["part"] for part in found] == ["record", "log", "names", "projection", "code"]
    assert {part["verdict"] for part in found} == {"good"}


def test_a_projection_that_differs_is_found_and_rebuilt(tmp_path: Path) -> None:
    import pyoxigraph as ox

    run_cli("import", PLANT, "--data", tmp_path)
    run_cli("doctor", "--data", tmp_path)
    store = ox.Store(str(tmp_path / "projection" / "store"))
    store.update("INSERT DATA { <urn:stray> <urn:p> 1 }")
    store.flush()
    del store
    assert "urn:stray" in run_cli("doctor", "--json", "--data", tmp_path, check=1).stdout
    run_cli("doctor", "--repair", "--data", tmp_path)
    assert json.loads(run_cli("doctor", "--json", "--data", tmp_path).stdout)[-1]["verdict"] == "good"


def test_doctor_counts_what_shapes_say_a_second_way(data: Path) -> None:
    found = json.loads(run_cli("doctor", "--shapes", "--json", "--data", data).stdout)
    assert [part["part"] for part in found][-3:] == ["replay", "shapes", "owed"]
    assert {part["verdict"] for part in found} == {"good"}


def test_audit_lists_what_is_owed_by_shape(data: Path, tmp_path: Path) -> None:
    assert "nothing is owed by 47 resources" in run_cli("audit", "--data", data).stderr
    bad = tmp_path / "bad.ttl"
    tank = "<urn:x{}> a <https://w3id.org/semantic-twins/plant#Tank> ."
    bad.write_text("".join(tank.format(number) for number in range(5)))
    run_cli("import", bad, "--owed", "--data", tmp_path, check=1)
    found = json.loads(run_cli("audit", "--json", "--data", tmp_path, check=1).stdout)
    assert (found["resources"], found["owed"]) == (5, 5)
    first = found["shapes"][0]
    assert first["shape"].endswith("#Tank-capacity")
    assert (first["severity"], first["count"], first["examples"]) == ("Violation", 5, ["urn:x0", "urn:x1", "urn:x2"])
    assert len(found["violations"]) == found["owed"] + found["others"]
    told = run_cli("audit", "--data", tmp_path, check=1)
    assert "5 violations are owed by 5 resources" in told.stderr
    assert "Tank-capacity" in told.stdout


def test_audit_tells_what_other_shapes_would_find_in_both_engines(data: Path, tmp_path: Path) -> None:
    shapes = tmp_path / "stricter.ttl"
    shapes.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix plant: <https://w3id.org/semantic-twins/plant#> . "
        "<urn:Strict> a sh:NodeShape ; sh:targetClass plant:Pump ; "
        'sh:property [ sh:path plant:ratedFlow ; sh:maxInclusive 100.0 ; sh:message "too fast" ] .'
    )
    for engine in ("own", "pyshacl"):
        asked = ("audit", "--engine", engine, "--shapes", shapes, "--json", "--data", data)
        found = json.loads(run_cli(*asked, check=1).stdout)
        assert found["owed"] == 4
        assert {one["shape"] for one in found["violations"]} == {"urn:Strict"}
        assert {one["message"] for one in found["violations"]} == {"too fast"}
    assert run_cli("audit", "--engine", "pyshacl", "--rules", "--data", data).stdout == ""


def test_the_schema_is_text_that_builds() -> None:
    from graphql import build_client_schema, build_schema

    sdl = run_cli("schema", "--sdl").stdout
    assert "registerTwin" in build_schema(sdl).mutation_type.fields  # type: ignore[union-attr]
    introspection = json.loads(run_cli("schema", "--json").stdout)
    client = build_client_schema(introspection.get("data", introspection))
    assert client.query_type is not None
    assert "twins" in client.query_type.fields


def test_ontology_list_names_the_modules_and_the_release(data: Path) -> None:
    found = json.loads(run_cli("ontology", "list", "--json", "--data", data).stdout)
    assert "https://w3id.org/semantic-twins/core" in found["modules"]
    assert found["releases"][0]["digest"] == found["digest"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["query", "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"], "SERVICE"),
        (["query", "DELETE WHERE { ?s ?p ?o }"], "BAD_INPUT"),
        (["query", "SELECT ?x { ?x nothing:p ?y }"], "nothing"),
        (["export", "--class", "Pmup"], "did you mean 'Pump'"),
        (["export", "--format", "yaml"], "known are"),
        (["import", "no-such-file.ttl"], "no-such-file.ttl"),
        (["import", str(PLANT), "--owed", "--strict"], "choose one"),
        (["check", str(CHECKOUT / "README.md")], "does not tell an RDF syntax"),
        (["serve", "--port", "99999999"], "99999999"),
        (["audit", "--rules"], "add --engine pyshacl"),
        (["audit", "--shapes", "no-such-file.ttl"], "no-such-file.ttl"),
        (["audit", "--engine", "pyshacl", "--shapes", str(BROKEN)], "pySHACL does not understand"),
        (["doctor", "--store", "mongodb://x"], "sqlite:///"),
        (["frobnicate"], "frobnicate"),
    ],
)
def test_an_error_is_one_readable_line_and_exit_code_2(arguments: list[str], said: str, data: Path) -> None:
    where = [] if arguments[0] == "frobnicate" else ["--data", str(data)]
    done = run_cli(*arguments, *where, check=2)
    assert said in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    if arguments[0] != "frobnicate":
        assert len(done.stderr.strip().splitlines()) == 1


def test_what_is_no_record_is_refused(tmp_path: Path) -> None:
    (tmp_path / "registry.db").write_bytes(b"this is no database" * 1_000)
    done = run_cli("export", "--data", tmp_path, check=2)
    assert "STORE_UNAVAILABLE" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


BAD_PLANT = """@prefix plant: <https://w3id.org/semantic-twins/plant#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<urn:x:pump> a plant:Pump ; rdfs:label "feed pump"@en , "Speisepumpe"@de ; plant:serialNumber "S" ;
    plant:ratedFlow "12.5" ; plant:criticality "hihg" .
"""


def test_check_tells_people_machines_and_shacl_tools_the_same(tmp_path: Path) -> None:
    bad, report = tmp_path / "bad.ttl", tmp_path / "report.nt"
    bad.write_text(BAD_PLANT, encoding="utf-8")
    where: list[str | Path] = ["--data", tmp_path / "data"]
    done = run_cli("check", bad, "--report", report, *where, check=1)
    for word in ("feed pump", "rated flow", "12.5", "“12.5”", "“high”"):
        assert word in done.stdout
    assert "urn:x:pump" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    told = json.loads(run_cli("check", bad, "--json", *where, check=1).stdout)["violations"]
    own = MemoryGraph(parse(report.read_bytes(), syntax_of("nt")).statements)
    assert len(own.instances(SH + "ValidationResult")) == len(told)
    updates = [own.value(update, SH + "message") for update in own.instances(DASH + "GraphUpdate")]
    assert sorted(words.lexical for words in updates if isinstance(words, Literal)) == sorted(
        violation["suggestion"] for violation in told if violation["fix"]
    )


def test_the_language_is_the_one_asked_for_or_the_locale(tmp_path: Path) -> None:
    bad = tmp_path / "bad.ttl"
    bad.write_text(BAD_PLANT, encoding="utf-8")
    where: list[str | Path] = ["--json", "--data", tmp_path / "data"]

    def labels(*more: str, **environment: str) -> set[str]:
        done = run_cli("check", bad, *more, *where, check=1, environment=environment)
        return {violation["focusLabel"] for violation in json.loads(done.stdout)["violations"]}

    assert labels("--language", "de") == labels(LC_ALL="de_AT.UTF-8", LANGUAGE="") == {"Speisepumpe"}
    assert labels(LC_ALL="C", LANGUAGE="") == labels("--language", "fr", LC_ALL="de_AT") == {"feed pump"}
    assert "no language" in run_cli("check", bad, "--language", "???", *where, check=2).stderr


def test_a_strict_import_shows_what_stopped_it(tmp_path: Path) -> None:
    bad = tmp_path / "bad.ttl"
    bad.write_text(BAD_PLANT, encoding="utf-8")
    done = run_cli("import", bad, "--strict", "--data", tmp_path / "data", check=2)
    assert "“high”" in done.stdout
    assert len(done.stderr.strip().splitlines()) == 1
