"""A query is stopped at its limits, and neither the server nor anybody else's query notices."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from registry.app.core import LEAST_WORKER_BYTES, shared_memory
from registry.errors import BadInput
from registry.sparql.worker_pool import Limits
from tests.places import CHECKOUT
from tests.sparql.plant import EX, commit, pump, release
from tests.sparql.served import Served, serving
from tests.sparql.test_projection import eventually

LIMITS = Limits(
    seconds=1.0,
    rows=500,
    answer_bytes=200_000,
    query_bytes=20_000,
    memory_bytes=200_000_000,
    waiting=4,
    rest_seconds=0.5,
)
CROSS = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l"
RUNAWAY = f"SELECT (COUNT(*) AS ?n) {{ {CROSS} }}"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), release(), LIMITS) as served:
        commit(served.record, [triple for number in range(100) for triple in pump(number)])
        served.select("SELECT * {}", at_least=1)
        yield served


def ask(served: Served, query: str, accept: str = "*/*") -> httpx.Response:
    return httpx.post(
        f"{served.address}/sparql", content=query, timeout=30,
        headers={"content-type": "application/sparql-query", "accept": accept},
    )  # fmt: skip


def workers(of: int = 0) -> list[int]:
    """The worker processes of a process, of this one by default."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=2) for line in listed.splitlines()[1:]]
    return [int(pid) for pid, parent, args in rows if int(parent) == (of or os.getpid()) and "sparql/worker" in args]


TRIPLES = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
ROWS = "SELECT * { ?s ?p ?o . ?s a ?c }"
SORTED = "SELECT * FROM <https://w3id.org/semantic-twins/data> { %s } ORDER BY ?c ?f" % CROSS  # noqa: S608, UP031
LONG = f"SELECT (CONCAT({', '.join(['STR(?s)'] * 200)}) AS ?x) {{ ?s a ?c }}"


@pytest.mark.parametrize(
    ("query", "accept", "limit", "number"),
    [
        (RUNAWAY, "*/*", "sparql_seconds", "1 seconds"),
        (f"ASK {{ {CROSS} FILTER(?a > ?l) }}", "*/*", "sparql_seconds", "1 seconds"),
        (f"DESCRIBE ?a {{ {CROSS} FILTER(?a > ?l) }}", "*/*", "sparql_seconds", "1 seconds"),
        (SORTED, "*/*", "memory_bytes", "200,000,000 bytes"),
        (ROWS, "application/sparql-results+json", "sparql_rows", "500 rows"),
        (ROWS, "application/sparql-results+xml", "sparql_rows", "500 rows"),
        (ROWS, "text/csv", "sparql_rows", "500 rows"),
        (ROWS, "text/tab-separated-values", "sparql_rows", "500 rows"),
        (TRIPLES, "text/turtle", "sparql_rows", "500 rows or triples"),
        (LONG, "text/csv", "answer_bytes", "200,000 bytes"),
        (f"SELECT * {{ VALUES ?x {{ {'1 ' * 10_000} }} }}", "*/*", "query_bytes", "20,000 bytes"),
    ],
)
def test_a_limit_is_named_with_its_number(served: Served, query: str, accept: str, limit: str, number: str) -> None:
    answer = ask(served, query, accept)
    assert answer.status_code == 413, answer.text
    problem = answer.json()
    assert (problem["code"], problem["limit"]) == ("QUERY_TOO_LARGE", limit)
    assert number in problem["detail"]


@pytest.mark.parametrize("accept", ["application/sparql-results+json", "text/csv", "application/sparql-results+xml"])
def test_an_answer_may_fill_its_limit(served: Served, accept: str) -> None:
    query = 'SELECT ?x ?y { ?s ?p ?o BIND("a\\nb \\"},{\\" <result>" AS ?x) BIND("" AS ?y) } LIMIT 500'
    assert ask(served, query, accept).status_code == 200
    assert ask(served, query.replace("500", "501"), accept).status_code == 413
    assert ask(served, TRIPLES + " LIMIT 500", "text/turtle").status_code == 200


def test_nesting_that_overruns_the_engine_ends_a_worker_and_nothing_else(served: Served) -> None:
    answer = ask(served, "ASK " + "{" * 9_000 + "}" * 9_000)
    assert answer.status_code == 400, answer.text
    assert "nested too deeply" in answer.json()["detail"]
    assert served.select("SELECT (1 AS ?x) {}") == [{"x": "1"}]


def test_others_are_answered_while_a_query_runs_away(served: Served) -> None:
    with ThreadPoolExecutor(1) as pool:
        runaway = pool.submit(ask, served, RUNAWAY)
        answered = 0
        while not runaway.done():
            assert served.select(f"SELECT ?p {{ <{EX}pump/1> ?p ?o }} LIMIT 1")
            assert served.http.get("/resource", params={"iri": f"{EX}pump/1"}).status_code == 200
            answered += 1
        assert runaway.result().status_code == 413
    assert answered > 20


def test_resources_are_answered_while_every_worker_is_busy(served: Served) -> None:
    with ThreadPoolExecutor(2) as pool:
        runaways = [pool.submit(ask, served, RUNAWAY) for _ in range(2)]
        answered = 0
        while not all(runaway.done() for runaway in runaways):
            assert served.http.get("/resource", params={"iri": f"{EX}pump/1"}).status_code == 200
            answered += 1
        assert [runaway.result().status_code for runaway in runaways] == [413, 413]
    assert answered > 20


def test_workers_leave_the_first_core_to_who_serves(served: Served) -> None:
    served.select("SELECT * {}")
    cores = sorted(os.sched_getaffinity(0))
    for worker in workers():
        assert sorted(os.sched_getaffinity(worker)) == (cores[1:] or cores)
        assert os.getpriority(os.PRIO_PROCESS, worker) > os.getpriority(os.PRIO_PROCESS, 0)
    assert workers()


def test_queries_queue_for_a_worker_and_too_many_are_sent_away(served: Served) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers: list[Future[httpx.Response]] = [pool.submit(ask, served, RUNAWAY) for _ in range(10)]
        statuses = sorted(answer.result().status_code for answer in answers)
    assert statuses == [413] * 6 + [503] * 4
    assert served.select("SELECT (1 AS ?x) {}") == [{"x": "1"}]
    sent_away = next(answer.result() for answer in answers if answer.result().status_code == 503)
    assert sent_away.json()["code"] == "STORE_UNAVAILABLE"
    assert sent_away.headers["retry-after"] == "1"


def test_a_client_that_leaves_takes_its_query_along(tmp_path: Path) -> None:
    patient = Limits(seconds=60.0, workers=1)
    with serving(tmp_path, release(), patient) as served:
        commit(served.record, [triple for number in range(100) for triple in pump(number)])
        served.select("SELECT * {}", at_least=1)
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{served.address}/sparql", data={"query": RUNAWAY}, timeout=0.3)
        # The only worker is free again, or this client waits for longer than it can.
        assert served.select("SELECT (1 AS ?x) {}") == [{"x": "1"}]


def test_a_worker_that_was_killed_is_replaced(served: Served) -> None:
    served.select("SELECT (1 AS ?x) {}")
    for worker in workers():
        os.kill(worker, signal.SIGTERM)
    assert ask(served, "SELECT (1 AS ?x) {}").status_code in (200, 500)
    assert served.select("SELECT (1 AS ?x) {}") == [{"x": "1"}]


ORPHAN = """
import asyncio, sys
from registry.sparql.worker_pool import Job, Limits, WorkerPool
job = Job(sys.argv[1], sys.argv[2], "text/csv", {}, "http://localhost/")
asyncio.run(WorkerPool(Limits(seconds=2.0)).run(job))
"""


def test_a_query_ends_even_where_the_server_is_killed_under_it(served: Served, tmp_path: Path) -> None:
    served.projection.checkpoint(tmp_path / "checkpoint")
    server = subprocess.Popen([sys.executable, "-c", ORPHAN, tmp_path / "checkpoint", RUNAWAY], cwd=CHECKOUT)
    eventually(lambda: bool(workers(of=server.pid)))
    (worker,) = workers(of=server.pid)
    server.kill()
    server.wait()
    eventually(lambda: not runs(worker))


def runs(pid: int) -> bool:
    """Whether a process is there and not a zombie that nobody has collected."""
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(listed.strip()) and not listed.strip().startswith("Z")


def test_workers_go_when_nobody_asks(served: Served) -> None:
    served.select("SELECT (1 AS ?x) {}")
    assert workers()
    eventually(lambda: not workers())
    assert served.select("SELECT (1 AS ?x) {}") == [{"x": "1"}]


def test_answers_name_their_position_and_wait_for_one_that_is_asked_for(served: Served) -> None:
    for number in range(1000, 1010):
        position = commit(served.record, pump(number))
        answer = served.http.get(
            "/sparql", params={"query": f"ASK {{ <{EX}pump/{number}> a plant:Pump }}"},
            headers={"Registry-At-Least": str(position)},
        )  # fmt: skip
        assert answer.json()["boolean"] is True
        assert int(answer.headers["registry-position"]) >= position
    eventually(lambda: len(list(served.checkpoints.iterdir())) == 1)


def test_an_answer_is_from_one_position_while_writes_go_on(served: Served) -> None:
    """Two values that every entry changes together are never seen apart."""
    iri, stop = EX + "pair", threading.Event()
    both: dict[str, list[Any]] = {"a": [], "b": []}

    def write() -> None:
        count = 0
        while not stop.is_set():
            old = [(iri, EX + name, value) for name, value in (("a", str(count)), ("b", str(count)))]
            new = [(iri, EX + name, value) for name, value in (("a", str(count + 1)), ("b", str(count + 1)))]
            as_iris = [[(s, p, EX + o) for s, p, o in group] for group in (new, old if count else [])]
            served.projection.wake(commit(served.record, as_iris[0], as_iris[1]))
            count += 1

    writing = threading.Thread(target=write)
    writing.start()
    positions = set()
    for _ in range(100):
        query = f"SELECT ?a ?b {{ <{iri}> <{EX}a> ?a ; <{EX}b> ?b }}"
        answer = served.http.get("/sparql", params={"query": query})
        positions.add(answer.headers["registry-position"])
        for row in answer.json()["results"]["bindings"]:
            assert row["a"]["value"] == row["b"]["value"]
            both["a"].append(row["a"]["value"])
        time.sleep(0.01)
    stop.set()
    writing.join()
    assert len(positions) > 3, "the answers never moved on"
    assert len(set(both["a"])) > 3


@pytest.mark.parametrize(
    ("total", "wanted", "cores"), [(2_000_000_000, 0, 2), (2_000_000_000, 0, 64), (2_000_000_000, 7, 2)]
)
def test_workers_share_their_memory(total: int, wanted: int, cores: int) -> None:
    count, each = shared_memory(total, wanted, cores)
    assert count >= 1
    assert count * each <= total
    assert each >= LEAST_WORKER_BYTES
    assert wanted in (0, count)


@pytest.mark.parametrize(("total", "wanted"), [(1_000, 0), (10**9, 11)])
def test_more_workers_than_there_is_memory_for_are_refused(total: int, wanted: int) -> None:
    with pytest.raises(BadInput, match="sparql_memory_bytes"):
        shared_memory(total, wanted, 2)


def test_a_worker_answers_in_the_least_memory(tmp_path: Path) -> None:
    with serving(tmp_path, release(), replace(LIMITS, memory_bytes=LEAST_WORKER_BYTES)) as served:
        while not served.projection.is_open:
            time.sleep(0.01)
        assert len(served.select("SELECT ?s { ?s a ?c } LIMIT 1")) == 1
