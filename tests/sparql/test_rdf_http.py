"""Resources, modules and the change log over HTTP."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from registry.api.http import changes
from registry.api.http.changes import cloud_event
from registry.api.http.negotiation import negotiated
from registry.api.http.problems import HANDLERS
from registry.domain.change import Entry
from registry.errors import RegistryError, RevisionMoved
from registry.ontology.modules import standard_modules
from registry.rdf.canonical import canonical_hash
from registry.rdf.syntax import Syntax, parse, syntax_of
from registry.rdf.terms import Statement, text
from registry.rdf.vocabulary import SKOLEM
from tests.sparql.plant import EX, commit, pump, release
from tests.sparql.served import Served, serving

BLANKS: list[Statement] = [
    (EX + "site", EX + "address", SKOLEM + "s-1"),
    (EX + "site", EX + "near", EX + "pump/1"),
    (SKOLEM + "s-1", EX + "street", text("Main street")),
    (SKOLEM + "s-1", EX + "geo", SKOLEM + "s-2"),
    (SKOLEM + "s-2", EX + "of", SKOLEM + "s-1"),
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), release(*standard_modules())) as served:
        commit(served.record, pump(1))
        commit(served.record, BLANKS)
        for number in range(2, 60):
            commit(served.record, pump(number))
        yield served


def resource(served: Served, iri: str, **headers: str) -> httpx.Response:
    return served.http.get("/resource", params={"iri": iri}, headers=headers)


@pytest.mark.parametrize(
    "accept", ["text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml"]
)
def test_a_resource_comes_as_rdf_in_its_exact_spelling(served: Served, accept: str) -> None:
    answer = resource(served, EX + "pump/1", accept=accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == accept
    statements = parse(answer.content, syntax_of(accept)).statements
    assert canonical_hash(statements) == canonical_hash(pump(1))


def test_a_resource_comes_with_its_blank_nodes(served: Served) -> None:
    answer = resource(served, EX + "site")
    assert SKOLEM not in answer.text
    assert canonical_hash(parse(answer.content, Syntax.TURTLE).statements) == canonical_hash(BLANKS)


def test_the_revision_is_the_etag(served: Served) -> None:
    iri = EX + "counted"
    commit(served.record, [(iri, EX + "p", text("1"))])
    first = resource(served, iri)
    assert first.headers["etag"] == 'W/"1"'
    assert resource(served, iri, **{"if-none-match": 'W/"1"'}).status_code == 304
    commit(served.record, [(iri, EX + "p", text("2"))])
    second = resource(served, iri, **{"if-none-match": 'W/"1"'})
    assert (second.status_code, second.headers["etag"]) == (200, 'W/"2"')
    assert second.headers["vary"] == "Accept"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/resource", 400, "BAD_INPUT"),
        (f"/resource?iri={EX}nothing", 404, "NOT_FOUND"),
        ("/ontology/nothing", 404, "NOT_FOUND"),
        ("/nowhere", 404, "NOT_FOUND"),
        ("/changes?after=x", 400, "BAD_INPUT"),
        ("/changes?after=-1", 400, "BAD_INPUT"),
        ("/changes?after=100000", 400, "BAD_INPUT"),
    ],
)
def test_what_is_not_there_is_a_problem_document(served: Served, path: str, status: int, code: str) -> None:
    answer = served.http.get(path)
    assert (answer.status_code, answer.json()["code"], answer.json()["status"]) == (status, code, status)
    assert answer.headers["content-type"] == "application/problem+json"


def test_modules_come_exactly_as_they_were_committed(served: Served) -> None:
    for module in standard_modules():
        answer = served.http.get(f"/{module.kind.value}/{module.name}")
        assert answer.content == module.text
        assert answer.headers["content-type"] == "text/turtle; charset=utf-8"
        again = served.http.get(
            f"/{module.kind.value}/{module.name}.ttl", headers={"if-none-match": answer.headers["etag"]}
        )
        assert again.status_code == 304


def test_an_unknown_module_is_answered_with_those_there_are(served: Served) -> None:
    assert "core, federation, governance, lifecycle" in served.http.get("/shapes/nothing").json()["detail"]


def check_event(event: dict[str, Any]) -> None:
    """The required attributes of CloudEvents 1.0, section 3.1, and ours."""
    assert event["specversion"] == "1.0"
    assert event["type"] == "org.w3id.semantic-twins.change"
    assert event["id"] == str(event["data"]["position"])
    assert event["source"]
    assert event["time"].endswith("Z")


def test_the_log_is_read_in_lines_page_by_page(served: Served) -> None:
    head, after, events = served.record.head(), 0, []
    while after < head:
        answer = served.http.get("/changes", params={"after": after})
        assert answer.headers["content-type"].partition(";")[0] == "application/x-ndjson"
        events += [json.loads(line) for line in answer.text.splitlines()]
        after = int(answer.headers["registry-position"])
        assert events[-1]["data"]["position"] == after
    for event in events:
        check_event(event)
    assert [event["data"]["position"] for event in events] == list(range(1, head + 1))
    first = events[0]
    assert first["subject"] == EX + "pump/1"
    assert (first["data"]["actor"], first["data"]["revisions"]) == ("tester", {EX + "pump/1": 1})
    stated = parse(" .\n".join([*first["data"]["added"], ""]).encode(), Syntax.N_TRIPLES).statements
    assert canonical_hash(stated) == canonical_hash(pump(1))
    assert served.http.get("/changes", params={"after": head}).text == ""


def stream(served: Served, count: int, address: str = "/changes", **headers: str) -> list[dict[str, Any]]:
    """The first so many events of a stream."""
    events = []
    with httpx.stream(
        "GET", served.address + address, headers={"accept": "text/event-stream", **headers}, timeout=30
    ) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        fields: dict[str, str] = {}
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if line:
                fields[name] = value
                continue
            event = json.loads(fields["data"])
            assert (fields["event"], fields["id"]) == ("change", event["id"])
            events.append(event)
            if len(events) == count:
                break
    return events


def test_the_log_is_streamed_from_where_a_browser_lost_it(served: Served) -> None:
    head = served.record.head()
    resumed = stream(served, 2, "/changes?after=1", **{"last-event-id": str(head - 2)})
    assert [event["data"]["position"] for event in resumed] == [head - 1, head]

    live: list[dict[str, Any]] = []
    watching = threading.Thread(target=lambda: live.extend(stream(served, 3, f"/changes?after={head - 1}")))
    watching.start()
    for number in (1, 2):
        served.feed.wake(commit(served.record, [(f"{EX}live/{number}", EX + "p", text("x"))]))
    watching.join()
    assert [event["data"]["position"] for event in live] == [head, head + 1, head + 2]
    for event in live:
        check_event(event)


def test_a_change_is_made_to_an_event_once_for_all_who_follow(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: Counter[int] = Counter()

    def counted(entry: Entry) -> dict[str, Any]:
        encoded[entry.position] += 1
        return cloud_event(entry)

    monkeypatch.setattr(changes, "cloud_event", counted)
    fresh = [commit(served.record, [(f"{EX}shared/{number}", EX + "p", text("x"))]) for number in range(3)]
    followers = [stream(served, 3, f"/changes?after={fresh[0] - 1}") for _ in range(4)]
    assert [[event["data"]["position"] for event in told] for told in followers] == [fresh] * 4
    assert encoded == Counter(fresh)


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "a/one"),
        ("*/*", "a/one"),
        ("a/two", "a/two"),
        ("a/*", "a/one"),
        ("b/*;q=0.5, a/two;q=0.4", "b/three"),
        ("*/*;q=0.1, b/three", "b/three"),
        ("*/*, a/one;q=0", "a/two"),
        ("A/TWO;charset=utf-8", "a/two"),
        ("x/y", None),
        ("a/one;q=nonsense", None),
    ],
)
def test_the_accepted_type_is_found(accept: str | None, chosen: str | None) -> None:
    headers = [(b"accept", accept.encode())] if accept is not None else []
    request = Request({"type": "http", "headers": headers})
    offers = ["a/one", "a/two", "b/three"]
    if chosen is not None:
        assert negotiated(request, offers) == chosen
        return
    with pytest.raises(HTTPException, match="a/one, a/two, b/three"):
        negotiated(request, offers)


async def test_every_code_has_a_status_and_bugs_show_no_inside() -> None:
    def statuses(error: type[RegistryError]) -> dict[str, int]:
        return {error.code: error.status} | {
            c: s for below in error.__subclasses__() for c, s in statuses(below).items()
        }

    assert {code for code, status in statuses(RegistryError).items() if not 400 <= status < 504} == set()
    assert [code for code, status in statuses(RegistryError).items() if status == 500] == ["INTERNAL"]

    def fail(request: Request) -> Response:
        if request.query_params.get("how") == "moved":
            raise RevisionMoved(EX + "x", 1, 2)
        raise ZeroDivisionError("the secret")

    app = Starlette(routes=[Route("/", fail)], exception_handlers=HANDLERS)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        moved = await client.get("/?how=moved")
        assert (moved.status_code, moved.json()["code"], moved.json()["actual"]) == (412, "REVISION_MOVED", 2)
        bug = await client.get("/")
        assert (bug.status_code, bug.json()["code"]) == (500, "INTERNAL")
        assert "secret" not in bug.text
        assert bug.json()["requestId"] in bug.json()["detail"]
