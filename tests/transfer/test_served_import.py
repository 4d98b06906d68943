"""Files imported into a registry that serves, by the command line and over HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.endtoend.serving import ServingRegistry, run_cli
from tests.transfer.test_import import BAD, GOOD, HANGING, PREFIXES, written

TURTLE = {"content-type": "text/turtle"}
LIMIT_BYTES = 1_000_000
FIRST = ':here a plant:Tank ; rdfs:label "T" ; plant:capacity 1.5 ; plant:serialNumber "S8" ; core:feeds :there .\n'
SECOND = ':there a plant:Pump ; rdfs:label "P" ; plant:ratedFlow 5.5 ; plant:serialNumber "S9" .\n'


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingRegistry]:
    limit = {"REGISTRY_IMPORT_BYTES": str(LIMIT_BYTES)}
    with ServingRegistry(tmp_path_factory.mktemp("served") / "data", environment=limit) as serving:
        yield serving


def many(count: int) -> str:
    return PREFIXES + "".join(
        f':m{n} a plant:Pump ; rdfs:label "M{n}" ; plant:ratedFlow 5.5 ; plant:serialNumber "M{n}" .\n'
        for n in range(count)
    )


def posted(registry: ServingRegistry, text: str, query: str = "", **headers: str) -> list[dict[str, Any]]:
    url = f"{registry.address}/import?name=plant.ttl{query}"
    answer = httpx.post(url, content=text.encode(), headers={**TURTLE, **headers}, timeout=100)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def stored(registry: ServingRegistry, name: str) -> bool:
    iri = f"https://e.example/{name}"
    return httpx.get(f"{registry.address}/resource", params={"iri": iri}, timeout=30).status_code == 200


def nothing_waits(registry: ServingRegistry) -> bool:
    return not list((registry.data / "imports").glob("*"))


def test_the_command_finds_the_server_and_reports_as_without_one(registry: ServingRegistry, tmp_path: Path) -> None:
    file, graph = written(tmp_path, GOOD, BAD, HANGING), tmp_path / "report.ttl"
    arguments: list[str | Path] = ["import", file, "--json", "--report", graph]
    there = json.loads(run_cli(*arguments, "--data", registry.data, check=1).stdout)
    reported = graph.read_text()
    here = json.loads(run_cli(*arguments, "--data", tmp_path / "alone", check=1).stdout)
    assert there == here
    assert "ValidationReport" in reported
    assert there["left_out"] == ["https://e.example/bad"]
    assert stored(registry, "pump")
    assert not stored(registry, "bad")
    again = json.loads(run_cli(*arguments, "--data", registry.data, check=1).stdout)
    assert (again["stored"], again["unchanged"]) == (0, 1)
    assert nothing_waits(registry)


def test_files_that_link_to_each_other_are_one_graph(registry: ServingRegistry, tmp_path: Path) -> None:
    files = written(tmp_path, FIRST, name="a.ttl"), written(tmp_path, SECOND, name="b.ttl")
    run_cli("import", *files, "--strict", "--data", registry.data)
    assert stored(registry, "here")
    assert stored(registry, "there")


def test_progress_is_told_and_reads_go_on_meanwhile(registry: ServingRegistry) -> None:
    told: list[dict[str, Any]] = []
    thread = threading.Thread(target=lambda: told.extend(posted(registry, many(2_000))))
    thread.start()
    answers = 0
    while thread.is_alive():
        assert httpx.get(f"{registry.address}/health", timeout=30).status_code == 200
        answers += 1
    thread.join()
    assert answers > 1
    assert {"stage", "done", "total"} == set(told[0])
    assert told[-1]["result"]["stored"] == 2_000
    assert nothing_waits(registry)


def test_a_dry_run_stores_nothing_and_strict_refuses_all(registry: ServingRegistry) -> None:
    news = GOOD.replace(":pump", ":fresh").replace('"S1"', '"S7"')
    assert posted(registry, PREFIXES + news, "&dry-run=true")[-1]["result"]["resources"] == 1
    error = posted(registry, PREFIXES + news + BAD, "&strict=true")[-1]["error"]
    assert error["code"] == "SHAPES_VIOLATED"
    assert error["violations"][0]["focus"] == "https://e.example/bad"
    assert not stored(registry, "fresh")


def test_a_syntax_fault_has_file_and_line(registry: ServingRegistry, tmp_path: Path) -> None:
    error = posted(registry, PREFIXES + GOOD + ":broken a\n;")[-1]["error"]
    assert (error["code"], error["file"]) == ("BAD_INPUT", "plant.ttl")
    assert error["line"] > 1
    file = written(tmp_path, GOOD, ":broken a\n;")
    done = run_cli("import", file, "--data", registry.data, check=2)
    assert f"{file}:" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("where", ["served", "alone"])
def test_relative_iris_and_unmapped_keys_are_told_of_or_have_a_base(
    where: str, registry: ServingRegistry, tmp_path: Path
) -> None:
    data = registry.data if where == "served" else tmp_path / "alone"
    pump = f'a plant:Pump ; rdfs:label "R" ; plant:ratedFlow 5.5 ; plant:serialNumber "R-{where}"'
    relative = written(tmp_path, f"<relative-{where}> {pump} .\n", name="relative.ttl")
    refused = run_cli("import", relative, "--data", data, check=2)
    assert "relative IRI" in refused.stderr
    assert f"{relative}:" in refused.stderr
    lenient = json.loads(run_cli("import", relative, "--lenient", "--json", "--data", data).stdout)
    assert (lenient["stored"], lenient["losses"][0]["term"]) == (0, f"relative-{where}")
    based = run_cli("import", relative, "--base", "https://base.example/", "--json", "--data", data)
    assert (json.loads(based.stdout)["stored"], json.loads(based.stdout)["losses"]) == (1, [])
    again = run_cli("import", relative, "--base", "https://base.example/2/", "--strict", "--data", data, check=2)
    assert f"https://base.example/2/relative-{where}" in again.stderr, "with another base it is another resource"
    assert "absolute IRI" in run_cli("import", relative, "--base", "base/", "--data", data, check=2).stderr

    document = {"@id": f"urn:keys-{where}", "@type": "urn:x:Thing", "colour": "red", "urn:x:size": 1}
    keys = tmp_path / "keys.jsonld"
    keys.write_text(json.dumps(document))
    found = json.loads(run_cli("import", keys, "--json", "--owed", "--data", data, check=None).stdout)["losses"]
    assert [(loss["term"], loss["count"]) for loss in found] == [("colour", 1)]
    checked = run_cli("check", keys, "--data", data, check=None).stderr
    assert "not kept: JSON-LD key without a mapping: colour" in checked


@pytest.mark.parametrize("path", ["/import", "/import/files"])
def test_what_is_no_rdf_or_too_large_is_refused(path: str, registry: ServingRegistry) -> None:
    for media_type in ("text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"):
        answer = httpx.post(f"{registry.address}{path}", content=b"x", headers={"content-type": media_type})
        assert answer.status_code == 415
    chunks = (b"#" * 100_000 for _ in range(LIMIT_BYTES // 100_000 + 1))
    answer = httpx.post(f"{registry.address}{path}", content=chunks, headers=TURTLE, timeout=30)
    assert answer.status_code == 413
    assert "import_bytes" in answer.text
    assert nothing_waits(registry)
    foreign = {**TURTLE, "origin": "https://evil.example"}
    assert httpx.post(f"{registry.address}{path}", content=b"", headers=foreign).status_code == 403


def test_requests_that_make_no_sense_are_one_clear_error(registry: ServingRegistry) -> None:
    def refused(body: object) -> int:
        return httpx.post(f"{registry.address}/import", json=body, timeout=30).status_code

    assert refused({"uploads": ["../registry.db"]}) == 404
    bodies: list[object] = [[], {}, {"uploads": [3]}, {"uploads": ["x"], "options": {"whole": True}}]
    assert [refused(body) for body in bodies] == [400, 400, 400, 400]
    error = posted(registry, "<relative> <p> <q> .")[-1]["error"]
    assert error["code"] == "BAD_INPUT"


def test_a_server_that_is_killed_is_gone_on_from(tmp_path: Path) -> None:
    file = tmp_path / "many.ttl"
    file.write_text(many(4_000))
    with ServingRegistry(tmp_path / "data") as registry:
        with httpx.stream(
            "POST", f"{registry.address}/import?name=many.ttl", content=file.read_bytes(), headers=TURTLE, timeout=100
        ) as answer:
            for line in answer.iter_lines():
                if json.loads(line).get("stage") == "store":
                    break
            registry.kill()
        assert not nothing_waits(registry)
        registry.start()
        assert nothing_waits(registry)
        result = json.loads(run_cli("import", file, "--json", "--data", registry.data).stdout)
        assert result["resumed_at"] + result["stored"] + result["unchanged"] == 4_000
        assert all(stored(registry, f"m{n}") for n in (0, 1_999, 3_999))
